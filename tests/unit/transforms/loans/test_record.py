"""Every installment that fell due and when it was settled: what is on time, and how long the row is."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.loans.books import no_versions, paid, plans
from tests.unit.transforms.loans.cases import accepted, cases, hardship
from tests.unit.transforms.outputs import plan_progress
from tests.unit.transforms.support import book
from transforms.loans.versions import plan_versions

POLICY = book().in_force(date(2025, 8, 1))
NIGHT = date(2025, 8, 1)
#: 12,000 without interest: 1,000.00 on the first of each month; seven have fallen due by the night.
FREE = {
    "annual_rate": 0,
    "installment_cents": 100_000,
    "started_on": date(2025, 1, 1),
    "first_due_on": date(2025, 2, 1),
}
SEVEN = [(date(2025, m, 1), 100_000) for m in range(2, 9)]


def counts(*money: tuple[Any, ...], of: pl.DataFrame | None = None) -> tuple[int, int, int]:
    """(judged, on time, on time since the last miss), all plans of the customer together."""
    own = plans(FREE) if of is None else of
    rows = plan_progress(own, paid(*money), no_versions(), hardship(), NIGHT, POLICY)
    return tuple(
        rows.filter(pl.col("status") != "cancelled")[c].sum() for c in ("due_cnt", "on_time_cnt", "on_time_streak_cnt")
    )  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("money", "judged", "on_time", "streak"),
    [
        (SEVEN, 7, 7, 7),
        ([*SEVEN[:2], (date(2025, 4, 4), 100_000), *SEVEN[3:]], 7, 7, 7),  # within three days of grace
        ([*SEVEN[:2], (date(2025, 4, 5), 100_000), *SEVEN[3:]], 7, 6, 4),  # a day beyond it
        ([(date(2025, 2, 1), 700_000)], 7, 7, 7),  # all paid ahead
        (SEVEN[:6], 6, 6, 6),  # the one of the night is not late yet
        (SEVEN[:5], 6, 5, 0),  # July is missing, its grace is over
        ([*SEVEN[:6], (date(2025, 8, 1), 99_000)], 7, 7, 7),  # short within the tolerance
        ([*SEVEN[:5], (date(2025, 7, 1), 98_999)], 6, 5, 0),  # a cent beyond it
        ([*SEVEN, (date(2025, 7, 20), 100_000, "reversal", None, "R6")], 6, 5, 0),  # taken back
        ([*SEVEN, (date(2025, 7, 1), 100_000, "failed_debit")], 7, 7, 7),  # brought nothing
        ([*SEVEN[:6], (date(2025, 7, 28), 100_000, "waiver")], 7, 7, 7),
        ([], 6, 0, 0),
    ],
)
def test_what_is_on_time_and_in_a_row(money: list[tuple[Any, ...]], judged: int, on_time: int, streak: int) -> None:
    # In the case taken back, August's payment settles July, and August's grace is not over.
    assert counts(*money) == (judged, on_time, streak)


def test_a_miss_on_any_plan_ends_the_row_on_all_of_them_and_a_cancelled_plan_counts_for_none() -> None:
    second = {**FREE, "plan_id": "P2", "started_on": date(2025, 6, 5), "first_due_on": date(2025, 7, 5)}
    own = plans(FREE, second)
    late = pl.concat(
        [paid(*SEVEN), paid((date(2025, 7, 20), 100_000), plan_id="P2").with_columns(repayment_id=pl.lit("X"))]
    )
    rows = plan_progress(own, late, no_versions(), hardship(), NIGHT, POLICY)
    assert rows["on_time_streak_cnt"].sum() == 1, "of 1 August alone, after 5 July"
    gone = plans(FREE, {**second, "status": "cancelled", "changed_on": date(2025, 7, 30)})
    assert plan_progress(gone, paid(*SEVEN), no_versions(), hardship(), NIGHT, POLICY)["on_time_streak_cnt"].sum() == 7


def test_after_the_plan_is_paid_off_nothing_more_falls_due() -> None:
    rest = (date(2025, 3, 1), 1_100_000, "early_settlement")
    assert counts((date(2025, 2, 1), 100_000), rest) == (2, 2, 2)


def test_the_last_installment_counts_though_it_is_paid_before_its_day() -> None:
    """A Sunday's due date rolls to the Monday: what is paid on the Sunday is on time once the Monday has come."""
    short = plans({**FREE, "term_m": 3, "principal_cents": 300_000})
    assert counts(*SEVEN[:2], (date(2025, 3, 29), 100_000), of=short) == (3, 3, 3)


@pytest.mark.parametrize(
    ("on", "record"),
    [
        (date(2025, 4, 2), (3, 3, 3)),
        (date(2025, 4, 4), (3, 3, 3)),  # the last day of April's grace
        (date(2025, 4, 5), (4, 3, 1)),  # a day beyond it April is missed
    ],
)
@pytest.mark.parametrize("ended", [{}, {"status": "settled", "changed_on": date(2025, 5, 28)}], ids=["runs", "ended"])
def test_an_installment_that_a_change_moved_within_its_grace_is_none(
    on: date, record: tuple[int, int, int], ended: dict[str, Any]
) -> None:
    """Paid in February and March; in April the 20th is agreed, on which all the rest is paid."""
    of = plans({**FREE, "product_code": "car"}, {**FREE, "product_code": "car", **ended, "delivery_seq": 2})
    money = paid(*SEVEN[:2], (date(2025, 4, 20), 1_000_000))
    change = cases(*accepted("due_date_change", date(2025, 3, 28), on, due_day=20))
    agreed = plan_versions(of, money, change, book(), {"car": "consumption_loan"}, NIGHT)
    rows = plan_progress(of, money, agreed, hardship(), NIGHT, POLICY)
    assert rows.select("due_cnt", "on_time_cnt", "on_time_streak_cnt").rows() == [record]
