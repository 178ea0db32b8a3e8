"""The routes decided for all plans at once: another plan, another term, settling, a better rate, another due date.

Schedules are monthly from the last due date; many are priced at once, to the cent as one by one
(:mod:`transforms.loans.grid`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from transforms.loans.agreed_change import Terms, new_schedule
from transforms.loans.grid import price_many
from transforms.loans.limits import longest_term, reinstallment_barred
from transforms.loans.plan import RepayMethod
from transforms.risk.affordability import not_below_zero

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from transforms.loans.states import LoanStates
    from transforms.policy.policy import Policy

    Ints = NDArray[np.int64]

_PPM = 1_000_000
#: What of the night's offers is looked at.
OFFER_COLUMNS = (
    *("customer_token", "rank", "term_m", "nominal_rate", "amount_cents", "payment_cents", "total_cost_cents"),
)


def why_not(*objections: tuple[str, pl.Expr]) -> pl.Expr:
    """The codes of the objections that hold, in the order given."""
    return pl.concat_list(
        pl.when(holds.fill_null(value=False)).then(pl.lit(code)).otherwise(pl.lit(None, pl.String))
        for code, holds in objections
    ).list.drop_nulls()


def counted(route: str) -> pl.Expr:
    """One code where one more change is too many or too soon, as a list."""
    column = pl.col(f"count_{route}")
    return pl.when(column.is_not_null()).then(pl.concat_list(column)).otherwise(pl.lit([], dtype=pl.List(pl.String)))


def not_running() -> tuple[tuple[str, pl.Expr], ...]:
    """Objections to changing a plan that has ended or was broken."""
    return (("plan_closed", ~pl.col("alive")), ("plan_broken", pl.col("basis") == "broken"))


def nothing_left() -> pl.Expr:
    """Whether no installment is to come, or all of them are paid ahead."""
    return (pl.col("coming_cnt") == 0) | _nothing_owed()


def _nothing_owed() -> pl.Expr:
    return (pl.col("open_cents") == 0) | (pl.col("outstanding_cents") == 0)


def _usual(policy: Policy) -> tuple[tuple[str, pl.Expr], ...]:
    running = pl.col("basis") == "running"
    c = policy.changes
    return (
        *not_running(),
        ("too_early", running & (pl.col("months_on_book") < c.min_months_on_book)),
        ("overdue", running & ((pl.col("own_dpd") > c.max_dpd) | (pl.col("arrears_cents") > 0))),
        ("nothing_to_come", running & nothing_left()),
        ("under_observation", pl.col("restruct_flag")),
    )


def new_purchase(facts: pl.DataFrame, offers: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Another plan for another purchase: the first offer of the customer, where the decision and behaviour allow it."""
    first = offers.filter(pl.col("rank") == 1).select(
        "customer_token",
        pl.col("term_m").cast(pl.Int32).alias("term_months"),
        pl.col("nominal_rate").alias("offer_rate"),
        pl.col("amount_cents"),
        pl.col("payment_cents").alias("offer_payment"),
        pl.col("total_cost_cents").alias("total_cost_diff_cents"),
    )
    frame = facts.join(first.unique("customer_token"), on="customer_token", how="left")
    own = pl.when(pl.col("decision") != "eligible").then("reasons").otherwise(pl.lit([], dtype=pl.List(pl.String)))
    further = why_not(
        ("not_eligible_now", pl.col("decision").is_null()),
        ("behaviour_score_low", pl.col("behaviour_score") < policy.changes.min_behaviour_score),
        ("no_offer", (pl.col("decision") == "eligible") & pl.col("amount_cents").is_null()),
    )
    return frame.select(
        "plan_id",
        route=pl.lit("new_purchase"),
        reasons=pl.concat_list(own.fill_null([]), further),
        term_months="term_months",
        annual_rate="offer_rate",
        amount_cents="amount_cents",
        payment_after_cents=pl.col("payment_before_cents") + pl.col("offer_payment"),
        highest_payment_cents="offer_payment",
        total_cost_diff_cents="total_cost_diff_cents",
    )


