"""SQL of every frame the profile is made of: event rows reduced to one row per customer (or per account, or plan).

`reductions(as_of, sources)` maps a name to the SQL text; the caller runs a text when its frame is asked for.
`sources` maps a feed to where its rows are as the night knows them: `.all` for all of them, `.facts` and `.late`
apart, and `.checkpoint` (that of the day `as_of` stands on, or None) where the feed has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from transforms.profile.features import EVENT_DATE
from transforms.profile.states import latest_sql
from transforms.profile.window_checkpoints import checkpoint_day, checkpointed_window_sql
from transforms.profile.windows import add_months, full_window_sql

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

#: Trailing months of bank lines that income is read from.
INCOME_MONTHS = 6


class Source(Protocol):
    """Where a feed's rows are: SQL texts that can stand after FROM."""

    @property
    def facts(self) -> str:
        """Rows that arrived in the month of their event."""

    @property
    def late(self) -> str | None:
        """Rows that arrived later; None for a feed of changes."""

    @property
    def all(self) -> str:
        """Both."""

    @property
    def checkpoint(self) -> str | None:
        """The checkpoint of the day the night stands on; None where all rows are read."""


def reductions(as_of: date, sources: Mapping[str, Source]) -> dict[str, str]:
    """Name → SQL of every frame, for the night of `as_of`."""
    year, quarter = _day(add_months(as_of, -12)), _day(add_months(as_of, -3))
    at = {name: source.all for name, source in sources.items()}
    return {
        "customer": latest_sql(at["bank.customer"], ["customer_token"]),
        "consent": _consent(at["bank.consent"], as_of),
        "bank_windows": _windows("bank.bank_transaction", sources, as_of),
        "order_windows": _windows("commerce.commerce_order", sources, as_of),
        "inquiry_windows": _windows("credit.credit_inquiry", sources, as_of),
        "income_months": _income_months(at["bank.bank_transaction"], as_of),
        "recurring_months": _recurring_months(at["bank.bank_transaction"], as_of),
        "balance": _balance(at["bank.account_balance"], quarter),
        "order_year": _order_year(at["commerce.commerce_order"], year),
        "order_category": _order_category(at["commerce.commerce_order"], year),
        "refund_year": (
            "SELECT customer_token, sum(amount_cents)::BIGINT AS refund_cents "
            f"FROM {at['commerce.order_refund']} WHERE refunded_on > {year} GROUP BY customer_token"
        ),
        "card_year": _card_year(at["credit.card_statement"], year),
        "credit_latest": latest_sql(
            at["credit.credit_account"], ["credit_account_token"], ["reported_on", "feed_date", "delivery_seq"]
        ),
        "credit_year": (
            "SELECT customer_token, max(dpd)::INTEGER AS worst_dpd FROM "
            f"{at['credit.credit_account']} WHERE reported_on > {year} GROUP BY customer_token"
        ),
        "new_lenders": _new_lenders(at["credit.credit_account"], quarter),
        "line": latest_sql(at["credit.customer_line"], ["customer_token"]),
        "plan": latest_sql(at["credit.installment_plan"], ["plan_id"]),
        "plan_paid": _plan_paid(at["credit.repayment"]),
    }


def _windows(name: str, sources: Mapping[str, Source], as_of: date) -> str:
    source = sources[name]
    if source.checkpoint is None or source.late is None:
        return full_window_sql(name, source.all, as_of)
    return checkpointed_window_sql(name, source.facts, source.late, source.checkpoint, as_of, checkpoint_day(as_of))


def _consent(rows: str, as_of: date) -> str:
    """Per customer, which scopes hold on the night: given, not expired, not withdrawn."""
    day = _day(as_of)
    holds = f"granted_on <= {day} AND coalesce(expires_on >= {day}, true) AND coalesce(withdrawn_on > {day}, true)"
    scopes = ("bank_statement", "ecommerce", "credit_bureau")
    columns = ", ".join(f"bool_or(holds AND consent_scope = '{s}') AS consent_{s}" for s in scopes)
    return (
        f"WITH latest AS ({latest_sql(rows, ['consent_id'])}), judged AS (SELECT *, {holds} AS holds FROM latest) "
        f"SELECT customer_token, {columns} FROM judged GROUP BY customer_token"
    )


def _trailing_month(event: str, as_of: date) -> str:
    """1 for the last trailing month, 2 for the one before, up to INCOME_MONTHS."""
    cases = " ".join(f"WHEN {event} > {_day(add_months(as_of, -k))} THEN {k}" for k in range(1, INCOME_MONTHS + 1))
    return f"CASE {cases} END"


def _income_months(rows: str, as_of: date) -> str:
    """Per customer and trailing month, what labelled salary and pension lines bring."""
    event = EVENT_DATE["bank.bank_transaction"]
    return (
        f"SELECT customer_token, {_trailing_month(event, as_of)}::INTEGER AS month_no, "
        f"sum(amount_cents)::BIGINT AS cents FROM {rows} WHERE direction = 'credit' "
        f"AND line_type IN ('salary', 'pension') AND {event} > {_day(add_months(as_of, -INCOME_MONTHS))} GROUP BY ALL"
    )


