"""Which pay cycle a line falls into, when a cycle is over, and by when the next pay is due."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.unit.transforms.profile.rhythms import I05, Q20, RHYTHMS, WAGE, lines, monthly
from transforms.profile.pay_cycles import CYCLES, in_cycles, numbered

if TYPE_CHECKING:
    from tests.unit.transforms.profile.rhythms import Pay


def cycles(pay: Pay, night: date) -> list[list[date]]:
    """The days of the lines of each of the six cycles, that last due first."""
    found: list[list[date]] = [[] for _ in range(CYCLES)]
    for row in in_cycles(numbered(lines({"one": [p for p in pay if p[0] <= night]})), night).iter_rows(named=True):
        found[row["ago"]].append(row["posted_on"])
    return found


def due_by(pay: Pay, night: date) -> date:
    known = [p for p in pay if p[0] <= night]
    by: date = in_cycles(numbered(lines({"one": known})), night)["due_by"].unique().item()
    return by


@pytest.mark.parametrize("name", sorted(set(RHYTHMS) - {"weekly", "fortnightly", "every second month", "quarterly"}))
def test_no_pay_cycle_is_empty_on_any_night_while_pay_comes(name: str) -> None:
    for night in (date(2025, 12, 20) + timedelta(days=n) for n in range(0, 125, 2)):
        assert all(cycles(RHYTHMS[name], night)), night


def test_a_month_without_pay_is_empty_however_others_are_moved() -> None:
    missing = [(day, cents) for day, cents in RHYTHMS["31, earlier"] if (day.year, day.month) != (2026, 1)]
    assert [len(c) for c in cycles(missing, date(2026, 3, 31))] == [1, 1, 0, 1, 1, 1]
    stopped = [(day, cents) for day, cents in I05 if day < date(2026, 3, 1)]
    assert [len(c) for c in cycles(stopped, date(2026, 4, 6))][:4] == [0, 0, 2, 1]


@pytest.mark.parametrize(
    ("second", "cents", "empty"),
    [
        (date(2026, 2, 11), WAGE, False),  # twelve days after the wage of the 30th of January
        (date(2026, 2, 10), WAGE, True),  # so near to it a bonus
        (date(2026, 2, 13), WAGE * 9 // 10, False),
        (date(2026, 2, 13), WAGE * 9 // 10 - 1, True),  # not much like a wage
    ],
)
def test_of_two_wages_in_a_cycle_the_second_is_the_next_one_paid_early(second: date, cents: int, empty: bool) -> None:
    pay = [(second, cents) if day == date(2026, 2, 13) else (day, c) for day, c in I05]
    assert ([] in cycles(pay, date(2026, 3, 25))) is empty


def test_two_lines_of_one_day_are_one_wage() -> None:
    pay = [(day, half) for day, cents in I05 for half in (cents * 6 // 10, cents * 4 // 10)]
    assert all(cycles(pay, date(2026, 3, 25)))


def test_the_cycle_under_way_is_over_once_it_is_paid_as_usual() -> None:
    tenth = monthly(10)
    assert cycles(tenth, date(2026, 3, 9))[0] == [date(2026, 2, 10)]
    assert cycles(tenth, date(2026, 3, 10))[0] == [date(2026, 3, 10)]
    parts = RHYTHMS["two parts"]
    assert cycles(parts, date(2026, 3, 19))[0] == [date(2026, 2, 5), date(2026, 2, 13)]
    assert cycles(parts, date(2026, 3, 20))[0] == [date(2026, 3, 5), date(2026, 3, 20)]


def test_or_once_the_usual_day_is_past() -> None:
    """The tenth, moved to the eighth at the earliest; a bonus that came later once is no pay to wait for."""
    stopped = [p for p in monthly(10) if p[0] < date(2026, 3, 1)]
    late = [*stopped, (date(2026, 1, 20), WAGE // 2)]
    for pay in (stopped, late):
        assert cycles(pay, date(2026, 3, 10) + timedelta(days=5))[0] == [date(2026, 2, 10)]
        assert cycles(pay, date(2026, 3, 11) + timedelta(days=5))[0] == []


def test_what_comes_by_the_piece_is_waited_for_to_the_end() -> None:
    """Of three lines a cycle the first shows nothing; of two it does. The cycle begins on the third of March."""
    for days, over in (((3, 9, 15), date(2026, 3, 20)), ((3, 15), date(2026, 3, 8))):
        pay = [(date(2026, month, day), WAGE) for month in (1, 2) for day in days]
        pay += [(date(2025, month, day), WAGE) for month in (10, 11, 12) for day in days]
        assert cycles(pay, over)[0][0] == date(2026, 2, 3)
        assert cycles(pay, over + timedelta(days=1))[0] == []


def test_a_little_at_an_unusual_time_is_not_the_pay() -> None:
    """What is less than usual ends the cycle if it comes when the pay comes, up to some days before."""
    usual = [p for p in monthly(10) if p[0] < date(2026, 3, 1)]
    first = date(2026, 3, 8) - timedelta(days=3)
    for day, over in ((first, True), (first - timedelta(days=1), False)):
        assert (cycles([*usual, (day, 50_000)], day)[0] == [day]) is over
    soon = first - timedelta(days=1)
    assert cycles([*usual, (soon, WAGE * 9 // 10)], soon)[0] == [soon]
    assert cycles([*usual, (soon, WAGE * 9 // 10 - 1)], soon)[0] == [date(2026, 2, 10)]


def test_by_when_the_next_pay_is_due() -> None:
    tenth = monthly(10)
    assert due_by(tenth, date(2026, 3, 9)) == date(2026, 3, 15)
    assert due_by(tenth, date(2026, 3, 10)) == date(2026, 4, 15)
    assert due_by(Q20, date(2026, 3, 31)) == date(2026, 4, 6)
    # An allowance in the cycle under way is not the pay it waits for.
    assert due_by([*tenth, (date(2026, 3, 2), 50_000)], date(2026, 3, 9)) == date(2026, 3, 15)
    stopped = [p for p in tenth if p[0] < date(2026, 3, 1)]
    assert due_by(stopped, date(2026, 5, 31)) == date(2026, 3, 15)


def test_a_first_pay_ends_its_cycle() -> None:
    assert cycles([(date(2026, 3, 25), WAGE)], date(2026, 3, 25))[0] == [date(2026, 3, 25)]
