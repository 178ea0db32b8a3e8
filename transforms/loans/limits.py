"""Whether one more change of a plan is permitted: by law, and by the policy's counts and cool-off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transforms.dates.calendar import add_months

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from transforms.policy.policy import Policy


def objection_of_law(route: str, kind: str, policy: Policy, term_m: int | None) -> str | None:
    """Why no such change of a plan of that kind may be agreed at all; None where it may."""
    if route == "term_change" and reinstallment_barred(kind, policy):
        return "reinstallment_barred"
    if route == "art70_restructure" and kind not in policy.restructure.kinds:
        return "not_card_debt"
    return "term_too_long" if term_m is not None and term_m > longest_term(route, kind, policy) else None


def reinstallment_barred(kind: str, policy: Policy) -> bool:
    """Whether the balance of a plan of that kind may not be put into installments again."""
    return kind != "consumption_loan" and not policy.plans.reinstallment_allowed


def longest_term(route: str, kind: str, policy: Policy) -> int:
    """Longest term a route may give a plan of that kind, months."""
    agreed = policy.plans.personalised_max_term_m
    return agreed if route == "art70_restructure" or kind not in policy.kinds else policy.kinds[kind].max_term_m


def objection_of_counts(route: str, before: Sequence[Mapping[str, Any]], policy: Policy, on: date) -> str | None:
    """Why one more change is too many or too soon; `before` are the plan's accepted ones (`route`, `opened_on`)."""
    c, same = policy.changes, [x for x in before if x["route"] == route]

    def within(changes: Sequence[Mapping[str, Any]], months: int) -> int:
        return sum(x["opened_on"] > add_months(on, -months) for x in changes)

    counted = {
        "art70_restructure": (
            ("too_many_agreements", len(same) >= policy.plans.max_personalised_agreements),
            ("agreement_too_recent", within(same, policy.restructure.cooling_off_m) > 0),
        ),
        "payment_holiday": (("holiday_taken", within(same, policy.holiday.once_in_m) > 0),),
        "early_settlement": (),
    }
    usual = (
        ("too_many_changes", within(before, 12) >= c.max_per_year),
        ("change_too_recent", within(before, c.cool_off_m) > 0),
        ("due_date_changed_already", route == "due_date_change" and within(same, 12) >= c.due_date_per_year),
        ("rate_reviewed_already", route == "rate_review" and within(same, c.rate_review_m) > 0),
    )
    return next((reason for reason, holds in counted.get(route, usual) if holds), None)
