"""A preview says what a change asked for would cost, to the cent, before it is agreed."""

from __future__ import annotations

import json
from functools import cache

import polars as pl

from tests.unit.transforms.second_cases import CASES, NIGHT
from tests.unit.transforms.second_installment.test_second_installment import books_of
from transforms.servicing.cases import open_requests
from transforms.servicing.previews import previews


@cache
def drafts() -> tuple[pl.DataFrame, pl.DataFrame]:
    b = books_of(NIGHT)
    return previews(b.progress, b.routes, open_requests(b.wishes, NIGHT, b.policy), b.states_in(b.progress), b.policy)


def test_only_open_routes_are_previewed() -> None:
    wished = {f"W{k}" for k, c in enumerate(CASES) if c.wish is not None and c.night == NIGHT}
    refused = {f"W{k}" for k, c in enumerate(CASES) if c.wish is not None and c.reasons}
    assert set(drafts()[0]["request_id"]) == wished - refused


def test_the_annual_cost_of_a_level_plan_is_its_rate() -> None:
    row = drafts()[0].filter(pl.col("route") == "term_change").row(0, named=True)
    # 12 % a year in level monthly payments, nothing else charged: 1 % a month.
    assert abs(row["apr_simple"] - 0.12) < 1e-5
    assert abs(row["apr_irr"] - (1.01**12 - 1)) < 1e-5


def test_the_disclosure_adds_up_and_says_what_else_there_is() -> None:
    for row in drafts()[0].iter_rows(named=True):
        shown = json.loads(row["disclosure"])
        owed = shown["total_cents"] - shown["interest_cents"]
        assert shown["total_cents"] == row["open_after_cents"]
        assert owed >= shown["principal_cents"]
        assert shown["no_other_fees"]
        assert shown["late_interest_rate"] > 0
