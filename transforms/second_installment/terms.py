"""Terms of relief, plan by plan and exact: the shortest affordable agreement, the pause that bridges a shock."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from transforms.dates.calendar import months_between
from transforms.loans.agreed_change import NewSchedule, Terms, decimal_rate, new_schedule

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from transforms.loans.restructuring import PauseInterest
    from transforms.loans.states import LoanState
    from transforms.policy.policy import Policy

_YUAN = 100


def restructure_terms(
    row: Mapping[str, Any], state: LoanState, share_cents: int, policy: Policy
) -> tuple[Terms, NewSchedule] | None:
    """The personalised agreement: the shortest term whose every payment is within `share_cents` and below today's.

    Waivers and the down payment are the policy's; the contract rate is tried first, then the policy's lower shares of
    it. None where not even the longest term at the lowest rate is affordable.
    """
    r = policy.restructure
    # Relief that asks for more a month than before is none.
    most, longest = min(share_cents, row["payment_before_cents"] - 1), policy.plans.personalised_max_term_m
    waived = state.arrears_interest_cents * r.waive_interest_bp // 10_000
    debt = state.outstanding_cents + state.arrears_interest_cents - waived
    down = min(debt * r.down_payment_bp // 10_000, spare_deposits(row, policy)) // _YUAN * _YUAN
    if most <= 0 or state.outstanding_cents <= down:
        return None
    for share in r.rate_steps_bp:
        rate = (decimal_rate(state.annual_rate) * share / 10_000).quantize(Decimal("0.000001"))
        balance, interest = state.outstanding_cents - down, state.arrears_interest_cents - waived
        first = _shortest(balance, interest, float(rate), most, longest)
        # The residual on the last payment and carried interest can cost a few more months.
        for term in range(first, min(first + 12, longest + 1)):
            terms = Terms("art70_restructure", term, annual_rate=rate, down_payment_cents=down, waived_cents=waived)
            made = new_schedule(state, terms)
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


def holiday_terms(row: Mapping[str, Any], state: LoanState, policy: Policy) -> tuple[Terms, NewSchedule]:
    """The pause of one plan: the months wished, or until the customer expects to be able to pay, within the policy."""
    h = policy.holiday
    months = row["wished_pause_m"] or _until(state.on, row["expected_resume_on"]) or h.min_months
    allowed = h.medical_interest if row["cause"] == "medical" else h.other_interest
    gentler = {"waive": 0, "accrue": 1, "capitalise": 2}
    wished = row["wished_interest_mode"]
    mode = cast("PauseInterest", wished if wished and gentler[wished] >= gentler[allowed] else allowed)
    terms = Terms("payment_holiday", pause_m=min(max(months, h.min_months), h.max_months), interest_mode=mode)
    return terms, new_schedule(state, terms)


def _until(on: date, resumes: date | None) -> int | None:
    if resumes is None or resumes <= on:
        return None
    return math.ceil(months_between(on, resumes))
