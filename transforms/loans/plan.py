"""The terms of a plan, input of a schedule: amount, rate, installments, method, fees and the lender's conventions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from transforms.dates.calendar import (
    MONTHLY,
    add_months,
    due_dates,
    due_day_of,
    months_between,
    roll_to_business_day,
    unrolled,
)
from transforms.dates.day_count import EQUAL_PERIODS, DayCount, year_fraction
from transforms.loans.rounding import ROUNDINGS, round_ratio

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from transforms.dates.calendar import Frequency, MonthEnd, Roll
    from transforms.loans.rounding import Rounding
    from transforms.policy.conventions import FirstPeriod, InterestRounded

MILLION = 1_000_000
#: Day counts by which each day is the same share of a year.
_EVEN = {DayCount.ACT_360, DayCount.ACT_364, DayCount.ACT_365F, DayCount.ACT_365_25}
FeeTiming = Literal["upfront", "financed", "periodic", "final"]
PaymentBasis = Literal["formula", "least_residual"]
_FACTOR_DIGITS = 10**19


class RepayMethod(StrEnum):
    """How principal is repaid.

    ANNUITY equal installments, EQ_PRIN equal principal, INT_FIRST interest only and then principal, BALLOON equal
    installments and a balloon with the last, STEP_UP and STEP_DOWN installments that rise or fall by a share every so
    many, MIN_PAYMENT a share of the balance, INTEREST_FREE equal parts without interest, FLAT equal principal with
    interest on the original principal in every period (手续费率 a period).
    """

    ANNUITY = "ANNUITY"
    EQ_PRIN = "EQ_PRIN"
    INT_FIRST = "INT_FIRST"
    BALLOON = "BALLOON"
    STEP_UP = "STEP_UP"
    STEP_DOWN = "STEP_DOWN"
    MIN_PAYMENT = "MIN_PAYMENT"
    INTEREST_FREE = "INTEREST_FREE"
    FLAT = "FLAT"


STEPS = frozenset({RepayMethod.STEP_UP, RepayMethod.STEP_DOWN})


@dataclass(frozen=True)
class Fee:
    """A cost besides interest: a fixed amount, a share of the amount lent in millionths, or both, rounded half up.

    `upfront` is paid on the first day, `financed` is added to the principal, `periodic` is due with every installment
    and `final` with the last. `collector` says who takes it: it counts in the annual cost in either case.
    """

    code: str
    timing: FeeTiming
    amount_cents: int = 0
    rate_ppm: int = 0
    collector: str = "lender"

    def cents(self, lent_cents: int) -> int:
        """The fee each time it is due, on `lent_cents`."""
        return self.amount_cents + round_ratio(lent_cents * self.rate_ppm, MILLION)


@dataclass(frozen=True)
class Plan:
    """One plan, complete; see :func:`transforms.loans.schedule.build_schedule`.

    `amount_cents` is the price or the sum asked for; less `down_payment_cents` it is lent. `annual_rate` is the
    nominal rate a year as an exact decimal fraction. Interest by `equal_periods` is the rate over the periods a year;
    a day count takes the days of each period, where `30/360` counts a regular period as its nominal length (as
    Fineract does). `first_period`: under `equal_periods` an odd first period is charged by its actual days on 360,
    the level installment being that of regular periods and the first one bearing the difference, or as a whole one;
    flat interest is a whole period's in each; a roll of the first due date costs nothing. `due_day` is the day of the
    month of monthly due dates, 31 the last one (default: :func:`transforms.dates.calendar.due_day_of`).
    `interest_rounded`: once a period, or each piece of it between two movements. `regular_payment_cents`: the
    installment that the lender's books state, instead of one computed here. `payment_basis`: "formula" rounds the
    annuity once and leaves the residual on the last installment; "least_residual" moves it as Fineract does.
    `payment_unit_cents` is the multiple a payment is rounded to. For INT_FIRST, `interest_only` is the number of
    installments without principal (default: all but the last). `step_every` and `step_share` give a step (0.03 every
    12: three percent more or less each year). MIN_PAYMENT repays `min_share` of the balance but at least
    `min_principal_cents`, interest on top; `min_with_interest`: both are of balance and interest together, and the
    interest is within them.
    """

    amount_cents: int
    annual_rate: Decimal
    installments: int
    start_on: date
    method: RepayMethod = RepayMethod.ANNUITY
    frequency: Frequency = MONTHLY
    first_due_on: date | None = None
    due_day: int | None = None
    interest_basis: DayCount | Literal["equal_periods"] = EQUAL_PERIODS
    first_period: FirstPeriod = "actual_days"
    interest_rounded: InterestRounded = "period"
    regular_payment_cents: int | None = None
    payment_basis: PaymentBasis = "formula"
    payment_rounding: Rounding = "half_up"
    interest_rounding: Rounding = "half_up"
    payment_unit_cents: int = 1
    down_payment_cents: int = 0
    balloon_cents: int = 0
    interest_only: int | None = None
    step_every: int = 12
    step_share: Decimal | None = None
    min_share: Decimal | None = None
    min_principal_cents: int = 0
    min_with_interest: bool = False
    fees: tuple[Fee, ...] = ()
    month_end: MonthEnd = "last_day"
    roll: Roll = "none"
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        """Refuse terms that have no schedule, naming the figure."""
        wrong = {
            "amount_cents must be positive": self.amount_cents <= 0,
            "annual_rate must not be negative": self.annual_rate < 0,
            "installments must be at least 1": self.installments < 1,
            "down_payment_cents must lie between 0 and the amount": not 0
            <= self.down_payment_cents
            < self.amount_cents,
            "balloon_cents must lie between 0 and the principal": not 0 <= self.balloon_cents <= self.principal_cents,
            "rounding must be half_up, half_even or up": not {self.payment_rounding, self.interest_rounding}
            <= set(ROUNDINGS),
            "a step needs step_share between 0 and 1 and step_every of at least 1": self.method in STEPS
            and (self.step_share is None or not 0 <= self.step_share < 1 or self.step_every < 1),
            "MIN_PAYMENT needs min_share or min_principal_cents": self.method == RepayMethod.MIN_PAYMENT
            and not (self.min_share or self.min_principal_cents),
            "due_day lies between 1 and 31 and goes with due dates by the month": self.due_day is not None
            and (not 1 <= self.due_day <= 31 or self.frequency.unit != "month"),
            "regular_payment_cents must not be negative": (self.regular_payment_cents or 0) < 0,
            "INTEREST_FREE needs an annual_rate of 0": self.method == RepayMethod.INTEREST_FREE
            and self.annual_rate != 0,
            "equal_periods needs a frequency with a whole number of periods a year": self.interest_basis
            == EQUAL_PERIODS
            and self.annual_rate != 0
            and self.frequency.per_year is None,
        }
        for message, holds in wrong.items():
            if holds:
                raise ValueError(f"plan: {message}")

    @property
    def lent_cents(self) -> int:
        """Amount less down payment: what fees are measured on."""
        return self.amount_cents - self.down_payment_cents

    @property
    def principal_cents(self) -> int:
        """What the installments repay: the amount lent and the financed fees."""
        return self.lent_cents + self.fee_cents("financed")

    def fee_cents(self, timing: FeeTiming) -> int:
        """All fees of one timing, each time they are due."""
        return sum(fee.cents(self.lent_cents) for fee in self.fees if fee.timing == timing)

    def step_weights(self) -> list[Fraction]:
        """Each installment of a step as a multiple of the first."""
        share = Fraction(self.step_share or 0)
        step = 1 + (share if self.method == RepayMethod.STEP_UP else -share)
        return [step ** (k // self.step_every) for k in range(self.installments)]

    def dues(self, count: int | None = None, *, rolled: bool = True) -> list[date]:
        """The due dates of the installments, or of the first `count`; before any roll where it is not `rolled`."""
        return due_dates(
            self.start_on,
            count or self.installments,
            self.frequency,
            first_due_on=self.first_due_on,
            due_day=self.anchor_day if self.frequency.unit == "month" else None,
            month_end=self.month_end,
            roll=self.roll if rolled else "none",
            holidays=self.holidays,
            workdays=self.workdays,
        )

    def ends(self, count: int | None = None) -> list[date]:
        """The days to which each period's interest runs: the due dates before any roll, rolled where days count."""
        return self.dues(count, rolled=self.nominal_years() is None)

    def spans(self, start: date, nominal: Sequence[date]) -> list[tuple[date, date, date]]:
        """(start, due date, end of its interest) of the periods from a day on that fall due on `nominal`, unrolled."""
        dues = [roll_to_business_day(day, self.roll, self.holidays, self.workdays) for day in nominal]
        ends = dues if self.nominal_years() is None else list(nominal)
        return list(zip([start, *ends], dues, ends, strict=False))

    def nominal_due(self, due_on: date) -> date:
        """A due date before any roll."""
        if self.roll == "none" or self.frequency.unit != "month":
            return due_on
        return unrolled(
            due_on,
            self.anchor_day,
            month_end=self.month_end,
            roll=self.roll,
            holidays=self.holidays,
            workdays=self.workdays,
        )

    @property
    def anchor_day(self) -> int:
        """The day of the month of monthly due dates, 31 for the last one."""
        if self.due_day is not None:
            return self.due_day
        if self.first_due_on is None:
            return self.start_on.day
        fineract = self.payment_basis == "least_residual"
        return self.first_due_on.day if fineract else due_day_of(self.start_on, self.first_due_on)

    @property
    def first_is_regular(self) -> bool:
        """Whether the first period is charged as a nominal one.

        By its dates it is one where the start stands on the due day of its month and the first due date on the next.
        """
        if self.interest_basis != EQUAL_PERIODS:
            return self.first_due_on is None and self.due_day is None
        whole = self.first_period == "equal_periods" or self.payment_basis == "least_residual"
        return whole or self.method == RepayMethod.FLAT or self.has_regular_dates

    @property
    def has_regular_dates(self) -> bool:
        """Whether the first due date is a whole period after the start."""
        if self.frequency.unit != "month":
            return self.first_due_on in {None, due_dates(self.start_on, 1, self.frequency)[0]}
        here, there = (
            add_months(self.start_on, months, anchor_day=self.anchor_day, month_end=self.month_end)
            for months in (0, self.frequency.every)
        )
        return here == self.start_on and self.first_due_on in {None, there}

    def bears_odd_days(self, start: date) -> bool:
        """Whether a period that starts on `start` is the first one and, if odd, is charged by its actual days.

        The level installment is then that of regular periods.
        """
        return (
            start == self.start_on
            and self.interest_basis == EQUAL_PERIODS
            and self.payment_basis == "formula"
            and self.first_period == "actual_days"
            and self.method != RepayMethod.FLAT
        )

    def nominal_years(self) -> Fraction | None:
        """Length of a regular period in years where the convention fixes it, None where its days count."""
        if self.interest_basis == EQUAL_PERIODS:
            return Fraction(1, self.frequency.per_year or 1)
        if self.interest_basis == DayCount.THIRTY_360:
            days = {"month": 30, "semimonth": 15, "week": 7, "day": 1}[self.frequency.unit]
            return Fraction(days * self.frequency.every, 360)
        return None

    def calendar_years(self, start: date, due: date) -> Fraction:
        """Years from a start to a due date by the calendar, whatever a period between them is charged."""
        if self.nominal_years() is None:
            return year_fraction(start, due, DayCount(self.interest_basis))
        return self._irregular_years(start, due)

    def _irregular_years(self, start: date, due: date) -> Fraction:
        """Months by the calendar in twelfths (Fineract: from the start's own day); weeks and days a 360th each."""
        if self.frequency.unit in {"week", "day"}:
            return Fraction((due - start).days, 360)
        anchor = self.anchor_day if self.payment_basis == "formula" and self.frequency.unit == "month" else None
        return months_between(start, due, anchor_day=anchor) / 12

    def piece_years(self, period: tuple[date, date], first: date, last: date, *, regular: bool) -> Fraction:
        """Years charged for the days after `first` up to `last` of a period, which is (start, end of its interest)."""
        nominal = self.nominal_years()
        if nominal is None:
            return year_fraction(first, last, DayCount(self.interest_basis), within=period)
        start, due = period
        if not regular and self.bears_odd_days(start):
            return Fraction((last - first).days, 360)
        whole_first = start == self.start_on and self.interest_basis == EQUAL_PERIODS and self.first_is_regular
        if regular or whole_first:
            return nominal if (first, last) == period else nominal * Fraction((last - first).days, (due - start).days)
        return self._irregular_years(first, last)

    def earns_evenly(self, start: date, *, regular: bool) -> bool:
        """Whether a period that starts on a day earns the same on each of its days."""
        if self.nominal_years() is None:
            return self.interest_basis in _EVEN
        first = start == self.start_on and self.interest_basis == EQUAL_PERIODS and self.first_is_regular
        return regular or first or self.bears_odd_days(start)

    def factors(self, ends: Sequence[date]) -> list[Fraction]:
        """Rate factor of each period whose interest runs to `ends`."""
        starts = [self.start_on, *ends[:-1]]
        rate = Fraction(self.annual_rate)
        return [
            self.settled(rate * self.piece_years(p, *p, regular=number > 0 or self.first_is_regular))
            for number, p in enumerate(zip(starts, ends, strict=True))
        ]

    def settled(self, factor: Fraction) -> Fraction:
        """A factor as the lender's books carry it: exact, or for `least_residual` to 19 decimals as Fineract's."""
        if self.payment_basis == "formula":
            return factor
        return Fraction(round(factor * _FACTOR_DIGITS), _FACTOR_DIGITS)


def method_terms(method: RepayMethod, principal_cents: int, *, balloon_bp: int = 0, step_bp: int = 0) -> dict[str, Any]:
    """A method and its figures as arguments of :class:`Plan`, from the shares a product or rate card states.

    A balloon is `balloon_bp` of the principal, rounded half up; a step changes the installment by `step_bp` a year.
    """
    terms: dict[str, Any] = {"method": method}
    if method == RepayMethod.BALLOON:
        terms["balloon_cents"] = round_ratio(principal_cents * balloon_bp, 10_000)
    if method in STEPS:
        terms["step_share"] = Decimal(step_bp) / 10_000
    return terms
