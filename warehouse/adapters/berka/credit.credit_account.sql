-- The bank's own loans, month-end by month-end, with what was known then: payments booked so far against payments
-- due so far. Nothing is reported after the last month of the lines, where arrears could not be known.
WITH report AS (
  SELECT b.*, last_day(unnest(generate_series(date_trunc('month', b.started_on)::TIMESTAMP,
                                              least(business_date(), (SELECT day FROM extract_end))::TIMESTAMP,
                                              INTERVAL 1 MONTH))::DATE) AS reported_on
  FROM loan_book AS b
),
figures AS (
  SELECT
    r.*,
    least(greatest(0, date_diff('month', r.first_due_on, r.reported_on)
                      + CASE WHEN day(r.reported_on) >= day(r.first_due_on) THEN 1 ELSE 0 END), r.term_m) AS due_cnt,
    (SELECT count(*) FROM loan_payment AS p
     WHERE p.loan_id = r.loan_id AND p.posted_on <= r.reported_on)::INTEGER AS paid_cnt
  FROM report AS r
  WHERE r.reported_on <= least(business_date(), (SELECT day FROM extract_end))
)
SELECT
  'BL-' || loan_id AS credit_account_id,
  reported_on,
  customer_id,
  'OWN' AS lender_code,
  true AS is_own,
  'consumer_loan' AS account_kind,
  started_on AS opened_on,
  principal_cents AS credit_limit_cents,
  principal_cents - paid_cnt * payment_cents AS balance_cents,
  payment_cents AS monthly_payment_cents,
  term_m - paid_cnt AS remaining_term_m,
  CASE WHEN due_cnt > paid_cnt                   -- days since the oldest payment still missing fell due
       THEN date_diff('day', (first_due_on + to_months(paid_cnt))::DATE, reported_on) ELSE 0 END AS dpd,
  greatest(0, due_cnt - paid_cnt) * payment_cents AS overdue_cents,
  CASE WHEN paid_cnt >= term_m THEN 'settled' ELSE 'open' END AS status
FROM figures
