"""What a customer can bear a month, how much that finances, and which bound is the least. Integers only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from transforms.policy.policy import Policy

#: Payments are priced on this many cents in the rate card.
PER_10K = 1_000_000

#: Order in which a tie between equal bounds is named; the line last, for it is cut to what the others leave.
BOUNDS = ("affordability", "exposure", "segment", "grade", "product", "policy", "line")


def cents(column: str) -> pl.Expr:
    """The column, 0 where it is unknown."""
    return pl.col(column).fill_null(0)


def not_below_zero(amount: pl.Expr) -> pl.Expr:
    """The amount, 0 where it is negative or unknown."""
    return pl.max_horizontal(amount.fill_null(0), pl.lit(0, dtype=pl.Int64))


def ceil_ratio_bp(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """`part / whole` in whole basis points, rounded up; NULL where the whole is unknown or not positive."""
    part, whole = part.cast(pl.Int64), whole.cast(pl.Int64)
    return pl.when(whole > 0).then((part * 10_000 + whole - 1) // whole)


def max_payment(policy: Policy) -> pl.Expr:
    """Highest affordable monthly payment of a new plan, cents; 0 where income is unknown.

    The least of: the policy's share of free cash flow; that share of income less debt service and the larger of the
    living-cost floor and share; what the debt service limit leaves; what the stressed limit leaves of the stressed
    income. Never decreasing in income and free cash flow, never increasing in debt service.
    """
    a = policy.affordability
    income, debt = cents("income_cents"), cents("debt_service_cents")
    living = pl.max_horizontal(
        pl.lit(a.living_cost_floor_cents, dtype=pl.Int64), income * a.living_cost_share_bp // 10_000
    )
    stressed_income = income * (10_000 - a.stress_income_drop_bp) // 10_000
    bounds = (
        not_below_zero(pl.col("free_cash_flow_cents")) * a.cash_flow_share_bp // 10_000,
        not_below_zero(income - debt - living) * a.cash_flow_share_bp // 10_000,
        income * a.dsr_limit_bp // 10_000 - debt,
        stressed_income * a.stress_dsr_limit_bp // 10_000 - debt,
    )
    return pl.when(pl.col("income_cents").is_not_null()).then(not_below_zero(pl.min_horizontal(bounds))).otherwise(0)


def financed_by(payment: pl.Expr, term_m: pl.Expr, payment_per_10k: pl.Expr) -> pl.Expr:
    """Largest amount (cents) whose every payment is sure not to exceed `payment`, from a rate card cell's figure.

    The card's payment on 10,000 is itself rounded, so one cent is added to it; four cents a month are held back for
    the residual that the last installment takes. Both keep the answer on the safe side by a few yuan at most.
    """
    return not_below_zero((payment - 4 * term_m.cast(pl.Int64)) * PER_10K // (payment_per_10k + 1))


def down_to_step(amount: pl.Expr, step_cents: int) -> pl.Expr:
    """The amount rounded down to whole steps."""
    return amount // step_cents * step_cents


def exposure_left(policy: Policy) -> pl.Expr:
    """What is left of the own-plans bound and of debt and card limits at all lenders against income, cents."""
    e = policy.exposure
    income = cents("income_cents")
    other_cards = not_below_zero(cents("revolving_limit_cents") - cents("line_cents"))
    left = (
        e.own_max_cents - cents("plan_outstanding_cents"),
        income * e.debt_income_multiple_bp // 10_000 - cents("debt_balance_cents"),
        income * e.card_limit_income_multiple_bp // 10_000 - other_cards,
    )
    return not_below_zero(pl.min_horizontal(left))


def next_line(policy: Policy, granted: pl.Expr, as_of: date) -> pl.Expr:
    """Line the books should carry from this night on, cents; NULL where there is none. Down at once, up slowly.

    `granted`: what every other bound would grant on top of what is used. The line rises by at most the policy's share
    and only so many months after its last change; a line whose last change is not known does not rise.
    """
    line, wanted = pl.col("line_cents"), granted + cents("line_used_cents")
    waited = pl.col("line_changed_on").dt.offset_by(f"{policy.line.rise_wait_m}mo") <= pl.lit(as_of)
    most = (
        pl.when(waited.fill_null(value=False)).then(line * (10_000 + policy.line.max_rise_bp) // 10_000).otherwise(line)
    )
    return pl.when(line.is_not_null()).then(pl.min_horizontal(wanted, most))


def least_bound(step_cents: int) -> tuple[pl.Expr, pl.Expr]:
    """(limit, name of the bound that binds) from the `limit_<bound>_cents` columns; a NULL bound does not bind."""
    least = _least(BOUNDS)
    named = ((pl.lit(b), pl.col(f"limit_{b}_cents")) for b in BOUNDS)
    name = pl.coalesce(*(pl.when(bound == least).then(text) for text, bound in named), pl.lit("policy"))
    return down_to_step(least, step_cents), name


def granted_without_line() -> pl.Expr:
    """The least of all bounds but the line, cents."""
    return _least([b for b in BOUNDS if b != "line"])


def _least(bounds: Sequence[str]) -> pl.Expr:
    return pl.min_horizontal([f"limit_{bound}_cents" for bound in bounds])
