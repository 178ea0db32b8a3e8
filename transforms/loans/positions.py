"""Position of every plan on any dates: days past due, bucket, open amounts; for progress, vintages, roll rates.

Later agreements do not reset own days past due: arrears that a change moved keep their days until as much has been paid
as was moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from transforms.loans.allocation import Replay, replay
from transforms.loans.booked import INSTALLMENT, booked_installments
from transforms.loans.moved import change_looks, moved_arrears
from transforms.loans.movements import net_movements
from transforms.loans.prepayments import counted_in
from transforms.loans.rules import bucket

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from transforms.loans.product_conventions import ProductConventions
    from transforms.loans.version_tables import Versions
    from transforms.policy.policy import Policy

#: What a position always has; amounts in cents.
_STATE = ("plan_id", "as_of_date")
#: States of the books in which a plan owes nothing.
OWES_NOTHING = ("settled", "cancelled")
_OWED = ("arrears_cents", "arrears_interest_cents", "arrears_principal_cents", "outstanding_cents", "open_cents")
_LATER = ("next_due_cents", "next_open_cents", "unpaid_cnt", "coming_cnt", "carried_cents", "earned_cents")


def latest_plans(plans: pl.DataFrame) -> pl.DataFrame:
    """Of rows of `credit.installment_plan`, each plan's last to arrive; of one delivery the latest change."""
    newest = [c for c in ("feed_date", "delivery_seq") if c in plans.columns]
    return plans.sort("plan_id", *newest, "changed_on", maintain_order=True).unique(
        "plan_id", keep="last", maintain_order=True
    )


@dataclass(frozen=True)
class Played:
    """All versions of all plans with the money that moved: what is computed once and looked at in several ways.

    `looks` (plan_id, day) are the days asked for. `booked` are the booked schedules, `installments` those of every
    version with its number, `movements` the net ones; `first` and `later` the replays of version 1 and of later ones
    (there named `plan#version`).
    """

    looks: pl.DataFrame
    plans: pl.DataFrame
    latest: pl.DataFrame
    booked: pl.DataFrame
    movements: pl.DataFrame
    versions: pl.DataFrame
    installments: pl.DataFrame
    first: Replay
    later: Replay

    @cached_property
    def moved(self) -> pl.DataFrame:
        """What changes have moved out of arrears, columns of `MOVED`."""
        return moved_arrears(self.versions, of_all_versions(self, "positions"))


def play(
    plans: pl.DataFrame,
    repayments: pl.DataFrame,
    dates: Sequence[date] | pl.DataFrame,
    policy: Policy,
    changed: Versions,
    conventions: ProductConventions | None = None,
    received_by: date | None = None,
) -> Played:
    """Replay every version of the plans begun by the last of `dates`, with what was received by then or `received_by`.

    `dates` are those of every plan, or a frame of each plan's own (plan_id, day).
    `plans` and `repayments` are rows of `credit.installment_plan` (all known changes) and `credit.repayment` as the
    night knows them; `changed` is what was agreed and repaid ahead since.
    """
    days = dates["day"] if isinstance(dates, pl.DataFrame) else pl.Series(list(dates), dtype=pl.Date)
    known, versions, version_installments = days.max(), changed.versions, changed.installments
    money_by = received_by or known
    latest = latest_plans(plans).filter(pl.col("started_on") <= known)
    of_all = latest.select("plan_id").join(days.to_frame("day"), how="cross")
    asked = dates.select("plan_id", "day") if isinstance(dates, pl.DataFrame) else of_all
    at_changes = change_looks(versions).select("plan_id", "day")
    looks = pl.concat([asked, at_changes]).unique()
    booked = booked_installments(latest, conventions)
    movements = net_movements(repayments.filter(pl.col("received_on") <= money_by))
    rules, fee = policy.servicing, policy.default_costs.early_settlement_fee_bp
    name = (pl.col("plan_id") + "#" + pl.col("version_no").cast(pl.String)).alias("_key")
    keyed = versions.select("plan_id", "version_no", name)
    later = looks.join(keyed, on="plan_id").select("day", plan_id="_key")
    money = counted_in(movements.join(keyed, on="plan_id", maintain_order="left"), changed.earned)
    money = money.drop("plan_id", "version_no").rename({"_key": "plan_id"})
    rows = version_installments.with_columns(name).drop("plan_id", "version_no").rename({"_key": "plan_id"})
    earned = changed.earned.with_columns(name)
    earned_later = earned.filter(pl.col("version_no") > 1).drop("plan_id").rename({"_key": "plan_id"})
    everyone = booked.select(pl.lit(1, pl.Int32).alias("version_no"), *INSTALLMENT)
    ends = _ends(plans)
    ends_later = ends.join(keyed, on="plan_id").drop("plan_id", "version_no").rename({"_key": "plan_id"})
    return Played(
        asked,
        plans,
        latest,
        booked,
        movements,
        versions,
        pl.concat([everyone, version_installments.select(everyone.columns)]),
        replay(
            *(booked, pl.concat([movements, ends]), looks, rules, fee),
            earned.filter(version_no=1).drop("version_no", "_key"),
        ),
        replay(
            rows,
            pl.concat([money, ends_later.select(money.columns)]),
            later,
            rules,
            fee,
            earned_later.drop("version_no"),
        ),
    )


