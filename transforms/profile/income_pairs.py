"""SQL of credits that are no new money, because a debit of the same customer and amount is their other side.

Three kinds of it. A transfer between own accounts: where the bank names the other account the line is known by it, and
where it names none the other side lies on another account of the customer, a few days apart. What the bank takes back
of what it has credited by mistake. What is given back to who paid it, or comes back from who was paid.

A line is the other side of one line at most: of all the pairs there could be the nearest is made first, then the
nearest of what is left. So the order in which lines arrived decides nothing.
"""

from __future__ import annotations

#: Days between the two sides of a transfer between own accounts, whichever is booked first.
OWN_DAYS = 3
#: Days within which money goes back: an employer does not wait for the month after next.
BACK_DAYS = 31
#: What the two sides of a transfer are called. Cash is drawn from one account and paid into another.
_SENT = ("transfer_out", "other_debit", "saving", "debt_service")
_RECEIVED = ("own_transfer_in", "transfer_in", "other_credit", "support_in", "company_in")
_WAGES = ("salary", "pension")
#: Debits that give a wage back: who works for a shop also buys there.
_GIVEN = ("transfer_out", "other_debit", "saving", "reversal_out")

_LINE = "transaction_id, customer_token, account_token, counterparty_token, line_type, posted_on, amount_cents"
#: Days from the debit to the credit.
_DAYS = "(c.posted_on - d.posted_on)"
#: A pair is made when it comes first for both its lines.
_FIRST = ", ".join(
    f"row_number() OVER (PARTITION BY {side}_id ORDER BY place, debit_id, credit_id) = 1 AS first_of_{side}"
    for side in ("debit", "credit")
)


def other_sides_sql(came: str, lines: str, since: str) -> str:
    """SQL of the debits after the day `since` that could be the other side of one that `came`, and all reversals.

    Both sides have one amount.
    """
    return (
        f"SELECT {_LINE} FROM {lines} WHERE direction = 'debit' AND amount_cents > 0 AND posted_on > {since} AND "
        f"(line_type = 'reversal_out' OR (customer_token, amount_cents) IN (SELECT (customer_token, amount_cents) "
        f"FROM {came}))"
    )


def pairs_sql(came: str, went: str) -> str:
    """SQL of (debit_id, credit_id) of what are two sides of one movement; a line is in one row at most.

    `came` and `went` name relations of lines as `bank.bank_transaction` has them, of amounts above 0.
    """
    pairs = f"FROM {went} AS d JOIN {came} AS c USING (customer_token, amount_cents)"
    return f"""
WITH RECURSIVE possible AS (
  SELECT debit_id, credit_id, min(place) AS place FROM (
    {_own_transfers(pairs, came)} UNION ALL {_taken_back(pairs)} UNION ALL {_given_back(pairs)}
  ) GROUP BY ALL
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


def shortened_sql(came: str, went: str, pairs: str) -> str:
    """SQL of (credit_id, cents) that reversals take off credits larger than they are: off the last wage before each.

    A reversal that has its pair among `pairs` is done with; of what is not called a wage only its payer takes back.
    """
    return f"""
SELECT credit_id, sum(cents)::BIGINT AS cents FROM (
  SELECT any_value(d.amount_cents) AS cents,
    arg_max(c.transaction_id, (c.posted_on, c.amount_cents, c.transaction_id)) AS credit_id
  FROM {went} AS d JOIN {came} AS c USING (customer_token)
  WHERE d.line_type = 'reversal_out' AND c.amount_cents > d.amount_cents AND {_DAYS} BETWEEN -{BACK_DAYS} AND 0
    AND coalesce(c.counterparty_token = d.counterparty_token, c.account_token = d.account_token)
    AND (c.line_type IN {_WAGES} OR c.counterparty_token = d.counterparty_token)
    AND d.transaction_id NOT IN (SELECT debit_id FROM {pairs})
    AND c.transaction_id NOT IN (SELECT credit_id FROM {pairs})
  GROUP BY d.transaction_id
) GROUP BY credit_id
"""


def _taken(side: str) -> str:
    """Whether the line of that side was paired in the round before."""
    return f"bool_or(first_of_debit AND first_of_credit) OVER (PARTITION BY {side})"


def _possible(place: str) -> str:
    return f"SELECT d.transaction_id AS debit_id, c.transaction_id AS credit_id, {place} AS place"


def _own_transfers(pairs: str, came: str) -> str:
    """Transfers between own accounts; a line whose other account is known goes with that one only.

    Nearest first; of two as near the one booked in its order, and a plain transfer before what bears another name. A
    labelled wage is none, unless its account says so or it has come in on the first account before.
    """
    named = "('support_in', 'company_in')"
    return f"""
  {_possible(f"abs({_DAYS}) * 4 + ({_DAYS} < 0)::INTEGER * 2 + (c.line_type IN {named})::INTEGER")} {pairs}
  WHERE c.account_token <> d.account_token AND abs({_DAYS}) <= {OWN_DAYS}
    AND coalesce(d.counterparty_token = c.account_token, true)
    AND coalesce(c.counterparty_token = d.account_token, true)
    AND CASE d.line_type WHEN 'cash_withdrawal' THEN c.line_type = 'cash_deposit' ELSE d.line_type IN {_SENT} END
    AND CASE
      WHEN c.line_type IN {_WAGES} THEN c.counterparty_token IS NOT NULL OR {_DAYS} >= 0 AND EXISTS (
        SELECT 1 FROM {came} AS wage
        WHERE wage.customer_token = d.customer_token AND wage.account_token = d.account_token
          AND wage.amount_cents = d.amount_cents AND wage.line_type IN {_WAGES}
          AND d.posted_on - wage.posted_on BETWEEN 0 AND {OWN_DAYS})
      WHEN d.line_type = 'cash_withdrawal' THEN true
      ELSE c.line_type IN {_RECEIVED} END"""


def _taken_back(pairs: str) -> str:
    """Reversals, on the account where the money came in or towards who paid it; rather of a wage than of other things.

    A reversal that is undone itself, by what the bank credits again as such, takes nothing back.
    """
    again = f"c.line_type = 'refund_in' AND {_DAYS} BETWEEN 0 AND {OWN_DAYS}"
    return f"""
  {_possible(f"CASE WHEN {again} THEN {_DAYS} - 9 ELSE -{_DAYS} * 4 + (c.line_type NOT IN {_WAGES})::INTEGER END")}
  {pairs}
  WHERE d.line_type = 'reversal_out' AND ({_DAYS} BETWEEN -{BACK_DAYS} AND 0 OR {again})
    AND coalesce(c.counterparty_token = d.counterparty_token, c.account_token = d.account_token)"""


def _given_back(pairs: str) -> str:
    """What a payer is given back, and what comes back from one who was paid; of a labelled wage only what is given."""
    return f"""
  {_possible(f"abs({_DAYS}) * 4")} {pairs}
  WHERE c.counterparty_token = d.counterparty_token
    AND CASE WHEN c.line_type IN {_WAGES} THEN d.line_type IN {_GIVEN} AND {_DAYS} BETWEEN -{BACK_DAYS} AND 0
      ELSE abs({_DAYS}) <= {BACK_DAYS} END"""
