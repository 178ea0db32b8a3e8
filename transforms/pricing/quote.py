"""One plan quoted: its schedule, every regime's annual cost and every fee, as data a page or a terminal can show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from transforms.loans import changes
from transforms.loans.restructuring import take_back
from transforms.loans.running import Running
from transforms.loans.schedule import build_schedule, merchant_subsidy_cents
from transforms.loans.settlement import settle_early
from transforms.pricing.plan_cost import plan_cost, regime_costs

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from decimal import Decimal
    from fractions import Fraction

    from transforms.loans.plan import Fee, FeeTiming, Plan
    from transforms.loans.schedule import Schedule
    from transforms.loans.settlement import Settlement
    from transforms.pricing.annual_cost import AnnualCost
    from transforms.pricing.plan_cost import RegimeCosts


@dataclass(frozen=True)
class Course:
    """Events in the course of the plan: new rates, further drawdowns and repayments by day, settlement on a day.

    `paid` are (due date, day): installments paid in full on another day than their own; `taken_back` (day, cents):
    principal of a payment taken back, due again with the next one. `keep_term`: after a repayment the term stays and
    the installment falls, otherwise the other way round.
    """

    rates: tuple[tuple[date, Decimal], ...] = ()
    draws: tuple[tuple[date, int], ...] = ()
    repayments: tuple[tuple[date, int], ...] = ()
    paid: tuple[tuple[date, date], ...] = ()
    taken_back: tuple[tuple[date, int], ...] = ()
    settle_on: date | None = None
    keep_term: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether the plan simply runs its course."""
        happens = (self.rates, self.draws, self.repayments, self.paid, self.taken_back)
        return not any(happens) and self.settle_on is None


@dataclass(frozen=True)
class QuoteRequest:
    """What to quote: a plan, what happens to it, and labels that are passed through.

    `treasury_rate`: what the treasury pays a year besides the plan's rate; `forgone_rate`: what a merchant pays the
    lender a year of the balance of an interest-free plan.
    """

    plan: Plan
    product_code: str | None = None
    currency: str = "CNY"
    course: Course = Course()
    treasury_rate: Fraction | None = None
    forgone_rate: Fraction | None = None


@dataclass(frozen=True)
class QuotedFee:
    """A fee over the whole plan: when, how often, how much, who collects it."""

    code: str
    timing: FeeTiming
    each_cents: int
    times: int
    total_cents: int
    collector: str


