"""Whether one more change of a plan is open: the law's bars, and each count at its last allowed and first barred."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.unit.transforms.support import policy
from transforms.dates.calendar import add_months
from transforms.loans.limits import longest_term, objection_of_counts, objection_of_law, reinstallment_barred

NIGHT = date(2026, 3, 31)
POLICY = policy()
C = POLICY.changes


def before(route: str, months: int, count: int = 1, *, inside: bool = True) -> list[dict[str, Any]]:
    """So many accepted changes on the last day inside a trailing window of months, or on the day before it."""
    opened = add_months(NIGHT, -months) + timedelta(days=int(inside))
    return [{"route": route, "opened_on": opened}] * count


@pytest.mark.parametrize(
    ("route", "earlier", "objection"),
    [
        ("term_change", [], None),
        ("term_change", before("rate_review", 12, C.max_per_year), "too_many_changes"),
        ("term_change", before("rate_review", 12, C.max_per_year - 1), None),
        ("term_change", before("rate_review", 12, C.max_per_year, inside=False), None),
        ("term_change", before("rate_review", C.cool_off_m), "change_too_recent"),
        ("term_change", before("rate_review", C.cool_off_m, inside=False), None),
        ("due_date_change", before("due_date_change", 12, C.due_date_per_year), "due_date_changed_already"),
        ("due_date_change", before("due_date_change", 12, C.due_date_per_year, inside=False), None),
        ("due_date_change", before("term_change", 12, C.due_date_per_year), None),
        ("rate_review", before("rate_review", C.rate_review_m), "rate_reviewed_already"),
        ("rate_review", before("rate_review", C.rate_review_m, inside=False), None),
        ("term_change", before("term_change", C.rate_review_m), None),
        ("payment_holiday", before("payment_holiday", POLICY.holiday.once_in_m), "holiday_taken"),
        ("payment_holiday", before("payment_holiday", POLICY.holiday.once_in_m, inside=False), None),
        ("payment_holiday", before("term_change", 1, 9), None),
        ("early_settlement", before("early_settlement", 1, 9), None),
        ("art70_restructure", before("term_change", 1, 9), None),
        (
            "art70_restructure",
            before("art70_restructure", 120, POLICY.plans.max_personalised_agreements),
            "too_many_agreements",
        ),
    ],
)
def test_a_count_bars_at_its_figure_and_within_its_months(
    route: str, earlier: list[dict[str, Any]], objection: str | None
) -> None:
    assert objection_of_counts(route, earlier, POLICY, NIGHT) == objection


def test_the_law_bars_kinds_and_terms_by_route() -> None:
    card = POLICY.restructure.kinds[0]
    longest = POLICY.plans.personalised_max_term_m
    assert objection_of_law("art70_restructure", card, POLICY, longest) is None
    assert objection_of_law("art70_restructure", card, POLICY, longest + 1) == "term_too_long"
    assert objection_of_law("art70_restructure", "consumption_loan", POLICY, 1) == "not_card_debt"
    assert objection_of_law("due_date_change", card, POLICY, None) is None
    kind, figures = next(iter(POLICY.kinds.items()))
    assert longest_term("term_change", kind, POLICY) == figures.max_term_m
    assert longest_term("term_change", "of no such kind", POLICY) == longest


def test_a_plan_is_not_put_into_installments_again_but_a_loan_is() -> None:
    assert not POLICY.plans.reinstallment_allowed
    assert reinstallment_barred("bill", POLICY)
    assert not reinstallment_barred("consumption_loan", POLICY)
    assert objection_of_law("term_change", "bill", POLICY, None) == "reinstallment_barred"
    assert objection_of_law("rate_review", "bill", POLICY, None) is None
