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

#: One unit of currency, cents: lenders round equal parts of principal to it.
_CURRENCY_UNIT = 100
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
    parts = _parts(plan, plan.factors(plan.ends()))
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
        case RepayMethod.EQ_PRIN | RepayMethod.FLAT:
            return _equal_principal(plan, factors)
        case RepayMethod.INT_FIRST:
            return _interest_first(plan, factors)
        case RepayMethod.MIN_PAYMENT:
            return _minimum_payment(plan, factors)
        case RepayMethod.ANNUITY:
            stated = plan.regular_payment_cents
            level = level_payment(plan, balance, _regular(plan, factors)) if stated is None else stated
            payments = [level] * count
        case RepayMethod.INTEREST_FREE:
            part = _stated_part(plan, factors)
            payments = [level_payment(plan, balance, factors) if part is None else part] * count
        case RepayMethod.BALLOON:
            payments = _weighted(plan, _regular(plan, factors), [Fraction(1)] * count, final=plan.balloon_cents)
        case RepayMethod.STEP_UP | RepayMethod.STEP_DOWN:
            payments = _weighted(plan, _regular(plan, factors), plan.step_weights())
    return amortise(balance, factors, _with_odd_days(plan, factors, payments), plan.interest_rounding)


def _regular(plan: Plan, factors: Sequence[Fraction]) -> list[Fraction]:
    """The factors on which installments are level: those of regular periods where the first one bears odd days."""
    nominal = plan.nominal_years()
    if nominal is None or not plan.bears_odd_days(plan.start_on):
        return list(factors)
    return [Fraction(plan.annual_rate) * nominal, *factors[1:]]


def _with_odd_days(plan: Plan, factors: Sequence[Fraction], payments: Sequence[int]) -> list[int]:
    """The payments, the first with what its odd days make more or less than a regular period; never below zero."""
    usual = _regular(plan, factors)[0]
    more = _interest(plan, factors[0]) - _interest(plan, usual)
    return [max(payments[0] + more, 0), *payments[1:]]


def _interest(plan: Plan, factor: Fraction) -> int:
    """Interest of a period on the whole principal."""
    return round_cents(plan.principal_cents * factor, plan.interest_rounding)


def _weighted(plan: Plan, factors: Sequence[Fraction], weights: Sequence[Fraction], final: int = 0) -> list[int]:
    """Installments in proportion of `weights`; the first is what the books state, where they state one."""
    rounding, unit = plan.payment_rounding, plan.payment_unit_cents
    if plan.regular_payment_cents is not None:
        return [round_cents(plan.regular_payment_cents * weight, rounding, unit) for weight in weights]
    return weighted_payments(plan.principal_cents, factors, weights, rounding, unit, final=final)


def _equal_principal(plan: Plan, factors: Sequence[Fraction]) -> list[Part]:
    """Equal principal, interest on what is outstanding, or where it is flat on the original principal.

    Fineract makes the installments of flat interest level, not their principal: a difference where days count.
    """
    balance, flat = plan.principal_cents, plan.method == RepayMethod.FLAT
    principals = _equal_parts(plan, factors)
    if flat and plan.payment_basis == "least_residual":
        principals = level_principals(plan, balance, [_interest(plan, factor) for factor in factors])
    parts = []
    for principal, factor in zip(principals, factors, strict=True):
        interest = round_cents((plan.principal_cents if flat else balance) * factor, plan.interest_rounding)
        balance -= principal
        parts.append(Part(principal, interest, balance))
    return parts


def level_principals(plan: Plan, balance: int, interests: Sequence[int]) -> list[int]:
    """Principal of installments that are level with interest known beforehand, the last takes the residual."""
    level = round_ratio(balance + sum(interests), len(interests), plan.payment_rounding, plan.payment_unit_cents)
    principals = [level - interest for interest in interests[:-1]]
    return [*principals, balance - sum(principals)]


def _equal_parts(plan: Plan, factors: Sequence[Fraction]) -> list[int]:
    """The principal of each installment, the residual on the last."""
    whole, count, part = plan.principal_cents, plan.installments, _stated_part(plan, factors)
    if part is None:
        return equal_parts(whole, count, plan.payment_rounding, plan.payment_unit_cents)
    return [part] * (count - 1) + [whole - part * (count - 1)]


def _stated_part(plan: Plan, factors: Sequence[Fraction]) -> int | None:
    """Principal in the installment that the books state, where that leaves a possible equal part of it.

    Possible is within one unit of payment, or one of currency, of the principal over the term. Its interest is that of
    a regular or of the actual first period, whichever leaves the nearer part.
    """
    whole, count = plan.principal_cents, plan.installments
    if plan.regular_payment_cents is None or count == 1:
        return None
    exact = Fraction(whole, count)
    stated = [plan.regular_payment_cents - _interest(plan, f) for f in (_regular(plan, factors)[0], factors[0])]
    part = min(stated, key=lambda cents: abs(cents - exact))
    near = abs(part - exact) <= max(plan.payment_unit_cents, _CURRENCY_UNIT)
    return part if near and 0 <= part * (count - 1) <= whole else None


def _interest_first(plan: Plan, factors: Sequence[Fraction]) -> list[Part]:
    free = plan.installments - 1 if plan.interest_only is None else plan.interest_only
    if not 0 <= free < plan.installments:
        raise ValueError(f"plan: {free} interest-only installments of {plan.installments} leave none for the principal")
    balance = plan.principal_cents
    head = [Part(0, round_cents(balance * factor, plan.interest_rounding), balance) for factor in factors[:free]]
    rest = factors[free:]
    payments = [level_payment(plan, balance, rest if free else _regular(plan, rest))] * len(rest)
    if not free:
        payments = _with_odd_days(plan, rest, payments)
    return head + amortise(balance, rest, payments, plan.interest_rounding)


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
    for row, end in zip(build_schedule(plan).installments, plan.ends(), strict=False):
        regular = row.installment_no > 1 or plan.first_is_regular
        period = (start, end)
        total += round_cents(balance * forgone_rate * plan.piece_years(period, *period, regular=regular))
        balance, start = row.balance_cents, end
    return total
