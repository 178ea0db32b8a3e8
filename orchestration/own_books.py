"""The lender's own books as a night knows them, read for eligibility."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.eligibility.own_books import own_books_sql
from transforms.profile.states import latest_sql
from warehouse.contract import load_contract

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from orchestration.work import Work


def own_books(work: Work, day: date, shards: tuple[int, int]) -> pl.DataFrame:
    """Plans, repayments, lines and open cases of a group of shards, a row per customer that has any."""
    night = work.night(day)

    def latest(feed: str) -> str:
        return latest_sql(night.feed(feed, shards).all, load_contract(feed).lake_key)

    plans, lines, cases = map(latest, ("credit.installment_plan", "credit.customer_line", "credit.hardship_case"))
    repayments = night.feed("credit.repayment", shards).all
    return work.lake.frame(own_books_sql(day, plans, repayments, lines, cases))
