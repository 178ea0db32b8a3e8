-- A seller is a partner from its first known sale; what it sold then is its category.
SELECT
  i.seller_id AS merchant_id,
  arg_min(i.category_code, (s.known_on, s.order_id, i.item_no)) AS category_code,
  'BR-' || any_value(v.seller_state) AS province_code,
  arg_min(s.ordered_on, (s.known_on, s.order_id, i.item_no)) AS onboarded_on,
  'active' AS status,
  min(s.known_on) AS changed_on
FROM item AS i JOIN sale AS s USING (order_id) JOIN sellers AS v USING (seller_id)
WHERE s.known_on <= business_date()
GROUP BY i.seller_id
