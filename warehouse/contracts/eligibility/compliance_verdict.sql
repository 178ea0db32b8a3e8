-- A row per rule of each decision, published offer and withheld offer.
WITH subjects AS (
    SELECT
        c.as_of_date, c.customer_token, c.shard, c.subject, c.rules_checked, c.rules_failed, c.policy_id,
        CASE WHEN c.subject = 'offers' THEN o.offer_id ELSE c.subject_id END AS subject_id
    FROM eligibility.compliance_check AS c
    LEFT JOIN eligibility.installment_offer AS o
        ON c.subject = 'offers' AND o.as_of_date = c.as_of_date AND o.customer_token = c.customer_token
),
verdicts AS (
    SELECT
        as_of_date, customer_token, shard, subject_id, policy_id, unnest(rules_checked) AS rule_code, rules_failed,
        CASE subject WHEN 'offers' THEN 'published_offer' ELSE subject END AS subject
    FROM subjects
)
SELECT
    v.as_of_date, v.customer_token, v.shard, v.subject, v.subject_id, v.rule_code,
    NOT list_contains(v.rules_failed, v.rule_code) AS passed,
    p.citation, p.reason_en AS text_en, p.reason_zh AS text_zh, p.effective_from
FROM verdicts AS v
JOIN reference.policy AS p
    ON p.as_of_date = v.as_of_date AND p.policy_id = v.policy_id AND p.kind = 'compliance' AND p.item_key = v.rule_code
