-- Six month-end reports a card: the month's bill and how late the holder is (a month counted as 30 days). What is past
-- due is not in the extract: as many minimum payments as months late, at most the balance.
SELECT
  'UC-' || ID AS credit_account_id,
  last_day(month_start) AS reported_on,
  customer_id,
  'OWN' AS lender_code,
  true AS is_own,
  'credit_card' AS account_kind,
  opened_on,
  limit_cents AS credit_limit_cents,
  greatest(0, bill_cents) AS balance_cents,
  30 * greatest(0, status) AS dpd,
  least(greatest(0, bill_cents), greatest(0, status) * minimum_payment(bill_cents)) AS overdue_cents,
  'open' AS status
FROM card_month
WHERE last_day(month_start) <= business_date()
