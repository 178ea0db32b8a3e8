"""The schedule of a plan after a change, exact to the cent: what is outstanding goes into new installments.

What was settled before the change stands in one row (number 0) and is never charged again; interest runs on from the
last due date before the change. The arithmetic is that of :mod:`transforms.pricing`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from transforms.loans.calendar import add_months
from transforms.loans.day_count import DayCount
from transforms.loans.plan import EQUAL_PERIODS, Plan, RepayMethod
from transforms.loans.rounding import round_cents
from transforms.loans.running import Period, Running
from transforms.loans.schedule import Installment, build_schedule

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from transforms.loans.rounding import Rounding

ROUTES = (
    "new_purchase",
    "term_change",
    "art70_restructure",
    "payment_holiday",
    "early_settlement",
    "rate_review",
    "due_date_change",
)
CHANGES = ROUTES[1:]


@dataclass(frozen=True)
class Standing:
    """Where a plan stands the day a change begins, cents: what is left of it and what was settled so far.

    `settled_on` is the last due date or the start. `since` is the day from which interest has not been charged yet: the
    same, or, where a pause waived or capitalised the interest, its end; `unearned_cents` of what was capitalised are
    for days still to come.
    `next_due_on` and `payment_cents` are the next installment, `coming` how many there are. `anchor_day` is the day of
    the month.
    """

    plan_id: str
    outstanding_cents: int
    arrears_interest_cents: int
    settled_principal_cents: int
    settled_interest_cents: int
    annual_rate: Decimal
    settled_on: date
    since: date
    next_due_on: date | None
    coming: int
    payment_cents: int
    anchor_day: int
    unearned_cents: int = 0
    overdue_principal_cents: int = 0


@dataclass(frozen=True)
class Terms:
    """What is asked for or agreed; what a route does not need stays empty.

    `settlement_fee_bp` is the policy's fee of settling early, of the principal that is not due yet.
    """

    route: str
    term_m: int | None = None
    due_day: int | None = None
    pause_m: int | None = None
    interest_mode: str | None = None
    annual_rate: Decimal | None = None
    down_payment_cents: int = 0
    waived_cents: int = 0
    settlement_fee_bp: int = 0


@dataclass(frozen=True)
class NewSchedule:
    """The rows still to be paid, what was capitalised, and the first and last day without payments of a pause.

    `interest_from` is the day from which the first row's interest runs.
    """

    rows: tuple[Installment, ...]
    annual_rate: Decimal
    interest_from: date
    capitalised_cents: int = 0
    paused: tuple[date, date] | None = None

    @property
    def open_cents(self) -> int:
        """All that is still to be paid."""
        return sum(row.payment_cents for row in self.rows)

    def cost_cents(self, carried_cents: int, open_before_cents: int) -> int:
        """What it costs more or less in all than the schedule before: what is paid ahead counts under either."""
        return max(self.open_cents - carried_cents, 0) - open_before_cents

    @property
    def payment_cents(self) -> int:
        """The regular installment: the first that bears interest or principal besides a down payment."""
        regular = [row for row in self.rows if row.installment_no > 0]
        return regular[0].payment_cents if regular else 0


def new_schedule(standing: Standing, terms: Terms, on: date, rounding: Rounding = "half_up") -> NewSchedule:
    """What `terms` make of the plan from `on`.

    Raises ValueError where nothing is outstanding or the terms are not enough for the route.
    """
    if standing.outstanding_cents <= terms.down_payment_cents:
        raise ValueError(f"{standing.plan_id}: nothing is outstanding beyond the down payment")
    match terms.route:
        case "early_settlement":
            return _settled(standing, terms, on)
        case "due_date_change":
            return _moved(standing, terms, on)
        case "payment_holiday":
            return _paused(standing, terms, on, rounding)
        case "term_change" | "art70_restructure" | "rate_review":
            return _spread(standing, terms, on, rounding)
    raise ValueError(f"{terms.route!r} changes no schedule")


def accrued_cents(standing: Standing, until: date) -> int:
    """Interest earned since the last due date and not charged yet; none beyond the last installment."""
    if standing.coming == 0 or until <= standing.since:
        return 0
    end = until if standing.next_due_on is None else min(until, standing.next_due_on)
    plan = _plan(standing.outstanding_cents, standing.annual_rate, 1, standing.since, end, standing.anchor_day)
    return round_cents(standing.outstanding_cents * plan.factors([end])[0])


def _plan(
    cents: int, rate: Decimal, term: int, start: date, first_due: date, anchor: int, rounding: Rounding = "half_up"
) -> Plan:
    """A plan by the month; from one due date to the next is a month however long it is, also where one was cut."""
    method = RepayMethod.INTEREST_FREE if rate == 0 else RepayMethod.ANNUITY
    whole = add_months(start, 1, anchor_day=anchor) == first_due
    return Plan(
        cents,
        rate,
        term,
        start,
        method,
        first_due_on=first_due,
        interest_basis=EQUAL_PERIODS if whole else DayCount.THIRTY_360,
        payment_rounding=rounding,
    )


def _first_due(standing: Standing, on: date) -> tuple[date, date]:
    """(start of the interest, first due date) of new installments; after the last installment interest rests."""
    if standing.next_due_on is not None and standing.coming:
        return standing.since, standing.next_due_on
    return on, add_months(on, 1, anchor_day=standing.anchor_day)


def _level(plan: Plan, carried_cents: int) -> Running:
    """Level installments that also bear interest earned before, without interest on it."""
    running = Running.of(plan, build_schedule(plan))
    if not carried_cents:
        return running
    first = replace(running.periods[0], carried_cents=carried_cents)
    return replace(running, periods=(first, *running.periods[1:])).recomputed_from(0)


def _rows(running: Running) -> tuple[Installment, ...]:
    return running.schedule().installments


def _owed_interest(standing: Standing, terms: Terms) -> int:
    return max(standing.arrears_interest_cents - terms.waived_cents, 0)


def _spread(standing: Standing, terms: Terms, on: date, rounding: Rounding) -> NewSchedule:
    """New installments over `term_m` months (default: as many as were to come), at the agreed rate."""
    start, first = _first_due(standing, on)
    rate = standing.annual_rate if terms.annual_rate is None else terms.annual_rate
    term = terms.term_m or standing.coming
    if term < 1:
        raise ValueError(f"{standing.plan_id}: {terms.route} needs a term")
    balance = standing.outstanding_cents - terms.down_payment_cents
    plan = _plan(balance, rate, term, start, first, standing.anchor_day, rounding)
    rows = _rows(_level(plan, _owed_interest(standing, terms)))
    if terms.down_payment_cents:
        down = terms.down_payment_cents
        rows = (Installment(0, on, down, 0, 0, down, standing.outstanding_cents - down), *rows)
    return NewSchedule(rows, rate, start)


def _paused(standing: Standing, terms: Terms, on: date, rounding: Rounding) -> NewSchedule:
    """The installments to come move `pause_m` months; interest of the pause is waived, due after it, or capitalised."""
    if not terms.pause_m or terms.interest_mode not in {"waive", "accrue", "capitalise"}:
        raise ValueError(f"{standing.plan_id}: a payment holiday needs its months and what becomes of the interest")
    start, due = _first_due(standing, on)
    shifted, first = (add_months(day, terms.pause_m, anchor_day=standing.anchor_day) for day in (start, due))
    rate, balance = standing.annual_rate, standing.outstanding_cents
    earned = round_cents(Fraction(rate) * terms.pause_m / 12 * balance)
    kept = 0 if terms.interest_mode == "waive" else earned
    capitalised = kept if terms.interest_mode == "capitalise" else 0
    carried = _owed_interest(standing, terms) + kept - capitalised
    plan = _plan(balance + capitalised, rate, max(standing.coming, 1), shifted, first, standing.anchor_day, rounding)
    runs_from = start if terms.interest_mode == "accrue" else shifted
    return NewSchedule(_rows(_level(plan, carried)), rate, runs_from, capitalised, (on, shifted))


def _moved(standing: Standing, terms: Terms, on: date) -> NewSchedule:
    """The installments stay and fall due on another day of the month; the last takes the difference in interest."""
    if not terms.due_day or standing.next_due_on is None:
        raise ValueError(f"{standing.plan_id}: a new due date needs its day and an installment to come")
    first = moved_due_date(standing.next_due_on, terms.due_day, max(on, standing.since))
    dues = [add_months(first, k, anchor_day=terms.due_day) for k in range(standing.coming)]
    balance, rate = standing.outstanding_cents, standing.annual_rate
    plan = _plan(balance, rate, standing.coming, standing.since, first, terms.due_day)
    starts = [standing.since, *dues[:-1]]
    periods = tuple(
        Period(start, due, standing.payment_cents, regular=number > 0)
        for number, (start, due) in enumerate(zip(starts, dues, strict=True))
    )
    owed = _owed_interest(standing, terms)
    if owed:
        periods = (replace(periods[0], carried_cents=owed, payment_cents=periods[0].payment_cents + owed), *periods[1:])
    running = Running(plan, periods, ((standing.since, Fraction(rate)),))
    return NewSchedule(_rows(running), rate, standing.since)


def moved_due_date(next_due_on: date, due_day: int, after: date) -> date:
    """The first day of that number in the next due date's month, or in the month after where it is not after `after`.

    Never more than a month later than the installment was due, nor before what has already passed.
    """
    moved = add_months(next_due_on, 0, anchor_day=due_day)
    return moved if moved > after else add_months(next_due_on, 1, anchor_day=due_day)


def _settled(standing: Standing, terms: Terms, on: date) -> NewSchedule:
    """All falls due on the day: principal, interest by actual use, interest overdue, the fee of settling early.

    Interest capitalised for days still to come is not due. It is taken off the interest, and what that does not reach
    off the principal it has become part of: an installment has no negative part.
    """
    interest = accrued_cents(standing, on) - standing.unearned_cents + _owed_interest(standing, terms)
    principal = standing.outstanding_cents + min(interest, 0)
    interest = max(interest, 0)
    fee = (standing.outstanding_cents - standing.overdue_principal_cents) * terms.settlement_fee_bp // 10_000
    due = principal + interest + fee
    return NewSchedule((Installment(1, on, principal, interest, fee, due, 0),), standing.annual_rate, on)
