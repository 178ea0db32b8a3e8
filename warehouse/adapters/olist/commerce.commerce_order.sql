-- An order without items has no price. A payment type the contract does not know is passed on as it stands.
SELECT
  s.order_id,
  s.customer_id,
  b.merchant_id,
  s.ordered_on,
  s.ordered_at,
  b.category_code,
  coalesce(b.item_count, 0) AS item_count,
  b.amount_cents,
  p.paid_cents,
  CASE
    WHEN p.payment_type = 'boleto' THEN 'bank_transfer'
    WHEN p.payment_type = 'credit_card' AND p.installments > 1 THEN 'installment'
    WHEN p.payment_type = 'credit_card' THEN 'card'
    ELSE p.payment_type
  END AS payment_method,
  p.installments AS installment_count,
  s.status
FROM sale AS s LEFT JOIN basket AS b USING (order_id) LEFT JOIN paid AS p USING (order_id)
WHERE s.known_on <= business_date()
