-- Two published nights side by side: the latest one and the published night before it. A customer is in it where
-- something a reader acts on has changed.
WITH nights AS (
    SELECT as_of_date, lag(as_of_date) OVER (ORDER BY as_of_date) AS previous_date
    FROM (SELECT DISTINCT business_date AS as_of_date FROM control.run_manifest)
),
current_night AS (
    SELECT e.*, n.previous_date
    FROM eligibility.customer_eligibility AS e
    JOIN nights AS n ON e.as_of_date = n.as_of_date
    WHERE n.previous_date IS NOT NULL
),
previous_night AS (
    SELECT e.*, n.as_of_date AS next_date
    FROM eligibility.customer_eligibility AS e
    JOIN nights AS n ON e.as_of_date = n.previous_date
),
both_nights AS (
    SELECT
        now.as_of_date, now.previous_date, now.customer_token, now.shard,
        before.customer_token IS NULL AS is_new, FALSE AS is_gone,
        before.decision AS decision_before, now.decision AS decision_after,
        before.limit_cents AS limit_before_cents, now.limit_cents AS limit_after_cents,
        before.max_term_m AS max_term_before_m, now.max_term_m AS max_term_after_m,
        before.min_rate AS min_rate_before, now.min_rate AS min_rate_after,
        before.risk_grade AS risk_grade_before, now.risk_grade AS risk_grade_after,
        before.limit_bound_by AS limit_bound_by_before, now.limit_bound_by AS limit_bound_by_after,
        before.behaviour_segment AS segment_before, now.behaviour_segment AS segment_after,
        before.income_cents AS income_before_cents, now.income_cents AS income_after_cents,
        before.debt_service_cents AS debt_service_before_cents, now.debt_service_cents AS debt_service_after_cents,
        before.line_cents AS line_before_cents, now.line_cents AS line_after_cents,
        coalesce(before.reasons, []) AS reasons_before, now.reasons AS reasons_after,
        before.policy_version AS policy_version_before, now.policy_version AS policy_version_after,
        before.model_version AS model_version_before, now.model_version AS model_version_after
    FROM current_night AS now
    LEFT JOIN previous_night AS before
        ON before.next_date = now.as_of_date AND before.customer_token = now.customer_token
    UNION ALL
    SELECT
        before.next_date, before.as_of_date, before.customer_token, before.shard,
        FALSE, TRUE,
        before.decision, NULL, before.limit_cents, NULL, before.max_term_m, NULL, before.min_rate, NULL,
        before.risk_grade, NULL, before.limit_bound_by, NULL, before.behaviour_segment, NULL,
        before.income_cents, NULL, before.debt_service_cents, NULL, before.line_cents, NULL,
        before.reasons, [], before.policy_version, NULL, before.model_version, NULL
    FROM previous_night AS before
    ANTI JOIN current_night AS now
        ON before.next_date = now.as_of_date AND before.customer_token = now.customer_token
),
compared AS (
    SELECT
        *,
        CASE
            WHEN is_new OR is_gone THEN ['customer']
            ELSE CASE WHEN decision_before IS DISTINCT FROM decision_after THEN ['decision'] ELSE [] END
                || CASE WHEN limit_before_cents IS DISTINCT FROM limit_after_cents THEN ['limit'] ELSE [] END
                || CASE WHEN max_term_before_m IS DISTINCT FROM max_term_after_m THEN ['term'] ELSE [] END
                || CASE WHEN min_rate_before IS DISTINCT FROM min_rate_after THEN ['rate'] ELSE [] END
                || CASE WHEN reasons_before IS DISTINCT FROM reasons_after THEN ['reasons'] ELSE [] END
        END AS changed,
        CASE
            WHEN is_new OR is_gone THEN []
            ELSE CASE WHEN policy_version_before <> policy_version_after THEN ['policy'] ELSE [] END
                || CASE WHEN model_version_before IS DISTINCT FROM model_version_after THEN ['model'] ELSE [] END
                || CASE WHEN reasons_before <> reasons_after THEN ['reasons'] ELSE [] END
                || CASE WHEN risk_grade_before <> risk_grade_after THEN ['grade'] ELSE [] END
                || CASE WHEN segment_before IS DISTINCT FROM segment_after THEN ['segment'] ELSE [] END
                || CASE WHEN income_before_cents IS DISTINCT FROM income_after_cents THEN ['income'] ELSE [] END
                || CASE WHEN debt_service_before_cents IS DISTINCT FROM debt_service_after_cents THEN ['debt_service'] ELSE [] END
                || CASE WHEN line_before_cents IS DISTINCT FROM line_after_cents THEN ['line'] ELSE [] END
        END AS why
    FROM both_nights
)
SELECT
    as_of_date, previous_date, customer_token, shard,
    CASE
        WHEN coalesce(decision_after = 'eligible', FALSE) AND NOT coalesce(decision_before = 'eligible', FALSE)
            THEN 'entered'
        WHEN coalesce(decision_before = 'eligible', FALSE) AND NOT coalesce(decision_after = 'eligible', FALSE)
            THEN 'left'
        WHEN is_new THEN 'new_customer'
        WHEN is_gone THEN 'gone_customer'
        ELSE 'changed'
    END AS change,
    changed, why,
    decision_before, decision_after,
    limit_before_cents, limit_after_cents,
    max_term_before_m, max_term_after_m,
    min_rate_before, min_rate_after,
    risk_grade_before, risk_grade_after,
    limit_bound_by_before, limit_bound_by_after,
    list_filter(reasons_after, lambda code: NOT list_contains(reasons_before, code)) AS reasons_gained,
    list_filter(reasons_before, lambda code: NOT list_contains(reasons_after, code)) AS reasons_lost,
    policy_version_before, policy_version_after,
    model_version_before, model_version_after
FROM compared
WHERE len(changed) > 0
