-- A rate stands for the month it is released in.
SELECT code AS indicator_code, last_day(released) AS period_end, released AS released_on, value AS indicator_value,
       'percent' AS unit
FROM (SELECT released_on::DATE AS released, lpr_1y_percent, lpr_5y_percent FROM lpr),
     LATERAL (VALUES ('lpr_1y', lpr_1y_percent), ('lpr_5y', lpr_5y_percent)) AS v (code, value)
WHERE released <= business_date()
