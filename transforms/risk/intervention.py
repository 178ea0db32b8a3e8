"""Tonight's action on a customer: the strictest rung of the ladder that any of the causes requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from datetime import date

    from transforms.policy.reasons import Reasons
    from transforms.policy.sections_risk import Interventions

#: The ladder, mildest first.
LADDER = ("message", "call", "freeze_new_installments", "cut_unused_limit", "hardship_offer", "manual")


def intervention(
    customer_profile: pl.DataFrame,
    risk_assessment: pl.DataFrame,
    risk_alert: pl.DataFrame,
    interventions_policy: Interventions,
    reasons: Reasons,
    as_of: date,
) -> pl.DataFrame:
    """`risk.intervention`: one row per customer with a cause for action, none for the rest.

    The row names every cause; the action is the strictest any of them requires, a call being a message to gentle
    segments. `due_on` and `expires_on` count from the night. The outcome is `done` where the lender's own books show it
    done (line frozen, nothing unused left), else `open`.
    """
    worst = risk_alert.group_by("customer_token").agg(worst_alert=pl.col("alert_score").max())
    facts = customer_profile.join(
        risk_assessment.select("customer_token", "score", "earlier_score", "over_debt_action"), on="customer_token"
    ).join(worst, on="customer_token", how="left", maintain_order="left")
    causes = _causes(interventions_policy)
    places = {action: place for place, action in enumerate(LADDER, 1)}
    named = facts.with_columns(
        causes=pl.concat_list(
            [pl.when(test.fill_null(value=False)).then(pl.lit(code)) for code, (test, _) in causes.items()]
        ).list.drop_nulls(),
        severity=pl.max_horizontal(
            [pl.when(test.fill_null(value=False)).then(places[action]).otherwise(0) for test, action in causes.values()]
        ),
    ).filter(pl.col("severity") > 0)
    gentle = (pl.col("severity") == places["call"]) & pl.col("behaviour_segment").is_in(
        interventions_policy.gentle_segments
    )
    rung = named.with_columns(severity=pl.when(gentle).then(places["message"]).otherwise("severity"))
    action = pl.col("severity").replace_strict(dict(enumerate(LADDER, 1)), return_dtype=pl.String)
    acted = rung.with_columns(action=action)
    return acted.with_columns(
        as_of_date=pl.lit(as_of, pl.Date),
        segment="behaviour_segment",
        due_on=pl.lit(as_of)
        + pl.duration(days=_days(interventions_policy.urgent_due_days, interventions_policy.due_days)),
        expires_on=pl.lit(as_of) + pl.duration(days=interventions_policy.expiry_days),
        adverse_notice=pl.col("action").is_in(["freeze_new_installments", "cut_unused_limit"]),
        outcome=_outcome(),
        reason_en=reasons.because("action", "action", "cause", "causes", "en"),
        reason_zh=reasons.because("action", "action", "cause", "causes", "zh"),
    )


def _causes(section: Interventions) -> dict[str, tuple[pl.Expr, str]]:
    """Cause → (whether it holds, the rung it requires). Own plans count by the lender's own days past due."""
    dpd = pl.max_horizontal("current_dpd", "own_dpd")
    unused = pl.col("line_cents") - pl.col("line_used_cents")
    late, overdue, long = section.call_dpd, section.relief_dpd, section.manual_dpd
    fallen = pl.col("earlier_score") - pl.col("score") >= section.score_fall_points
    return {
        "payment_late": ((dpd > 0) & (dpd < late), "message"),
        "payment_overdue": ((dpd >= late) & (dpd < overdue), "call"),
        "payment_long_overdue": ((dpd >= overdue) & (dpd < long), "hardship_offer"),
        "payment_seriously_overdue": (dpd >= long, "manual"),
        "score_fallen": (fallen & (unused > 0), "cut_unused_limit"),
        "cooling_off": (pl.col("over_debt_action") == "cool_off", "message"),
        "over_indebted": (pl.col("over_debt_action") == "stop", "freeze_new_installments"),
        "unusual_lines": (pl.col("worst_alert").is_between(section.call_alert, section.manual_alert - 1), "call"),
        "suspicious_lines": (pl.col("worst_alert") >= section.manual_alert, "manual"),
    }


def _days(urgent: int, usual: int) -> pl.Expr:
    return pl.when(pl.col("action").is_in(["manual", "freeze_new_installments"])).then(urgent).otherwise(usual)


def _outcome() -> pl.Expr:
    """What the lender's own books show of it."""
    frozen = (pl.col("action") == "freeze_new_installments") & pl.col("line_frozen")
    cut = (pl.col("action") == "cut_unused_limit") & (pl.col("line_cents") <= pl.col("line_used_cents"))
    return pl.when((frozen | cut).fill_null(value=False)).then(pl.lit("done")).otherwise(pl.lit("open"))
