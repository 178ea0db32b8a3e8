-- Helpers of the Berka mapping, made once: owners, lines and loans, typed and on the common time line.

CREATE TABLE owner AS
SELECT d.account_id, d.client_id, p.customer_id
FROM disp AS d JOIN person AS p ON p.source_id = d.client_id
WHERE d.type = 'OWNER';

-- A line's own sign: PRIJEM adds; VYDAJ takes. The 651 lines of the undocumented type VYBER carry the operation
-- VYBER (cash withdrawal) and the balances fall with them, so they count as taken when balances are derived; as lines
-- they are passed on with their type as it stands, for the quarantine to find.
-- Assumption: a line arrives on its booking day, but the charges of the month-end run (SLUZBY, SANKC. UROK; booked on
-- the last of a month and never else) are extracted after it and arrive the day after.
CREATE TABLE line AS
SELECT
  t.trans_id,
  t.account_id,
  o.customer_id,
  timeline(strptime('19' || t.date, '%Y%m%d')) AS posted_on,
  t.type,
  nullif(trim(t.operation), '') AS operation,
  nullif(trim(t.k_symbol), '') AS k_symbol,
  (posted_on + CASE WHEN k_symbol IN ('SLUZBY', 'SANKC. UROK') THEN 1 ELSE 0 END)::DATE AS arrives_on,
  nullif(trim(t.bank), '') AS other_bank,
  nullif(nullif(trim(t.account), ''), '0') AS other_account,
  cents(t.amount) AS amount_cents,
  cents(t.balance) AS balance_cents,
  CASE WHEN t.type = 'PRIJEM' THEN cents(t.amount) ELSE -cents(t.amount) END AS signed_cents
FROM trans AS t JOIN owner AS o USING (account_id);

CREATE TABLE extract_end AS SELECT max(posted_on) AS day FROM line;

-- Loans: the payment is the amount divided by the duration on every one, so the extract names no interest and the
-- plan is carried as it stands, without. Payments are booked on the 12th; the first on the first 12th after the grant.
CREATE TABLE loan_book AS
SELECT
  l.loan_id,
  l.account_id,
  o.customer_id,
  timeline(granted) AS started_on,
  timeline(CASE WHEN day(granted) < 12 THEN date_trunc('month', granted) + INTERVAL 11 DAY
                ELSE date_trunc('month', granted) + INTERVAL 1 MONTH + INTERVAL 11 DAY END) AS first_due_on,
  cents(l.amount) AS principal_cents,
  cents(l.payments) AS payment_cents,
  l.duration::INTEGER AS term_m,
  l.status AS final_status      -- the state at the end of the bank's book: an outcome, read only once the term is over
FROM (SELECT *, strptime('19' || date, '%Y%m%d')::DATE AS granted FROM loan) AS l JOIN owner AS o USING (account_id);

-- Own loan payments among the account lines: symbol UVER, after the grant, of the loan's own payment
-- (lines drop up to one crown of it).
CREATE TABLE loan_payment AS
SELECT l.trans_id, b.loan_id, b.customer_id, l.posted_on, l.amount_cents
FROM line AS l JOIN loan_book AS b USING (account_id)
WHERE l.k_symbol = 'UVER' AND l.posted_on > b.started_on AND abs(l.amount_cents - b.payment_cents) <= cents('1.00');
