"""SQL of every frame the profile is made of: event rows reduced to one row per customer (or per account, or plan).

`reductions(as_of, sources)` maps a name to the SQL text; the caller runs a text when its frame is asked for.
`sources` maps a feed to where its rows are as the night knows them: `.all` for all of them, `.facts` and `.late`
apart, and `.checkpoint` (that of the day `as_of` stands on, or None) where the feed has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from transforms.dates.calendar import add_months
from transforms.profile.income_lines import income_lines_sql
from transforms.profile.states import ARRIVAL, latest_sql, newest_sql
from transforms.windows.checkpoints import checkpoint_day, checkpointed_window_sql
from transforms.windows.windows import full_window_sql

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

#: Frame of windows → its feed.
WINDOWED = {
    "bank_windows": "bank.bank_transaction",
    "order_windows": "commerce.commerce_order",
    "refund_windows": "commerce.order_refund",
    "inquiry_windows": "credit.credit_inquiry",
}

#: The day of a change, in every feed of changes.
_CHANGED = "changed_on"


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
        "customer": latest_sql(at["bank.customer"], ["customer_token"], _CHANGED),
        "consent": _consent(at["bank.consent"], as_of),
        "household": latest_sql(at["bank.household_member"], ["household_member_id"], _CHANGED),
        **{frame: _windows(feed, sources, as_of) for frame, feed in WINDOWED.items()},
        "income_lines": income_lines_sql(at["bank.bank_transaction"], at["bank.account"], as_of),
        "balance": _balance(at["bank.account_balance"], as_of),
        "order_year": _order_year(at["commerce.commerce_order"], year),
        "order_category": _order_category(at["commerce.commerce_order"], year),
        "order_method": _order_method(at["commerce.commerce_order"], year),
        "card_year": _card_year(at["credit.card_statement"], year),
        "credit_latest": newest_sql(at["credit.credit_account"], ["credit_account_token"], ["reported_on", *ARRIVAL]),
        "credit_year": _credit_year(at["credit.credit_account"], year),
        "new_lenders": _new_lenders(at["credit.credit_account"], quarter),
        "line": latest_sql(at["credit.customer_line"], ["customer_token"], _CHANGED),
        "social": (
            "SELECT customer_token, count(*) FILTER (WHERE finding <> 'confirmed')::INTEGER AS social_alert_cnt_3m "
            f"FROM {at['social.social_activity']} WHERE checked_on > {quarter} GROUP BY customer_token"
        ),
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
    scopes = ("bank_statement", "ecommerce", "credit_bureau", "social")
    columns = ", ".join(f"bool_or(holds AND consent_scope = '{s}') AS consent_{s}" for s in scopes)
    latest = latest_sql(rows, ["consent_id"], _CHANGED)
    return (
        f"WITH latest AS ({latest}), judged AS (SELECT *, {holds} AS holds FROM latest) "
        f"SELECT customer_token, {columns} FROM judged GROUP BY customer_token"
    )


def _balance(rows: str, as_of: date) -> str:
    """Per customer, mean, lowest and last balance of the last 3 months, summed over accounts.

    A struck balance stands until the next one; what stood when the 3 months began was struck up to two months before.
    The mean is over the days since the first balance known.
    """
    start, before, day = _day(add_months(as_of, -3)), _day(add_months(as_of, -5)), _day(as_of)
    return (
        "WITH struck AS (SELECT customer_token, account_token, balance_date, balance_cents, "
        "lead(balance_date) OVER (PARTITION BY account_token ORDER BY balance_date) AS next_date "
        f"FROM {rows} WHERE balance_date > {before}), standing AS (SELECT *, "
        f"coalesce(next_date, {day} + 1) - greatest(balance_date, {start} + 1) AS days FROM struck "
        f"WHERE coalesce(next_date, {day} + 1) > {start} + 1), "
        "account AS (SELECT customer_token, account_token, sum(balance_cents * days)::HUGEINT AS held, "
        "sum(days)::BIGINT AS days, min(balance_cents) AS lowest, arg_max(balance_cents, balance_date) AS last "
        "FROM standing GROUP BY ALL) "
        "SELECT customer_token, sum(floor(held::DOUBLE / days))::BIGINT AS balance_avg_cents_3m, "
        "sum(lowest)::BIGINT AS balance_min_cents_3m, sum(last)::BIGINT AS balance_last_cents "
        "FROM account GROUP BY customer_token"
    )


def _order_year(rows: str, year: str) -> str:
    return (
        "SELECT customer_token, count(DISTINCT date_trunc('month', ordered_on))::INTEGER AS order_active_months_12m, "
        "count(DISTINCT merchant_id)::INTEGER AS merchant_cnt_12m "
        f"FROM {rows} WHERE ordered_on > {year} AND status NOT IN ('canceled', 'unavailable') GROUP BY customer_token"
    )


def _order_category(rows: str, year: str) -> str:
    """Per customer, how many categories and the two most was spent on; on a tie the first by name."""
    return (
        "WITH spent AS (SELECT customer_token, category_code, sum(paid_cents)::BIGINT AS cents "
        f"FROM {rows} WHERE ordered_on > {year} AND category_code IS NOT NULL GROUP BY ALL), "
        "ranked AS (SELECT *, row_number() OVER (PARTITION BY customer_token ORDER BY cents DESC, category_code) "
        "AS place FROM spent) SELECT customer_token, count(*)::INTEGER AS category_cnt_12m, "
        "any_value(category_code) FILTER (WHERE place = 1) AS top_category, "
        "any_value(category_code) FILTER (WHERE place = 2) AS second_category, "
        "CASE WHEN sum(cents) > 0 THEN max(cents) / sum(cents)::DOUBLE END AS top_category_share_12m "
        "FROM ranked GROUP BY customer_token"
    )


def _order_method(rows: str, year: str) -> str:
    """Per customer, the way most orders were paid, of those that say; on a tie the first by name."""
    return (
        "SELECT customer_token, payment_method AS preferred_payment_method "
        "FROM (SELECT customer_token, payment_method, count(*) AS orders "
        f"FROM {rows} WHERE ordered_on > {year} AND payment_method IS NOT NULL GROUP BY ALL) "
        "QUALIFY row_number() OVER (PARTITION BY customer_token ORDER BY orders DESC, payment_method) = 1"
    )


def _credit_year(rows: str, year: str) -> str:
    """Per customer, the worst of the account reports of the last 12 months and how many were slightly late."""
    return (
        "SELECT customer_token, max(dpd)::INTEGER AS worst_dpd, "
        "count(*) FILTER (WHERE dpd BETWEEN 1 AND 29)::INTEGER AS late_report_cnt_12m "
        f"FROM {rows} WHERE reported_on > {year} GROUP BY customer_token"
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
        "max(months_past_due)::INTEGER AS worst_months, "
        "count(*) FILTER (WHERE purchases_cents > 0 OR cash_advance_cents > 0)::INTEGER AS active_cycles, "
        "count(*) FILTER (WHERE credit_limit_cents > 0)::INTEGER AS limited, "
        # Whole basis points: a sum of fractions would depend on the order of the rows.
        "sum(greatest(statement_balance_cents, 0) * 10000 // credit_limit_cents) FILTER (WHERE credit_limit_cents > 0)"
        "::BIGINT AS use_bp, "
        "sum(cash_advance_cents)::BIGINT AS cash_cents, "
        f"sum(purchases_cents)::BIGINT AS purchase_cents FROM {rows} WHERE due_on > {year} GROUP BY customer_token"
    )


def _new_lenders(rows: str, quarter: str) -> str:
    """Per customer, lenders whose first account was opened in the last 3 months."""
    return (
        "SELECT customer_token, count(*)::INTEGER AS new_lenders FROM (SELECT customer_token, lender_code, "
        f"min(opened_on) AS first_opened FROM {rows} GROUP BY ALL) WHERE first_opened > {quarter} "
        "GROUP BY customer_token"
    )


def _day(day: date) -> str:
    return f"DATE '{day}'"
