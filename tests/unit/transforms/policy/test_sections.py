"""Figures of a policy section by section: the bounds of each, and what has to fit together."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.unit.transforms.support import document
from transforms.policy import sections
from transforms.policy.mistakes import verdict
from transforms.policy.sections import GRADES

FIRST = document()["version"][0]


def plain(item: Any) -> Any:
    """A section as written, without its citations."""
    if not isinstance(item, dict):
        return tuple(item) if isinstance(item, list) else item
    return plain(item["value"]) if "value" in item else {key: plain(value) for key, value in item.items()}


def told(kind: Any, raw: object, jurisdiction: str | None = None) -> list[str]:
    context = {"jurisdiction": jurisdiction} if jurisdiction else None
    return [m.text for m in verdict(kind, raw, context=context)[1]]


@pytest.mark.parametrize(
    ("jurisdiction", "limit_bp", "refused"),
    [("CN", 5_500, False), ("CN", 5_501, True), ("EU", 5_501, False), (None, 5_501, False)],
)
def test_in_china_no_lender_lets_debts_take_more_than_55_percent_of_the_income(
    jurisdiction: str | None, limit_bp: int, *, refused: bool
) -> None:
    said = told(sections.Affordability, {**plain(FIRST["affordability"]), "dsr_limit_bp": limit_bp}, jurisdiction)
    words = "is above 5500: a lender's own debt service limit may be lower than 55 %, never higher"
    assert said == ([f"dsr_limit_bp: {limit_bp} {words}"] if refused else [])


GRADE = {"limit_cents": 1_000, "max_term_m": 12, "loss_bp": 100, "margin_bp": 200}


def grades(**changes: dict[str, int]) -> list[str]:
    return told(sections.Grades, {grade: GRADE | changes.get(grade, {}) for grade in GRADES})


def test_grades_may_be_alike() -> None:
    assert grades() == []


@pytest.mark.parametrize(("better", "worse"), list(pairwise(GRADES)))
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"limit_cents": 999}, "has a lower limit or a shorter term than"),
        ({"max_term_m": 11}, "has a lower limit or a shorter term than"),
        ({"loss_bp": 101, "margin_bp": 0}, "is dearer than"),
        ({"margin_bp": 201}, "is dearer than"),
    ],
)
def test_no_grade_is_worse_off_than_the_next_by_a_single_unit(
    better: str, worse: str, change: dict[str, int], said: str
) -> None:
    """All grades down to the better have it; the worse one alone stands against it."""
    down_to = dict.fromkeys(GRADES[: GRADES.index(better) + 1], change)
    assert grades(**down_to) == [f"grade {better} {said} grade {worse}"]


def test_a_grade_may_cost_less_in_loss_what_it_costs_more_in_margin() -> None:
    assert grades(A={"loss_bp": 50, "margin_bp": 250}) == []
    assert grades(A={"loss_bp": 50, "margin_bp": 251}) == ["grade A is dearer than grade B"]


TREATMENT = plain(FIRST["treatments"])["standard"]


@pytest.mark.parametrize(
    ("payments", "step_up", "refused"), [(1, 1_000, False), (1, 999, True), (0, 999, False), (0, 0, False)]
)
def test_a_step_up_is_no_step_down(payments: int, step_up: int, *, refused: bool) -> None:
    raw = {**TREATMENT, "limit_cents": 1_000, "step_up_payments": payments, "step_up_limit_cents": step_up}
    said = ["step_up_limit_cents: the step up is below the starter limit"] if refused else []
    assert told(sections.Treatment, raw) == said


def test_of_a_treatment_without_a_sound_starter_limit_only_that_is_told() -> None:
    raw = {**TREATMENT, "step_up_payments": 1, "limit_cents": -1, "step_up_limit_cents": 0}
    assert told(sections.Treatment, raw) == ["limit_cents must be at least 0, got -1"]


def test_segments_are_treated_by_name_and_standard_stands_for_the_rest() -> None:
    read, wrong = verdict(sections.Treatments, {"thin_file": TREATMENT, "standard": TREATMENT, "a": TREATMENT})
    assert wrong == []
    assert list(read or ()) == ["a", "standard", "thin_file"]
    assert told(sections.Treatments, {"a": TREATMENT}) == ["section [standard] is missing"]


WEIGHTS = {"cost": 3_000, "payment": 2_000, "preference": 1_500, "margin": 2_500, "market": 1_000}
_UNFIT = "weights sum to 10000 and the margin weighs no more than the cost"


def weighed(**weights: int) -> list[str]:
    days = dict.fromkeys(("prequalified_days", "request_open_days", "market_price_days"), 7)
    return told(sections.WeighedOffers, days | {f"weight_{k}_bp": v for k, v in (WEIGHTS | weights).items()})


@pytest.mark.parametrize("name", WEIGHTS)
def test_ranking_weights_sum_to_the_whole_each_of_them_counted(name: str) -> None:
    assert weighed() == []
    assert weighed(**{name: WEIGHTS[name] - 1}) == [_UNFIT]
    assert weighed(**{name: WEIGHTS[name] + 1}) == [_UNFIT]


@pytest.mark.parametrize("other", ["payment", "preference", "market"])
def test_weight_may_go_from_one_wish_of_the_customer_to_another(other: str) -> None:
    assert weighed(cost=3_500, **{other: WEIGHTS[other] - 500}) == []


@pytest.mark.parametrize(("margin", "said"), [(2_750, []), (2_751, [_UNFIT])])
def test_the_lenders_margin_weighs_no_more_than_the_cost_to_the_customer(margin: int, said: list[str]) -> None:
    assert weighed(cost=5_500 - margin, margin=margin) == said


SUSTAINED = {
    "plan_break_max_bp": 2_000,
    "income_cv_floor_bp": 500,
    "income_cv_cap_bp": 3_000,
    "income_cv_unknown_bp": 0,
}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"income_cv_cap_bp": 500}, []),
        ({"income_cv_cap_bp": 499}, ["income_cv_cap_bp: 499 is below income_cv_floor_bp, 500"]),
        ({"income_cv_floor_bp": 1, "income_cv_cap_bp": 1}, []),
        ({"income_cv_floor_bp": 0, "income_cv_cap_bp": 0}, ["income_cv_floor_bp must be above 0, got 0"]),
        ({"plan_break_max_bp": 1}, []),
        ({"plan_break_max_bp": 0}, ["plan_break_max_bp must be above 0, got 0"]),
        ({"plan_break_max_bp": 9_999}, []),
        ({"plan_break_max_bp": 10_000}, ["plan_break_max_bp must be below 10000, got 10000"]),
    ],
)
def test_how_surely_a_plan_is_kept_has_its_bounds(changes: dict[str, int], said: list[str]) -> None:
    assert told(sections.Sustainability, SUSTAINED | changes) == said


@pytest.mark.parametrize(
    ("order", "sound"),
    [
        (("fee", "interest", "principal"), True),
        (("principal", "interest", "fee"), True),
        (("interest", "principal"), False),
        (("fee", "fee", "principal"), False),
        (("fee", "interest", "principal", "fee"), False),
    ],
)
def test_money_goes_to_interest_fee_and_principal_each_once(order: tuple[str, ...], *, sound: bool) -> None:
    raw = plain(FIRST["servicing"])
    said = [] if sound else ["{}: names interest, fee and principal, each once"]
    for field in ("allocation_order", "late_allocation_order"):
        assert told(sections.Servicing, {**raw, field: order}) == [text.format(field) for text in said]
