-- Clients become known on the day of the first account they own or may dispose of.
-- Birth number YYMMDD; a woman's month is 50 higher.
SELECT
  p.customer_id,
  timeline(make_date(1900 + c.birth_number[1:2]::INTEGER,
                     CASE WHEN c.birth_number[3:4]::INTEGER > 50 THEN c.birth_number[3:4]::INTEGER - 50
                          ELSE c.birth_number[3:4]::INTEGER END,
                     c.birth_number[5:6]::INTEGER)) AS birth_date,
  CASE WHEN c.birth_number[3:4]::INTEGER > 50 THEN 'F' ELSE 'M' END AS sex,
  'CZ-' || c.district_id AS province_code,
  true AS marketing_opt_out,             -- nobody was asked, so nobody may be marketed to
  false AS automated_decision_opt_out,   -- nobody is known to have refused
  min(timeline(strptime('19' || a.date, '%Y%m%d'))) AS onboarded_on,
  min(timeline(strptime('19' || a.date, '%Y%m%d'))) AS changed_on
FROM client AS c
JOIN person AS p ON p.source_id = c.client_id
JOIN disp AS d USING (client_id)
JOIN account AS a ON a.account_id = d.account_id
WHERE timeline(strptime('19' || a.date, '%Y%m%d')) <= business_date()
GROUP BY ALL