def _ends(plans: pl.DataFrame) -> pl.DataFrame:
    """A movement of nothing on each day on which the books closed a plan, so that a replay looks how late it was."""
    closed = book_states(plans).select("plan_id", day="closed_on").drop_nulls().unique(maintain_order=True)
    return closed.select(
        "plan_id",
        *(pl.col("day").alias(c) for c in ("value_on", "received_on", "known_on")),
        kind=pl.lit("waiver"),
        amount_cents=pl.lit(0, pl.Int64),
        repayment_id=pl.lit("", pl.String),
        prepayment_effect=pl.lit(None, pl.String),
    )


def plan_positions(played: Played) -> pl.DataFrame:
    """One row per plan and date on or after its start.

    `dpd` and `dlq_bucket` are by the schedule in force on the date, `own_dpd`, `own_bucket`, `own_max_dpd` and
    `own_max_dpd_12m` by the lender's own count. Value dates rule, as tonight's knowledge has them. `status` is the
    books' on that date; a settled or cancelled plan owes nothing.
    """
    positions, peaks = _in_force(played, "positions", "as_of_date"), _in_force(played, "peaks", "on")
    positions = positions.join(played.looks, left_on=_STATE, right_on=("plan_id", "day"), how="semi")
    moved = played.moved
    stood = _with_status(_with_moved(positions, moved), played.plans, played.latest)
    stood = stood.filter(pl.col("as_of_date") >= pl.col("started_on"))
    closed = pl.col("status").is_in(OWES_NOTHING)
    own = pl.col("dpd") + pl.when((pl.col("moved_cents") > 0) & (pl.col("open_cents") > 0)).then("moved_dpd").otherwise(
        0
    )
    judged = stood.with_columns(own_dpd=own.cast(pl.Int32)).with_columns(
        *(pl.when(closed).then(0).otherwise(c).cast(stood.schema[c]).alias(c) for c in (*_OWED, *_LATER, "dpd")),
        *(pl.when(~closed).then(c).alias(c) for c in ("oldest_due_on", "next_due_on")),
        own_dpd=pl.when(closed).then(0).otherwise("own_dpd").cast(pl.Int32),
    )
    at_changes = moved.join(
        played.versions.select("plan_id", "version_no", "effective_on"), on=["plan_id", "version_no"]
    )
    return _with_worst(judged, peaks, at_changes).with_columns(
        dlq_bucket=bucket(pl.col("dpd")), own_bucket=bucket(pl.col("own_dpd"))
    )


def _in_force(played: Played, what: str, day: str) -> pl.DataFrame:
    """Rows of a replay, each by the version in force on its day, with the version's number."""
    both = of_all_versions(played, what)
    changed = played.versions.select("plan_id", "effective_on", pl.col("version_no").alias("_in_force"))
    ruled = both.sort(day).join_asof(
        changed.sort("effective_on", "_in_force"),
        left_on=day,
        right_on="effective_on",
        by="plan_id",
        check_sortedness=False,
    )
    return ruled.filter(pl.col("version_no") == pl.col("_in_force").fill_null(1)).drop("_in_force", "effective_on")


