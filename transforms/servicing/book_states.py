"""States of plans on the day of the books: with all a night knows, with a part of it left out, or a day off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from transforms.dates.calendar import roll_to_business_day, unrolled
from transforms.loans.booked import by_conventions
from transforms.loans.movements import orphan_reversals
from transforms.loans.positions import of_all_versions, plan_positions, play

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

    from transforms.loans.positions import Played
    from transforms.loans.product_conventions import ProductConventions
    from transforms.loans.version_tables import Versions
    from transforms.policy.policy import Policy

#: What is read of a state, each as a number; dates are days since 1970. `due_from_on`: the oldest due date short by
#: more than the tolerance; `first_unpaid_on`: that of the first installment not settled, due or to come.
READINGS: Mapping[str, PolarsDataType] = {
    **dict.fromkeys(("outstanding_cents", "open_cents", "arrears_cents", "arrears_interest_cents"), pl.Int64),
    **dict.fromkeys(("arrears_principal_cents", "earned_cents", "carried_cents", "dpd", "own_dpd"), pl.Int64),
    **dict.fromkeys(("next_due_on", "oldest_due_on", "first_unpaid_on"), pl.Int64),
    **dict.fromkeys(("next_before_roll_on", "first_unpaid_before_roll_on", "oldest_before_roll_on"), pl.Int64),
}
#: Ways to look besides the plain one.
LATER, LAST, CHANGES, DAY_BEFORE, POSTED, NEXT_DAY, AHEAD, EXACT = LOOKS = (
    *("later", "last", "changes", "day_before", "posted", "next_day", "ahead", "exact"),
)


@dataclass(frozen=True)
class World:
    """What a night knows of plans; `repayments` each once and with `known_on`."""

    plans: pl.DataFrame
    repayments: pl.DataFrame
    changed: Versions
    policy: Policy
    conventions: ProductConventions
    night: date

    @property
    def orphans(self) -> list[str]:
        """Plans with a reversal of an unknown movement."""
        return orphan_reversals(self.repayments)["plan_id"].unique().to_list()

    def figures(self, books: pl.DataFrame) -> pl.DataFrame:
        """The engine's figures of the plans of `books` on `book_on` with all that is known: `READINGS` but a few."""
        _, positions, _ = self._played(books, "")
        kept = [c for c in READINGS if c in positions.columns]
        return positions.select("plan_id", pl.col(kept).to_physical().cast(pl.Int64))

    def stood(self, books: pl.DataFrame, look: str = "") -> pl.DataFrame:
        """`READINGS` of the plans of `books` on `book_on`, with all that is known or by a `look`.

        later: without what was known after that day only. last: without the money of the last day before it. changes:
        without what was agreed and repaid ahead. day_before: as of the day before. posted: without the money that the
        next working day posts. next_day: with the money that counts from a day up to the next working day. ahead: with
        what was paid ahead repaid at once. exact: without a tolerance.
        """
        played, positions, mine = self._played(books, look)
        return (
            positions.join(self._dues(played, positions, mine), on="plan_id", how="left")
            .with_columns(pl.col(c).to_physical().cast(t) for c, t in READINGS.items())
            .select("plan_id", *READINGS)
        )

    def _played(self, books: pl.DataFrame, look: str) -> tuple[Played, pl.DataFrame, pl.DataFrame]:
        """The replay of a look, the positions found, and the plans with the day looked at."""
        mine = books.select("plan_id", "product_code", "started_on", "_due_day", book="book_on", day="book_on")
        policy, night = self.policy, self.night
        if look == DAY_BEFORE:
            mine = mine.with_columns(day=pl.max_horizontal(pl.col("day") - timedelta(days=1), "started_on"))
        elif look == AHEAD:
            mine = mine.with_columns(day=pl.lit(date(9999, 1, 1)))
        elif look == EXACT:
            policy = replace(policy, servicing=replace(policy.servicing, shortfall_tolerance_cents=0))
        days = mine.select("plan_id", "day")
        played = play(
            self.plans.join(days, on="plan_id", how="semi"),
            self._money(mine, look),
            days,
            policy,
            self._changes(mine, look),
            self.conventions,
            night,
        )
        return played, plan_positions(played), mine

    def _money(self, mine: pl.DataFrame, look: str) -> pl.DataFrame:
        money = self.repayments.join(mine.select("plan_id", "book"), on="plan_id")
        if look == LATER:
            money = money.filter(pl.col("known_on") <= pl.col("book"))
        elif look == LAST:
            paid = (pl.col("value_on") <= pl.col("book")) & (pl.col("kind") != "failed_debit")
            last = pl.col("value_on").filter(paid).max().over("plan_id")
            money = money.filter((pl.col("value_on") < last).fill_null(value=True))
        elif look == POSTED:
            first = self._working_days(mine, -1)
            money = money.join(first, on="plan_id").filter(pl.col("value_on") < pl.col("_edge")).drop("_edge")
        elif look == NEXT_DAY:
            soon = pl.col("value_on").is_between("book", "_edge")
            money = money.join(self._working_days(mine, 1), on="plan_id")
            money = money.with_columns(value_on=pl.when(soon).then("book").otherwise("value_on")).drop("_edge")
        elif look == AHEAD:
            money = money.filter(pl.col("value_on") <= pl.col("book"))
        return money.drop("book")

    def _changes(self, mine: pl.DataFrame, look: str) -> Versions:
        changed, days = self.changed, mine.select("plan_id", "book")
        versions = changed.versions.join(days, on="plan_id").filter(look != CHANGES)
        if look == AHEAD:
            versions = versions.filter(pl.col("effective_on") <= pl.col("book"))
        kept = versions.select("plan_id", "version_no")
        first = days.select("plan_id", version_no=pl.lit(1, pl.Int32)).filter(look != CHANGES)
        key = ["plan_id", "version_no"]
        return replace(
            changed,
            versions=versions.drop("book"),
            installments=changed.installments.join(kept, on=key, how="semi"),
            earned=changed.earned.join(pl.concat([first, kept]).unique(), on=key, how="semi"),
        )

    def _working_days(self, mine: pl.DataFrame, step: int) -> pl.DataFrame:
        """(plan_id, _edge): the working day after `book` (step 1); the first whose money is posted after it (step -1).

        The money of a day is posted on the next working day.
        """
        parts = []
        for known, plans in by_conventions(mine, self.conventions):
            closed, worked = self.conventions.closed_and_open(known)
            edges = {
                day: roll_to_business_day(day + timedelta(days=1), "following", closed, worked)
                if step > 0
                else roll_to_business_day(day, "preceding", closed, worked)
                for day in plans["book"].unique()
            }
            parts.append(plans.select("plan_id", _edge=pl.col("book").replace_strict(edges, return_dtype=pl.Date)))
        return pl.concat(parts)

    def _dues(self, played: Played, positions: pl.DataFrame, mine: pl.DataFrame) -> pl.DataFrame:
        """By plan the due dates of its version in force: of the first unpaid installment, and all before any roll."""
        state = positions.select("plan_id", "version_no", "as_of_date", "oldest_due_on", "open_cents")
        agreed = played.versions.select("plan_id", "version_no", _agreed="due_day")
        settled = of_all_versions(played, "settled").select("plan_id", "version_no", "installment_no", "settled_on")
        key = ["plan_id", "version_no"]
        rows = (
            played.installments.join(state, on=key)
            .filter(pl.sum_horizontal("principal_cents", "interest_cents", "fee_cents") > 0)
            .join(mine.select("plan_id", "product_code", "started_on", "_due_day"), on="plan_id")
            .join(agreed, on=key, how="left")
            .join(settled, on=[*key, "installment_no"], how="left")
            .with_columns(_due_day=pl.coalesce("_agreed", "_due_day"))
        )
        rows = self._before_roll(rows)
        open_yet = (pl.col("open_cents") > 0) & (pl.col("settled_on") > pl.col("as_of_date")).fill_null(value=True)
        nominal = pl.col("_nominal")
        return rows.group_by("plan_id").agg(
            first_unpaid_on=pl.col("due_on").filter(open_yet).min(),
            first_unpaid_before_roll_on=nominal.filter(open_yet).min(),
            next_before_roll_on=nominal.filter((nominal > pl.col("as_of_date")) & (pl.col("open_cents") > 0)).min(),
            oldest_before_roll_on=nominal.filter(pl.col("due_on") == pl.col("oldest_due_on")).min(),
        )

    def _before_roll(self, rows: pl.DataFrame) -> pl.DataFrame:
        """`rows` with `_nominal`, the due date before its roll."""
        parts, key = [rows.clear().with_columns(_nominal="due_on")], ["_due_day", "due_on"]
        for known, plans in by_conventions(rows, self.conventions):
            if known.due_date_roll == "none" or known.calendar not in self.conventions.calendars:
                parts.append(plans.with_columns(_nominal="due_on"))
                continue
            closed, worked = self.conventions.closed_and_open(known)
            terms: dict[str, Any] = {"month_end": known.month_end, "roll": known.due_date_roll}
            found = [
                (day, due, unrolled(due, day, holidays=closed, workdays=worked, **terms))
                for day, due in plans.select(key).unique().iter_rows()
            ]
            schema = {c: rows.schema[c] for c in key} | {"_nominal": pl.Date}
            parts.append(plans.join(pl.DataFrame(found, schema=schema, orient="row"), on=key, how="left"))
        return pl.concat(parts)
