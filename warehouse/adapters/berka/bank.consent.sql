-- Assumption: an owner lets the statement be read and the bureau be asked from the day the account is opened.
SELECT
  substr(md5('berka:' || scope || ':' || a.account_id), 1, 20) AS consent_id,
  o.customer_id,
  scope AS consent_scope,
  timeline(strptime('19' || a.date, '%Y%m%d')) AS granted_on,
  granted_on AS changed_on
FROM account AS a JOIN owner AS o USING (account_id), (VALUES ('bank_statement'), ('credit_bureau')) AS s (scope)
WHERE timeline(strptime('19' || a.date, '%Y%m%d')) <= business_date()
