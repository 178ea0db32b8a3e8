"""Terms of relief, plan by plan and exact: the shortest agreement that can be borne, the pause that bridges a shock."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from transforms.loans.interest import anchor_day
from transforms.loans.new_schedule import NewSchedule, Standing, Terms, new_schedule

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from transforms.eligibility.policy import Policy

_YUAN = 100


def standing_of_progress(row: Mapping[str, Any]) -> Standing:
    """A row of `servicing.plan_progress` as what a new schedule starts from."""
    principal = max(row["principal_cents"] - row["outstanding_cents"], 0)
    return Standing(
        plan_id=row["plan_id"],
        outstanding_cents=row["outstanding_cents"],
        arrears_interest_cents=row["arrears_cents"] - row["arrears_principal_cents"],
        settled_principal_cents=principal,
        settled_interest_cents=max(row["due_cents"] - row["arrears_cents"] - principal, 0),
        annual_rate=row["annual_rate"],
        settled_on=row["previous_due_on"] or row["started_on"],
        since=row["interest_from"],
        next_due_on=row["next_due_on"],
        coming=row["coming_cnt"],
        payment_cents=row["next_due_cents"],
        anchor_day=anchor_day(row["next_due_on"], row["last_due_on"]),
        unearned_cents=row["unearned_cents"],
        overdue_principal_cents=row["arrears_principal_cents"],
    )


def restructure_terms(
    row: Mapping[str, Any], share_cents: int, on: date, policy: Policy
) -> tuple[Terms, NewSchedule] | None:
    """The personalised agreement: the shortest term whose every payment is within `share_cents` and below today's.

    Waivers and the down payment are the policy's; the contract rate is tried first, then the policy's lower shares of
    it. None where not even the longest term at the lowest rate can be borne.
    """
    r, standing = policy.restructure, standing_of_progress(row)
    # Relief that asks for more a month than before is none.
    most, longest = min(share_cents, row["payment_before_cents"] - 1), policy.plans.personalised_max_term_m
    waived = standing.arrears_interest_cents * r.waive_interest_bp // 10_000
    debt = standing.outstanding_cents + standing.arrears_interest_cents - waived
    down = min(debt * r.down_payment_bp // 10_000, spare_deposits(row, policy)) // _YUAN * _YUAN
    if most <= 0 or standing.outstanding_cents <= down:
        return None
    for share in r.rate_steps_bp:
        rate = (standing.annual_rate * share / 10_000).quantize(Decimal("0.000001"))
        balance, interest = standing.outstanding_cents - down, standing.arrears_interest_cents - waived
        first = _shortest(balance, interest, float(rate), most, longest)
        # The residual on the last payment and carried interest can cost a few more months.
        for term in range(first, min(first + 12, longest + 1)):
            terms = Terms("art70_restructure", term, annual_rate=rate, down_payment_cents=down, waived_cents=waived)
            made = new_schedule(standing, terms, on)
            if max(x.payment_cents for x in made.rows if x.installment_no > 0) <= most:
                return terms, made
    return None


def spare_deposits(row: Mapping[str, Any], policy: Policy) -> int:
    """Deposits beyond the months of income that stay with the customer, cents."""
    kept = policy.restructure.buffer_left_m * (row["stressed_income_cents"] or 0)
    return max((row["balance_avg_cents_3m"] or 0) - kept, 0)


def _shortest(balance: int, interest: int, rate: float, most: int, longest: int) -> int:
    """Fewest months in which `most` a month repays the balance, and interest carried beside it; beyond `longest`: none.

    Source: the annuity formula solved for the number of payments; carried interest is borne in equal parts.
    """
    for months in range(max(math.ceil(balance / most), 1), longest + 1):
        monthly = rate / 12
        level = balance / months if monthly == 0 else balance * monthly / -math.expm1(-months * math.log1p(monthly))
        if level + interest / months <= most:
            return months
    return longest + 1


def holiday_terms(row: Mapping[str, Any], on: date, policy: Policy) -> tuple[Terms, NewSchedule]:
    """The pause of one plan: the months wished, or until the customer expects to be able to pay, within the policy."""
    h = policy.holiday
    months = row["wished_pause_m"] or _until(on, row["expected_resume_on"]) or h.min_months
    allowed = h.medical_interest if row["cause"] == "medical" else h.other_interest
    gentler = {"waive": 0, "accrue": 1, "capitalise": 2}
    wished = row["wished_interest_mode"]
    mode = wished if wished and gentler[wished] >= gentler[allowed] else allowed
    terms = Terms("payment_holiday", pause_m=min(max(months, h.min_months), h.max_months), interest_mode=mode)
    return terms, new_schedule(standing_of_progress(row), terms, on)


def _until(on: date, resumes: date | None) -> int | None:
    if resumes is None or resumes <= on:
        return None
    months = (resumes.year - on.year) * 12 + resumes.month - on.month
    return months + (resumes.day > on.day)
