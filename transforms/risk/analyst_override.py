"""What analysts' notes do to a grade: capped, expiring, and every note of the night accounted for.

A note gives an opinion on a fixed scale. What counts is one note per customer, the newest; it moves the grade by at
most the policy's notch, for at most the policy's days, on grounds the policy accepts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from datetime import date

    from transforms.policy.reasons import Reasons
    from transforms.policy.sections_risk import AnalystNotes

#: Opinion → grades it asks for (-1: one better).
SCALE = {"much_better": -2, "better": -1, "as_scored": 0, "worse": 1, "much_worse": 2}


def judged_notes(
    analyst_note_latest: pl.DataFrame, customer_profile: pl.DataFrame, analyst_notes_policy: AnalystNotes, as_of: date
) -> pl.DataFrame:
    """Each note with `notch_asked`, `notch` (what the policy grants of it), `stands_until` and `outcome`.

    Only notes of customers of the profile are judged, better grades only by its `bureau_status`. A note's first day
    is the day it was made, its last the earlier of its expiry and the policy's longest.
    """
    section, bureau = analyst_notes_policy, customer_profile.select("customer_token", "bureau_status")
    longest = pl.col("noted_on") + pl.duration(days=section.max_days)
    asked = pl.col("opinion").replace_strict(SCALE, return_dtype=pl.Int16)
    known = analyst_note_latest.join(bureau, on="customer_token", how="inner").with_columns(
        notch_asked=asked, stands_until=pl.min_horizontal(pl.col("expires_on"), longest)
    )
    not_fresh = (pl.col("bureau_status") != "fresh") & (pl.col("notch_asked") < 0)
    refused = (
        pl.when(pl.lit(not section.accepted))
        .then(pl.lit("notes_not_accepted"))
        .when(pl.col("status") == "withdrawn")
        .then(pl.lit("withdrawn"))
        .when(pl.col("stands_until") < as_of)
        .then(pl.lit("expired"))
        .when(pl.col("reason_code").is_in(section.accepted_reasons).not_())
        .then(pl.lit("reason_not_accepted"))
        .when(not_fresh if section.upgrade_needs_fresh_bureau else pl.lit(value=False))
        .then(pl.lit("bureau_not_fresh"))
    )
    newest_first = ["customer_token", "noted_on", "note_id"]
    ranked = (
        known.with_columns(outcome=refused)
        .sort(newest_first, descending=[False, True, True])
        .with_columns(place=pl.col("outcome").is_null().cum_sum().over("customer_token"))
    )
    most = section.max_notch
    granted = pl.col("notch_asked").clip(-most, most)
    outcome = (
        pl.when(pl.col("outcome").is_not_null())
        .then(pl.col("outcome"))
        .when(pl.col("place") > 1)
        .then(pl.lit("superseded"))
        .when(pl.col("notch_asked") == 0)
        .then(pl.lit("no_change"))
        .when(granted != pl.col("notch_asked"))
        .then(pl.lit("capped"))
        .otherwise(pl.lit("applied"))
    )
    return ranked.with_columns(outcome=outcome).with_columns(
        notch=pl.when(pl.col("outcome").is_in(["applied", "capped"])).then(granted).otherwise(0).cast(pl.Int16)
    )


def note_notches(judged_notes: pl.DataFrame) -> pl.DataFrame:
    """(customer_token, note_notch) of the customers whose grade a note moves."""
    return judged_notes.filter(pl.col("notch") != 0).select("customer_token", note_notch="notch")


def analyst_override(
    judged_notes: pl.DataFrame, risk_assessment: pl.DataFrame, reasons: Reasons, as_of: date
) -> pl.DataFrame:
    """`risk.analyst_override`: one row per note of the night's customers, applied or refused and why.

    A notch that the grade leaves no room for is `no_room`.
    """
    grades = risk_assessment.select("customer_token", "shard", "held_grade", "risk_grade")
    joined = judged_notes.drop("shard", strict=False).join(grades, on="customer_token", how="inner")
    stuck = (pl.col("notch") != 0) & (pl.col("held_grade") == pl.col("risk_grade"))
    judged = joined.with_columns(
        outcome=pl.when(stuck).then(pl.lit("no_room")).otherwise("outcome"),
        notch_applied=pl.when(stuck).then(0).otherwise("notch"),
    )
    moved = pl.col("notch_applied") != 0
    return judged.with_columns(
        as_of_date=pl.lit(as_of, pl.Date),
        outcome_en=reasons.told(pl.col("outcome"), "note_outcome", "en"),
        outcome_zh=reasons.told(pl.col("outcome"), "note_outcome", "zh"),
        grade_before=pl.col("held_grade"),
        grade_after=pl.when(moved).then("risk_grade").otherwise("held_grade"),
    )
