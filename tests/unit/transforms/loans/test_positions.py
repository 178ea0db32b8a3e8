"""Positions of plans on a date, by the contract in force and by the lender's own books."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from tests.unit.transforms.loans.books import no_versions, paid, plans
from tests.unit.transforms.support import policy
from transforms.loans.booked import INSTALLMENT, booked_installments
from transforms.loans.positions import plan_positions, play
from transforms.loans.version_tables import AGREEMENT, Versions

if TYPE_CHECKING:
    from collections.abc import Sequence

POLICY = policy()
NONE = no_versions()
MONTHS = [date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)]


def seen_at(of: pl.DataFrame, money: pl.DataFrame, looks: Sequence[date], changed: Versions = NONE) -> pl.DataFrame:
    return plan_positions(play(of, money, looks, POLICY, changed))


def test_a_position_per_plan_and_date_since_its_start() -> None:
    seen = seen_at(plans({}), paid(), [date(2025, 1, 1), *MONTHS])
    wanted = [(MONTHS[0], 18, 1), (MONTHS[1], 49, 2), (MONTHS[2], 79, 3)]
    assert seen.sort("as_of_date").select("as_of_date", "dpd", "dlq_bucket").rows() == wanted


def test_the_worst_days_past_due_stay_on_record() -> None:
    rows = paid((date(2025, 4, 5), 300_000))
    seen = seen_at(plans({}), rows, [date(2025, 4, 6), date(2026, 4, 5)]).sort("as_of_date")
    assert seen["own_max_dpd"].to_list()[0] == 53
    # A year on, the 53 days are out of the twelve months; by then later installments are overdue for longer.
    kept = seen_at(plans({"status": "settled", "changed_on": date(2025, 4, 6)}), rows, [date(2026, 4, 5)])
    assert kept.select("own_max_dpd", "own_max_dpd_12m", "dpd").rows() == [(53, 0, 0)]


def test_a_settled_plan_owes_nothing_from_that_day_on() -> None:
    changes = pl.concat(
        [plans({}), plans({"status": "settled", "changed_on": date(2025, 3, 15), "feed_date": date(2025, 3, 15)})]
    )
    seen = seen_at(changes, paid(), MONTHS).sort("as_of_date")
    assert seen.select("status", "dpd").rows() == [("running", 18), ("settled", 0), ("settled", 0)]


def test_own_days_past_due_survive_re_ageing_until_what_was_moved_is_paid() -> None:
    aged_on = date(2025, 4, 15)
    rows = booked_installments(
        plans({"first_due_on": date(2025, 5, 15), "started_on": aged_on, "installment_cents": 107_000})
    )
    moved = {"plan_id": "P1", "version_no": 2, "effective_on": aged_on, "route": "art70_restructure"}
    moved |= {"down_payment_cents": 0, "waived_cents": 0, "overdue_cents": 319_857}
    versions = pl.DataFrame([moved], schema=dict(AGREEMENT))
    version_rows = rows.select(pl.lit(2, pl.Int32).alias("version_no"), *INSTALLMENT)
    # Three of 1,066.19 were overdue.
    looks = [date(2025, 4, 14), date(2025, 4, 30), date(2025, 6, 20), date(2025, 7, 20)]
    money = paid(*((date(2025, month, 15), 107_000) for month in (5, 6, 7)))
    seen = seen_at(plans({}), money, looks, Versions(versions, version_rows, NONE.refused, NONE.undone)).sort(
        "as_of_date"
    )
    assert seen["dpd"].to_list() == [63, 0, 0, 0]
    assert seen["own_dpd"].to_list() == [63, 64, 64, 0]
    assert seen["own_max_dpd"].to_list()[-1] == 64
    assert seen["version_no"].to_list() == [1, 2, 2, 2]
