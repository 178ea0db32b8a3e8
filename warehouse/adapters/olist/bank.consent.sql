-- Assumption: a person lets orders be read from the first order known on.
SELECT
  substr(md5('olist:ecommerce:' || customer_id), 1, 20) AS consent_id,
  customer_id,
  'ecommerce' AS consent_scope,
  arg_min(ordered_on, (known_on, order_id)) AS granted_on,
  min(known_on) AS changed_on
FROM sale
WHERE known_on <= business_date()
GROUP BY customer_id
