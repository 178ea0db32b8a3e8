-- Helpers of the UCI mapping, made once. The outcome column (default_payment_next_month) is left behind here: it is
-- what a model is to foresee and must never be in a feed.

-- The extract gives months, not days. Assumption: a card's due day is spread by its number from the 5th of the month
-- to the first days of the next; the statement closes 25 days before; all cards are open since the month before the
-- first bill.
CREATE TABLE card AS
SELECT
  * EXCLUDE (default_payment_next_month),
  p.customer_id,
  (4 + md5_number_lower('due day:' || ID) % 28)::INTEGER AS due_offset,
  cents(LIMIT_BAL) AS limit_cents,
  timeline(DATE '2005-03-01') AS opened_on
FROM cards JOIN person AS p ON p.source_id = ID;

-- Month m: 1 is September 2005, the newest. `status` is PAY_m as it stands (-2 unused, -1 paid in full, 0 revolving,
-- n months late); the column is called PAY_0 for September and PAY_2 for August.
CREATE TABLE card_month AS
SELECT
  customer_id, ID, limit_cents, opened_on, due_offset,
  m,
  (timeline(DATE '2005-09-01') - to_months(m - 1))::DATE AS month_start,
  cents(bill) AS bill_cents,
  status::INTEGER AS status,
  cents(paid_next) AS paid_next_cents      -- paid in the month after: PAY_AMT(m-1) pays BILL_AMT(m)
FROM card, LATERAL (VALUES
  (1, BILL_AMT1, PAY_0, NULL),
  (2, BILL_AMT2, PAY_2, PAY_AMT1),
  (3, BILL_AMT3, PAY_3, PAY_AMT2),
  (4, BILL_AMT4, PAY_4, PAY_AMT3),
  (5, BILL_AMT5, PAY_5, PAY_AMT4),
  (6, BILL_AMT6, PAY_6, PAY_AMT5)
) AS v (m, bill, status, paid_next);

-- Assumption: the minimum payment is 5 % of the bill, at least TWD 1,000, never more than the bill.
CREATE MACRO minimum_payment(bill) AS greatest(0, least(bill, greatest(cents('1000'), bill // 20)));
