-- End-of-day balances. Lines of one day are in no order (trans_id is none), so the day's last line is the one whose
-- balance is nearest to the running sum of all lines of the account up to that day; its own balance is delivered, once all lines of
-- the day have arrived.
WITH day_end AS (
  SELECT account_id, posted_on, sum(sum(signed_cents)) OVER (PARTITION BY account_id ORDER BY posted_on) AS expected_cents
  FROM line
  GROUP BY account_id, posted_on
)
SELECT
  l.account_id,
  l.posted_on AS balance_date,
  any_value(l.customer_id) AS customer_id,
  arg_min(l.balance_cents, (abs(l.balance_cents - d.expected_cents), l.trans_id::BIGINT)) AS balance_cents
FROM line AS l JOIN day_end AS d USING (account_id, posted_on)
GROUP BY l.account_id, l.posted_on
HAVING max(l.arrives_on) <= business_date()
