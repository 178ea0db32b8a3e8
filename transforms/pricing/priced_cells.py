"""The rate card: every grade, product, term and method priced once, with exact schedules on 10,000 yuan.

Price = funding + operating cost + the grade's margin and expected loss + product and term add-ons + overlay, never
below zero and never lower for a worse grade. Above the lowest of its caps a cell is either lowered within the lender's
stated tolerance (`cap_binding`) or marked `price_above_cap`, in which case its figures are those at the cap and it is
not sold. What the treasury pays comes off last, so that a subsidy never carries a price over its cap.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from transforms.loans.grid import price_many
from transforms.loans.plan import MILLION, STEPS, RepayMethod
from transforms.pricing.annual_cost_many import monthly_irr_many
from transforms.pricing.cost_cap import (
    REFERENCE_CENTS,
    cap_as_monthly_rate,
    cost_figures,
    dearest_monthly_cost,
    max_nominal_rates,
    plan_flows,
)
from transforms.pricing.first_period import REGULAR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from transforms.loans.rounding import Rounding
    from transforms.pricing.first_period import FirstDue

PPM_PER_BP = 100
CELL = ("product_code", "plan_type", "term_m", "repay_method")
RATE_CARD_SCHEMA: dict[str, pl.DataType] = {
    "as_of_date": pl.Date(),
    "risk_grade": pl.String(),
    "product_code": pl.String(),
    "plan_type": pl.String(),
    "term_m": pl.Int32(),
    "repay_method": pl.String(),
    "nominal_rate": pl.Float64(),
    "risk_price": pl.Float64(),
    "apr_simple": pl.Float64(),
    "apr_irr": pl.Float64(),
    "cap_rate": pl.Float64(),
    "cap_method": pl.String(),
    "cap_cost": pl.Float64(),
    "cap_binding": pl.Boolean(),
    "price_above_cap": pl.Boolean(),
    "payment_per_10k_cents": pl.Int64(),
    "last_payment_per_10k_cents": pl.Int64(),
    "highest_payment_per_10k_cents": pl.Int64(),
    "interest_per_10k_cents": pl.Int64(),
    "fee_per_10k_cents": pl.Int64(),
    "upfront_fee_per_10k_cents": pl.Int64(),
    "periodic_fee_per_10k_cents": pl.Int64(),
    "balloon_bp": pl.Int32(),
    "step_bp": pl.Int32(),
    "subsidy_payer": pl.String(),
    "subsidy_rate": pl.Float64(),
    "subsidy_per_10k_cents": pl.Int64(),
}
_METHOD_FIGURES = {"balloon_bp": 0, "step_bp": 0, "min_term_m": 1, "max_term_m": 1_200}
_PRODUCT_FIGURES = {
    "add_on_bp": 0,
    "subsidy_bp": 0,
    "subsidy_share_bp": 10_000,
    "upfront_fee_ppm": 0,
    "periodic_fee_ppm": 0,
}


@dataclass(frozen=True)
class PricingParameters:
    """What every price starts from, basis points a year; `term_step_bp` is added for each further begun year.

    `overlay_bp` is the market's add-on of the night. `cap_tolerance_bp`: how far below its risk price a cell may be
    sold at the cap; 0 sells nothing below its risk price. `first_periods`: by product code the first periods on which
    its cap is held (:func:`transforms.pricing.first_period.dearest_first_periods`; default: a regular month).
    """

    funding_bp: int
    operating_bp: int
    term_step_bp: int = 0
    overlay_bp: int = 0
    cap_tolerance_bp: int = 0
    payment_rounding: Rounding = "half_up"
    first_periods: Mapping[str, Sequence[FirstDue]] = field(default_factory=dict)


def rate_card(
    grades: pl.DataFrame,
    products: pl.DataFrame,
    terms: pl.DataFrame,
    methods: pl.DataFrame,
    pricing: PricingParameters,
    caps: pl.DataFrame,
    as_of: date,
) -> pl.DataFrame:
    """One row per risk_grade, product_code, plan_type, term_m, repay_method; columns of `RATE_CARD_SCHEMA`.

    Inputs (basis points and months are integers, other columns are ignored):

    * `grades`: risk_grade (sorting as its text, best first), loss_bp, margin_bp, max_term_m: a longer term has no row.
    * `products`: product_code, plan_type; add_on_bp, upfront_fee_ppm, periodic_fee_ppm (each installment), subsidy_bp
      (the treasury's part of the rate) and subsidy_share_bp (its most, as a share of the rate) where they exist.
      plan_type `interest_free` charges no interest: a merchant pays it.
    * `terms`: product_code, term_m. `methods`: product_code, plan_type, repay_method; min_term_m, max_term_m,
      balloon_bp, step_bp where they exist.
    * `caps`: product_code, cap_rate (decimal fraction a year), cap_method (simple_irr or compound_irr); of several the
      one that leaves the lowest rate is shown.

    Rates are decimal fractions a year rounded to six decimals, money is cents on 1,000,000 cents. `nominal_rate` is
    what the customer pays, the subsidy taken off; `cap_cost` its annual cost by the cap's method with the dearest first
    period, the other figures are those of a regular one; `fee_per_10k_cents` is every fee over the term;
    `subsidy_per_10k_cents` is what the payer bears over the term. Raises ValueError for a repeated key, a product
    without a cap, or fees that break the cap without any interest.
    """
    cells = _cells(grades, products, terms, methods, caps)
    if cells.is_empty():
        return pl.DataFrame(schema=RATE_CARD_SCHEMA)
    priced = [_priced(group, caps, pricing) for _, group in cells.group_by("repay_method", maintain_order=True)]
    return (
        pl.concat(priced)
        .with_columns(pl.lit(as_of).alias("as_of_date"), pl.col("term_m").cast(pl.Int32))
        .select(*RATE_CARD_SCHEMA)
        .sort(*CELL, "risk_grade")
    )


def _unique(frame: pl.DataFrame, name: str, *keys: str) -> pl.DataFrame:
    if frame.select(keys).is_duplicated().any():
        raise ValueError(f"{name}: {', '.join(keys)} is given twice")
    return frame


def _with_defaults(frame: pl.DataFrame, figures: dict[str, int]) -> pl.DataFrame:
    """Integer columns that are not given, or not filled, with their defaults."""
    missing = [pl.lit(value, pl.Int64).alias(name) for name, value in figures.items() if name not in frame.columns]
    filled = [pl.col(name).cast(pl.Int64).fill_null(value) for name, value in figures.items()]
    return frame.with_columns(missing).with_columns(filled)


def _cells(
    grades: pl.DataFrame, products: pl.DataFrame, terms: pl.DataFrame, methods: pl.DataFrame, caps: pl.DataFrame
) -> pl.DataFrame:
    known = _with_defaults(_unique(products, "products", "product_code", "plan_type"), _PRODUCT_FIGURES)
    ways = _with_defaults(_unique(methods, "methods", "product_code", "plan_type", "repay_method"), _METHOD_FIGURES)
    without_cap = known.join(_unique(caps, "caps", "product_code", "cap_method"), on="product_code", how="anti")
    if not without_cap.is_empty():
        raise ValueError(f"no cap is given for product {', '.join(without_cap['product_code'].unique().sort())}")
    return (
        known.select("product_code", "plan_type", *_PRODUCT_FIGURES)
        .join(_unique(terms, "terms", "product_code", "term_m").select("product_code", "term_m"), on="product_code")
        .join(
            ways.select("product_code", "plan_type", "repay_method", *_METHOD_FIGURES),
            on=["product_code", "plan_type"],
        )
        .filter(pl.col("term_m").is_between("min_term_m", "max_term_m"))
        .drop("min_term_m", "max_term_m")
        .join(
            _unique(grades, "grades", "risk_grade").select("risk_grade", "loss_bp", "margin_bp", "max_term_m"),
            how="cross",
        )
        .filter(pl.col("term_m") <= pl.col("max_term_m"))
        .sort(*CELL, "risk_grade")
    )


def _contract_price_bp(pricing: PricingParameters) -> pl.Expr:
    further_years = (pl.col("term_m") - 1) // 12
    base = pricing.funding_bp + pricing.operating_bp + pricing.overlay_bp
    own = pl.col("loss_bp") + pl.col("margin_bp") + pl.col("add_on_bp")
    price = (base + own + further_years * pricing.term_step_bp).cast(pl.Int64).clip(lower_bound=0)
    return price.cum_max().over(CELL, order_by="risk_grade")


def _integers(frame: pl.DataFrame, name: str) -> NDArray[np.int64]:
    return frame[name].cast(pl.Int64).to_numpy()


def _fees(cells: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Up-front and periodic fee of each cell on the reference principal, rounded half up."""
    upfront, periodic = (
        (2 * REFERENCE_CENTS * _integers(cells, name) + MILLION) // (2 * MILLION)
        for name in ("upfront_fee_ppm", "periodic_fee_ppm")
    )
    return upfront, periodic


def _highest_rates(
    cells: pl.DataFrame, caps: pl.DataFrame, pricing: PricingParameters, method: RepayMethod
) -> pl.DataFrame:
    """`highest_ppm` of each distinct cell: the rate its caps allow, in whole basis points, and the cap that says so."""
    distinct = cells.select(*CELL, "upfront_fee_ppm", "periodic_fee_ppm", "balloon_bp", "step_bp").unique()
    capped = distinct.join(caps.select("product_code", "cap_rate", "cap_method"), on="product_code")
    highest = np.empty(len(capped), dtype=np.int64)
    for first_periods, of_these in _by_first_periods(capped, pricing):
        highest[of_these] = _highest_of(capped.filter(pl.Series(of_these)), pricing, method, first_periods)
    if (highest < 0).any():
        broken = capped.filter(pl.Series(highest < 0)).row(0, named=True)
        raise ValueError(
            f"the fees of {broken['product_code']} ({broken['plan_type']}, {broken['term_m']} months) alone cost more"
            f" than its cap of {broken['cap_rate']:.2%}; lower the fees or leave the cell out"
        )
    return (
        capped.select(*CELL, "cap_rate", "cap_method", pl.Series("highest_ppm", highest))
        .sort("highest_ppm", "cap_rate", "cap_method")
        .unique(CELL, keep="first")
    )


def _by_first_periods(
    cells: pl.DataFrame, pricing: PricingParameters
) -> Iterator[tuple[Sequence[FirstDue], NDArray[np.bool_]]]:
    """First periods on which caps are checked, and the cells checked on each."""
    held = [tuple(pricing.first_periods.get(code, (REGULAR,))) for code in cells["product_code"]]
    for first_periods in set(held):
        yield first_periods, np.array([periods == first_periods for periods in held])


def _highest_of(
    capped: pl.DataFrame, pricing: PricingParameters, method: RepayMethod, first_periods: Sequence[FirstDue]
) -> NDArray[np.int64]:
    """The rate that each cell's cap allows, millionths; -1 where its fees alone break it."""
    ceiling = [cap_as_monthly_rate(rate, how) for rate, how in capped.select("cap_rate", "cap_method").iter_rows()]
    return max_nominal_rates(
        np.array(ceiling),
        _integers(capped, "term_m"),
        method,
        *_fees(capped),
        balloon_bp=_integers(capped, "balloon_bp"),
        step_bp=_integers(capped, "step_bp"),
        payment_rounding=pricing.payment_rounding,
        first_periods=first_periods,
    )


def _with_rates(
    cells: pl.DataFrame, highest: pl.DataFrame, pricing: PricingParameters, *, free: pl.Expr
) -> pl.DataFrame:
    """`rate_ppm` the customer pays, `risk_ppm` before any cap, what the treasury pays, and whether the cap binds."""
    contract = pl.min_horizontal("contract_ppm", "highest_ppm")
    most = contract * pl.col("subsidy_share_bp") // 10_000 // PPM_PER_BP * PPM_PER_BP
    subsidy = pl.when(free).then(0).otherwise(pl.min_horizontal(pl.col("subsidy_bp") * PPM_PER_BP, most))
    over = pl.col("contract_ppm") - pl.col("highest_ppm")
    return (
        cells.with_columns((_contract_price_bp(pricing) * PPM_PER_BP).alias("contract_ppm"))
        .join(highest, on=list(CELL), maintain_order="left")
        .with_columns(subsidy_ppm=subsidy)
        .with_columns(
            rate_ppm=pl.when(free).then(0).otherwise(contract - pl.col("subsidy_ppm")),
            risk_ppm=pl.col("contract_ppm") - pl.col("subsidy_ppm"),
            capped=~free & (over > 0),
            too_far=over > pricing.cap_tolerance_bp * PPM_PER_BP,
        )
    )


def _priced(cells: pl.DataFrame, caps: pl.DataFrame, pricing: PricingParameters) -> pl.DataFrame:
    """Cells of one repayment method with their price, cap and schedule figures."""
    method = RepayMethod(cells["repay_method"][0])
    free = (pl.col("plan_type") == "interest_free") | (method == RepayMethod.INTEREST_FREE)
    with_price = _with_rates(cells, _highest_rates(cells, caps, pricing, method), pricing, free=free)
    rates, term_m = _integers(with_price, "rate_ppm"), _integers(with_price, "term_m")
    prices = price_many(
        REFERENCE_CENTS,
        rates,
        term_m,
        method,
        balloon_bp=_integers(with_price, "balloon_bp"),
        step_bp=_integers(with_price, "step_bp"),
        payment_rounding=pricing.payment_rounding,
        keep_payments=True,
    )
    upfront, periodic = _fees(with_price)
    payments = prices.payments if prices.payments is not None else np.zeros((len(rates), 0), dtype=np.int64)
    simple, compound = cost_figures(monthly_irr_many(plan_flows(payments, term_m, upfront, periodic)))
    dearest = np.zeros(len(rates))
    for first_periods, of_these in _by_first_periods(with_price, pricing):
        fees = (upfront[of_these], periodic[of_these])
        dearest[of_these], _ = dearest_monthly_cost(
            payments[of_these], term_m[of_these], rates[of_these], method, fees, first_periods
        )
    by_cap = np.where(with_price["cap_method"].to_numpy() == "simple_irr", *cost_figures(dearest))
    # What a merchant forgoes: interest at the risk price on what equal parts leave outstanding.
    risk = np.clip(_integers(with_price, "risk_ppm"), 0, MILLION)
    forgone = price_many(
        REFERENCE_CENTS, risk, term_m, RepayMethod.EQ_PRIN, payment_rounding=pricing.payment_rounding
    ).interest_cents
    interest = pl.Series("interest_per_10k_cents", prices.interest_cents)
    return with_price.with_columns(
        (pl.col("rate_ppm") / MILLION).alias("nominal_rate"),
        (pl.col("risk_ppm") / MILLION).alias("risk_price"),
        pl.Series("apr_simple", _six_decimals(simple)),
        pl.Series("apr_irr", _six_decimals(compound)),
        pl.Series("cap_cost", _six_decimals(by_cap)),
        pl.col("cap_rate").cast(pl.Float64),
        (pl.col("capped") & ~pl.col("too_far")).alias("cap_binding"),
        (pl.col("capped") & pl.col("too_far")).alias("price_above_cap"),
        pl.Series("payment_per_10k_cents", prices.payment_cents),
        pl.Series("last_payment_per_10k_cents", prices.last_payment_cents),
        pl.Series("highest_payment_per_10k_cents", prices.highest_payment_cents),
        interest,
        pl.Series("fee_per_10k_cents", upfront + periodic * term_m),
        pl.Series("upfront_fee_per_10k_cents", upfront),
        pl.Series("periodic_fee_per_10k_cents", periodic),
        (pl.col("subsidy_ppm") / MILLION).alias("subsidy_rate"),
        subsidy_payer=pl.when(free)
        .then(pl.lit("merchant"))
        .when(pl.col("subsidy_ppm") > 0)
        .then(pl.lit("treasury"))
        .otherwise(pl.lit("none")),
        subsidy_per_10k_cents=pl.when(free)
        .then(pl.Series(forgone))
        .otherwise(interest * pl.col("subsidy_ppm") // pl.max_horizontal("rate_ppm", pl.lit(1))),
        balloon_bp=pl.when(pl.lit(method == RepayMethod.BALLOON)).then("balloon_bp").otherwise(0).cast(pl.Int32),
        step_bp=pl.when(pl.lit(method in STEPS)).then("step_bp").otherwise(0).cast(pl.Int32),
    )


def _six_decimals(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rounded half up to millionths; a zero cost is plain zero."""
    return np.floor(np.maximum(rates, 0.0) * MILLION + 0.5) / MILLION
