"""One plan quoted: its schedule, both annual figures and every fee, as data a page or a command line can show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from transforms.pricing.annual_cost import AnnualCost, annual_cost
from transforms.pricing.calendar import due_dates
from transforms.pricing.roots import balancing_rate
from transforms.pricing.schedule import build_schedule

if TYPE_CHECKING:
    from transforms.pricing.plan import Fee, FeeTiming, Plan
    from transforms.pricing.schedule import Schedule

_DAYS = {"day": 1, "week": 7, "semimonth": 15, "month": 30}


@dataclass(frozen=True)
class QuoteRequest:
    """What to quote: a plan, and labels that are passed through."""

    plan: Plan
    product_code: str | None = None
    currency: str = "CNY"


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
    """The answer: schedule, annual cost, fees."""

    request: QuoteRequest
    schedule: Schedule
    cost: AnnualCost
    fees: tuple[QuotedFee, ...]

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-able values: money in cents, rates as decimal fractions, dates as text."""
        plan, schedule = self.request.plan, self.schedule
        return {
            "product_code": self.request.product_code,
            "currency": self.request.currency,
            "amount_cents": plan.amount_cents,
            "down_payment_cents": plan.down_payment_cents,
            "financed_cents": plan.principal_cents,
            "repay_method": plan.method.value,
            "installments": len(schedule.installments),
            "every": f"{plan.frequency.every} {plan.frequency.unit}",
            "start_on": plan.start_on.isoformat(),
            "nominal_rate": format(plan.annual_rate, "f"),
            "apr_simple": round(self.cost.apr_simple, 6),
            "apr_irr": round(self.cost.apr_irr, 6),
            "payment_cents": schedule.payment_cents,
            "last_payment_cents": schedule.last_payment_cents,
            "interest_cents": schedule.interest_cents,
            "fee_cents": schedule.fee_cents,
            "cost_cents": schedule.cost_cents,
            "total_cents": schedule.total_cents,
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
            "schedule": [
                {**row, "due_on": row["due_on"].isoformat()} for row in schedule.to_frame().iter_rows(named=True)
            ],
        }

    def to_text(self) -> str:
        """A few lines and a table for a terminal."""
        shown, schedule = self.to_dict(), self.schedule
        lines = [
            (
                f"{_money(shown['amount_cents'])} {shown['currency']}, {shown['repay_method']},"
                f" {shown['installments']} installments every {shown['every']} from {shown['start_on']}"
            ),
            f"nominal rate {float(shown['nominal_rate']):.4%} a year",
            (
                f"annual cost {self.cost.apr_simple:.2%} simple (period rate x periods),"
                f" {self.cost.apr_irr:.2%} compounded; every fee included"
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
        heads = f"{'payment':>14} {'principal':>14} {'interest':>12} {'fee':>10} {'balance':>14}"
        lines.append(f"{'no':>4}  {'due':10} {heads}")
        lines += [
            f"{row.installment_no:>4}  {row.due_on} {_money(row.payment_cents):>14} {_money(row.principal_cents):>14}"
            f" {_money(row.interest_cents):>12} {_money(row.fee_cents):>10} {_money(row.balance_cents):>14}"
            for row in schedule.rows
        ]
        return "\n".join(lines)


def quote(request: QuoteRequest) -> Quote:
    """Price one plan. Raises ValueError for an impossible plan, NoRateError where no rate balances it."""
    plan = request.plan
    schedule = build_schedule(plan)
    fees = tuple(_quoted(fee, plan, len(schedule.installments)) for fee in plan.fees)
    return Quote(request, schedule, plan_cost(plan, schedule), fees)


def plan_cost(plan: Plan, schedule: Schedule) -> AnnualCost:
    """Annual figures of a plan's schedule; an odd first period counts by its own length.

    Periods without a whole number a year count 365 days over their own; a plan without any cost costs zero.
    """
    flows = schedule.cash_flows()
    if schedule.cost_cents == 0:
        return AnnualCost(0.0, 0.0, 0.0)
    per_year = plan.frequency.per_year
    regular_first = due_dates(plan.start_on, 1, plan.frequency, month_end=plan.month_end)[0]
    if per_year is not None and plan.first_due_on in {None, regular_first}:
        return annual_cost(flows, per_year)
    periods = float(per_year) if per_year else 365 / (_DAYS[plan.frequency.unit] * plan.frequency.every)
    first = float(plan.period_years(plan.start_on, schedule.installments[0].due_on, regular=False)) * periods
    times = [0.0, *(first + k for k in range(len(flows) - 1))]
    rate = balancing_rate(flows, times)
    return AnnualCost(rate, rate * periods, math.expm1(periods * math.log1p(rate)))


def _quoted(fee: Fee, plan: Plan, installments: int) -> QuotedFee:
    each = fee.cents(plan.lent_cents)
    times = installments if fee.timing == "periodic" else 1
    return QuotedFee(fee.code, fee.timing, each, times, each * times, fee.collector)


def _money(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
