SELECT
  a.account_id,
  o.customer_id,
  'current' AS account_type,
  timeline(strptime('19' || a.date, '%Y%m%d')) AS opened_on,
  'open' AS status,
  opened_on AS changed_on
FROM account AS a JOIN owner AS o USING (account_id)
WHERE timeline(strptime('19' || a.date, '%Y%m%d')) <= business_date()
