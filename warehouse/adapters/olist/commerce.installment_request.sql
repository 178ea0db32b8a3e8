-- Paying an order in n card installments at checkout is the request the extract shows: amount and months, no more.
SELECT
  'R-' || s.order_id AS request_id,
  s.customer_id,
  s.ordered_on AS requested_on,
  'checkout' AS channel,
  CASE   -- purposes as the shipped product catalogue maps these categories
    WHEN b.category_code IN (
      'home_appliances', 'home_appliances_2', 'small_appliances', 'small_appliances_home_oven_and_coffee',
      'air_conditioning', 'electronics', 'computers', 'computers_accessories', 'telephony', 'fixed_telephony',
      'tablets_printing_image', 'audio', 'consoles_games', 'cine_photo', 'furniture_decor', 'furniture_living_room',
      'furniture_bedroom', 'office_furniture') THEN 'appliance'
    WHEN b.category_code = 'auto' THEN 'car'
    WHEN b.category_code IN ('books_general_interest', 'books_technical', 'books_imported') THEN 'education'
    WHEN b.category_code = 'luggage_accessories' THEN 'travel'
    ELSE 'general'
  END AS purpose_code,
  b.merchant_id,
  s.order_id,
  p.main_cents AS amount_cents,
  p.installments AS term_m
FROM sale AS s JOIN paid AS p USING (order_id) LEFT JOIN basket AS b USING (order_id)
WHERE p.payment_type = 'credit_card' AND p.installments > 1 AND s.known_on <= business_date()
