SELECT
  trans_id AS repayment_id,
  'BL-' || loan_id AS plan_id,
  customer_id,
  posted_on AS received_on,
  posted_on AS value_on,
  'payment' AS kind,
  amount_cents
FROM loan_payment
WHERE posted_on <= business_date()
