"""Payment schedules to the cent: the one implementation behind the rate card, the offers, quotes and tests."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from transforms.loans.annuity import (
    Part,
    amortise,
    closed_payment,
    equal_parts,
    least_residual_payment,
    weighted_payments,
)
from transforms.loans.plan import Plan, RepayMethod
from transforms.loans.rounding import round_cents, round_ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

_INTEGER_COLUMNS = ("principal_cents", "interest_cents", "fee_cents", "payment_cents", "balance_cents")
SCHEDULE_SCHEMA: dict[str, pl.DataType] = {
    "installment_no": pl.Int64(),
    "due_on": pl.Date(),
    **{name: pl.Int64() for name in _INTEGER_COLUMNS},
}


@dataclass(frozen=True, slots=True)
class Installment:
    """One payment: number (0 is the day the plan starts), due date, its make-up and the balance after it, cents."""

    installment_no: int
    due_on: date
    principal_cents: int
    interest_cents: int
    fee_cents: int
    payment_cents: int
    balance_cents: int


@dataclass(frozen=True)
class Schedule:
    """Everything a plan pays. Principal in the rows sums to the amount plus financed fees.

    `amount_cents` is what the customer receives in money or goods on `start_on`; row 0 exists where something is paid
    that day (down payment, up-front fees).
    """

    amount_cents: int
    financed_fee_cents: int
    start_on: date
    rows: tuple[Installment, ...]

    @property
    def installments(self) -> tuple[Installment, ...]:
        """The rows after the first day."""
        return tuple(row for row in self.rows if row.installment_no > 0)

    @property
    def payment_cents(self) -> int:
        """The first installment: the level one of equal installments, the highest of falling ones."""
        return self.installments[0].payment_cents

    @property
    def last_payment_cents(self) -> int:
        """The last installment, which takes the rounding residual."""
        return self.installments[-1].payment_cents

    @property
    def principal_cents(self) -> int:
        """All principal, down payment included."""
        return sum(row.principal_cents for row in self.rows)

    @property
    def interest_cents(self) -> int:
        """All interest."""
        return sum(row.interest_cents for row in self.rows)

    @property
    def fee_cents(self) -> int:
        """All fees, whoever collects them, financed ones included."""
        return sum(row.fee_cents for row in self.rows) + self.financed_fee_cents

    @property
    def total_cents(self) -> int:
        """Everything the customer pays."""
        return sum(row.payment_cents for row in self.rows)

    @property
    def cost_cents(self) -> int:
        """What the plan costs over what the customer received: interest and fees."""
        return self.total_cents - self.amount_cents

    def cash_flows(self) -> list[int]:
        """The customer's side, an entry a period: received less paid on the first day, then minus each payment."""
        first = sum(row.payment_cents for row in self.rows if row.installment_no == 0)
        return [self.amount_cents - first, *(-row.payment_cents for row in self.installments)]

    def to_frame(self) -> pl.DataFrame:
        """One row per payment, columns of :class:`Installment`."""
        columns = {name: [getattr(row, name) for row in self.rows] for name in SCHEDULE_SCHEMA}
        return pl.DataFrame(columns, schema=SCHEDULE_SCHEMA)


def build_schedule(plan: Plan) -> Schedule:
    """The schedule of `plan`, by its own conventions (:class:`transforms.loans.plan.Plan`)."""
    dues = plan.dues()
    parts = _parts(plan, plan.factors(dues))
    return assemble(plan, dues[: len(parts)], parts)


def assemble(plan: Plan, dues: Sequence[date], parts: Sequence[Part]) -> Schedule:
    """Rows from principal and interest, with the first day's payments and the fees where they fall due."""
    rows = []
    upfront = plan.fee_cents("upfront")
    if plan.down_payment_cents or upfront:
        paid = plan.down_payment_cents + upfront
        rows.append(Installment(0, plan.start_on, plan.down_payment_cents, 0, upfront, paid, plan.principal_cents))
    periodic, final = plan.fee_cents("periodic"), plan.fee_cents("final")
    for number, (due, part) in enumerate(zip(dues, parts, strict=True), start=1):
        fee = periodic + (final if number == len(parts) else 0)
        paid = part.principal + part.interest + fee
        rows.append(Installment(number, due, part.principal, part.interest, fee, paid, part.balance))
    return Schedule(plan.amount_cents, plan.fee_cents("financed"), plan.start_on, tuple(rows))


def level_over(plan: Plan, balance: Fraction, factors: Sequence[Fraction], waiting: int = 0) -> int:
    """The equal installment whose value over periods of `factors` is `balance`, rounded once by the plan's rule.

    `waiting` is interest already earned and unpaid, which the installments bear as well, free of interest.
    """
    rounding, unit = plan.payment_rounding, plan.payment_unit_cents
    if len(set(factors)) == 1 and balance.denominator == 1:
        payment = closed_payment(balance.numerator, factors[0], len(factors), rounding, unit)
    else:
        payment = weighted_payments(balance, factors, [Fraction(1)] * len(factors), rounding, unit)[0]
    return payment + round_ratio(waiting, len(factors), rounding, unit) if plan.payment_basis == "formula" else payment


