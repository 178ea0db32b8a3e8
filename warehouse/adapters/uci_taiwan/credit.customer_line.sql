-- The card's limit is the line in force; used of it is the newest month-end balance.
SELECT
  customer_id,
  any_value(limit_cents) AS line_cents,
  greatest(0, arg_max(bill_cents, month_start)) AS used_cents,
  false AS is_frozen,
  max(last_day(month_start)) AS changed_on
FROM card_month
WHERE last_day(month_start) <= business_date()
GROUP BY customer_id
