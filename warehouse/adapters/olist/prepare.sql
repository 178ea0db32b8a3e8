-- Helpers of the Olist mapping, made once.

-- The extract holds each order in its last state only. So that no night knows a state before it came about, an order
-- arrives on the day of the latest thing its row tells: placed, approved, handed over, delivered. (A cancellation has
-- no date of its own in the extract.)
CREATE TABLE sale AS
SELECT
  o.order_id,
  p.customer_id,
  o.order_status AS status,
  timeline_at(o.order_purchase_timestamp) AS ordered_at,
  timeline_at(o.order_purchase_timestamp)::DATE AS ordered_on,
  timeline_at(greatest(o.order_purchase_timestamp, o.order_approved_at, o.order_delivered_carrier_date,
                       o.order_delivered_customer_date))::DATE AS known_on
FROM orders AS o JOIN customers AS c USING (customer_id) JOIN person AS p ON p.source_id = c.customer_unique_id;

CREATE TABLE item AS
SELECT
  i.order_id,
  i.order_item_id::INTEGER AS item_no,
  i.seller_id,
  coalesce(n.product_category_name_english, d.product_category_name, 'unknown') AS category_code,
  cents(i.price) AS price_cents,
  cents(i.price) + cents(i.freight_value) AS amount_cents
FROM items AS i
LEFT JOIN products AS d USING (product_id)
LEFT JOIN category_names AS n USING (product_category_name);

CREATE TABLE basket AS
WITH part AS (SELECT order_id, seller_id, sum(amount_cents) AS part_cents FROM item GROUP BY ALL),
     largest AS (SELECT order_id, arg_max(seller_id, (part_cents, seller_id)) AS merchant_id FROM part GROUP BY ALL)
SELECT
  order_id,
  any_value(l.merchant_id) AS merchant_id,
  arg_max(category_code, (price_cents, -item_no)) AS category_code,
  count(*) AS item_count,
  sum(amount_cents)::BIGINT AS amount_cents
FROM item JOIN largest AS l USING (order_id)
GROUP BY order_id;

-- Payments by type; the type with the largest sum says how the order was paid.
CREATE TABLE paid AS
WITH part AS (
  SELECT order_id, payment_type, sum(cents(payment_value))::BIGINT AS part_cents,
         max(payment_installments::INTEGER) AS installments
  FROM payments GROUP BY ALL
)
SELECT
  order_id,
  arg_max(payment_type, (part_cents, payment_type)) AS payment_type,
  arg_max(installments, (part_cents, payment_type)) AS installments,
  max(part_cents) AS main_cents,
  sum(part_cents)::BIGINT AS paid_cents
FROM part GROUP BY order_id;
