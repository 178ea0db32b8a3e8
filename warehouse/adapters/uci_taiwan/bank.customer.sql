-- EDUCATION: 1 graduate school, 2 university, 3 high school, 4 others; 0, 5 and 6 are undocumented → unknown.
-- MARRIAGE: 1 married, 2 single; 3 "others" and the undocumented 0 → unknown. AGE is in years in September 2005;
-- the birthday is put on 1 July of the year it points to.
SELECT
  customer_id,
  timeline(make_date(2005 - AGE::INTEGER, 7, 1)) AS birth_date,
  CASE SEX WHEN '1' THEN 'M' WHEN '2' THEN 'F' ELSE 'U' END AS sex,
  CASE MARRIAGE WHEN '1' THEN 'married' WHEN '2' THEN 'single' ELSE 'unknown' END AS marital_status,
  CASE EDUCATION WHEN '1' THEN 'master' WHEN '2' THEN 'bachelor' WHEN '3' THEN 'secondary' WHEN '4' THEN 'other'
                 ELSE 'unknown' END AS education_level,
  true AS marketing_opt_out,             -- nobody was asked, so nobody may be marketed to
  false AS automated_decision_opt_out,   -- nobody is known to have refused
  opened_on AS onboarded_on,
  opened_on AS changed_on
FROM card
WHERE opened_on <= business_date()
