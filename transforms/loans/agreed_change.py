"""The new schedule of a plan after an agreed change or a partial prepayment, exact to the cent.

Every change is one of the engine's (:mod:`transforms.loans.changes`, :mod:`transforms.loans.restructuring`,
:mod:`transforms.loans.settlement`); this module says which route uses which of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from transforms.dates.calendar import add_months
from transforms.loans.arrears import move_arrears
from transforms.loans.changes import change_due_date, change_rate, repay_in_part
from transforms.loans.level_again import flat_base
from transforms.loans.plan import RepayMethod
from transforms.loans.restructuring import PauseInterest, change_term, pause_payments, re_age, re_amortise
from transforms.loans.running import Period, Running
from transforms.loans.settlement import settle_early

if TYPE_CHECKING:
    from datetime import date

    from transforms.loans.running import Rolled
    from transforms.loans.states import LoanState

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
_RATE_UNIT = Decimal("0.000001")


@dataclass(frozen=True)
class Terms:
    """What is asked for or agreed; what a route does not need stays empty.

    `settlement_fee_bp` is the policy's fee of settling early, of the principal that is not due yet.
    """

    route: str
    term_m: int | None = None
    due_day: int | None = None
    pause_m: int | None = None
    interest_mode: PauseInterest | None = None
    annual_rate: Decimal | None = None
    down_payment_cents: int = 0
    waived_cents: int = 0
    settlement_fee_bp: int = 0


@dataclass(frozen=True)
class ChangedRow:
    """One installment after a change, cents; number 0 is a down payment, due on the day of the change.

    `starts_on`, `brought_cents`, `waiting_cents`, `regular`, and the interest of a day as a ratio (`daily`, None where
    it is not the same every day): see :data:`transforms.loans.booked.INSTALLMENT`.
    """

    installment_no: int
    starts_on: date
    due_on: date
    principal_cents: int
    interest_cents: int
    fee_cents: int
    brought_cents: int = 0
    waiting_cents: int = 0
    regular: bool = False
    daily: Fraction | None = None

    @property
    def payment_cents(self) -> int:
        """All that is due with it."""
        return self.principal_cents + self.interest_cents + self.fee_cents


@dataclass(frozen=True)
class NewSchedule:
    """The rows still to be paid, the loan they belong to, and the other effects of the change.

    `interest_from` is the day from which the first row's interest runs, `capitalised_cents` what a pause adds to the
    principal, `paused` the first and last day without payments, `due_day` a new day of the month.
    """

    rows: tuple[ChangedRow, ...]
    loan: Running
    annual_rate: Decimal
    interest_from: date
    capitalised_cents: int = 0
    paused: tuple[date, date] | None = None
    due_day: int | None = None

    @property
    def open_cents(self) -> int:
        """All that is still to be paid."""
        return sum(row.payment_cents for row in self.rows)

    def cost_cents(self, carried_cents: int, open_before_cents: int) -> int:
        """What it costs more or less in all than the schedule before: what is paid ahead counts under either."""
        return max(self.open_cents - carried_cents, 0) - open_before_cents

    @property
    def payment_cents(self) -> int:
        """The regular installment: the first that is not a down payment."""
        regular = [row for row in self.rows if row.installment_no > 0]
        return regular[0].payment_cents if regular else 0


def decimal_rate(rate: float | Decimal | Fraction) -> Decimal:
    """A nominal rate a year to the six decimals in which contracts and feeds state it."""
    ratio = Fraction(rate) if isinstance(rate, float) else rate
    number = Decimal(ratio.numerator) / ratio.denominator if isinstance(ratio, Fraction) else ratio
    return number.quantize(_RATE_UNIT)


def new_schedule(state: LoanState, terms: Terms) -> NewSchedule:
    """The schedule that `terms` give a plan on the day of its state.

    Raises ValueError where nothing is outstanding or the terms are not enough for the route.
    """
    if state.outstanding_cents <= terms.down_payment_cents:
        raise ValueError(f"{state.plan_id}: nothing is outstanding beyond the down payment")
    match terms.route:
        case "early_settlement":
            return _settled(state, terms)
        case "due_date_change":
            return _moved(state, terms)
        case "payment_holiday":
            return _paused(state, terms)
        case "term_change" | "art70_restructure" | "rate_review":
            return _spread(state, terms)
    raise ValueError(f"{terms.route!r} changes no schedule")


def prepaid_schedule(state: LoanState, cents: int, effect: str) -> NewSchedule:
    """The schedule after `cents` of the principal were repaid early on the day of the state.

    `shorter`: the installments stay and the plan ends sooner; `lower`: they fall and the plan ends as agreed.
    ValueError where nothing would be left.
    """
    made = repay_in_part(state.loan, state.on, cents, keep_term=effect == "lower")
    return replace(_of(state, made), capitalised_cents=_added(made) - _added(state.loan))


def _added(loan: Running) -> int:
    return sum(cents for _, cents in loan.capitalised)


def _unpaid(state: LoanState) -> dict[date, tuple[int, int]]:
    overdue = (state.arrears_principal_cents, state.arrears_interest_cents)
    return {state.settled_on: overdue} if any(overdue) else {}


def _spread(state: LoanState, terms: Terms) -> NewSchedule:
    """Level installments over `term_m` months (default: as many as were to come), at the agreed rate."""
    loan, on, unpaid = state.loan, state.on, _unpaid(state)
    down = terms.down_payment_cents
    if down:
        left = state.outstanding_cents - down
        periods = (replace(p, flat_on_cents=flat_base(p.flat_on_cents, left, -down)) for p in loan.periods)
        loan = replace(loan, moves=(*loan.moves, (on, -down)), periods=tuple(periods))
    if loan.plan.method != RepayMethod.FLAT:
        loan = replace(loan, plan=replace(loan.plan, method=RepayMethod.ANNUITY))
    if not state.coming:
        if not terms.term_m:
            raise ValueError(f"{state.plan_id}: {terms.route} needs a term")
        first = add_months(on, 1, anchor_day=state.due_day)
        made = re_age(
            loan,
            on,
            terms.term_m,
            loan.plan.frequency,
            first,
            unpaid=unpaid,
            waived_cents=terms.waived_cents,
        )
    elif terms.term_m:
        made = change_term(loan, on, terms.term_m, unpaid=unpaid, waived_cents=terms.waived_cents)
    else:
        made = re_amortise(loan, on, unpaid=unpaid, waived_cents=terms.waived_cents)
    if terms.annual_rate is not None and Fraction(terms.annual_rate) != state.annual_rate:
        first_open = next(p for p in made.periods if p.is_open)
        made = change_rate(made, first_open.start + timedelta(days=1), terms.annual_rate)
    return _of(state, made, down_payment_cents=down)


def _paused(state: LoanState, terms: Terms) -> NewSchedule:
    """The installments to come move `pause_m` months; interest of the pause is waived, due after it, or capitalised."""
    if not terms.pause_m or terms.interest_mode is None:
        raise ValueError(f"{state.plan_id}: a payment holiday needs its months and what becomes of the interest")
    made = pause_payments(
        state.loan,
        state.on,
        terms.pause_m,
        terms.interest_mode,
        unpaid=_unpaid(state),
        waived_cents=terms.waived_cents,
    )
    pauses = [p for p in made.periods if p.pause]
    new = _of(state, made)
    return replace(new, capitalised_cents=_added(made) - _added(state.loan), paused=(state.on, pauses[-1].due_on))


def _moved(state: LoanState, terms: Terms) -> NewSchedule:
    """The installments stay and fall due on another day of the month; the last takes the difference in interest."""
    if not terms.due_day or state.next_due_on is None:
        raise ValueError(f"{state.plan_id}: a new due date needs its day and an installment to come")
    loan = move_arrears(state.loan, state.on, unpaid=_unpaid(state), waived_cents=terms.waived_cents)
    first = moved_due_date(loan.nominal_due(state.coming[0]), terms.due_day, max(state.on, state.interest_from))
    made = change_due_date(loan, state.next_due_on, first, due_day=terms.due_day)
    return replace(_of(state, made), due_day=terms.due_day)


def moved_due_date(next_due_on: date, due_day: int, after: date) -> date:
    """The first day of that number in the next due date's month, or in the month after where it is not after `after`.

    Never more than a month later than the installment was due, nor before what has already passed; the due date as it
    was, before any roll, stays although it has passed, where its roll is still to come.
    """
    moved = add_months(next_due_on, 0, anchor_day=due_day)
    return moved if moved > after or moved == next_due_on else add_months(next_due_on, 1, anchor_day=due_day)


def _settled(state: LoanState, terms: Terms) -> NewSchedule:
    """All falls due on the day: principal, interest by actual use, what is overdue, the fee of settling early.

    Overdue principal earns late interest only, which is not part of a schedule.
    """
    loan, on = state.loan, state.on
    due = settle_early(loan, on, fee_bp=terms.settlement_fee_bp)
    principal = due.principal_cents + state.arrears_principal_cents
    interest = due.interest_cents + max(state.arrears_interest_cents - terms.waived_cents, 0)
    whole = Period(on, on, 0, regular=False, fixed=(principal, interest))
    capitalised = tuple((day, cents) for day, cents in loan.capitalised if day <= on)
    ended = replace(loan, periods=(loan.periods[0], whole), capitalised=capitalised)
    row = ChangedRow(1, on, on, principal, interest, due.fee_cents)
    return NewSchedule((row,), ended, decimal_rate(state.annual_rate), on)


def _of(state: LoanState, loan: Running, down_payment_cents: int = 0) -> NewSchedule:
    """The rows of a changed loan besides what was settled before, in the order they fall due."""
    rolled, rows = loan.roll(), list[ChangedRow]()
    if down_payment_cents:
        rows.append(ChangedRow(0, state.on, state.on, down_payment_cents, 0, 0))
    pausing: date | None = None
    number = 0
    for k, period in enumerate(loan.periods[1:], start=1):
        part = rolled[k].part
        if period.pause:
            pausing = pausing or period.start
            continue
        if period.fixed and not (part.principal or part.interest):
            continue
        number += 1
        rows.append(_row(loan, k, rolled, number, pausing))
        pausing = None
    starts = next((row.starts_on for row in rows if row.installment_no and row.due_on > state.on), state.on)
    return NewSchedule(tuple(rows), loan, decimal_rate(loan.rates[-1][1]), starts)


def _row(loan: Running, k: int, rolled: list[Rolled], number: int, pausing: date | None) -> ChangedRow:
    """Installment `k` of a loan; after a pause that earns interest due in it, its interest runs from the pause on."""
    period, part, before = loan.periods[k], rolled[k].part, rolled[k - 1]
    earlier = period.carried_cents + period.due_again[1]
    paced = pausing is not None and before.waiting > 0
    brought = earlier + (0 if paced else before.waiting)
    exact = loan.daily_interest(k, before.part.balance) if period.is_open and pausing is None else None
    return ChangedRow(
        installment_no=number,
        starts_on=pausing if paced and pausing is not None else period.start,
        due_on=period.due_on,
        principal_cents=part.principal,
        interest_cents=part.interest,
        fee_cents=0,
        brought_cents=brought,
        waiting_cents=rolled[k].waiting,
        regular=period.regular and not loan.moved_within(period) and not brought and not paced,
        daily=exact,
    )
