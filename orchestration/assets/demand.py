"""Demand: who may want a plan soon, of those who may be approached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.assets.outputs import output_asset
from transforms.servicing.demand_forecast import book_figures, demand_forecast, request_history_sql

if TYPE_CHECKING:
    from datetime import date

    from orchestration.run.context import RunContext


@output_asset(
    "servicing.demand_forecast",
    group="servicing",
    deps=["profile.customer_profile", "commerce.installment_request", "reference.policy", "reference.product"],
)
def forecast_demand(work: RunContext, day: date) -> None:
    """Stage how likely each customer is to want a plan."""
    night, feed = work.night(day), "commerce.installment_request"
    whole = request_history_sql(night.feed(feed).all, day)
    counted = work.lake.con.execute(
        f"SELECT request_cnt_12m, count(*), sum(season_cnt)::BIGINT FROM ({whole}) GROUP BY ALL"
    ).fetchall()
    people = work.lake.con.execute(f"SELECT count(*) FROM {night.output('profile.customer_profile')}").fetchone()
    book = book_figures({n: many for n, many, _ in counted}, people[0] if people else 0, sum(c for *_, c in counted))
    for shards in night.shard_groups():
        history = work.lake.frame(request_history_sql(night.feed(feed, shards).all, day))
        profile = night.read("profile.customer_profile", shards)
        purposes, lender = work.catalogue(day).purposes, work.policy(day).lender_type
        night.add("servicing.demand_forecast", demand_forecast(profile, history, book, purposes, lender, day))


DEMAND = [forecast_demand]
