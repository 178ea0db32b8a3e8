-- A plan runs from its grant; how it ended (A paid off, B not) is known once its term is over. C and D are the states
-- of loans still running when the bank's book was closed and say nothing a night could have known.
WITH state AS (
  SELECT *, (first_due_on + to_months(term_m))::DATE AS ended_on,
         final_status IN ('A', 'B') AND ended_on <= business_date() AS is_over
  FROM loan_book
  WHERE started_on <= business_date()
)
SELECT
  'BL-' || loan_id AS plan_id,
  customer_id,
  'card_general' AS product_code,      -- the catalogue's product for no stated purpose
  'general' AS purpose_code,
  row_number() OVER (PARTITION BY customer_id ORDER BY started_on, loan_id)::INTEGER AS plan_seq,
  principal_cents,
  0 AS annual_rate,                    -- payment × duration = amount on all 682: the extract names no interest
  term_m,
  'INTEREST_FREE' AS repay_method,
  0 AS upfront_fee_cents,
  payment_cents AS installment_cents,
  started_on,
  first_due_on,
  CASE WHEN NOT is_over THEN 'running' WHEN final_status = 'A' THEN 'settled' ELSE 'broken' END AS status,
  CASE WHEN is_over THEN ended_on ELSE started_on END AS changed_on
FROM state
