-- Five cycles a card. The payment of a month pays the bill of the month before (it equals that bill for 15 to 18 % of
-- cards, the same month's for 2.4 %), so the newest bill has not fallen due and the oldest payment has no bill.
-- PAY_m goes with bill m: of those who paid bill 2 in full, 0.1 % are late by PAY_2, 12 % by PAY_0.
SELECT
  'UC-' || ID AS card_id,
  customer_id,
  (due_month + due_offset)::DATE AS due_on,
  due_on - 25 AS cycle_end,
  limit_cents AS credit_limit_cents,
  bill_cents AS statement_balance_cents,
  minimum_payment(bill_cents) AS min_due_cents,
  paid_next_cents AS paid_cents,
  greatest(0, status) AS months_past_due
FROM (SELECT *, (month_start + INTERVAL 1 MONTH)::DATE AS due_month FROM card_month WHERE m >= 2)
WHERE (due_month + due_offset)::DATE <= business_date()
