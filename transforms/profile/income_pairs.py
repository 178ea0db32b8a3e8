"""SQL of credits that are no new money, because a debit of the same customer and amount is their other side.

Where the bank names the other account, a line from the holder's own account is known by it. Where it names none, the
other side is looked for: the same amount, the other direction, another account of the same customer, a few days apart.
A line is the other side of one line at most: of all the pairs there could be the nearest is made first, then the
nearest of what is left. So the order in which lines arrived decides nothing.
"""

from __future__ import annotations

#: Days between the two sides of a transfer between own accounts, whichever is booked first.
OWN_DAYS = 3
#: What the two sides are called. Cash is drawn from one account and paid into another.
_SENT = ("transfer_out", "other_debit", "saving", "debt_service")
_RECEIVED = ("own_transfer_in", "transfer_in", "other_credit", "support_in", "company_in")
_WAGES = ("salary", "pension")
_COLUMNS = "transaction_id, customer_token, account_token, counterparty_token, line_type, posted_on, amount_cents"
#: Nearest first; of two as near the one booked in its order, and a plain transfer before what bears another name.
_PLACE = "abs(days) * 4 + (days < 0)::INTEGER * 2 + (received_as IN ('support_in', 'company_in'))::INTEGER"
#: A pair is made when it comes first for both its lines.
_FIRST = ", ".join(
    f"row_number() OVER (PARTITION BY {side}_id ORDER BY place, debit_id, credit_id) = 1 AS first_of_{side}"
    for side in ("debit", "credit")
)


def pairs_sql(lines: str, accounts: str, since: str) -> str:
    """SQL of (debit_id, credit_id) of what are two sides of one movement; a line is in one row at most.

    `lines` and `accounts` are as in :func:`transforms.profile.income_lines.income_lines_sql`, `since` the SQL of the
    day after which lines are looked at.
    """
    # A line whose other account is known and is nobody's own is no transfer of this kind: most lines, at many banks.
    own = f"(counterparty_token IS NULL OR counterparty_token IN (SELECT account_token FROM {accounts}))"
    sent, received = (*_SENT, "cash_withdrawal"), (*_RECEIVED, *_WAGES, "cash_deposit")
    return f"""
WITH RECURSIVE sent AS (
  SELECT {_COLUMNS} FROM {lines}
  WHERE direction = 'debit' AND line_type IN {sent} AND amount_cents > 0 AND posted_on > {since} AND {own}
),
received AS (
  SELECT {_COLUMNS} FROM {lines}
  WHERE direction = 'credit' AND line_type IN {received} AND amount_cents > 0 AND posted_on > {since} AND {own}
),
sides AS (
  SELECT d.transaction_id AS debit_id, c.transaction_id AS credit_id, c.posted_on - d.posted_on AS days,
    d.customer_token, d.account_token, d.amount_cents, d.posted_on, d.line_type AS sent_as, c.line_type AS received_as,
    c.counterparty_token IS NULL AS nameless
  FROM sent AS d JOIN received AS c USING (customer_token, amount_cents)
  WHERE c.account_token <> d.account_token AND abs(c.posted_on - d.posted_on) <= {OWN_DAYS}
    AND coalesce(d.counterparty_token = c.account_token, true)
    AND coalesce(c.counterparty_token = d.account_token, true)
    AND (d.line_type = 'cash_withdrawal') = (c.line_type = 'cash_deposit')
),
-- A wage is no transfer, unless it has come in on the first account before it comes in on the second.
passed_on AS (
  SELECT sides.* FROM sides SEMI JOIN {lines} AS wage
    ON wage.customer_token = sides.customer_token AND wage.account_token = sides.account_token
      AND wage.amount_cents = sides.amount_cents AND wage.direction = 'credit' AND wage.line_type IN {_WAGES}
      AND sides.posted_on - wage.posted_on BETWEEN 0 AND {OWN_DAYS}
  WHERE received_as IN {_WAGES} AND nameless AND days >= 0
),
possible AS (
  SELECT debit_id, credit_id, {_PLACE} AS place FROM (
    FROM sides WHERE received_as NOT IN {_WAGES} OR NOT nameless UNION ALL FROM passed_on
  )
),
rounds AS (
  SELECT *, {_FIRST} FROM possible
  UNION ALL
  SELECT debit_id, credit_id, place, {_FIRST} FROM (
    SELECT *, {_taken("debit_id")} OR {_taken("credit_id")} AS taken FROM rounds
  ) WHERE NOT taken
)
SELECT debit_id, credit_id FROM rounds WHERE first_of_debit AND first_of_credit
"""


def _taken(side: str) -> str:
    """Whether the line of that side was paired in the round before."""
    return f"bool_or(first_of_debit AND first_of_credit) OVER (PARTITION BY {side})"
