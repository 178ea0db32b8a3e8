"""Event rows reduced to one row per customer (or per account, or plan): the SQL of every frame the profile is made of.

Each function is a reduction in the sense of :mod:`transforms.reading`: its parameters are the feeds it reads as the
night knows them, its result is the text of the query. The lines that may be pay have a module of their own
(:mod:`transforms.profile.income_lines`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.dates.calendar import add_months
from transforms.profile.states import ARRIVAL, latest_sql, newest_sql
from transforms.reading import Sql
from transforms.sql import literal
from transforms.windows.checkpoints import checkpoint_day, checkpointed_window_sql
from transforms.windows.windows import full_window_sql

if TYPE_CHECKING:
    from datetime import date

    from transforms.reading import Rows

#: The day of a change, in every feed of changes.
_CHANGED = "changed_on"


def customer(customer: Rows) -> Sql:
    """Per customer, the record in force."""
    return Sql(latest_sql(customer.all, ["customer_token"], _CHANGED))


def consent(consent: Rows, as_of: date) -> Sql:
    """Per customer, which scopes hold on the night: given, not expired, not withdrawn."""
    day = literal(as_of)
    holds = f"granted_on <= {day} AND coalesce(expires_on >= {day}, true) AND coalesce(withdrawn_on > {day}, true)"
    scopes = ("bank_statement", "ecommerce", "credit_bureau", "social")
    columns = ", ".join(f"bool_or(holds AND consent_scope = {literal(s)}) AS consent_{s}" for s in scopes)
    latest = latest_sql(consent.all, ["consent_id"], _CHANGED)
    return Sql(
        f"WITH latest AS ({latest}), judged AS (SELECT *, {holds} AS holds FROM latest) "
        f"SELECT customer_token, {columns} FROM judged GROUP BY customer_token"
    )


def household(household_member: Rows) -> Sql:
    """Per member of a household, the record in force."""
    return Sql(latest_sql(household_member.all, ["household_member_id"], _CHANGED))


def bank_windows(bank_transaction: Rows, as_of: date) -> Sql:
    """Per customer, the windowed features of bank lines."""
    return _windows("bank.bank_transaction", bank_transaction, as_of)


def order_windows(commerce_order: Rows, as_of: date) -> Sql:
    """Per customer, the windowed features of orders."""
    return _windows("commerce.commerce_order", commerce_order, as_of)


def refund_windows(order_refund: Rows, as_of: date) -> Sql:
    """Per customer, the windowed features of refunds."""
    return _windows("commerce.order_refund", order_refund, as_of)


def inquiry_windows(credit_inquiry: Rows, as_of: date) -> Sql:
    """Per customer, the windowed features of bureau inquiries."""
    return _windows("credit.credit_inquiry", credit_inquiry, as_of)


def credit_latest(credit_account: Rows) -> Sql:
    """Per bureau account, the last report."""
    return Sql(newest_sql(credit_account.all, ["credit_account_token"], ["reported_on", *ARRIVAL]))


def line(customer_line: Rows) -> Sql:
    """Per customer, the credit line in force."""
    return Sql(latest_sql(customer_line.all, ["customer_token"], _CHANGED))


def social(social_activity: Rows, as_of: date) -> Sql:
    """Per customer, findings of the last 3 months that were not confirmed by the customer."""
    return Sql(
        "SELECT customer_token, count(*) FILTER (WHERE finding <> 'confirmed')::INTEGER AS social_alert_cnt_3m "
        f"FROM {social_activity.all} WHERE checked_on > {_back(as_of, 3)} GROUP BY customer_token"
    )


def _windows(feed: str, rows: Rows, as_of: date) -> Sql:
    if rows.checkpoint is None or rows.late is None:
        return Sql(full_window_sql(feed, rows.all, as_of))
    return Sql(checkpointed_window_sql(feed, rows.facts, rows.late, rows.checkpoint, as_of, checkpoint_day(as_of)))


def balance(account_balance: Rows, as_of: date) -> Sql:
    """Per customer, mean, lowest and last balance of the last 3 months, summed over accounts.

    A struck balance holds until the next one; what stood when the 3 months began was struck up to two months before.
    The mean is over the days since the first balance known.
    """
    start, before, day = _back(as_of, 3), _back(as_of, 5), literal(as_of)
    return Sql(
        "WITH struck AS (SELECT customer_token, account_token, balance_date, balance_cents, "
        "lead(balance_date) OVER (PARTITION BY account_token ORDER BY balance_date) AS next_date "
        f"FROM {account_balance.all} WHERE balance_date > {before}), standing AS (SELECT *, "
        f"coalesce(next_date, {day} + 1) - greatest(balance_date, {start} + 1) AS days FROM struck "
        f"WHERE coalesce(next_date, {day} + 1) > {start} + 1), "
        "account AS (SELECT customer_token, account_token, sum(balance_cents * days)::HUGEINT AS held, "
        "sum(days)::BIGINT AS days, min(balance_cents) AS lowest, arg_max(balance_cents, balance_date) AS last "
        "FROM standing GROUP BY ALL) "
        "SELECT customer_token, sum(floor(held::DOUBLE / days))::BIGINT AS balance_avg_cents_3m, "
        "sum(lowest)::BIGINT AS balance_min_cents_3m, sum(last)::BIGINT AS balance_last_cents "
        "FROM account GROUP BY customer_token"
    )


def order_year(commerce_order: Rows, as_of: date) -> Sql:
    """Per customer, months with an order and merchants bought at within 12 months."""
    return Sql(
        "SELECT customer_token, count(DISTINCT date_trunc('month', ordered_on))::INTEGER AS order_active_months_12m, "
        f"count(DISTINCT merchant_id)::INTEGER AS merchant_cnt_12m FROM {commerce_order.all} WHERE ordered_on > "
        f"{_back(as_of, 12)} AND status NOT IN ('canceled', 'unavailable') GROUP BY customer_token"
    )


def order_category(commerce_order: Rows, as_of: date) -> Sql:
    """Per customer, how many categories and the two most was spent on; on a tie the first by name."""
    return Sql(
        "WITH spent AS (SELECT customer_token, category_code, sum(paid_cents)::BIGINT AS cents "
        f"FROM {commerce_order.all} WHERE ordered_on > {_back(as_of, 12)} AND category_code IS NOT NULL GROUP BY ALL), "
        "ranked AS (SELECT *, row_number() OVER (PARTITION BY customer_token ORDER BY cents DESC, category_code) "
        "AS place FROM spent) SELECT customer_token, count(*)::INTEGER AS category_cnt_12m, "
        "any_value(category_code) FILTER (WHERE place = 1) AS top_category, "
        "any_value(category_code) FILTER (WHERE place = 2) AS second_category, "
        "CASE WHEN sum(cents) > 0 THEN max(cents) / sum(cents)::DOUBLE END AS top_category_share_12m "
        "FROM ranked GROUP BY customer_token"
    )


def order_method(commerce_order: Rows, as_of: date) -> Sql:
    """Per customer, the way most orders were paid, of those that say; on a tie the first by name."""
    return Sql(
        "SELECT customer_token, payment_method AS preferred_payment_method "
        "FROM (SELECT customer_token, payment_method, count(*) AS orders "
        f"FROM {commerce_order.all} WHERE ordered_on > {_back(as_of, 12)} AND payment_method IS NOT NULL GROUP BY ALL) "
        "QUALIFY row_number() OVER (PARTITION BY customer_token ORDER BY orders DESC, payment_method) = 1"
    )


def credit_year(credit_account: Rows, as_of: date) -> Sql:
    """Per customer, the worst of the account reports of the last 12 months and how many were slightly late."""
    return Sql(
        "SELECT customer_token, max(dpd)::INTEGER AS worst_dpd, "
        "count(*) FILTER (WHERE dpd BETWEEN 1 AND 29)::INTEGER AS late_report_cnt_12m "
        f"FROM {credit_account.all} WHERE reported_on > {_back(as_of, 12)} GROUP BY customer_token"
    )


def card_year(card_statement: Rows, as_of: date) -> Sql:
    """Per customer, how the statements of the last 12 months were paid. A statement without balance has no verdict."""
    full = "paid_cents >= statement_balance_cents"
    return Sql(
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
        f"sum(purchases_cents)::BIGINT AS purchase_cents FROM {card_statement.all} WHERE due_on > {_back(as_of, 12)} "
        "GROUP BY customer_token"
    )


def new_lenders(credit_account: Rows, as_of: date) -> Sql:
    """Per customer, lenders whose first account was opened in the last 3 months."""
    return Sql(
        "SELECT customer_token, count(*)::INTEGER AS new_lenders FROM (SELECT customer_token, lender_code, "
        f"min(opened_on) AS first_opened FROM {credit_account.all} GROUP BY ALL) "
        f"WHERE first_opened > {_back(as_of, 3)} GROUP BY customer_token"
    )


def _back(as_of: date, months: int) -> str:
    return literal(add_months(as_of, -months))
