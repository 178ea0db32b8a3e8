"""What a policy says of running plans: when customers are contacted, and what may be changed in need or on request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from transforms.policy.mistakes import Table, Whole
from transforms.policy.sections import Evidence, ProductKind

Hour = Annotated[Whole, Field(le=24)]
HolidayInterest = Literal["waive", "accrue", "capitalise"]


@dataclass(frozen=True)
class Contact(Table):
    """Quiet hours of any contact, whole hours of the day, and when to contact.

    Days after a plan's start and before its end; days before a due date of the tip; days to answer complaints and
    other cases.
    """

    quiet_from_h: Hour
    quiet_to_h: Hour
    follow_up_days: tuple[Whole, ...]
    before_maturity_days: Whole
    tip_days: Whole
    complaint_days: Whole
    enquiry_days: Whole


@dataclass(frozen=True)
class Changes(Table):
    """Changes of a running plan that the customer asks for.

    `max_dpd`: days past due up to which they are open. `max_per_year` in 12 months over all kinds, each at least
    `cool_off_m` months after the one before; `due_date_per_year` of them may move the due date, to a day of the month
    up to `last_due_day`. A preview is valid for `preview_days`; an agreed change may be undone within `undo_days`. A
    rate is reviewed once in `rate_review_m` months and changed where it falls by `rate_review_gain_bp` or more. A
    further plan or a better rate needs a first plan's behaviour score (0-100) of `min_behaviour_score`.
    """

    min_months_on_book: Whole
    max_dpd: Whole
    max_per_year: Whole
    cool_off_m: Whole
    due_date_per_year: Whole
    last_due_day: Annotated[Whole, Field(ge=1, le=31)]
    preview_days: Whole
    undo_days: Whole
    rate_review_m: Whole
    rate_review_gain_bp: Whole
    min_behaviour_score: Whole


@dataclass(frozen=True)
class Restructure(Table):
    """The personalised agreement for who cannot pay and wants to.

    `kinds` of products it is for. `evidence`: least status of the hardship's evidence. `cooling_off_m` months since the
    agreement before. `down_payment_bp` of the debt, as far as the deposits beyond `buffer_left_m` months of obligations
    give it. `rate_steps_bp`: shares of the contract rate tried in turn until a payment is affordable;
    `waive_interest_bp` and `waive_fee_bp` of what is overdue are waived. `breaks_after` payments missed break it; then
    all falls due at once, with late interest by `default_costs`.
    """

    kinds: tuple[ProductKind, ...]
    evidence: Evidence
    cooling_off_m: Whole
    down_payment_bp: Whole
    buffer_left_m: Whole
    rate_steps_bp: tuple[Whole, ...]
    waive_interest_bp: Whole
    waive_fee_bp: Whole
    breaks_after: Whole


@dataclass(frozen=True)
class Holiday(Table):
    """A payment holiday: days past due up to which it is open, months, one in `once_in_m` months, evidence needed.

    `medical_interest` and `other_interest` say how the interest of the pause is treated: "waive", "accrue" (due with
    the first payment after) or "capitalise". Where the income is back to `recovered_income_bp` of what it was, the
    pause can end early.
    """

    max_dpd: Whole
    min_months: Whole
    max_months: Whole
    once_in_m: Whole
    evidence: Evidence
    medical_interest: HolidayInterest
    other_interest: HolidayInterest
    recovered_income_bp: Whole