@dataclass(frozen=True)
class Quote:
    """The answer: schedule, annual cost by every regime, fees, who else pays, and the settlement asked for.

    `cost` are China's figures with the period rate they come from, of the plan before anything happens to it.
    """

    request: QuoteRequest
    schedule: Schedule
    cost: AnnualCost
    costs: RegimeCosts
    fees: tuple[QuotedFee, ...]
    merchant_subsidy_cents: int
    treasury_subsidy_cents: int
    settlement: Settlement | None

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-able values: money in cents, rates as decimal fractions, dates as text."""
        plan, schedule = self.request.plan, self.schedule
        return {
            "product_code": self.request.product_code,
            "currency": self.request.currency,
            "amount_cents": plan.amount_cents,
            "down_payment_cents": plan.down_payment_cents,
            "financed_cents": plan.principal_cents,
            "balloon_cents": plan.balloon_cents,
            "repay_method": plan.method.value,
            "installments": len(schedule.installments),
            "every": f"{plan.frequency.every} {plan.frequency.unit}",
            "start_on": plan.start_on.isoformat(),
            "interest_basis": str(plan.interest_basis),
            "first_period": plan.first_period,
            "interest_rounded": plan.interest_rounded,
            "due_day": plan.anchor_day if plan.frequency.unit == "month" else None,
            "payment_rounding": plan.payment_rounding,
            "nominal_rate": format(plan.annual_rate, "f"),
            "apr_simple": round(self.costs.apr_simple, 6),
            "apr_irr": round(self.costs.apr_irr, 6),
            "apr_us": round(self.costs.apr_us, 6),
            "aprc_eu": round(self.costs.aprc_eu, 6),
            "payment_cents": schedule.payment_cents,
            "last_payment_cents": schedule.last_payment_cents,
            "interest_cents": schedule.interest_cents,
            "fee_cents": schedule.fee_cents,
            "cost_cents": schedule.cost_cents,
            "total_cents": schedule.total_cents,
            "merchant_subsidy_cents": self.merchant_subsidy_cents,
            "treasury_subsidy_cents": self.treasury_subsidy_cents,
            "fees": [
                {
                    "code": fee.code,
                    "timing": fee.timing,
                    "each_cents": fee.each_cents,
                    "times": fee.times,
                    "total_cents": fee.total_cents,
                    "collector": fee.collector,
                }
                for fee in self.fees
            ],
            "settlement": None if self.settlement is None else _settlement(self.settlement),
            "schedule": [
                {**row, "due_on": row["due_on"].isoformat()} for row in schedule.to_frame().iter_rows(named=True)
            ],
        }

    def to_text(self) -> str:
        """A few lines and a table for a terminal."""
        shown, schedule = self.to_dict(), self.schedule
        costs = self.costs
        lines = [
            (
                f"{_money(shown['amount_cents'])} {shown['currency']}, {shown['repay_method']},"
                f" {shown['installments']} installments every {shown['every']} from {shown['start_on']}"
            ),
            f"nominal rate {float(shown['nominal_rate']):.4%} a year, interest by {shown['interest_basis']}",
            (
                f"annual cost {costs.apr_simple:.2%} simple (period rate x periods), {costs.apr_irr:.2%} compounded;"
                f" {costs.apr_us:.2%} by Regulation Z, {costs.aprc_eu:.1%} European; every fee included"
            ),
            (
                f"interest {_money(schedule.interest_cents)}, fees {_money(schedule.fee_cents)},"
                f" repaid in all {_money(schedule.total_cents)}"
            ),
        ]
        lines += [
            f"  fee {fee.code}: {_money(fee.each_cents)} x {fee.times} ({fee.timing}), collected by {fee.collector}"
            for fee in self.fees
        ]
        if self.merchant_subsidy_cents:
            lines.append(f"  the merchant pays {_money(self.merchant_subsidy_cents)} for the interest")
        if self.treasury_subsidy_cents:
            lines.append(f"  the treasury pays {_money(self.treasury_subsidy_cents)} of the interest besides")
        if (settled := self.settlement) is not None:
            lines.append(
                f"settled on {settled.on} by {_money(settled.total_cents)}:"
                f" principal {_money(settled.principal_cents)},"
                f" interest by use {_money(settled.interest_cents)}, fees {_money(settled.fee_cents)};"
                f" {_money(settled.saved_interest_cents)} of interest falls away"
            )
        heads = f"{'payment':>14} {'principal':>14} {'interest':>12} {'fee':>10} {'balance':>14}"
        lines.append(f"{'no':>4}  {'due':10} {heads}")
        lines += [
            f"{row.installment_no:>4}  {row.due_on} {_money(row.payment_cents):>14} {_money(row.principal_cents):>14}"
            f" {_money(row.interest_cents):>12} {_money(row.fee_cents):>10} {_money(row.balance_cents):>14}"
            for row in schedule.rows
        ]
        return "\n".join(lines)


def quote(request: QuoteRequest) -> Quote:
    """Price one plan. Raises ValueError for an impossible plan or course, NoRateError where no rate balances it."""
    plan = request.plan
    schedule = build_schedule(plan)
    cost, course = plan_cost(plan, schedule), request.course
    moves: tuple[tuple[date, int], ...] = ()
    settlement = None
    if not course.is_empty:
        running = _after(Running.of(plan, schedule), course)
        if course.settle_on is not None:
            settlement = settle_early(running, course.settle_on)
            running = changes.accelerate(running, course.settle_on)
        back = tuple((day, principal + interest) for day, principal, interest in running.taken_back)
        schedule, moves = running.schedule(), (*running.moves, *back)
    # A settlement falls on any day, and so does what is paid on another than its own: the cost stands on the days then.
    dated = moves or (((plan.start_on, 0),) if settlement or course.paid else ())
    costs = regime_costs(plan, _on_its_days(schedule, dict(course.paid)), dated)
    each = plan.fee_cents("periodic")
    charged = sum(row.fee_cents >= each for row in schedule.installments)
    fees = tuple(_quoted(fee, plan, charged) for fee in plan.fees)
    merchant = merchant_subsidy_cents(plan, request.forgone_rate) if request.forgone_rate else 0
    treasury = merchant_subsidy_cents(plan, request.treasury_rate) if request.treasury_rate else 0
    return Quote(request, schedule, cost, costs, fees, merchant, treasury, settlement)


def _after(running: Running, course: Course) -> Running:
    """The plan after all events of its course, in the order of their days."""
    events: list[tuple[date, Callable[[Running], Running]]] = []
    events += [(day, partial(changes.change_rate, first_day=day, annual_rate=rate)) for day, rate in course.rates]
    events += [(day, partial(changes.draw_more, on=day, amount_cents=cents)) for day, cents in course.draws]
    repays = partial(changes.repay_in_part, keep_term=course.keep_term)
    events += [(day, partial(repays, on=day, amount_cents=cents)) for day, cents in course.repayments]
    events += [(day, partial(changes.paid, due_on=due, paid_on=day)) for due, day in course.paid]
    events += [(day, partial(take_back, on=day, principal_cents=cents)) for day, cents in course.taken_back]
    for _, happens in sorted(events, key=lambda event: event[0]):
        running = happens(running)
    return running


def _on_its_days(schedule: Schedule, paid: dict[date, date]) -> Schedule:
    """The schedule with each installment on the day it is paid."""
    rows = (replace(row, due_on=paid.get(row.due_on, row.due_on)) for row in schedule.rows)
    return replace(schedule, rows=tuple(sorted(rows, key=lambda row: row.due_on)))


def _quoted(fee: Fee, plan: Plan, charged: int) -> QuotedFee:
    each = fee.cents(plan.lent_cents)
    times = charged if fee.timing == "periodic" else 1
    return QuotedFee(fee.code, fee.timing, each, times, each * times, fee.collector)


def _settlement(settled: Settlement) -> dict[str, Any]:
    return {
        "on": settled.on.isoformat(),
        "principal_cents": settled.principal_cents,
        "interest_cents": settled.interest_cents,
        "fee_cents": settled.fee_cents,
        "saved_interest_cents": settled.saved_interest_cents,
        "total_cents": settled.total_cents,
    }


def _money(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