def of_all_versions(played: Played, what: str) -> pl.DataFrame:
    """One frame of the replays (`positions`, `peaks`, `settled`, `prepaid`) of every version, with its number."""
    one: pl.DataFrame = getattr(played.first, what)
    more: pl.DataFrame = getattr(played.later, what)
    # A plan's own number may hold the sign: the version is what stands after the last one.
    later = more.with_columns(
        version_no=pl.col("plan_id").str.extract(r"#(\d+)$").cast(pl.Int32),
        plan_id=pl.col("plan_id").str.replace(r"#\d+$", ""),
    )
    return pl.concat([one.with_columns(version_no=pl.lit(1, pl.Int32)), later.select(*one.columns, "version_no")])


def _with_moved(positions: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """Adds what changes have moved out of arrears and is not paid since, and its days past due then."""
    money = pl.col("paid_cents") + pl.col("waived_cents")
    left = pl.col("moved_cents") - pl.max_horizontal(money - pl.col("counted_cents"), pl.lit(0, pl.Int64))
    return (
        positions.join(moved, on=["plan_id", "version_no"], how="left")
        .with_columns(
            moved_cents=pl.max_horizontal(left.fill_null(0), pl.lit(0, pl.Int64)),
            moved_dpd=pl.col("moved_dpd").fill_null(0),
        )
        .drop("counted_cents")
    )


def book_states(plans: pl.DataFrame) -> pl.DataFrame:
    """(plan_id, changed_on, status, closed_on) of every change known, in order; since when a closed plan is closed."""
    newest = [c for c in ("feed_date", "delivery_seq") if c in plans.columns]
    closed = pl.col("status").is_in(OWES_NOTHING)
    began = closed & ~closed.shift(1).over("plan_id").fill_null(value=False)
    since = pl.when(began).then("changed_on").forward_fill().over("plan_id")
    return (
        plans.sort("plan_id", "changed_on", *newest, maintain_order=True)
        .select("plan_id", "changed_on", "status", closed_on=pl.when(closed).then(since))
        .sort("changed_on", maintain_order=True)
    )


def closed_plans(plans: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """(plan_id, closed_on) of the plans that the books have closed by a day."""
    known = book_states(plans).filter(pl.col("changed_on") <= as_of)
    return known.unique("plan_id", keep="last", maintain_order=True).select("plan_id", "closed_on").drop_nulls()


def _with_status(positions: pl.DataFrame, plans: pl.DataFrame, latest: pl.DataFrame) -> pl.DataFrame:
    """Adds the books' status on the date and the plan's start; before its first change known a plan is running."""
    return (
        positions.sort("as_of_date")
        .join_asof(
            book_states(plans), left_on="as_of_date", right_on="changed_on", by="plan_id", check_sortedness=False
        )
        .with_columns(status=pl.col("status").fill_null("running"))
        .join(latest.select("plan_id", "started_on"), on="plan_id")
        .drop("changed_on")
    )


def _with_worst(positions: pl.DataFrame, peaks: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """Adds the most days past due up to the date, ever and in the 12 months before it.

    A plan that the books have closed has no arrears, even if payments on it arrive afterwards.
    """
    at_change = moved.filter(pl.col("moved_cents") > 0)
    seen = pl.concat(
        [
            peaks.select("plan_id", "on", "dpd"),
            at_change.select("plan_id", pl.col("effective_on").alias("on"), pl.col("moved_dpd").alias("dpd")),
            positions.select("plan_id", pl.col("as_of_date").alias("on"), pl.col("own_dpd").alias("dpd")),
        ]
    ).filter(pl.col("dpd") > 0)
    year = pl.col("as_of_date").dt.offset_by("-12mo")
    worst = (
        positions.select(*_STATE, _until=pl.min_horizontal("as_of_date", pl.col("closed_on") - pl.duration(days=1)))
        .join(seen, on="plan_id")
        .filter(pl.col("on") <= pl.col("_until"))
        .group_by(_STATE)
        .agg(
            pl.col("dpd").max().alias("own_max_dpd"),
            pl.col("dpd").filter(pl.col("on") > year).max().alias("own_max_dpd_12m"),
        )
    )
    return (
        positions.join(worst, on=_STATE, how="left")
        .with_columns(pl.col("own_max_dpd", "own_max_dpd_12m").fill_null(0))
        .drop("closed_on")
    )
