-- Direction: PRIJEM is credit, VYDAJ is debit; any other type is passed on as it stands.
SELECT
  trans_id AS transaction_id,
  customer_id,
  account_id,
  posted_on,
  CASE type WHEN 'PRIJEM' THEN 'credit' WHEN 'VYDAJ' THEN 'debit' ELSE type END AS direction,
  amount_cents,
  balance_cents AS balance_after_cents,
  CASE operation
    WHEN 'VKLAD' THEN 'counter'
    WHEN 'VYBER' THEN 'counter'
    WHEN 'VYBER KARTOU' THEN 'atm'
    WHEN 'PREVOD Z UCTU' THEN 'transfer'
    WHEN 'PREVOD NA UCET' THEN 'transfer'
    ELSE 'other'
  END AS channel,
  other_bank || '-' || other_account AS counterparty_id,
  coalesce(k_symbol, operation) AS bank_code,
  concat_ws(' ', operation, k_symbol) AS description
FROM line
WHERE arrives_on <= business_date()
