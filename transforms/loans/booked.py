"""The installments of many booked plans at once, to the cent, from the terms the lender's books give.

The vectorised form of :class:`transforms.loans.plan.Plan` with the books' own regular payment: equal periods, interest
of a month a twelfth of the rate on the balance, rounded half up, an odd first period by its actual days, the residual
on the last installment. A plan whose product counts days is scheduled by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import polars as pl

from transforms.dates.day_count import EQUAL_PERIODS
from transforms.loans.levels import divide_rounded
from transforms.loans.plan import Plan, RepayMethod
from transforms.loans.product_conventions import ProductConventions
from transforms.loans.running import Running
from transforms.loans.schedule import build_schedule

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction
    from typing import Any

    from numpy.typing import NDArray
    from polars.datatypes import DataType, DataTypeClass

    from transforms.policy.conventions import Conventions

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

#: One installment of a plan's schedule. `starts_on`: from when its interest runs, which is the last due date as it was
#: before any roll; `brought_cents`: interest earned before that day that it bears first; `waiting_cents`: interest
#: earned by its due date that no installment has borne; `regular`: its interest is that of a regular period.
#: `daily_numerator` over `daily_denominator`: interest it earns a day, before any rounding; denominator 0 where that
#: is not the same every day.
INSTALLMENT: Mapping[str, DataType | DataTypeClass] = {
    "plan_id": pl.String,
    "installment_no": pl.Int32,
    "starts_on": pl.Date,
    "due_on": pl.Date,
    "principal_cents": pl.Int64,
    "interest_cents": pl.Int64,
    "fee_cents": pl.Int64,
    "brought_cents": pl.Int64,
    "waiting_cents": pl.Int64,
    "regular": pl.Boolean,
    "daily_numerator": pl.Int64,
    "daily_denominator": pl.Int64,
}
#: Methods that repay equal parts of the principal with interest on top.
_BY_PRINCIPAL = ("EQ_PRIN", "INTEREST_FREE", "FLAT")
_PPM = 1_000_000
#: What a numerator and a denominator may be so that their products with days fit into 64 bits.
_LARGEST, _FINEST = 10**17, 10**9


def booked_installments(plans: pl.DataFrame, conventions: ProductConventions | None = None) -> pl.DataFrame:
    """The schedule each plan was booked with: one row per plan and installment, columns of `INSTALLMENT`.

    `plans` has one row per plan with the columns of `credit.installment_plan`. An up-front fee is paid with the
    drawdown and is no installment; periodic fees are interest by another name and not known to the feed (0).
    """
    if plans.is_empty():
        return pl.DataFrame(schema=dict(INSTALLMENT))
    known = conventions or ProductConventions()
    terms = with_due_days(plans, known)
    parts = []
    for group, rows in by_conventions(terms, known):
        monthly = group.interest_basis == EQUAL_PERIODS
        parts.append(_monthly(rows, group, known) if monthly else _one_by_one(rows, known))
    return pl.concat(parts)


def with_due_days(plans: pl.DataFrame, conventions: ProductConventions) -> pl.DataFrame:
    """`plans` with `due_day` (31: the last day) and `nominal_first_on`, the first due date before any roll.

    The day the books state, or that of the first due date: where a short month cut the start's day, the start's; where
    the first due date is the last day of its month and the start stands on an earlier day, the last day.
    """
    first, start = pl.col("first_due_on"), pl.col("started_on")
    ends_month = first.dt.month_end() == first
    derived = (
        pl.when(ends_month & (start.dt.day() > first.dt.day()))
        .then(start.dt.day())
        .when(ends_month & (start.dt.day() < first.dt.day()))
        .then(31)
        .otherwise(first.dt.day())
        .cast(pl.Int32)
    )
    stated = pl.col("due_day") if "due_day" in plans.columns else pl.lit(None, pl.Int32)
    frame = plans.with_columns(_stated=stated.cast(pl.Int32)).with_columns(due_day=pl.coalesce("_stated", derived))
    if plans.is_empty():
        return frame.with_columns(nominal_first_on="first_due_on").drop("_stated")
    # A stated day that the first due date does not fall on: the books give the date as it was rolled.
    parts = []
    for group, rows in by_conventions(frame, conventions):
        same, before = (_on_day(pl.col("first_due_on").dt.month_start().dt.offset_by(m)) for m in ("0mo", "-1mo"))
        tried = rows.with_columns(_same=same, _before=before)
        days = {*tried["_same"].to_list(), *tried["_before"].to_list()}
        rolled = conventions.rolled(days, group)
        nominal = pl.lit(None, pl.Date)
        for name in ("_before", "_same"):
            falls = pl.col(name).replace_strict(rolled, return_dtype=pl.Date) == pl.col("first_due_on")
            nominal = pl.when(pl.col("_stated").is_not_null() & falls).then(pl.col(name)).otherwise(nominal)
        parts.append(tried.with_columns(nominal_first_on=pl.coalesce(nominal, "first_due_on")))
    return pl.concat(parts).drop("_same", "_before", "_stated")


def booked_plan(row: Mapping[str, Any], conventions: ProductConventions) -> Plan:
    """One row of :func:`with_due_days` as a plan of the engine."""
    known = conventions.of(row["product_code"], row["started_on"])
    closed, worked = conventions.closed_and_open(known)
    rolls = known.calendar in conventions.calendars
    return Plan(
        row["principal_cents"],
        row["annual_rate"],
        row["term_m"],
        row["started_on"],
        RepayMethod(row["repay_method"]),
        first_due_on=row["nominal_first_on"],
        due_day=row["due_day"],
        interest_basis=known.interest_basis,
        first_period=known.first_period,
        interest_rounded=known.interest_rounded,
        regular_payment_cents=row["installment_cents"],
        month_end=known.month_end,
        roll=known.due_date_roll if rolls else "none",
        holidays=closed,
        workdays=worked,
    )


def by_conventions(plans: pl.DataFrame, conventions: ProductConventions) -> list[tuple[Conventions, pl.DataFrame]]:
    """The plans grouped by their conventions."""
    pairs = plans.select("product_code", "started_on").unique().rows()
    sets = {pair: conventions.of(*pair) for pair in pairs}
    distinct = list(dict.fromkeys(sets.values()))
    place = pl.DataFrame(
        [(*pair, distinct.index(known)) for pair, known in sets.items()],
        schema={"product_code": pl.String, "started_on": pl.Date, "_set": pl.Int64},
        orient="row",
    )
    marked = plans.join(place, on=["product_code", "started_on"], how="left", maintain_order="left")
    return [(known, marked.filter(pl.col("_set") == n).drop("_set")) for n, known in enumerate(distinct)]


def _monthly(plans: pl.DataFrame, group: Conventions, conventions: ProductConventions) -> pl.DataFrame:
    plans = plans.sort("term_m", "plan_id")
    term = plans["term_m"].cast(pl.Int64).to_numpy()
    plan, number = np.repeat(np.arange(term.size), term), _ordinals(term)
    principal, interest, waiting, bearing = _parts(plans, term, group)
    cells = (plan, number - 1)
    frame = pl.DataFrame(
        {
            "_plan": plan,
            "installment_no": number.astype(np.int32),
            "principal_cents": principal[cells],
            "interest_cents": interest[cells],
            "waiting_cents": waiting[cells],
            "_bearing": bearing[cells],
        }
    )
    free = pl.col("repay_method") == "INTEREST_FREE"
    dues = plans.select(
        *("plan_id", "nominal_first_on", "due_day", "started_on"),
        (_bears_odd_days(group) & (pl.col("repay_method") != "FLAT")).alias("_odd"),
        pl.when(free).then(0.0).otherwise(pl.col("annual_rate").cast(pl.Float64)).alias("_rate"),
    ).with_row_index("_plan")
    months = (pl.col("installment_no") - 1).cast(pl.String) + "mo"
    month = pl.col("nominal_first_on").dt.month_start().dt.offset_by(months)
    frame = frame.join(
        dues.with_columns(pl.col("_plan").cast(pl.Int64)), on="_plan", how="left", maintain_order="left"
    ).with_columns(
        due_on=pl.when(pl.col("installment_no") == 1)
        .then(pl.col("nominal_first_on"))
        .otherwise(_on_day(month, missing_day_is_last=group.month_end == "last_day"))
    )
    rolled = conventions.rolled(frame["due_on"].unique().to_list(), group)
    before, waited = (pl.col(c).shift(1).over("_plan", order_by="installment_no") for c in ("due_on", "waiting_cents"))
    days = (pl.col("due_on") - pl.col("starts_on")).dt.total_days()
    return (
        frame.with_columns(starts_on=before.fill_null(pl.col("started_on")))
        .with_columns(
            fee_cents=pl.lit(0, pl.Int64),
            brought_cents=waited.fill_null(0),
            regular=(pl.col("installment_no") > 1) | ~pl.col("_odd"),
        )
        .with_columns(
            # The days that earn are those to the due date before its roll.
            daily_numerator=pl.col("_bearing") * (pl.col("_rate") * _PPM).round().cast(pl.Int64),
            daily_denominator=pl.when("regular").then(12 * _PPM * days).otherwise(360 * _PPM),
            due_on=pl.col("due_on").replace_strict(rolled, return_dtype=pl.Date),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in INSTALLMENT.items())
    )


def _on_day(month: pl.Expr, *, missing_day_is_last: bool = True) -> pl.Expr:
    """The due day in a month given by its first day; where the month lacks it, its last day or the day after that."""
    last = month.dt.month_end().dt.day().cast(pl.Int32)
    day = pl.min_horizontal(pl.col("due_day"), last + (0 if missing_day_is_last else 1))
    return month + pl.duration(days=day.cast(pl.Int64) - 1)


def _one_by_one(plans: pl.DataFrame, conventions: ProductConventions) -> pl.DataFrame:
    """Plans whose interest counts the days of each period."""
    rows: list[tuple[Any, ...]] = []
    for row in plans.iter_rows(named=True):
        plan = booked_plan(row, conventions)
        running, waited, left = Running.of(plan, build_schedule(plan)), 0, plan.principal_cents
        for k, (period, rolled) in enumerate(zip(running.periods, running.roll(), strict=True)):
            daily = daily_ratio(running.daily_interest(k, left))
            amounts = (rolled.part.principal, rolled.part.interest, 0, waited, rolled.waiting, False)
            rows.append((row["plan_id"], k + 1, period.start, period.due_on, *amounts, *daily))
            waited, left = rolled.waiting, rolled.part.balance
    return pl.DataFrame(rows, schema=dict(INSTALLMENT), orient="row")


def _ordinals(counts: Ints) -> Ints:
    """1 … n for each n, one after the other."""
    ends = np.cumsum(counts)
    return np.asarray(np.arange(int(ends[-1])) - np.repeat(ends - counts, counts) + 1)


def daily_ratio(exact: Fraction | None) -> tuple[int, int]:
    """Interest of a day as (numerator, denominator) that a ledger can count with; (0, 0) for none."""
    if exact is None:
        return 0, 0
    near = exact if max(exact.numerator, exact.denominator) < _LARGEST else exact.limit_denominator(_FINEST)
    return near.numerator, near.denominator


def _parts(plans: pl.DataFrame, term: Ints, group: Conventions) -> tuple[Ints, Ints, Ints, Ints]:
    """Of every plan (row) and installment (column): principal, interest, what waits after it, what earns it."""
    rate = (plans["annual_rate"].cast(pl.Float64) * _PPM).round().cast(pl.Int64).to_numpy()
    payment, method = plans["installment_cents"].to_numpy(), plans["repay_method"].to_numpy()
    lent: Ints = plans["principal_cents"].to_numpy()
    balance = lent.copy()
    regular = _month(lent, rate)
    odd = plans.select(_bears_odd_days(group)).to_series().to_numpy()
    days = plans.select((pl.col("nominal_first_on") - pl.col("started_on")).dt.total_days()).to_series().to_numpy()
    stub = np.where(odd, divide_rounded(lent * rate * days, 360 * _PPM, "half_up"), regular)
    bullet, by_principal, flat_rate = method == "INT_FIRST", np.isin(method, _BY_PRINCIPAL), method == "FLAT"
    free = method == "INTEREST_FREE"
    borne = np.where(free, 0, regular), np.where(free, 0, stub)
    part = _equal_part(lent, payment, term, borne, flat=flat_rate, free=free)
    # An odd first period changes what the first installment bears, not what it repays.
    first = np.maximum(payment + stub - regular, 0)
    waiting = np.zeros_like(lent)
    principals, interests, waits, bearing = (np.zeros((term.size, int(term.max())), np.int64) for _ in range(4))
    for number in range(1, int(term.max()) + 1):
        bearing[:, number - 1] = np.where(flat_rate, lent, balance)
        fresh = np.where(flat_rate, regular, stub if number == 1 else _month(balance, rate))
        earned = np.where(free, 0, fresh) + waiting
        asked, last = first if number == 1 else payment, term == number
        whole = bullet | by_principal | last
        interest = np.where(whole, earned, np.minimum(earned, asked))
        repaid = np.select([bullet, by_principal], [0, part], np.maximum(asked - interest, 0))
        repaid = np.where(last, balance, np.minimum(repaid, balance))
        waiting, balance = np.where(term >= number, earned - interest, 0), balance - repaid
        principals[:, number - 1], interests[:, number - 1], waits[:, number - 1] = repaid, interest, waiting
    return principals, interests, waits, bearing


def _equal_part(
    lent: Ints, payment: Ints, term: Ints, interests: tuple[Ints, Ints], *, flat: Bools, free: Bools
) -> Ints:
    """Principal in each installment of equal parts: the books' payment less its interest, where that is such a part.

    `interests`: of a regular and of the actual first period. Without interest the parts may repay all before the last.
    """
    regular, stub = interests

    def off(part: Ints) -> Ints:
        possible = (part >= 0) & (part * (term - 1) <= lent)
        return np.where(possible, np.abs(part * term - lent), np.iinfo(np.int64).max)

    even = divide_rounded(lent, 1, "half_up") // term + (2 * (lent % term) >= term)
    even = np.where(free, even, np.minimum(even, _most(lent, term)))
    by_month, by_days = payment - regular, np.where(flat, -1, payment - stub)
    chosen = np.where(off(by_days) < off(by_month), by_days, by_month)
    return cast("Ints", np.where(np.minimum(off(by_days), off(by_month)) == np.iinfo(np.int64).max, even, chosen))


def _most(lent: Ints, term: Ints) -> Ints:
    """The greatest equal part that leaves nothing below zero for the last installment."""
    return np.asarray(lent // np.maximum(term - 1, 1))


def _bears_odd_days(group: Conventions) -> pl.Expr:
    """Whether the first period is not the regular month between two due days, and is charged by its days."""
    if group.first_period == "equal_periods":
        return pl.col("plan_id").is_null()
    start, first = pl.col("started_on"), pl.col("nominal_first_on")
    begins = _on_day(start.dt.month_start()) == start
    follows = _on_day(start.dt.month_start().dt.offset_by("1mo")) == first
    return ~(begins & follows)


def _month(balance: Ints, rate_ppm: Ints) -> Ints:
    return divide_rounded(balance * rate_ppm, 12 * _PPM, "half_up")