def _recurring_months(rows: str, as_of: date) -> str:
    """Per customer and trailing month, credits of payers who pay like an employer without being labelled so.

    Such a payer pays in at least five of six trailing months, never more than twice a month, and its largest month
    is at most twice its smallest. Refunds, loans, interest and own savings are not income whoever sends them.
    """
    event = EVENT_DATE["bank.bank_transaction"]
    return (
        "WITH paid AS (SELECT customer_token, counterparty_token, "
        f"{_trailing_month(event, as_of)}::INTEGER AS month_no, sum(amount_cents)::BIGINT AS cents, "
        f"count(*) AS lines FROM {rows} WHERE direction = 'credit' "
        "AND counterparty_token IS NOT NULL "
        "AND line_type IN ('transfer_in', 'other_credit', 'cash_deposit', 'benefit') "
        f"AND {event} > {_day(add_months(as_of, -INCOME_MONTHS))} GROUP BY ALL), "
        "regular AS (SELECT customer_token, counterparty_token FROM paid GROUP BY ALL "
        f"HAVING count(*) >= {INCOME_MONTHS - 1} AND max(lines) <= 2 AND max(cents) <= 2 * min(cents)) "
        "SELECT customer_token, month_no, sum(cents)::BIGINT AS cents FROM paid "
        "SEMI JOIN regular USING (customer_token, counterparty_token) GROUP BY ALL"
    )


def _balance(rows: str, quarter: str) -> str:
    """Per customer, mean and lowest struck balance of the last 3 months, summed over accounts."""
    return (
        "WITH account AS (SELECT customer_token, account_token, sum(balance_cents)::BIGINT AS total, "
        f"count(*) AS struck, min(balance_cents) AS lowest FROM {rows} WHERE balance_date > {quarter} GROUP BY ALL) "
        "SELECT customer_token, sum(floor(total::DOUBLE / struck))::BIGINT AS balance_avg_cents_3m, "
        "sum(lowest)::BIGINT AS balance_min_cents_3m FROM account GROUP BY customer_token"
    )


def _order_year(rows: str, year: str) -> str:
    return (
        "SELECT customer_token, count(*) AS orders, count(*) FILTER (WHERE installment_count > 1) AS in_installments, "
        "sum(paid_cents)::BIGINT AS paid_cents, "
        "count(DISTINCT date_trunc('month', ordered_on))::INTEGER AS active_months "
        f"FROM {rows} WHERE ordered_on > {year} AND status NOT IN ('canceled', 'unavailable') GROUP BY customer_token"
    )


def _order_category(rows: str, year: str) -> str:
    """Per customer, the category most was spent on; on a tie the first by name."""
    return (
        "SELECT customer_token, category_code FROM (SELECT customer_token, category_code, sum(paid_cents) AS cents "
        f"FROM {rows} WHERE ordered_on > {year} AND category_code IS NOT NULL GROUP BY ALL) "
        "QUALIFY row_number() OVER (PARTITION BY customer_token ORDER BY cents DESC, category_code) = 1"
    )


def _card_year(rows: str, year: str) -> str:
    """Per customer, what statements of the last 12 months say of paying. A statement without balance has no verdict."""
    full = "paid_cents >= statement_balance_cents"
    return (
        "SELECT customer_token, count(*)::INTEGER AS cycles, "
        "count(*) FILTER (WHERE statement_balance_cents > 0)::INTEGER AS owed, "
        f"count(*) FILTER (WHERE statement_balance_cents > 0 AND {full})::INTEGER AS paid_in_full, "
        f"count(*) FILTER (WHERE statement_balance_cents > 0 AND NOT {full} AND paid_cents * 10 <= min_due_cents * 11)"
        "::INTEGER AS paid_minimum, count(*) FILTER (WHERE months_past_due > 0)::INTEGER AS late_cycles, "
        "max(months_past_due)::INTEGER AS worst_months, sum(cash_advance_cents)::BIGINT AS cash_cents, "
        f"sum(purchases_cents)::BIGINT AS purchase_cents FROM {rows} WHERE due_on > {year} GROUP BY customer_token"
    )


def _new_lenders(rows: str, quarter: str) -> str:
    """Per customer, lenders whose first account was opened in the last 3 months."""
    return (
        "SELECT customer_token, count(*)::INTEGER AS new_lenders FROM (SELECT customer_token, lender_code, "
        f"min(opened_on) AS first_opened FROM {rows} GROUP BY ALL) WHERE first_opened > {quarter} "
        "GROUP BY customer_token"
    )


def _plan_paid(rows: str) -> str:
    """Per own plan, what was received by the night and not taken back; a waiver settles what it waives."""
    return (
        "SELECT plan_id, sum(CASE kind WHEN 'reversal' THEN -amount_cents WHEN 'failed_debit' THEN 0 ELSE amount_cents "
        f"END)::BIGINT AS paid_cents FROM {rows} GROUP BY plan_id"
    )


def _day(day: date) -> str:
    return f"DATE '{day}'"
