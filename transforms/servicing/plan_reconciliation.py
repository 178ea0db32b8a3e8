"""What the lender's own books say of a plan beside what the engine reckons, and why they differ where they do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from transforms.loans.booked import with_due_days
from transforms.loans.movements import once, orphan_reversals
from transforms.loans.positions import latest_plans, plan_positions, play

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars.datatypes import DataType, DataTypeClass

    from transforms.eligibility.policy import Policy
    from transforms.loans.product_conventions import ProductConventions
    from transforms.loans.version_tables import Versions

#: Columns of `servicing.plan_reconciliation`, in the contract's order.
COLUMNS: Mapping[str, DataType | DataTypeClass] = {
    "as_of_date": pl.Date,
    "plan_id": pl.String,
    "figure": pl.String,
    "customer_token": pl.String,
    "shard": pl.Int16,
    "book_on": pl.Date,
    "book_value": pl.String,
    "engine_value": pl.String,
    "difference": pl.Int64,
    "reason": pl.String,
}
#: Figure → the column of the feed that states it; the engine's column has the figure's name.
FIGURES = {"outstanding_cents": "book_outstanding_cents", "next_due_on": "book_next_due_on", "dpd": "book_dpd"}
#: Why a figure differs, the first that holds.
REASONS = (
    *("running_in_books", "closed_in_books", "payment_known_later", "payment_not_in_books", "change_not_in_books"),
    *("due_date_rolled", "within_tolerance", "rounding", "orphan_reversal", "unexplained"),
)
_EPOCH = date(1970, 1, 1)
AGREE, EXPLAINED, UNEXPLAINED = "agree", "explained", "unexplained"


def plan_reconciliation(
    plans: pl.DataFrame,
    repayments: pl.DataFrame,
    changed: Versions,
    as_of: date,
    policy: Policy,
    conventions: ProductConventions,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(`servicing.plan_reconciliation`, `books_agreement` by plan) of the plans of which the books state a figure.

    One row per plan and figure that differs: the newest figures that the books state are held against the engine's of
    the day they stand for. The engine's are what every table goes by. `books_agreement` is `agree`, `explained` (it
    differs for the reasons of its rows) or `unexplained`. `repayments` have `known_on`.
    """
    told = _told(plans, conventions, as_of)
    if told.is_empty():
        none = pl.DataFrame(schema={"plan_id": pl.String, "books_agreement": pl.String})
        return pl.DataFrame(schema=dict(COLUMNS)), none
    world = _World(plans, once(repayments), changed, policy, conventions, as_of)
    pairs = _pairs(told.join(world.stood(told), on="plan_id"))
    rows = _with_reasons(pairs.filter("_differs"), told, world)
    published = (
        rows.with_columns(as_of_date=pl.lit(as_of, pl.Date))
        .select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())
        .sort("customer_token", "plan_id", "figure")
    )
    unexplained = published.group_by("plan_id").agg((pl.col("reason") == "unexplained").any().alias("_open"))
    said = pl.when(pl.col("_open")).then(pl.lit(UNEXPLAINED)).otherwise(pl.lit(EXPLAINED))
    agreement = told.select("plan_id").join(unexplained, on="plan_id", how="left")
    stated = pl.when(pl.col("_open").is_null()).then(pl.lit(AGREE)).otherwise(said)
    return published, agreement.select("plan_id", books_agreement=stated)


class _World:
    """What a night knows of plans, to be looked at with or without a part of it."""

    def __init__(
        self,
        plans: pl.DataFrame,
        repayments: pl.DataFrame,
        changed: Versions,
        policy: Policy,
        conventions: ProductConventions,
        night: date,
    ) -> None:
        self._plans, self._repayments, self._changed = plans, repayments, changed
        self._policy, self._conventions, self._night = policy, conventions, night

    @property
    def orphans(self) -> list[str]:
        """Plans with a reversal of a movement that nobody knows."""
        return orphan_reversals(self._repayments)["plan_id"].unique().to_list()

    def stood(self, told: pl.DataFrame, *, without: str = "") -> pl.DataFrame:
        """Positions of the plans of `told` on `book_on`, with all that is known or without some of it.

        `without`: "later" what was known after that day only, "last" the money of the last day before it, "changes"
        what was agreed and repaid ahead since the plan was booked.
        """
        mine = told.select("plan_id", day="book_on")
        plans = self._plans.join(mine, on="plan_id", how="semi")
        money = self._repayments.join(mine, on="plan_id")
        if without == "later":
            money = money.filter(pl.col("known_on") <= pl.col("day"))
        elif without == "last":
            paid = (pl.col("value_on") <= pl.col("day")) & (pl.col("kind") != "failed_debit")
            last = pl.col("value_on").filter(paid).max().over("plan_id")
            money = money.filter((pl.col("value_on") < last).fill_null(value=True))
        kept = [
            frame.filter(without != "changes").join(mine, on="plan_id", how="semi")
            for frame in (self._changed.versions, self._changed.installments, self._changed.earned)
        ]
        changed = replace(self._changed, versions=kept[0], installments=kept[1], earned=kept[2])
        played = play(plans, money.drop("day"), mine, self._policy, changed, self._conventions, self._night)
        return plan_positions(played).select("plan_id", *FIGURES, "open_cents", "arrears_cents")

    def rolled(self, told: pl.DataFrame) -> dict[tuple[str, date], date]:
        """By plan and date the books state: the business day it falls on by the plan's conventions."""
        found: dict[tuple[str, date], date] = {}
        columns = ("plan_id", "product_code", "started_on", "book_next_due_on")
        for plan, product, started, due in told.drop_nulls("book_next_due_on").select(columns).iter_rows():
            found[plan, due] = self._conventions.rolled([due], self._conventions.of(product, started))[due]
        return found

    @property
    def tolerance_cents(self) -> int:
        """What an installment may be short by and count as paid."""
        return self._policy.servicing.shortfall_tolerance_cents


