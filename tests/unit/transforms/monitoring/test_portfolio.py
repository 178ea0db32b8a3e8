"""The book's figures by hand: flow, vintages, classes, the guard, warnings and the forecast."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.transforms.outputs import portfolio
from tests.unit.transforms.support import policy
from transforms.monitoring.portfolio import class_counts
from transforms.monitoring.portfolio_counts import COUNTED, looks, portfolio_counts
from warehouse.contract import load_contract

NIGHT = date(2026, 3, 31)
FIGURES = replace(policy().monitoring, minimum_cell=1)
ENDS = [date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), NIGHT]


def book(*courses: tuple[str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Plans of 1,000.00: a product and a course, of which a digit is the bucket at each of `ENDS`, c closed, w lost.

    All started in November 2025 with a first payment due on 15 December; a bucket b stands for 30 b days past due.
    """
    plans, positions = [], []
    for number, (product, course) in enumerate(courses):
        plan = f"p{number}"
        last = {"c": "settled", "w": "written_off"}.get(course[-1], "running")
        plans.append((plan, product, 100_000, date(2025, 12, 15), last))
        worst = 0
        for day, at in zip(ENDS, course, strict=True):
            status = {"c": "settled", "w": "written_off"}.get(at, "running")
            dpd = 30 * int(at) if at.isdigit() else 0
            worst = max(worst, dpd)
            owed = 0 if at == "c" else 80_000
            oldest = date(2025, 12, 15) if dpd else None
            positions.append((plan, day, status, owed, owed, min(-(-dpd // 30), 7), dpd, worst, oldest))
    return (
        pl.DataFrame(
            plans,
            schema={"plan_id": str, "product_code": str, "principal_cents": int, "first_due_on": date, "status": str},
            orient="row",
        ),
        pl.DataFrame(
            positions,
            schema={
                "plan_id": pl.String,
                "as_of_date": pl.Date,
                "status": pl.String,
                "open_cents": pl.Int64,
                "outstanding_cents": pl.Int64,
                "own_bucket": pl.Int32,
                "own_dpd": pl.Int32,
                "own_max_dpd": pl.Int32,
                "oldest_due_on": pl.Date,
            },
            orient="row",
        ).with_columns(started_on=pl.lit(date(2025, 11, 10))),
    )


def figures_of(*courses: tuple[str, str]) -> pl.DataFrame:
    plans, positions = book(*courses)
    return portfolio([portfolio_counts(plans, positions, NIGHT)], [], FIGURES, NIGHT)


def cell(found: pl.DataFrame, **key: Any) -> dict[str, Any]:
    return found.filter(**({"segment": "all"} | key)).row(0, named=True)


COURSES = (("x", "00000"), ("x", "00111"), ("x", "00123"), ("y", "0012c"), ("y", "0123w"), ("y", "000cc"))


def test_flow_by_hand() -> None:
    """Of five plans current at the end of December three are in the first bucket a month later."""
    found = figures_of(*COURSES)
    into = cell(found, measure="flow", period=date(2026, 1, 31), band="M0>M1")
    assert (into["plan_cnt"], into["base_cnt"], into["plan_rate"]) == (3, 5, pytest.approx(0.6))
    closed = cell(found, measure="flow", period=date(2026, 2, 28), band="M0>closed")
    assert (closed["plan_cnt"], closed["base_cnt"]) == (1, 2)
    lost = cell(found, measure="flow", period=NIGHT, band="M3>written_off")
    assert (lost["plan_cnt"], lost["amount_cents"], lost["base_cents"]) == (1, 80_000, 80_000)
    of_x = cell(found, measure="flow", segment="x", period=date(2026, 2, 28), band="M1>M2")
    assert (of_x["plan_cnt"], of_x["base_cnt"]) == (1, 2)


def test_stock_and_vintage_by_hand() -> None:
    found = figures_of(*COURSES)
    stock = cell(found, measure="stock", period=NIGHT, band="M1")
    assert (stock["plan_cnt"], stock["base_cnt"]) == (1, 3)
    ever = found.filter(measure="vintage_30", segment="all").sort("band")
    assert ever["band"].to_list() == [f"mob {n:02}" for n in range(5)]
    assert ever["plan_cnt"].to_list() == [0, 1, 4, 4, 4]
    assert ever["base_cnt"].to_list() == [6] * 5
    assert cell(found, measure="vintage_90", band="mob 04")["plan_cnt"] == 2
    first = cell(found, measure="first_default")
    assert (first["plan_cnt"], first["base_cnt"]) == (4, 6)
    assert first["alert"]


def test_a_warning_compares_with_the_three_months_before() -> None:
    """January: three of five roll, where one of six did in the only month before."""
    plans, positions = book(*COURSES)
    january = date(2026, 1, 31)
    counted = portfolio_counts(plans, positions.filter(pl.col("as_of_date") <= january), january)
    found = portfolio([counted], [], FIGURES, january)
    warning = cell(found, measure="early_warning", band="M0>M1")
    assert warning["period"] == january
    assert warning["amount_cents"] == 3 * 80_000
    assert warning["base_cents"] == round(5 * 80_000 / 6)
    assert warning["amount_rate"] == pytest.approx(3.6, rel=1e-4)
    assert warning["alert"]


def test_the_forecast_chains_the_mean_rolls() -> None:
    """Rolls of the last three months: M1 three of five, M2 two of three, M3 one of one; stock one M1, one M3."""
    found = figures_of(*COURSES)
    forecast = cell(found, measure="npl_forecast")
    rolled = 80_000 * (3 / 5) * (2 / 3) * 1 + 80_000 * 1
    flows = found.filter(measure="flow", segment="all")
    ones = flows.filter(pl.col("band").str.starts_with("M1>"))
    assert ones.filter(pl.col("band") == "M1>M2")["plan_cnt"].sum() == 3
    assert ones.group_by("period").agg(pl.col("base_cnt").max())["base_cnt"].sum() == 5
    assert forecast["amount_cents"] == round(rolled)
    assert forecast["base_cents"] == 3 * 80_000


def test_classes_and_the_guard() -> None:
    progress = pl.DataFrame(
        {
            "product_code": ["x", "x", "y", "y"],
            "outstanding_cents": [100, 300, 600, 0],
            "own_dpd": pl.Series([0, 91, 90, 400], dtype=pl.Int32),
            "five_class": ["normal", "substandard", "special_mention", "loss"],
        }
    )
    parts = [class_counts(progress.slice(n, 1), NIGHT) for n in range(4)]
    found = portfolio([], parts, replace(FIGURES, npl_limit_bp=3000), NIGHT)
    guard = cell(found, measure="guard_90")
    assert (guard["plan_cnt"], guard["base_cnt"], guard["amount_cents"], guard["base_cents"]) == (1, 3, 300, 1000)
    assert guard["alert"], "the threshold itself is reached"
    assert cell(found, measure="guard_90", segment="y")["alert"] is False
    classes = found.filter(measure="five_class", segment="all")
    assert dict(classes.select("band", "amount_cents").iter_rows()) == {
        "normal": 100,
        "special_mention": 600,
        "substandard": 300,
    }
    assert classes["base_cents"].unique().to_list() == [1000]


def test_small_segments_raise_no_alert() -> None:
    plans, positions = book(*COURSES)
    strict = replace(FIGURES, minimum_cell=7)
    assert not portfolio([portfolio_counts(plans, positions, NIGHT)], [], strict, NIGHT)["alert"].any()


def test_a_book_without_plans_has_no_figures() -> None:
    plans, positions = book()
    found = portfolio([portfolio_counts(plans, positions, NIGHT), pl.DataFrame(schema=COUNTED)], [], FIGURES, NIGHT)
    assert found.is_empty()


@pytest.mark.parametrize(
    ("rows", "broken"),
    [
        ([("all", 0)], 0),
        ([("x", 0)], 0),
        ([("all", 3), ("x", 1), ("y", 2)], 0),
        ([("all", 3), ("x", 1)], 1),
        ([("all", 3)], 1),
        ([("x", 2)], 1),
    ],
)
def test_products_add_up_on_empty_groups_too(rows: list[tuple[str, int]], broken: int) -> None:
    """A book without plans, or with settled ones only, has a class of none: 0 in all and no product beside it."""
    [rule] = [r for r in load_contract("monitoring.portfolio").rules if r.code == "products_add_up"]
    with duckdb.connect() as con:
        con.execute("CREATE TABLE book (measure VARCHAR, period DATE, band VARCHAR, segment VARCHAR, plan_cnt BIGINT)")
        con.executemany("INSERT INTO book VALUES ('five_class', DATE '2026-03-31', 'normal', ?, ?)", rows)
        found = con.execute(str(rule.violations_sql).replace("{object}", "book")).fetchone()
    assert found == (broken,)


_COURSE = st.text("01237", min_size=4, max_size=4).map(lambda tail: "0" + tail)


@given(st.lists(st.tuples(st.sampled_from("xy"), _COURSE), min_size=1, max_size=8), st.integers(1, 7))
def test_shards_add_up(courses: list[tuple[str, str]], cut: int) -> None:
    plans, positions = book(*courses)
    names = plans["plan_id"].to_list()
    parts = []
    for group in (names[:cut], names[cut:]):
        mine = pl.col("plan_id").is_in(group)
        parts.append(portfolio_counts(plans.filter(mine), positions.filter(mine), NIGHT))
    whole = portfolio([portfolio_counts(plans, positions, NIGHT)], [], FIGURES, NIGHT)
    assert portfolio(parts, [], FIGURES, NIGHT).equals(whole)


def test_looks_are_month_ends_and_the_night() -> None:
    assert looks(NIGHT)[-2:] == [date(2026, 2, 28), NIGHT]
    assert len(looks(NIGHT)) == 13
    middle = looks(date(2026, 4, 15))
    assert middle[-2:] == [NIGHT, date(2026, 4, 15)]
    assert len(middle) == 14
