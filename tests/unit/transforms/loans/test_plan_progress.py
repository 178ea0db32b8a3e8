"""Progress of plans: five-category class, restructuring observation, special transactions."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.unit.transforms.loans.books import paid, plans
from tests.unit.transforms.loans.cases import accepted, cases, hardship
from tests.unit.transforms.outputs import plan_progress
from tests.unit.transforms.support import book
from transforms.loans.versions import plan_versions

BOOK = book()
KINDS = {"card_general": "card_installment", "car": "consumption_loan"}
CARD = plans({})
AGREED = accepted("art70_restructure", date(2025, 3, 20), date(2025, 3, 25), term_m=36, waived_cents=5_000)
AGAIN = accepted("art70_restructure", date(2025, 10, 20), date(2025, 10, 25), 2, term_m=60, annual_rate=Decimal(0))
CLASSES = ("normal", "special_mention", "substandard", "doubtful", "loss")


def stood(
    on: date, *money: tuple[Any, ...], of: Any = CARD, rows: tuple[Any, ...] = (), case: Any = None
) -> dict[str, Any]:
    moved = paid(*money)
    agreed = plan_versions(of, moved, cases(*rows), BOOK, KINDS, on)
    told = hardship(case) if case else hardship()
    return plan_progress(of, moved, agreed, told, on, BOOK.in_force(on)).row(0, named=True)


def kept(months: int, cents: int = 45_000) -> list[tuple[date, int]]:
    """Payments on the tenth of each month from April 2025 on, more than the agreement asks for."""
    return [(date(2025 + (3 + k) // 12, (3 + k) % 12 + 1, 10), cents) for k in range(months)]


@pytest.mark.parametrize(
    ("on", "days", "expected"),
    [
        (date(2025, 2, 10), 0, "normal"),
        (date(2025, 2, 11), 1, "special_mention"),
        (date(2025, 5, 11), 90, "special_mention"),
        (date(2025, 5, 12), 91, "substandard"),
        (date(2025, 11, 8), 271, "doubtful"),
        (date(2026, 2, 6), 361, "loss"),
    ],
)
def test_days_past_due_set_the_class(on: date, days: int, expected: str) -> None:
    seen = stood(on)
    assert (seen["own_dpd"], seen["five_class"]) == (days, expected)


def test_a_restructured_plan_is_observed_for_a_year_and_two_payments_and_is_at_least_special_mention() -> None:
    before = stood(date(2026, 3, 24), *kept(12), rows=AGREED)
    assert (before["restruct_flag"], before["five_class"]) == (True, "special_mention")
    assert before["obs_end_date"] == date(2026, 3, 25)
    after = stood(date(2026, 3, 25), *kept(12), rows=AGREED)
    assert (after["restruct_flag"], after["five_class"]) == (False, "normal")


def test_a_miss_starts_the_observation_anew() -> None:
    missed = [m for m in kept(14) if m[0] != date(2025, 9, 10)]
    late = [*missed, (date(2025, 9, 20), 45_000)]
    # Each payment is about the installment of the agreement, so that next to nothing is carried.
    exact = [(on, 40_500) for on, _ in late]
    seen = stood(date(2026, 3, 25), *exact, rows=AGREED)
    assert seen["restruct_flag"]
    assert seen["obs_from_date"] == date(2025, 9, 10)


def test_restructured_again_inside_the_observation_is_at_least_substandard() -> None:
    seen = stood(date(2025, 12, 1), *kept(8), rows=(*AGREED, *AGAIN))
    assert (seen["restruct_cnt"], seen["restruct_flag"], seen["five_class"]) == (2, True, "substandard")


def test_collection_rests_while_the_agreement_is_kept_and_resumes_when_it_breaks() -> None:
    assert stood(date(2025, 5, 1), *kept(1), rows=AGREED)["collection_stopped"]
    broken = stood(date(2025, 6, 1), rows=AGREED)
    assert (broken["collection_stopped"], broken["plan_break_date"]) == (False, date(2025, 5, 11))


def test_own_days_past_due_survive_the_agreement() -> None:
    seen = stood(date(2025, 4, 1), rows=AGREED)
    assert (seen["dpd"], seen["own_dpd"], seen["own_max_dpd"]) == (0, 43, 43)
    assert seen["version_no"] == 2


def test_special_transactions_are_named() -> None:
    assert stood(date(2025, 5, 1), *kept(1), rows=AGREED)["spec_tran_types"] == [11, 14]
    pause = accepted("payment_holiday", date(2025, 2, 20), date(2025, 2, 22), pause_m=2, interest_mode="accrue")
    assert stood(date(2025, 3, 1), rows=pause)["spec_tran_types"] == [16]
    longer = accepted("term_change", date(2025, 2, 20), date(2025, 2, 22), term_m=24)
    loan = plans({"product_code": "car"})
    assert stood(date(2025, 3, 1), (date(2025, 2, 10), 106_619), of=loan, rows=longer)["spec_tran_types"] == [1]
    gone = plans({"status": "settled", "changed_on": date(2025, 3, 1)})
    rest = (date(2025, 3, 1), 1_200_000, "early_settlement")
    assert stood(date(2025, 3, 2), (date(2025, 2, 10), 106_619), rest, of=gone)["spec_tran_types"] == [5]


def test_what_happened_twice_is_named_once() -> None:
    waived = [(date(2025, 2, 10), 1_000, "waiver"), (date(2025, 3, 10), 1_000, "waiver")]
    assert stood(date(2025, 5, 1), *waived)["spec_tran_types"] == [11]
    assert stood(date(2025, 5, 1), *waived, *kept(1), rows=AGREED)["spec_tran_types"] == [11, 14]
    assert stood(date(2025, 3, 9), *waived)["spec_tran_types"] == [11]
    assert stood(date(2025, 2, 9), *waived)["spec_tran_types"] == []


def test_a_change_of_term_in_hardship_is_a_restructuring() -> None:
    loan = plans({"product_code": "car"})
    longer = accepted("term_change", date(2025, 2, 20), date(2025, 2, 22), term_m=24)
    on_time = (date(2025, 2, 10), 106_619)
    assert not stood(date(2025, 3, 1), on_time, of=loan, rows=longer)["restruct_flag"]
    case = {"opened_on": date(2025, 2, 15)}
    assert stood(date(2025, 3, 1), on_time, of=loan, rows=longer, case=case)["restruct_flag"]


#: What may follow an agreement while it is observed.
_FURTHER: list[dict[str, Any]] = [
    {"route": "art70_restructure", "term_m": 60, "annual_rate": Decimal(0)},
    {"route": "payment_holiday", "pause_m": 3, "interest_mode": "accrue"},
    {"route": "due_date_change", "due_day": 25},
    {"route": "rate_review", "annual_rate": Decimal("0.08")},
    {"route": "early_settlement"},
]


@settings(max_examples=10, deadline=None, phases=(Phase.generate,))
@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1_000, 120_000), st.booleans()), max_size=10),
    st.sampled_from(_FURTHER),
    st.integers(190, 360),
)
def test_a_change_inside_observation_never_improves_the_class(
    moves: list[tuple[int, int, bool]], further: dict[str, Any], later: int
) -> None:
    """Whatever was paid or taken back: the day after the second change the class is no better than without it."""
    money: list[tuple[Any, ...]] = []
    for days, cents, back in moves:
        on = date(2025, 1, 15) + timedelta(days=days)
        money.append((on, cents))
        if back:
            money.append((on + timedelta(days=3), cents, "reversal", None, f"R{len(money)}"))
    on = date(2025, 3, 25) + timedelta(days=later)
    again = accepted(**further, asked=on, on=on, number=2)
    once = stood(on + timedelta(days=1), *money, rows=AGREED)
    seen = stood(on + timedelta(days=1), *money, rows=(*AGREED, *again))
    if once["restruct_flag"]:
        assert CLASSES.index(seen["five_class"]) >= CLASSES.index(once["five_class"])
        assert seen["five_class"] != "normal"
    if once["restruct_flag"] and seen["restruct_cnt"] == 2:
        assert CLASSES.index(seen["five_class"]) >= 2


def test_another_due_date_does_not_make_arrears_forgotten() -> None:
    moved = accepted("due_date_change", date(2025, 4, 20), date(2025, 4, 20), due_day=25)
    seen = stood(date(2025, 4, 21), rows=moved)
    assert (seen["dpd"], seen["own_dpd"], seen["restruct_flag"], seen["five_class"]) == (0, 69, True, "special_mention")


@pytest.mark.parametrize(
    "second",
    [
        ("due_date_change", {"due_day": 25}),
        ("rate_review", {"annual_rate": Decimal("0.1")}),
        ("term_change", {"term_m": 18}),
    ],
)
def test_a_change_inside_a_capitalised_pause_leaves_unearned_what_was(second: tuple[str, dict[str, Any]]) -> None:
    car = plans({"product_code": "car"})
    money = [(date(2025, 2, 10), 106_619), (date(2025, 3, 10), 106_619)]
    paused = accepted("payment_holiday", date(2025, 3, 12), date(2025, 3, 12), pause_m=6, interest_mode="capitalise")
    changed = accepted(second[0], date(2025, 6, 20), date(2025, 6, 20), 2, **second[1])
    day = date(2025, 7, 1)
    once = stood(day, *money, of=car, rows=paused)
    seen = stood(day, *money, of=car, rows=(*paused, *changed))
    assert (once["version_no"], seen["version_no"]) == (2, 3)
    assert once["unearned_cents"] > 0
    assert seen["unearned_cents"] == once["unearned_cents"]


def test_late_interest_stands_beside_the_debt() -> None:
    # Overdue on 20 March: 946.19 of principal since 10 February (38 days), 955.65 since 10 March (10 days), at 12 % and
    # half of it again.
    seen = stood(date(2025, 3, 20))
    assert seen["late_interest_cents"] == (94_619 * 38 + 95_565 * 10) * 18 // 36_000
    assert seen["open_cents"] + seen["paid_cents"] == seen["total_cents"]
    # Within the days of grace there is none; what was late and is paid stays earned, and grows no more.
    assert stood(date(2025, 2, 13))["late_interest_cents"] == 0
    paid_up = stood(date(2025, 3, 9), (date(2025, 2, 20), 106_619))
    assert paid_up["late_interest_cents"] == 94_619 * 10 * 18 // 36_000
    # A new schedule does not take it over.
    assert stood(date(2025, 4, 1), rows=AGREED)["late_interest_cents"] == 0