def settled_level(plan: Plan, payment: int, count: int, difference: Callable[[int], int]) -> int:
    """The level installment on the plan's payment basis; `difference`: last installment less the level one."""
    if plan.payment_basis == "formula":
        return payment
    return least_residual_payment(payment, count, difference, plan.payment_rounding, plan.payment_unit_cents)


def level_payment(plan: Plan, balance: int, factors: Sequence[Fraction]) -> int:
    """The equal installment on `balance` over periods of `factors`, on the plan's payment basis."""

    def difference(payment: int) -> int:
        last = amortise(balance, factors, [payment] * len(factors), plan.interest_rounding)[-1]
        return last.principal + last.interest - payment

    return settled_level(plan, level_over(plan, Fraction(balance), factors), len(factors), difference)


def _parts(plan: Plan, factors: Sequence[Fraction]) -> list[Part]:
    balance, count = plan.principal_cents, plan.installments
    match plan.method:
        case RepayMethod.ANNUITY | RepayMethod.INTEREST_FREE:
            payments = [level_payment(plan, balance, factors)] * count
        case RepayMethod.EQ_PRIN:
            return _equal_principal(plan, factors)
        case RepayMethod.INT_FIRST:
            return _interest_first(plan, factors)
        case RepayMethod.MIN_PAYMENT:
            return _minimum_payment(plan, factors)
        case RepayMethod.BALLOON:
            weights = [Fraction(1)] * count
            payments = _weighted(plan, factors, weights, final=plan.balloon_cents)
        case RepayMethod.STEP_UP | RepayMethod.STEP_DOWN:
            payments = _weighted(plan, factors, plan.step_weights())
    return amortise(balance, factors, payments, plan.interest_rounding)


def _weighted(plan: Plan, factors: Sequence[Fraction], weights: Sequence[Fraction], final: int = 0) -> list[int]:
    return weighted_payments(
        plan.principal_cents, factors, weights, plan.payment_rounding, plan.payment_unit_cents, final=final
    )


def _equal_principal(plan: Plan, factors: Sequence[Fraction]) -> list[Part]:
    balance = plan.principal_cents
    parts = []
    principals = equal_parts(balance, plan.installments, plan.payment_rounding, plan.payment_unit_cents)
    for principal, factor in zip(principals, factors, strict=True):
        interest = round_cents(balance * factor, plan.interest_rounding)
        balance -= principal
        parts.append(Part(principal, interest, balance))
    return parts


def _interest_first(plan: Plan, factors: Sequence[Fraction]) -> list[Part]:
    free = plan.installments - 1 if plan.interest_only is None else plan.interest_only
    if not 0 <= free < plan.installments:
        raise ValueError(f"plan: {free} interest-only installments of {plan.installments} leave none for the principal")
    balance = plan.principal_cents
    head = [Part(0, round_cents(balance * factor, plan.interest_rounding), balance) for factor in factors[:free]]
    rest = factors[free:]
    return head + amortise(balance, rest, [level_payment(plan, balance, rest)] * len(rest), plan.interest_rounding)


def _minimum_payment(plan: Plan, factors: Sequence[Fraction]) -> list[Part]:
    """A share of the balance, at least a floor; ends when repaid, at the latest with the plan."""
    balance, share = plan.principal_cents, Fraction(plan.min_share or 0)
    parts = []
    for number, factor in enumerate(factors, start=1):
        interest = round_cents(balance * factor, plan.interest_rounding)
        inside = interest if plan.min_with_interest else 0
        shared = round_cents((balance + inside) * share, plan.payment_rounding)
        # A minimum below the interest repays nothing; it never adds to the balance.
        wanted = max(max(shared, plan.min_principal_cents) - inside, 0)
        principal = balance if number == len(factors) else min(wanted, balance)
        balance -= principal
        parts.append(Part(principal, interest, balance))
        if balance == 0:
            break
    return parts


def merchant_subsidy_cents(plan: Plan, forgone_rate: Fraction) -> int:
    """Interest the merchant pays for an interest-free plan: `forgone_rate` a year on each period's balance.

    Source: the balance of the plan's own schedule times the rate for the period, rounded half up per period.
    """
    balance, start, total = plan.principal_cents, plan.start_on, 0
    for row in build_schedule(plan).installments:
        total += round_cents(balance * forgone_rate * plan.period_years(start, row.due_on))
        balance, start = row.balance_cents, row.due_on
    return total
