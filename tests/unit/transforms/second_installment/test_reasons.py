"""Each refusal of a second installment cites what really refuses it: with that figure changed the reason is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.transforms.second_cases import CASES
from tests.unit.transforms.second_installment.test_second_installment import KINDS, books_of, row_of
from tests.unit.transforms.support import policy, reasons
from transforms.second_installment.reasons import citation_of, figures_of

if TYPE_CHECKING:
    from transforms.policy.policy import Policy

#: (route, worked case, reason, figure, a value of it that refuses nothing; None: the fact itself is missing).
TABLE: list[tuple[str, str, str, str, Any]] = [
    ("new_purchase", "paid nothing so far", "behaviour_score_low", "changes.min_behaviour_score", 0),
    ("term_change", "card balance", "reinstallment_barred", "plans.reinstallment_allowed", True),
    ("term_change", "loan, wished beyond the law", "term_too_long", "kinds.consumption_loan.max_term_m", 120),
    ("term_change", "loan, started in June", "too_early", "changes.min_months_on_book", 0),
    ("term_change", "loan, income unknown", "income_unknown", "affordability.stress_income_drop_bp", None),
    ("term_change", "loan, too dear even so", "not_affordable", "affordability.stress_income_drop_bp", 0),
    ("term_change", "loan, changed in June", "change_too_recent", "changes.cool_off_m", 0),
    ("art70_restructure", "nothing reported", "no_hardship_case", "restructure.kinds", ()),
    ("art70_restructure", "evidence asked for", "evidence_missing", "restructure.evidence", "requested"),
    ("art70_restructure", "not willing", "not_willing", "restructure.kinds", ()),
    ("art70_restructure", "within ability", "within_ability", "affordability.stress_income_drop_bp", 8_000),
    ("art70_restructure", "consumption loan", "not_card_debt", "restructure.kinds", ("consumption_loan",)),
    ("art70_restructure", "income unknown", "income_unknown", "affordability.stress_income_drop_bp", None),
    ("art70_restructure", "nothing to bear it with", "not_affordable", "affordability.stress_income_drop_bp", 0),
    ("art70_restructure", "two agreements", "too_many_agreements", "plans.max_personalised_agreements", 3),
    ("art70_restructure", "an agreement in May", "agreement_too_recent", "restructure.cooling_off_m", 0),
    ("payment_holiday", "evidence asked for", "evidence_missing", "holiday.evidence", "requested"),
    ("payment_holiday", "long overdue", "too_far_past_due", "holiday.max_dpd", 1_000),
    ("payment_holiday", "a pause in March", "holiday_taken", "holiday.once_in_m", 0),
    ("rate_review", "no better grade", "rate_not_better", "changes.rate_review_gain_bp", None),
    ("rate_review", "reviewed in March", "rate_reviewed_already", "changes.rate_review_m", 0),
    ("rate_review", "under observation", "under_observation", "classification.observation_m", 0),
    ("due_date_change", "the thirty-first", "day_not_allowed", "changes.last_due_day", 31),
    ("due_date_change", "moved in March", "due_date_changed_already", "changes.due_date_per_year", 2),
]
#: The same reason on other routes rests on the same figure.
SHARED = {("term_change", "overdue"), ("rate_review", "overdue"), ("due_date_change", "overdue")}


def changed(of: Policy, figure: str, value: Any) -> Policy:
    """A policy with one figure changed, however it came to be."""
    section, name = figure.rsplit(".", 1)
    if section.startswith("kinds."):
        kind = section.removeprefix("kinds.")
        return replace(of, kinds={**of.kinds, kind: replace(of.kinds[kind], **{name: value})})
    return replace(of, **{section: replace(getattr(of, section), **{name: value})})


@pytest.mark.parametrize(("route", "name", "reason", "figure", "value"), TABLE, ids=[f"{r[0]}: {r[2]}" for r in TABLE])
def test_a_refusal_cites_the_figure_that_refuses_it(
    route: str, name: str, reason: str, figure: str, value: Any
) -> None:
    number, case = next((k, c) for k, c in enumerate(CASES) if (c.route, c.name) == (route, name))
    row, books = row_of(number), books_of(case.night)
    assert reason in row["reasons"]
    cited = books.policy.figures[figure].citation
    assert cited in row["citation"]
    assert figure in figures_of(reason, route, row["product_kind"], reasons())
    if value is not None:
        freed = books.routes_under(changed(books.policy, figure, value))
        assert reason not in freed.filter(plan_id=row["plan_id"], route=route)["reasons"].item()


def test_every_reason_with_a_figure_is_in_the_table() -> None:
    kind_of = {k: KINDS[c.plan.get("product_code", "card_general")] for k, c in enumerate(CASES)}
    pairs = {
        (c.route, code)
        for k, c in enumerate(CASES)
        for code in c.reasons
        # The decision's own reasons are rules of the policy and cite what those cite.
        if code in reasons().of("refusal") and figures_of(code, c.route, kind_of[k], reasons())
    }
    # Where income is unknown nothing is affordable either; the case of a known income stands for it.
    assert pairs - SHARED == {(r[0], r[2]) for r in TABLE}


@pytest.mark.parametrize("on", [date(2021, 6, 1), date(2022, 8, 1), date(2025, 8, 1)])
def test_every_figure_named_is_one_of_the_policy(on: date) -> None:
    of = policy(on)
    named = {
        n
        for code in reasons(on).of("refusal")
        for route in ("term_change", "art70_restructure", "payment_holiday")
        for kind in of.kinds
        for n in figures_of(code, route, kind, reasons(on))
    }
    assert named <= set(of.figures)


def test_law_is_cited_before_the_lender_s_own_figures() -> None:
    of = policy(date(2025, 8, 1))
    told = citation_of(["overdue", "term_too_long"], "term_change", "consumption_loan", of, reasons())
    assert told == of.figures["kinds.consumption_loan.max_term_m"].citation
    assert citation_of(["overdue"], "term_change", "consumption_loan", of, reasons()) == "lender's own figure"
    assert citation_of(["plan_closed"], "term_change", "consumption_loan", of, reasons()) is None


def test_a_decision_s_own_reason_cites_the_policy_s_rule() -> None:
    of = policy(date(2025, 8, 1))
    assert citation_of(["dsr_over_limit"], "new_purchase", "card_installment", of, reasons()) == next(
        r.citation for r in of.rules if r.code == "dsr_over_limit"
    )
