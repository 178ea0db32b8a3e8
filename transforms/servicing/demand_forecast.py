"""How likely a customer is to want an installment plan within thirty days, what for, and how much of it.

Requests of a customer are taken as Poisson, with rates that differ between customers as a gamma distribution: the
negative binomial model of repeat buying (Ehrenberg, Applied Statistics 8 (1959) 26-41). With n requests seen in T
months and the book's shape a and scale b (by moments), the chance of at least one in t months is

    1 - ((b + T) / (b + T + t s)) ** (a + n)

where s is the season: the share of the book's requests that fell into the same thirty days a year ago, against an
average month. Nobody who refuses marketing is forecast, and no student by a micro-lender.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from transforms.reading import Sql
from transforms.sql import literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from transforms.reading import PerRange, Rows


HORIZON_DAYS = 30
_WINDOW_DAYS, _MONTH = 365, 365 / 12
#: Below so many requests of the book in a year a season cannot be seen; it moves a rate at most so far.
_LEAST_REQUESTS, _SEASON = 200, (0.5, 2.0)
#: Where the counts vary no more than chance would have them: nearly one rate for all.
_ALIKE = 50.0


def request_history(installment_request: Rows, as_of: date) -> Sql:
    """Per customer with a request in the last year: how many, of them in the season's thirty days, what, how much.

    `own_purpose` is the most frequent one (of
    equals the first by name), `typical_cents` the median amount.
    """
    since = as_of - timedelta(days=_WINDOW_DAYS)
    season_to = since + timedelta(days=HORIZON_DAYS)
    known = f"FROM {installment_request.all} WHERE requested_on > {literal(since)} AND requested_on <= {literal(as_of)}"
    # The most frequent first, of equals the first by name, as one text that sorts.
    order = "lpad((1000000 - times)::VARCHAR, 7, '0') || purpose_code"
    return Sql(
        f"SELECT * FROM (SELECT customer_token, count(*)::INTEGER AS request_cnt_12m, "
        f"count(*) FILTER (WHERE requested_on <= {literal(season_to)})::INTEGER AS season_cnt, "
        f"quantile_disc(amount_cents, 0.5) AS typical_cents {known} GROUP BY customer_token) JOIN "
        f"(SELECT customer_token, arg_min(purpose_code, {order}) AS own_purpose FROM (SELECT customer_token, "
        f"purpose_code, count(*) AS times {known} GROUP BY ALL) GROUP BY customer_token) USING (customer_token)"
    )


def demand_forecast(
    customer_profile: pl.DataFrame,
    request_history: pl.DataFrame,
    request_rates: Mapping[str, float],
    purposes: Mapping[str, str],
    lender_type: str,
    as_of: date,
) -> pl.DataFrame:
    """`servicing.demand_forecast`: one row per customer who may be approached, in the profile's order.

    `request_rates` are the figures of :func:`book_figures` over the whole book; `purposes` maps a category to its
    purpose. A customer's own requests say what for and how much, otherwise the orders of the last year.
    """
    approached = ~pl.col("marketing_opt_out") & ~(pl.col("is_student") & pl.lit(lender_type == "micro_lender"))
    shape, scale, season = request_rates["shape"], request_rates["scale"], request_rates["season"]
    months, ahead = _WINDOW_DAYS / _MONTH, HORIZON_DAYS / _MONTH * season
    count = pl.col("request_cnt_12m").fill_null(0)
    ordered = pl.col("order_cents_12m") // pl.max_horizontal("order_cnt_12m", pl.lit(1))
    own = pl.col("own_purpose").is_not_null()
    return (
        customer_profile.filter(approached)
        .select("customer_token", "shard", "top_category", "order_cents_12m", "order_cnt_12m")
        .join(request_history, on="customer_token", how="left", maintain_order="left")
        .with_columns(
            as_of_date=pl.lit(as_of),
            # A power with a constant base, so that the same count always gives the same figure.
            p_need_30d=1 - ((scale + months) / (scale + months + ahead)) ** (shape + count).cast(pl.Float64),
            purpose_code=pl.coalesce(
                "own_purpose",
                pl.col("top_category").replace_strict(dict(purposes), default="general", return_dtype=pl.String),
            ),
            amount_cents=pl.coalesce("typical_cents", pl.when(ordered > 0).then(ordered)),
            request_cnt_12m=count,
            cycle_days=pl.when(count > 1).then(_WINDOW_DAYS // count.clip(1)),
            season_factor=pl.lit(season),
            basis=pl.when(own)
            .then(pl.lit("requests"))
            .when(pl.col("top_category").is_not_null())
            .then(pl.lit("orders"))
            .otherwise(pl.lit("book")),
        )
    )


def customer_count(customer_profile: Rows) -> Sql:
    """(customers,): how many customers there are."""
    return Sql(f"SELECT count(*) AS customers FROM {customer_profile.all}")


def request_rates(request_history: PerRange, customer_count: PerRange) -> dict[str, float]:
    """:func:`book_figures` of the whole book."""
    counts, season = Counter[int](), 0
    for history in request_history:
        counts.update(history["request_cnt_12m"].to_list())
        season += int(history["season_cnt"].sum())
    return book_figures(counts, sum(int(count["customers"].sum()) for count in customer_count), season)


def book_figures(counts: Mapping[int, int], customers: int, season_cnt: int) -> dict[str, float]:
    """Shape and scale (months) of the book's rates by moments, and the season.

    `counts` says how many customers made how many requests in the year, `customers` how many there are in all,
    `season_cnt` how many requests fell into the season's thirty days. Without any request the rate is near nil.
    """
    total = sum(n * many for n, many in counts.items())
    months = _WINDOW_DAYS / _MONTH
    if not total or not customers:
        return {"shape": 1e-9, "scale": months, "season": 1.0}
    mean = total / customers
    square = sum(n * n * many for n, many in counts.items()) / customers
    excess = square - mean * mean - mean
    shape = min(mean * mean / excess, _ALIKE) if excess > 0 else _ALIKE
    usual = total * HORIZON_DAYS / _WINDOW_DAYS
    season = min(max(season_cnt / usual, _SEASON[0]), _SEASON[1]) if total >= _LEAST_REQUESTS else 1.0
    return {"shape": shape, "scale": shape / mean * months, "season": season}
