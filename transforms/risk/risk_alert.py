"""What is unusual in a customer's newest bank lines, against the customer's own habits.

Looked at are the lines that arrived with the night and were posted within the policy's days, so a line is looked at
once. The baseline is what the customer paid in the days before. The feeds carry no device, so a change of it is not
among the rules.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import polars as pl

from transforms.reading import Sql
from transforms.sql import literal, literals

if TYPE_CHECKING:
    from transforms.policy.reasons import Reasons
    from transforms.policy.sections_risk import Alerts
    from transforms.reading import Rows

#: Debits that are large by their nature and come when they come, or are no payment at all: no sign of anything.
EXPECTED = (
    "rent",
    "debt_service",
    "tax",
    "insurance",
    "saving",
    "utilities",
    "fee",
    "failed_debit_fee",
    "reversal_out",
)
_MEDIUM, _HIGH = 60, 80


def newest_lines(bank_transaction: Rows, customer_profile: Rows, as_of: date, alerts_policy: Alerts) -> Sql:
    """Per customer whose lines may be read, what the newest of them are."""
    section, paid = alerts_policy, _paid()
    night = (
        f"{paid} AND hour(posted_at) >= {section.night_from_h} AND hour(posted_at) < {section.night_to_h} "
        "AND posted_at::TIME <> TIME '00:00:00'"
    )
    fresh = _fresh(bank_transaction, customer_profile, as_of, section)
    return Sql(
        f"WITH {fresh}, "
        f"days AS (SELECT customer_token, posted_on, count(*) AS lines FROM fresh WHERE {paid} GROUP BY ALL), "
        "busiest AS (SELECT customer_token, max(lines)::INTEGER AS day_lines FROM days GROUP BY ALL), "
        f"largest AS (SELECT customer_token, amount_cents AS top_cents, transaction_id AS top_id FROM fresh "
        f"WHERE {paid} QUALIFY row_number() OVER (PARTITION BY customer_token "
        "ORDER BY amount_cents DESC, transaction_id) = 1), "
        "loops AS (SELECT o.customer_token, count(*)::INTEGER AS loop_lines, "
        "sum(least(o.amount_cents, i.amount_cents))::BIGINT AS loop_cents, min(o.transaction_id) AS loop_id "
        "FROM fresh AS o JOIN fresh AS i ON o.customer_token = i.customer_token "
        "AND o.counterparty_token = i.counterparty_token AND o.direction = 'debit' AND i.direction = 'credit' "
        "AND i.line_type <> 'refund_in' AND abs(o.amount_cents - i.amount_cents) * 10000 <= "
        f"o.amount_cents * {section.loop_tolerance_bp} GROUP BY ALL), "
        "sums AS (SELECT customer_token, any_value(shard) AS shard, "
        "coalesce(sum(amount_cents) FILTER (WHERE line_type = 'cash_withdrawal'), 0)::BIGINT AS cash_cents, "
        "count(*) FILTER (WHERE line_type = 'cash_withdrawal')::INTEGER AS cash_lines, "
        "min(transaction_id) FILTER (WHERE line_type = 'cash_withdrawal') AS cash_id, "
        "coalesce(sum(amount_cents) FILTER (WHERE direction = 'credit'), 0)::BIGINT AS in_cents, "
        f"count(*) FILTER (WHERE {night})::INTEGER AS night_lines, "
        f"coalesce(sum(amount_cents) FILTER (WHERE {night}), 0)::BIGINT AS night_cents, "
        f"min(transaction_id) FILTER (WHERE {night}) AS night_id FROM fresh GROUP BY customer_token) "
        "SELECT * FROM sums LEFT JOIN busiest USING (customer_token) LEFT JOIN largest USING (customer_token) "
        "LEFT JOIN loops USING (customer_token)"
    )


def line_habits(bank_transaction: Rows, customer_profile: Rows, as_of: date, alerts_policy: Alerts) -> Sql:
    """Per customer with newest lines, the payments of the baseline before them, in whole yuan.

    Sums of whole yuan and of their squares are exact, so a rerun gives the same deviation to the last bit.
    """
    first = as_of - timedelta(days=alerts_policy.look_days)
    begin = first - timedelta(days=alerts_policy.baseline_days)
    return Sql(
        f"WITH {_fresh(bank_transaction, customer_profile, as_of, alerts_policy)} "
        "SELECT customer_token, count(*)::BIGINT AS lines, "
        "sum(amount_cents // 100)::DOUBLE AS yuan, sum((amount_cents // 100) * (amount_cents // 100))::DOUBLE "
        f"AS yuan_squared FROM {bank_transaction.all} SEMI JOIN fresh USING (customer_token) "
        f"WHERE posted_on > {literal(begin)} AND posted_on <= {literal(first)} AND {_paid()} GROUP BY customer_token"
    )


def _fresh(bank_transaction: Rows, customer_profile: Rows, as_of: date, section: Alerts) -> str:
    permitted = f"(SELECT customer_token FROM {customer_profile.all} WHERE consent_bank_statement)"
    first = as_of - timedelta(days=section.look_days)
    return (
        f"fresh AS (SELECT * FROM {bank_transaction.all} SEMI JOIN {permitted} USING (customer_token) "
        f"WHERE feed_date = {literal(as_of)} AND posted_on > {literal(first)})"
    )


def _paid() -> str:
    expected = literals(EXPECTED)
    return f"direction = 'debit' AND line_type NOT IN ({expected})"


def risk_alert(
    newest_lines: pl.DataFrame, line_habits: pl.DataFrame, alerts_policy: Alerts, reasons: Reasons, as_of: date
) -> pl.DataFrame:
    """`risk.risk_alert`: one row per customer and rule that fired.

    A deviation means something from `least_lines` earlier payments on. The score is 50 at the rule's threshold and
    100 at twice of it; 60 is medium, 80 high.
    """
    section = alerts_policy
    joined = newest_lines.join(line_habits, on="customer_token", how="left").with_columns(
        mean=pl.col("yuan") / pl.col("lines"), known=pl.col("lines") >= section.least_lines
    )
    variance = pl.col("yuan_squared") / pl.col("lines") - pl.col("mean") ** 2
    # A habit of one and the same amount still varies by a yuan.
    deviation = variance.clip(lower_bound=0).sqrt().clip(lower_bound=1)
    weighed = joined.with_columns(z=((pl.col("top_cents") // 100 - pl.col("mean")) / deviation).round(4))
    usual_day = pl.col("lines") * 10_000 // section.baseline_days
    rules = {
        "amount_outlier": _rule(
            pl.col("known") & (pl.col("top_cents") >= section.least_amount_cents),
            (pl.col("z") * 100).floor().cast(pl.Int64),
            pl.lit(section.z_centi, pl.Int64),
            (pl.lit(1, pl.Int32), pl.col("top_cents"), pl.col("top_id")),
        ),
        "velocity": _rule(
            pl.col("known") & (pl.col("day_lines") >= section.least_velocity),
            pl.col("day_lines").cast(pl.Int64) * 10_000,
            usual_day * section.velocity_factor,
            (pl.col("day_lines"), pl.col("top_cents"), pl.col("top_id")),
        ),
        "cash_out": _rule(
            (pl.col("cash_cents") >= section.least_amount_cents) & (pl.col("in_cents") > 0),
            pl.col("cash_cents") * 10_000,
            pl.col("in_cents") * section.cash_share_bp,
            (pl.col("cash_lines"), pl.col("cash_cents"), pl.col("cash_id")),
        ),
        "counterparty_loop": _rule(
            pl.col("loop_lines") > 0,
            pl.col("loop_cents"),
            pl.lit(section.least_amount_cents, pl.Int64),
            (pl.col("loop_lines"), pl.col("loop_cents"), pl.col("loop_id")),
        ),
        "night_activity": _rule(
            pl.col("night_cents") >= section.least_amount_cents,
            pl.col("night_lines").cast(pl.Int64),
            pl.lit(section.least_night_lines, pl.Int64),
            (pl.col("night_lines"), pl.col("night_cents"), pl.col("night_id")),
        ),
    }
    fired = [
        weighed.with_columns(alert_code=pl.lit(code), **columns).filter(pl.col("fired").fill_null(value=False))
        for code, columns in rules.items()
    ]
    outlier = pl.col("alert_code") == "amount_outlier"
    return (
        pl.concat(fired)
        .with_columns(
            as_of_date=pl.lit(as_of, pl.Date),
            severity=pl.when(pl.col("alert_score") >= _HIGH)
            .then(pl.lit("high"))
            .when(pl.col("alert_score") >= _MEDIUM)
            .then(pl.lit("medium"))
            .otherwise(pl.lit("low")),
            baseline_cents=(pl.col("mean") * 100).floor().cast(pl.Int64),
            z_score=pl.when(outlier).then(pl.col("z")),
            reason_en=reasons.told(pl.col("alert_code"), "alert", "en"),
            reason_zh=reasons.told(pl.col("alert_code"), "alert", "zh"),
        )
        .sort("customer_token", "alert_code")
    )


def _rule(
    applies: pl.Expr, value: pl.Expr, threshold: pl.Expr, evidence: tuple[pl.Expr, pl.Expr, pl.Expr]
) -> dict[str, pl.Expr]:
    """Columns of one rule: whether it fired, its score, and how many lines of how much, the first of them."""
    lines, amount, first = evidence
    beyond = pl.when(threshold > 0).then(value * 50 // threshold).otherwise(50)
    return {
        "fired": applies & (value >= threshold),
        "alert_score": beyond.clip(0, 100),
        "line_cnt": lines.cast(pl.Int32),
        "amount_cents": amount.cast(pl.Int64),
        "evidence_id": first,
    }
