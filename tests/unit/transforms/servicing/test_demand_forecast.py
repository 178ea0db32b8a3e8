"""Who may want a plan within thirty days: by the model of repeat buying, and only who may be approached."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from tests.unit.transforms.outputs import demand_forecast
from transforms.servicing.demand_forecast import book_figures, request_history
from warehouse.frames import fetch, register
from warehouse.registry import Relations

NIGHT = date(2026, 3, 10)
_PERSON = {
    "shard": 0,
    "marketing_opt_out": False,
    "is_student": False,
    "top_category": None,
    "order_cents_12m": None,
    "order_cnt_12m": None,
}
_TYPES = {
    "customer_token": pl.String,
    "shard": pl.Int16,
    "marketing_opt_out": pl.Boolean,
    "is_student": pl.Boolean,
    "top_category": pl.String,
    "order_cents_12m": pl.Int64,
    "order_cnt_12m": pl.Int64,
}
_BOOK = {"shape": 0.5, "scale": 12.0, "season": 1.0}


def history(*asked: tuple[str, int, str, int]) -> pl.DataFrame:
    """Requests by (customer, days before the night, purpose, cents), reduced by the query."""
    rows = [(who, NIGHT - timedelta(days=days), what, cents) for who, days, what, cents in asked]
    types = {"customer_token": pl.String, "requested_on": pl.Date, "purpose_code": pl.String, "amount_cents": pl.Int64}
    with duckdb.connect() as con:
        register(con, "asked", pl.DataFrame(rows, schema=types, orient="row"))
        return fetch(con, request_history(Relations("asked", None), NIGHT) + " ORDER BY customer_token")


def forecast(
    *people: dict[str, Any], seen: pl.DataFrame | None = None, lender: str = "bank_card", book: Any = None
) -> list[dict[str, Any]]:
    rows = [{**_PERSON, "customer_token": f"c{n}", **change} for n, change in enumerate(people)]
    known = history() if seen is None else seen
    profile = pl.DataFrame(rows, schema=_TYPES)
    purposes = {"dental": "medical"}
    return demand_forecast(profile, known, book or _BOOK, purposes, lender, NIGHT).to_dicts()


def test_requests_of_a_year_are_counted_and_no_later_one() -> None:
    seen = history(
        ("c0", 0, "car", 500),
        ("c0", 364, "travel", 100),
        ("c0", 335, "travel", 300),
        ("c0", 334, "car", 900),
        ("c1", 365, "car", 1),
        ("c2", -1, "car", 1),
    ).to_dicts()
    (row,) = seen
    assert (row["request_cnt_12m"], row["season_cnt"]) == (4, 2)
    assert (row["own_purpose"], row["typical_cents"]) == ("car", 300), "of equals the first by name; the median"


def test_the_chance_by_hand() -> None:
    """Shape 0.5, scale 12 months, a year seen: (24 / (24 + 30 * 12 / 365)) to the power 0.5 and 2.5."""
    seen = history(("c1", 10, "car", 700), ("c1", 80, "car", 700))
    none, two = forecast({}, {}, seen=seen)
    assert none["p_need_30d"] == pytest.approx(1 - (24 / 24.986301) ** 0.5, abs=1e-6)
    assert two["p_need_30d"] == pytest.approx(1 - (24 / 24.986301) ** 2.5, abs=1e-6)
    assert (two["purpose_code"], two["amount_cents"], two["cycle_days"], two["basis"]) == ("car", 700, 182, "requests")
    assert (none["purpose_code"], none["amount_cents"], none["cycle_days"], none["basis"]) == (
        "general",
        None,
        None,
        "book",
    )


def test_orders_say_what_for_where_nothing_was_asked() -> None:
    (row,) = forecast({"top_category": "dental", "order_cents_12m": 9_001, "order_cnt_12m": 3})
    assert (row["purpose_code"], row["amount_cents"], row["basis"]) == ("medical", 3_000, "orders")


def test_who_refuses_marketing_is_not_forecast_nor_a_student_by_a_micro_lender() -> None:
    people: tuple[dict[str, Any], ...] = ({"marketing_opt_out": True}, {"is_student": True}, {})
    assert [r["customer_token"] for r in forecast(*people)] == ["c1", "c2"]
    assert [r["customer_token"] for r in forecast(*people, lender="micro_lender")] == ["c2"]


def test_a_season_raises_every_chance_within_bounds() -> None:
    counts = {0: 700, 1: 200, 2: 100}
    usual, busy, rush = (book_figures(counts, 1_000, season)["season"] for season in (33, 50, 400))
    assert usual == pytest.approx(1.0, abs=0.01)
    assert busy == pytest.approx(50 / (400 * 30 / 365))
    assert rush == 2.0
    assert book_figures({1: 199}, 1_000, 199)["season"] == 1.0, "too few to tell"
    plain, high = (forecast({}, book={**_BOOK, "season": s})[0]["p_need_30d"] for s in (1.0, 2.0))
    assert high > plain


def test_a_book_without_requests_forecasts_next_to_nothing() -> None:
    assert forecast({}, book=book_figures({}, 100, 0))[0]["p_need_30d"] < 1e-6


def test_the_chances_come_true() -> None:
    """20,000 customers whose rates are gamma distributed: what is forecast, per number of requests, is what happens."""
    rng = np.random.default_rng(1)
    rates = rng.gamma(0.6, 1 / 0.6, 20_000)  # requests a year, one on average
    year, month = rng.poisson(rates), rng.poisson(rates * 30 / 365)
    counts = dict(zip(*(x.tolist() for x in np.unique(year, return_counts=True)), strict=True))
    book = book_figures(counts, 20_000, round(int(year.sum()) * 30 / 365))
    assert book["shape"] == pytest.approx(0.6, abs=0.05)
    for n in range(4):
        seen = history(*((f"c{0}", day, "car", 1) for day in range(n)))
        expected = forecast({}, seen=seen, book=book)[0]["p_need_30d"]
        happened = (month[year == n] > 0).mean()
        assert happened == pytest.approx(expected, abs=0.02)
