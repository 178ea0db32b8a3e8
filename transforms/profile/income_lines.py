"""SQL of the credit lines income is read from: what could be pay, with who pays it, as far as the bank says.

What a line is called is only half of it: many banks print nothing useful. So besides lines whose text or code says
salary or pension, every payer who pays in three calendar months is kept, and where no payer is known, lines that come
back in three months at about the same time and amount. What is known not to be pay never gets here: refunds,
borrowed money, interest, own savings and transfers, rent received.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.dates.calendar import add_months
from transforms.profile.income_pairs import other_sides_sql, pairs_sql, shortened_sql
from transforms.reading import Sql
from transforms.sql import literal, literals

if TYPE_CHECKING:
    from datetime import date

    from transforms.reading import Rows

#: Trailing months of bank lines that income is read from: six pay cycles and the one under way.
LOOKBACK_MONTHS = 7

#: Line types that may be pay, with what their text says of it.
CANDIDATES = {
    "salary": "labelled",
    "pension": "labelled",
    "company_in": "company",
    "transfer_in": "person",
    "other_credit": "person",
    "cash_deposit": "support",
    "support_in": "support",
    "benefit": "support",
}
#: More lines of one kind without a payer than this are takings, not pay.
MOST_UNNAMED = 60
#: Debits that give money back to someone who paid: an employer is not paid by those it employs.
_GIVEN_BACK = ("transfer_out", "other_debit", "saving")


def income_lines(bank_transaction: Rows, account: Rows, as_of: date) -> Sql:
    """SQL of (customer_token, payer, origin, posted_on, cents) of the lines that may be pay.

    `payer` is the counterparty, or, where none is known, what the bank says of the line's kind; `origin` one of
    labelled, company, person, support. Left out are payers that are own accounts or that are paid back at least twice,
    and what comes from another own account without saying so or goes back (:mod:`transforms.profile.income_pairs`).
    """
    origins = " ".join(f"WHEN {literal(kind)} THEN {literal(origin)}" for kind, origin in CANDIDATES.items())
    kinds = literals(CANDIDATES)
    given = literals(_GIVEN_BACK)
    start = literal(add_months(as_of, -LOOKBACK_MONTHS))
    lines, accounts = bank_transaction.all, account.all
    return Sql(f"""
WITH come AS (
  SELECT transaction_id, customer_token, account_token, counterparty_token, line_type, channel, bank_code, posted_on,
    amount_cents
  FROM {lines}
  WHERE direction = 'credit' AND amount_cents > 0 AND posted_on > {start}
),
gone AS ({other_sides_sql("come", lines, start)}),
pairs AS ({pairs_sql("come", "gone")}),
shortened AS ({shortened_sql("come", "gone", "pairs")}),
credits AS (
  SELECT transaction_id, customer_token, counterparty_token, posted_on,
    amount_cents - coalesce(shortened.cents, 0) AS cents,
    CASE line_type {origins} END AS origin,
    concat_ws(':', 'unknown', line_type, channel, bank_code) AS nameless,
    coalesce(counterparty_token::VARCHAR, nameless) AS payer
  FROM come ANTI JOIN pairs ON come.transaction_id = pairs.credit_id
    LEFT JOIN shortened ON come.transaction_id = shortened.credit_id
  WHERE line_type IN ({kinds}) AND amount_cents > coalesce(shortened.cents, 0)
),
own AS (SELECT DISTINCT customer_token, account_token AS counterparty_token FROM {accounts}),
repeated AS (
  SELECT customer_token, counterparty_token FROM credits
  WHERE counterparty_token IS NOT NULL AND origin <> 'labelled'
  GROUP BY ALL HAVING count(DISTINCT date_trunc('month', posted_on)) >= 3
),
paid_back AS (
  SELECT customer_token, counterparty_token FROM {lines} SEMI JOIN repeated USING (customer_token, counterparty_token)
  ANTI JOIN pairs ON transaction_id = pairs.debit_id
  WHERE direction = 'debit' AND line_type IN ({given}) AND posted_on > {start}
  GROUP BY ALL HAVING count(*) >= 2
),
-- A firm that pays from another account each time is no one's counterparty twice: its lines count as unnamed.
unnamed AS (
  SELECT * REPLACE (nameless AS payer) FROM credits ANTI JOIN repeated USING (customer_token, counterparty_token)
  WHERE origin = 'company' OR (counterparty_token IS NULL AND origin <> 'labelled')
  QUALIFY count(*) OVER (PARTITION BY customer_token, nameless) <= {MOST_UNNAMED}
),
-- Lines of about one amount and one time of the month, the end of one month next to the start of the next.
echoed AS (
  SELECT a.transaction_id FROM unnamed AS a JOIN unnamed AS b
    ON a.customer_token = b.customer_token AND a.payer = b.payer AND a.cents * 10 BETWEEN b.cents * 9 AND b.cents * 11
      AND least(abs(day(a.posted_on) - day(b.posted_on)), 31 - abs(day(a.posted_on) - day(b.posted_on))) <= 4
  GROUP BY a.transaction_id HAVING count(DISTINCT date_trunc('month', b.posted_on)) >= 3
),
kept AS (
  SELECT * FROM credits WHERE origin = 'labelled'
  UNION ALL
  SELECT * FROM credits SEMI JOIN repeated USING (customer_token, counterparty_token) WHERE origin <> 'labelled'
  UNION ALL
  SELECT * FROM unnamed SEMI JOIN echoed USING (transaction_id)
)
SELECT customer_token, payer, origin, posted_on, cents FROM kept
ANTI JOIN own USING (customer_token, counterparty_token)
ANTI JOIN paid_back USING (customer_token, counterparty_token)
""")