def term_change(facts: pl.DataFrame, states: LoanStates, policy: Policy) -> pl.DataFrame:
    """The balance over other months: those asked for, or the fewest whose payment is within `room_cents`."""
    balance, rate = _column(facts, "outstanding_cents"), _rate_ppm(facts)
    bounds = {kind: longest_term("term_change", kind, policy) for kind in policy.kinds}
    most = facts.select(pl.col("kind").replace_strict(bounds, default=60, return_dtype=pl.Int64)).to_series().to_numpy()
    wished = facts["wished_term_m"].fill_null(0).cast(pl.Int64).to_numpy()
    shortest = _shortest(balance, rate, _column(facts, "room_cents"), most)
    term = np.where(wished > 0, wished, shortest)
    priced = price_many(np.maximum(balance, 1), rate, np.clip(term, 1, 84), RepayMethod.ANNUITY)
    highest = np.maximum(priced.payment_cents, priced.last_payment_cents)
    barred = {kind: reinstallment_barred(kind, policy) for kind in ("", *policy.kinds)}
    frame = facts.with_columns(
        term_months=pl.Series(term, dtype=pl.Int32),
        most_m=pl.Series(most),
        new_rate="annual_rate",
        payment_after_cents=pl.Series(priced.payment_cents),
        highest_payment_cents=pl.Series(highest),
        total_cost_diff_cents=_difference(balance + priced.interest_cents),
    )
    frame = _exactly(frame, "term_change", states)
    law = (("reinstallment_barred", pl.col("alive") & pl.col("kind").replace_strict(barred, return_dtype=pl.Boolean)),)
    short = pl.col("basis") == "running"
    objections = why_not(
        *law,
        *_usual(policy),
        ("income_unknown", short & pl.col("income_cents").is_null()),
        ("term_too_long", short & (pl.col("wished_term_m") > pl.col("most_m"))),
        ("not_affordable", short & (pl.col("highest_payment_cents") > pl.col("room_cents"))),
        ("no_change", short & (pl.col("term_months") == pl.col("coming_cnt"))),
    )
    return frame.select(
        "plan_id",
        "term_months",
        "annual_rate",
        "payment_after_cents",
        "highest_payment_cents",
        "total_cost_diff_cents",
        route=pl.lit("term_change"),
        reasons=pl.concat_list(objections, counted("term_change")),
    )


def _difference(cost_after: Ints) -> pl.Expr:
    """What a new schedule costs more or less in all; what is paid ahead counts under either."""
    return not_below_zero(pl.Series(cost_after) - pl.col("carried_cents")) - pl.col("open_cents")


_FIGURES = ("payment_after_cents", "highest_payment_cents", "total_cost_diff_cents")


def _exactly(frame: pl.DataFrame, route: str, states: LoanStates) -> pl.DataFrame:
    """`frame` with the figures of the exact schedule where the next period is no regular one or interest is flat.

    `annual_rate` and `term_months` are the terms tried; a term that was not requested grows until `room_cents` affords
    it.
    """
    odd = frame.filter(
        (pl.col("basis") == "running") & (pl.col("arrears_cents") == 0) & ~nothing_left() & ~regular_next()
    )
    rows = []
    for row in odd.iter_rows(named=True):
        state = states.of(row["plan_id"])
        free = route == "term_change" and row["wished_term_m"] is None
        longest = row["most_m"] if free else row["term_months"]
        for term in range(row["term_months"], longest + 1):
            made = new_schedule(state, Terms(route, term, annual_rate=row["new_rate"]))
            highest = max(r.payment_cents for r in made.rows)
            if highest <= row["room_cents"]:
                break
        cost = made.cost_cents(row["carried_cents"], row["open_cents"])
        rows.append((row["plan_id"], term, made.payment_cents, highest, cost))
    schema = {"plan_id": pl.String, "term_months": pl.Int32, **dict.fromkeys(_FIGURES, pl.Int64)}
    exact = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.update(exact, on="plan_id")


def _shortest(balance: Ints, rate: Ints, room: Ints, most: Ints) -> Ints:
    """Fewest months, at most `most`, whose exact level payment is within `room`; `most` where none is."""
    monthly = rate / (12 * _PPM)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = 1 - balance * monthly / np.maximum(room, 1)
        plain = balance / np.maximum(room, 1)
        months = np.where(monthly > 0, -np.log(share) / np.log1p(np.where(monthly > 0, monthly, 1)), plain)
    guess = np.where(np.isfinite(months), np.ceil(np.nan_to_num(months, posinf=1e6)), 1e6)
    term = np.clip(guess, 1, most).astype(np.int64)
    for _ in range(2):
        priced = price_many(np.maximum(balance, 1), rate, term, RepayMethod.ANNUITY)
        high = np.maximum(priced.payment_cents, priced.last_payment_cents) > room
        term = np.where(high & (term < most), term + 1, term)
    return term


