"""Relief in hardship: who may have an agreement or a pause, on both sides of every bound, and plans judged together."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.transforms.second_installment.one_plan import LEFT, NIGHT, POLICY, facts, six_paid
from transforms.second_installment.facts import evidence_rank
from transforms.second_installment.relief import art70_restructure, payment_holiday

if TYPE_CHECKING:
    from transforms.loans.states import LoanState

CARD: dict[str, Any] = {
    "kind": "card_installment",
    "product_code": "card_general",
    "hardship_case_id": "H1",
    "cause": "income_loss",
    "evidence": evidence_rank("received"),
    "willing_to_pay": True,
    "beyond_ability": True,
    "capacity_cents": 80_000,
    "room_cents": 80_000,
}


class Alike:
    """Plans that all stand as the one that is half repaid."""

    def of(self, plan_id: str) -> LoanState:
        assert plan_id
        return _HALF


_HALF = six_paid().of("P1")
ALIKE: Any = Alike()


def agreement(**changed: Any) -> dict[str, Any]:
    """The agreement of a card plan in hardship."""
    return art70_restructure(facts({**CARD, **changed}), ALIKE, POLICY).row(0, named=True)


def pause(**changed: Any) -> dict[str, Any]:
    """The pause of a card plan in hardship."""
    return payment_holiday(facts({**CARD, **changed}), ALIKE, POLICY).row(0, named=True)


@pytest.mark.parametrize(
    ("better", "worse"), [("verified", "received"), ("received", "requested"), ("requested", "none")]
)
def test_evidence_comes_closer_step_by_step(better: str, worse: str) -> None:
    assert evidence_rank(better) == evidence_rank(worse) + 1
    assert evidence_rank("rejected") == evidence_rank("none")


NO_CASE = {"hardship_case_id": None, "evidence": None, "willing_to_pay": None}
ENDED = {"alive": False, "basis": "closed_good"}


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({}, []),
        ({"evidence": evidence_rank("verified")}, []),
        ({"evidence": evidence_rank("requested")}, ["evidence_missing"]),
        ({"kind": "cash_advance"}, []),
        ({"kind": "consumption_loan"}, ["not_card_debt"]),
        ({"basis": "broken"}, []),
        (ENDED, ["plan_closed"]),
        ({**ENDED, **NO_CASE, "kind": "consumption_loan"}, ["plan_closed"]),
        (NO_CASE, ["no_hardship_case"]),
        ({**NO_CASE, "kind": "consumption_loan"}, ["not_card_debt"]),
        ({"willing_to_pay": False}, ["not_willing"]),
        ({"willing_to_pay": None}, []),
        ({"income_cents": None}, ["income_unknown"]),
        ({**NO_CASE, "income_cents": None}, ["no_hardship_case"]),
        ({"open_cents": 0}, ["nothing_to_come"]),
        ({"beyond_ability": False}, ["within_ability"]),
        ({"count_art70_restructure": "agreement_too_recent"}, ["agreement_too_recent"]),
        ({"evidence": 0, "willing_to_pay": False}, ["evidence_missing", "not_willing"]),
        ({"capacity_cents": 0}, ["not_affordable"]),
    ],
)
def test_what_an_agreement_asks_for(changed: dict[str, Any], reasons: list[str]) -> None:
    assert agreement(**changed)["reasons"] == reasons


def test_an_agreement_takes_the_fewest_months_that_can_be_borne() -> None:
    """6,179.02 at 1 % a month: 807.57 over eight months, 721.34 over nine."""
    found = agreement()
    assert (found["term_months"], found["annual_rate"]) == (9, Decimal("0.12"))
    assert (found["payment_after_cents"], found["down_payment_cents"], found["waived_cents"]) == (72_134, 0, 0)
    assert 72_134 <= found["highest_payment_cents"] <= 80_000
    assert found["total_cost_diff_cents"] == pytest.approx(9 * 72_134 - 639_709, abs=10)
    assert agreement(evidence=0)["term_months"] is None


def together(*plans: dict[str, Any]) -> list[dict[str, Any]]:
    """Agreements of plans of one customer, all of them half repaid."""
    own = [{**CARD, "plan_id": f"P{n}", **plan} for n, plan in enumerate(plans, start=1)]
    joint = {"own_payments_cents": sum(p.get("regular_cents", 106_619) for p in own)}
    return art70_restructure(facts(*({**joint, **p} for p in own)), ALIKE, POLICY).rows(named=True)


def test_plans_share_by_what_is_owed_what_is_left_for_all_of_them() -> None:
    """1,600.00 for two alike are 800.00 each; a loan that stays as it is takes its payment first."""
    assert [r["term_months"] for r in together({"capacity_cents": 160_000}, {"capacity_cents": 160_000})] == [9, 9]
    of = {"capacity_cents": 160_000 + 106_619}
    found = together(of, of, {**of, "kind": "consumption_loan"})
    assert [r["term_months"] for r in found] == [9, 9, None]
    assert [r["reasons"] for r in found] == [[], [], ["not_card_debt"]]


def test_a_plan_whose_share_is_too_little_leaves_the_others_what_it_does_not_take() -> None:
    """A hundredth of what is owed gives a hundredth of the room, too little: the plan is paid as it is, 10.00."""
    small = {"owed_cents": LEFT // 100, "regular_cents": 1_000, "capacity_cents": 81_000}
    found = together({"capacity_cents": 81_000}, small)
    assert [r["reasons"] for r in found] == [[], ["not_affordable"]]
    assert [r["term_months"] for r in found] == [9, None]


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({}, []),
        ({"evidence": evidence_rank("verified")}, []),
        ({"evidence": evidence_rank("requested")}, ["evidence_missing"]),
        ({"own_dpd": 30}, []),
        ({"own_dpd": 31}, ["too_far_past_due"]),
        (NO_CASE, ["no_hardship_case"]),
        ({"willing_to_pay": False}, []),
        ({"kind": "consumption_loan"}, []),
        ({"coming_cnt": 0}, ["nothing_to_come"]),
        ({"open_cents": 0}, ["nothing_to_come"]),
        ({"basis": "broken"}, ["plan_broken"]),
        ({"basis": "broken", "own_dpd": 31, "coming_cnt": 0, **NO_CASE}, ["plan_broken"]),
        (ENDED, ["plan_closed"]),
        ({"count_payment_holiday": "holiday_taken"}, ["holiday_taken"]),
    ],
)
def test_what_a_pause_asks_for(changed: dict[str, Any], reasons: list[str]) -> None:
    assert pause(**changed)["reasons"] == reasons


def test_a_pause_says_when_payments_begin_again_and_what_it_costs() -> None:
    """August's installment moves to 10 September, and about a month's interest on 6,179.02 comes to it."""
    found = pause()
    assert (found["pause_months"], found["interest_mode"], found["resume_on"]) == (1, "accrue", date(2025, 9, 10))
    assert (found["payment_after_cents"], found["annual_rate"]) == (0, Decimal("0.12"))
    assert found["highest_payment_cents"] > 106_619
    assert found["total_cost_diff_cents"] == pytest.approx(6_179, abs=200)
    assert pause(cause="medical")["interest_mode"] == "waive"
    assert pause(cause="medical")["total_cost_diff_cents"] == 0


@pytest.mark.parametrize(
    ("changed", "months"),
    [
        ({}, 1),
        ({"wished_pause_m": 3}, 3),
        ({"wished_pause_m": 6}, 6),
        ({"wished_pause_m": 7}, 6),
        ({"expected_resume_on": date(2025, 11, 1)}, 3),
        ({"expected_resume_on": date(2025, 11, 2)}, 4),
        ({"expected_resume_on": NIGHT}, 1),
        ({"expected_resume_on": date(2025, 7, 1)}, 1),
        ({"expected_resume_on": date(2025, 8, 2)}, 1),
        ({"expected_resume_on": date(2025, 11, 1), "wished_pause_m": 2}, 2),
    ],
)
def test_a_pause_lasts_as_long_as_is_wished_or_needed_within_the_bounds(changed: dict[str, Any], months: int) -> None:
    assert pause(**changed)["pause_months"] == months


@pytest.mark.parametrize(
    ("cause", "wished", "mode"),
    [
        ("medical", None, "waive"),
        ("medical", "waive", "waive"),
        ("medical", "accrue", "accrue"),
        ("medical", "capitalise", "capitalise"),
        ("income_loss", "waive", "accrue"),
        ("income_loss", "accrue", "accrue"),
        ("income_loss", "capitalise", "capitalise"),
        (None, None, "accrue"),
    ],
)
def test_interest_of_a_pause_is_never_gentler_than_the_policy_and_dearer_only_on_request(
    cause: str | None, wished: str | None, mode: str
) -> None:
    assert pause(cause=cause, wished_interest_mode=wished)["interest_mode"] == mode
