"""Why books differ from the engine: each reason with the figure books then state, to the cent and the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.servicing.book_states import (
    AHEAD,
    CHANGES,
    DAY_BEFORE,
    EXACT,
    LAST,
    LATER,
    LOOKS,
    NEXT_DAY,
    POSTED,
    READINGS,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BALANCE, NEXT_DUE, DPD = FIGURES = ("outstanding_cents", "next_due_on", "dpd")
#: Why a figure differs, the first that holds.
REASONS = (
    *("running_in_books", "closed_in_books", "start_of_day", "payment_known_later", "change_not_in_books"),
    *("payment_not_in_books", "posted_next_working_day", "later_payment_in_books", "first_unpaid_due"),
    *("due_date_rolled", "due_day_counted", "within_grace", "grace_not_counted", "days_before_change_counted"),
    *("within_tolerance", "overdue_interest_in_balance", "accrued_interest_in_balance"),
    *("interest_to_come_in_balance", "overdue_principal_apart", "paid_ahead_taken_off", "rounding"),
    *("orphan_reversal", "unexplained"),
)
#: Reasons that lie in what the books know, or when they were drawn: the engine then says what they say.
_STATES = {
    "start_of_day": DAY_BEFORE,
    "payment_known_later": LATER,
    "payment_not_in_books": LAST,
    "change_not_in_books": CHANGES,
    "posted_next_working_day": POSTED,
    "later_payment_in_books": NEXT_DAY,
}
#: A balance of the start of the day lacks a payment; the others lack the day.
_WITHOUT_BALANCE = ("start_of_day",)
#: Beside which books may round otherwise too.
_ROUNDED = ("payment_known_later", "payment_not_in_books", "change_not_in_books")
#: What may stand for a figure in such a state.
_READ = {
    BALANCE: ("outstanding_cents",),
    NEXT_DUE: ("next_due_on", "first_unpaid_on", "next_before_roll_on", "first_unpaid_before_roll_on"),
    DPD: ("dpd",),
}


def _conventions(grace_days: int) -> Mapping[str, Mapping[str, Sequence[pl.Expr]]]:
    """Reason → figure → what books state that count in that way; NULL where that way does not apply to the plan."""
    left, overdue, earned = (pl.col(c) for c in ("outstanding_cents", "arrears_interest_cents", "earned_cents"))
    day, oldest, dpd = pl.col("_day"), pl.col("oldest_due_on"), pl.col("dpd")
    before_roll = day - pl.coalesce("oldest_before_roll_on", "first_unpaid_before_roll_on")
    unpaid = ("first_unpaid_on", "oldest_due_on")
    return {
        "first_unpaid_due": {NEXT_DUE: [*(pl.col(c) for c in unpaid), *(pl.col(f"{EXACT}.{c}") for c in unpaid)]},
        "due_date_rolled": {
            NEXT_DUE: [pl.col(c) for c in READINGS if c.endswith("before_roll_on")],
            DPD: [before_roll.clip(lower_bound=0)],
        },
        "due_day_counted": {DPD: [day - oldest + 1]},
        "within_grace": {DPD: [pl.when(dpd <= grace_days).then(0)]},
        "grace_not_counted": {DPD: [pl.when(dpd > grace_days).then(dpd - grace_days)]},
        "days_before_change_counted": {DPD: [pl.col("own_dpd")]},
        "within_tolerance": {DPD: [pl.col(f"{EXACT}.dpd")]},
        "overdue_interest_in_balance": {BALANCE: [left + overdue]},
        "accrued_interest_in_balance": {BALANCE: [left + earned, left + overdue + earned]},
        "interest_to_come_in_balance": {BALANCE: [pl.col("open_cents")]},
        "overdue_principal_apart": {BALANCE: [left - pl.col("arrears_principal_cents")]},
        "paid_ahead_taken_off": {BALANCE: [pl.col(f"{AHEAD}.outstanding_cents"), left - pl.col("carried_cents")]},
    }


def with_reasons(rows: pl.DataFrame, books: pl.DataFrame, world: World) -> pl.DataFrame:
    """`rows` (plan_id, figure, `_book`, `_engine`) with the first of `REASONS` that holds."""
    if rows.is_empty():
        return rows.with_columns(reason=pl.lit(None, pl.String))
    differing = books.join(rows, on="plan_id", how="semi")
    wide = rows.join(world.stood(differing), on="plan_id", how="left")
    for look in LOOKS:
        then = world.stood(differing, look)
        wide = wide.join(then.rename({c: f"{look}.{c}" for c in READINGS}), on="plan_id", how="left")
    wide = wide.with_columns(_day=pl.col("book_on").to_physical().cast(pl.Int64))
    holds = _holds(world)
    reason = pl.coalesce(pl.when(holds[r].fill_null(value=False)).then(pl.lit(r)) for r in REASONS if r in holds)
    return wide.with_columns(reason=reason.fill_null("unexplained")).select(*rows.columns, "reason")


def _holds(world: World) -> dict[str, pl.Expr]:
    """By reason whether it explains a row."""
    book, engine, figure = pl.col("_book"), pl.col("_engine"), pl.col("figure")
    # Books that round otherwise are a cent off with every installment.
    cents = pl.when(figure == BALANCE).then("term_m").otherwise(0)
    holds = {
        "running_in_books": (pl.col("open_cents") == 0) & ((book > 0) | (figure == NEXT_DUE)),
        "closed_in_books": (figure == BALANCE) & (book == 0),
        "rounding": (book - engine).abs() <= cents,
        "orphan_reversal": pl.col("plan_id").is_in(world.orphans),
    }
    for reason, look in _STATES.items():
        off = cents if reason in _ROUNDED else pl.lit(0)
        holds[reason] = pl.any_horizontal(
            (figure == f) & ((book - pl.col(f"{look}.{c}")).abs() <= off) & pl.col(f"{look}.{c}").ne_missing(pl.col(c))
            for f, read in _READ.items()
            if f != BALANCE or reason not in _WITHOUT_BALANCE
            for c in read
        )
    for reason, of_figure in _conventions(world.policy.servicing.grace_days).items():
        holds[reason] = pl.any_horizontal(
            (figure == f) & (book == value) for f, values in of_figure.items() for value in values
        )
    return holds