def early_settlement(facts: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """All at once: principal, interest by actual use, what is overdue; always open where something is owed."""
    principal = pl.col("outstanding_cents") - pl.col("unearned_cents")
    fee_bp = policy.default_costs.early_settlement_fee_bp
    fee = (principal - pl.col("arrears_principal_cents")) * fee_bp // 10_000
    interest = pl.col("earned_cents") + pl.col("arrears_interest_cents")
    amount = principal + interest + fee - pl.col("carried_cents")
    return facts.with_columns(amount_cents=not_below_zero(amount)).select(
        "plan_id",
        "amount_cents",
        route=pl.lit("early_settlement"),
        reasons=why_not(("plan_closed", ~pl.col("alive")), ("no_change", pl.col("alive") & _nothing_owed())),
        payment_after_cents=pl.lit(0, pl.Int64),
        highest_payment_cents=pl.lit(0, pl.Int64),
        total_cost_diff_cents=pl.col("amount_cents") - pl.col("open_cents"),
    )


def regular_next() -> pl.Expr:
    """Whether the next installment charges exactly a month's interest on the balance."""
    return pl.col("next_is_regular") & (pl.col("repay_method") != "FLAT")


def rate_review(facts: pl.DataFrame, rate_card: pl.DataFrame, states: LoanStates, policy: Policy) -> pl.DataFrame:
    """Today's rate of the customer's grade for the months left, where it is lower; the installments fall with it."""
    sold = rate_card.filter(~pl.col("price_above_cap"), pl.col("plan_type") != "interest_free").select(
        pl.col("risk_grade").alias("price_grade"),
        "product_code",
        pl.col("term_m").cast(pl.Int32).alias("coming_cnt"),
        pl.col("nominal_rate").alias("new_rate"),
    )
    cheapest = sold.group_by("price_grade", "product_code", "coming_cnt").agg(pl.col("new_rate").min())
    frame = (
        facts.sort("coming_cnt")
        .join_asof(
            cheapest.sort("coming_cnt"),
            on="coming_cnt",
            by=["price_grade", "product_code"],
            strategy="forward",
            check_sortedness=False,
        )
        .with_columns(new_rate=pl.col("new_rate").fill_null(pl.col("annual_rate")).cast(pl.Decimal(9, 6)))
    )
    balance, term = _column(frame, "outstanding_cents"), _column(frame, "coming_cnt")
    ppm = _rate_ppm(frame, "new_rate")
    priced = price_many(np.maximum(balance, 1), ppm, np.maximum(term, 1), RepayMethod.ANNUITY)
    gain = pl.col("_before") - pl.col("_after")
    frame = frame.with_columns(
        _before=pl.Series(_rate_ppm(frame)),
        _after=pl.Series(ppm),
        payment_after_cents=pl.Series(priced.payment_cents),
        highest_payment_cents=pl.Series(np.maximum(priced.payment_cents, priced.last_payment_cents)),
        term_months=pl.col("coming_cnt"),
        total_cost_diff_cents=_difference(balance + priced.interest_cents),
    )
    frame = _exactly(frame, "rate_review", states)
    running = pl.col("basis") == "running"
    objections = why_not(
        *_usual(policy),
        ("behaviour_score_low", running & (pl.col("behaviour_score") < policy.changes.min_behaviour_score)),
        (
            "rate_not_better",
            running & ((gain < policy.changes.rate_review_gain_bp * 100) | (pl.col("total_cost_diff_cents") >= 0)),
        ),
    )
    return frame.select(
        "plan_id",
        "payment_after_cents",
        "highest_payment_cents",
        "total_cost_diff_cents",
        route=pl.lit("rate_review"),
        reasons=pl.concat_list(objections, counted("rate_review")),
        term_months=pl.col("coming_cnt"),
        annual_rate="new_rate",
    )


def due_date_change(facts: pl.DataFrame, states: LoanStates, policy: Policy) -> pl.DataFrame:
    """Another day of the month; priced exactly where one is requested; without a day no cost is given."""
    wished = pl.col("wished_due_day")
    running = pl.col("basis") == "running"
    frame = facts.with_columns(
        reasons=pl.concat_list(
            why_not(
                *_usual(policy),
                ("day_not_allowed", running & (wished > policy.changes.last_due_day)),
                ("no_change", running & (wished == pl.col("due_day"))),
            ),
            counted("due_date_change"),
        )
    )
    asked = frame.filter((pl.col("reasons").list.len() == 0) & wished.is_not_null())
    priced = []
    for row in asked.iter_rows(named=True):
        made = new_schedule(states.of(row["plan_id"]), Terms("due_date_change", due_day=row["wished_due_day"]))
        cost = made.cost_cents(row["carried_cents"], row["open_cents"])
        priced.append((row["plan_id"], made.payment_cents, max(r.payment_cents for r in made.rows), cost))
    schema = dict.fromkeys(("payment_after_cents", "highest_payment_cents", "total_cost_diff_cents"), pl.Int64)
    exact = pl.DataFrame(priced, schema={"plan_id": pl.String, **schema}, orient="row")
    return frame.join(exact, on="plan_id", how="left").select(
        "plan_id",
        "reasons",
        "annual_rate",
        "total_cost_diff_cents",
        route=pl.lit("due_date_change"),
        term_months=pl.col("coming_cnt"),
        due_day=wished,
        payment_after_cents=pl.coalesce("payment_after_cents", "payment_before_cents"),
        highest_payment_cents=pl.coalesce("highest_payment_cents", "payment_before_cents"),
    )


def _column(frame: pl.DataFrame, name: str) -> Ints:
    return frame[name].cast(pl.Int64).to_numpy()


def _rate_ppm(frame: pl.DataFrame, name: str = "annual_rate") -> Ints:
    return (frame[name].cast(pl.Float64) * _PPM).round().cast(pl.Int64).to_numpy()
