-- What was predicted against what came: each published night's probabilities, judged by the last night published
-- within twelve months of it. A default is a customer not 90 days past due in the twelve months before the prediction
-- who is in the twelve months before the judgement: as that window ends within a year of the prediction, what it
-- newly holds happened after it.
WITH nights AS (
    SELECT DISTINCT business_date AS as_of_date FROM control.run_manifest
),
judged AS (
    SELECT early.as_of_date AS predicted_on, max(late.as_of_date) AS judged_on
    FROM nights AS early
    JOIN nights AS late ON late.as_of_date > early.as_of_date AND late.as_of_date <= early.as_of_date + INTERVAL 12 MONTH
    GROUP BY early.as_of_date
),
followed AS (
    SELECT
        j.predicted_on, j.judged_on, date_diff('day', j.predicted_on, j.judged_on) AS days,
        r.model_version, r.risk_grade, r.pd_12m,
        coalesce(after.max_dpd_12m >= 90, FALSE) AS defaulted
    FROM judged AS j
    JOIN risk.risk_assessment AS r ON r.as_of_date = j.predicted_on
    JOIN profile.customer_profile AS before
        ON before.as_of_date = j.predicted_on AND before.customer_token = r.customer_token
    JOIN profile.customer_profile AS after
        ON after.as_of_date = j.judged_on AND after.customer_token = r.customer_token
    WHERE coalesce(before.max_dpd_12m, 0) < 90
),
expected AS (
    -- With one hazard over the year, the probability within some days of it.
    SELECT *, 1 - power(1 - pd_12m, least(days / 365.0, 1)) AS pd_so_far FROM followed
),
graded AS (
    SELECT
        predicted_on, judged_on, days, model_version, coalesce(risk_grade, 'all') AS risk_grade,
        count(*) AS customer_cnt, avg(pd_12m) AS mean_pd_12m,
        sum(pd_so_far) AS expected_default_cnt, count(*) FILTER (WHERE defaulted) AS default_cnt,
        sum(pd_so_far * (1 - pd_so_far)) AS variance
    FROM expected
    GROUP BY GROUPING SETS (
        (predicted_on, judged_on, days, model_version, risk_grade), (predicted_on, judged_on, days, model_version)
    )
)
SELECT
    predicted_on, model_version, risk_grade, judged_on, days, customer_cnt, mean_pd_12m,
    expected_default_cnt, default_cnt, default_cnt / customer_cnt AS default_rate,
    CASE WHEN variance > 0 THEN (default_cnt - expected_default_cnt) / sqrt(variance) END AS z_score,
    CASE
        WHEN expected_default_cnt < 5 AND default_cnt < 5 THEN 'too_few'
        WHEN (default_cnt - expected_default_cnt) / sqrt(variance) > 1.96 THEN 'underestimated'
        WHEN (default_cnt - expected_default_cnt) / sqrt(variance) < -1.96 THEN 'overestimated'
        ELSE 'in_line'
    END AS verdict
FROM graded
