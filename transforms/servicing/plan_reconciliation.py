"""Reconciliation of the lender's own books with the engine, plan by plan, with the reason of each difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from transforms.loans.booked import with_due_days
from transforms.loans.movements import once
from transforms.loans.positions import latest_plans
from transforms.servicing.book_reasons import BALANCE, DPD, NEXT_DUE, with_reasons
from transforms.servicing.book_states import World

if TYPE_CHECKING:
    from datetime import date

    from transforms.loans.product_conventions import ProductConventions
    from transforms.loans.version_tables import Versions
    from transforms.policy.policy import Policy

#: Figure → the column of the feed that states it; the engine's column has the figure's name.
FIGURES = {BALANCE: "book_outstanding_cents", NEXT_DUE: "book_next_due_on", DPD: "book_dpd"}
AGREE, EXPLAINED, UNEXPLAINED = "agree", "explained", "unexplained"


@dataclass(frozen=True)
class ReconciledBooks:
    """Result of comparing the books with the engine; `agreement` is (plan_id, books_agreement)."""

    differences: pl.DataFrame
    agreement: pl.DataFrame


def plan_reconciliation(reconciled_books: ReconciledBooks) -> pl.DataFrame:
    """`servicing.plan_reconciliation`: one row per plan and figure of the books that differs from the engine's."""
    return reconciled_books.differences


def books_agreement(reconciled_books: ReconciledBooks) -> pl.DataFrame:
    """(plan_id, books_agreement) of the plans of which the books state a figure."""
    return reconciled_books.agreement


def reconciled_books(
    installment_plan_known: pl.DataFrame,
    repayment_known: pl.DataFrame,
    plan_versions: Versions,
    as_of: date,
    policy: Policy,
    conventions: ProductConventions,
) -> ReconciledBooks:
    """Compare the newest figures that the lender's books state of a plan with the engine's of the same day.

    Every table uses the engine's. `books_agreement` is `agree`, `explained` (it differs for the reasons of its rows) or
    `unexplained`.
    """
    plans = installment_plan_known
    books = _stated_figures(plans, conventions, as_of)
    if books.is_empty():
        none = pl.DataFrame(schema={"plan_id": pl.String, "books_agreement": pl.String})
        return ReconciledBooks(pl.DataFrame(), none)
    world = World(plans, once(repayment_known), plan_versions, policy, conventions, as_of)
    rows = with_reasons(_differences(books, world.figures(books)), books, world)
    differences = rows.with_columns(
        as_of_date=pl.lit(as_of, pl.Date),
        book_value=_text(pl.col("_book"), pl.col("figure")),
        engine_value=_text(pl.col("_engine"), pl.col("figure")),
    ).sort("customer_token", "plan_id", "figure")
    unexplained = differences.group_by("plan_id").agg((pl.col("reason") == "unexplained").any().alias("_open"))
    said = pl.when(pl.col("_open")).then(pl.lit(UNEXPLAINED)).otherwise(pl.lit(EXPLAINED))
    agreement = books.select("plan_id").join(unexplained, on="plan_id", how="left")
    stated = pl.when(pl.col("_open").is_null()).then(pl.lit(AGREE)).otherwise(said)
    return ReconciledBooks(differences, agreement.select("plan_id", books_agreement=stated))


def _stated_figures(plans: pl.DataFrame, conventions: ProductConventions, as_of: date) -> pl.DataFrame:
    """The newest figures that the books state of each plan, with their date."""
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
    return with_due_days(newest, conventions).select(*columns, *FIGURES.values(), _due_day="due_day")


def _differences(books: pl.DataFrame, stood: pl.DataFrame) -> pl.DataFrame:
    """A row per plan and figure that differs: both values as numbers, and by how much.

    Dates are days since 1970; where the engine has no next due date any more there is no number between them.
    """
    parts, joined = [], books.join(stood, on="plan_id")
    for figure, book in FIGURES.items():
        stated = joined.select(
            *("plan_id", "customer_token", "shard", "book_on", "term_m"),
            figure=pl.lit(figure),
            _book=pl.col(book).to_physical().cast(pl.Int64),
            _engine=figure,
        )
        parts.append(stated.drop_nulls("_book").filter(pl.col("_book").ne_missing(pl.col("_engine"))))
    return pl.concat(parts).with_columns(difference=pl.col("_book") - pl.col("_engine"))


def _text(number: pl.Expr, figure: pl.Expr) -> pl.Expr:
    """A figure as it is read: a date, or a number; NULL where there is none."""
    day = number.cast(pl.Int32).cast(pl.Date).cast(pl.String)
    return pl.when(figure == "next_due_on").then(day).otherwise(number.cast(pl.String))