def _told(plans: pl.DataFrame, conventions: ProductConventions, as_of: date) -> pl.DataFrame:
    """The newest figures that the books state of each plan and the day they stand for."""
    missing = [c for c in (*FIGURES.values(), "book_on") if c not in plans.columns]
    if missing:
        return plans.clear()
    day = pl.coalesce("book_on", "feed_date")
    stated = plans.filter(
        pl.any_horizontal(pl.col(c).is_not_null() for c in FIGURES.values())
        & (day <= as_of)
        & (day >= pl.col("started_on"))
    )
    newest = latest_plans(stated).with_columns(book_on=day)
    columns = ("plan_id", "customer_token", "shard", "product_code", "started_on", "term_m", "book_on")
    return with_due_days(newest, conventions).select(*columns, *FIGURES.values())


def _pairs(joined: pl.DataFrame) -> pl.DataFrame:
    """A row per plan and figure the books state: both values as numbers, and by how much they differ.

    Dates are days since 1970; where the engine has no next due date any more there is no number between them.
    """
    parts = []
    for figure, book in FIGURES.items():
        numbers = joined.with_columns(pl.col(book, figure).to_physical().cast(pl.Int64))
        parts.append(
            numbers.filter(pl.col(book).is_not_null()).select(
                *("plan_id", "customer_token", "shard", "book_on", "term_m", "open_cents", "arrears_cents"),
                figure=pl.lit(figure),
                _book=book,
                _engine=figure,
                difference=pl.col(book) - pl.col(figure),
                _differs=pl.col(book).ne_missing(pl.col(figure)),
            )
        )
    return pl.concat(parts)


def _with_reasons(rows: pl.DataFrame, told: pl.DataFrame, world: _World) -> pl.DataFrame:
    """`rows` with both values as text and the first of `REASONS` that holds."""
    if rows.is_empty():
        return rows.with_columns(pl.lit(None, pl.String).alias(c) for c in ("book_value", "engine_value", "reason"))
    differing = told.join(rows.select("plan_id").unique(), on="plan_id", how="semi")
    for part in ("later", "last", "changes"):
        then = world.stood(differing, without=part)
        other = pl.concat(
            then.select("plan_id", pl.lit(f).alias("figure"), pl.col(f).to_physical().cast(pl.Int64).alias(f"_{part}"))
            for f in FIGURES
        )
        rows = rows.join(other, on=["plan_id", "figure"], how="left")
    rolled = {plan: (due - _EPOCH).days for (plan, _), due in world.rolled(differing).items()}
    book, engine, figure = pl.col("_book"), pl.col("_engine"), pl.col("figure")
    # Books that round otherwise are a cent off with every installment.
    cents = pl.when(figure == "outstanding_cents").then("term_m").otherwise(0)

    def same(other: pl.Expr) -> pl.Expr:
        return (book - other).abs() <= cents

    def without(part: str) -> pl.Expr:
        """Whether leaving a part out is what makes the engine say what the books say."""
        other = pl.col(f"_{part}")
        return same(other) & other.ne_missing(engine)

    falls = pl.col("plan_id").replace_strict(rolled, default=None, return_dtype=pl.Int64)
    holds = {
        "running_in_books": (pl.col("open_cents") == 0) & ((book > 0) | (figure == "next_due_on")),
        "closed_in_books": (figure == "outstanding_cents") & (book == 0),
        "payment_known_later": without("later"),
        "payment_not_in_books": without("last"),
        "change_not_in_books": without("changes"),
        "due_date_rolled": (figure == "next_due_on") & (falls == engine),
        "within_tolerance": (figure == "dpd")
        & (engine == 0)
        & pl.col("arrears_cents").is_between(1, world.tolerance_cents),
        "rounding": same(engine),
        "orphan_reversal": pl.col("plan_id").is_in(world.orphans),
    }
    reason = pl.coalesce(pl.when(test.fill_null(value=False)).then(pl.lit(name)) for name, test in holds.items())
    return rows.with_columns(
        reason=reason.fill_null("unexplained"),
        book_value=_text(book, figure),
        engine_value=_text(engine, figure),
    )


def _text(number: pl.Expr, figure: pl.Expr) -> pl.Expr:
    """A figure as it is read: a date, or a number; NULL where there is none."""
    day = number.cast(pl.Int32).cast(pl.Date).cast(pl.String)
    return pl.when(figure == "next_due_on").then(day).otherwise(number.cast(pl.String))
