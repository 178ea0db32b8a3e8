-- Assumption: a card holder lets the bureau be asked from the day the card is opened.
SELECT
  substr(md5('uci_taiwan:credit_bureau:' || ID), 1, 20) AS consent_id,
  customer_id,
  'credit_bureau' AS consent_scope,
  opened_on AS granted_on,
  opened_on AS changed_on
FROM card
WHERE opened_on <= business_date()
