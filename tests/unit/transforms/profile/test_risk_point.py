"""Risk points are rules as data, each shown by the profile's own figure; nothing unknown is ever a point."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from tests.unit.transforms.outputs import risk_point
from tests.unit.transforms.profile.whole_night import NIGHT, deliveries, profile_tables, warehouse
from tests.unit.transforms.support import reasons
from transforms.profile.declared.tables import formulas
from transforms.profile.risk_point import RiskPointError, parse_risk_points
from warehouse.reference import risk_points

RULE = {
    "code": "late_before",
    "when": "current_dpd > 0",
    "severity": "high",
    "evidence_key": "current_dpd",
}


def book(*rules: dict[str, str]) -> dict[str, object]:
    return {"version": [{"effective_from": date(2021, 1, 1), "rules": list(rules)}]}


def test_a_point_stands_for_every_customer_its_rule_holds_of_with_the_figure_that_shows_it() -> None:
    """Each shipped rule counted anew in SQL's own words by DuckDB's reading of them."""
    import duckdb

    from warehouse.frames import register

    tables = profile_tables(warehouse(deliveries(5)))
    profile, points = tables["profile.customer_profile"], tables["profile.risk_point"]
    rules = parse_risk_points(risk_points().body, NIGHT, "risk_points.toml", reasons())
    assert len(rules) >= 20
    con = duckdb.connect()
    register(con, "profile", profile)
    for rule in rules:
        expected = {r[0] for r in con.execute(f"SELECT customer_token FROM profile WHERE {rule.when}").fetchall()}
        mine = points.filter(pl.col("risk_code") == rule.code)
        assert set(mine["customer_token"]) == expected, rule.code
        assert mine["severity"].unique().to_list() in ([], [rule.severity])


def test_an_unknown_value_is_no_point_and_evidence_is_told_as_it_stands() -> None:
    profile = pl.DataFrame(
        {
            "as_of_date": [NIGHT] * 3,
            "customer_token": ["a", "b", "c"],
            "shard": [0, 0, 0],
            "current_dpd": [None, 0, 12],
        }
    )
    found = risk_point(profile, parse_risk_points(book(RULE), NIGHT, "x", reasons()))
    assert found.select("customer_token", "evidence_value").rows() == [("c", "12")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"when": "no_such > 1"}, "no column no_such"),
        ({"evidence_key": "other"}, "no column other"),
        ({"severity": "odd"}, "'odd' is none of info, watch, high"),
        ({"when": "social_alert_cnt_3m > 0"}, "for fraud alerts only"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_name(change: dict[str, str], said: str) -> None:
    with pytest.raises(RiskPointError, match=said):
        parse_risk_points(book(RULE | change), NIGHT, "points.toml", reasons())


def test_the_version_in_force_decides_and_a_code_stands_once() -> None:
    two = {"version": [*book(RULE)["version"], {"effective_from": date(2027, 1, 1), "rules": []}]}  # type: ignore[misc]
    assert len(parse_risk_points(two, NIGHT, "x", reasons())) == 1
    assert parse_risk_points(two, date(2027, 1, 1), "x", reasons()) == ()
    with pytest.raises(RiskPointError, match="there twice"):
        parse_risk_points(book(RULE, RULE), NIGHT, "x", reasons())
    with pytest.raises(RiskPointError, match="no version is in force"):
        parse_risk_points(book(RULE), date(2020, 1, 1), "x", reasons())


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),  # two salaries in three months, the third comes in the fourth
        ({"out": 3_000_001}, ["cash_flow_negative", "loans_for_living"]),
        ({"out": 3_000_001, "loan": 0}, ["cash_flow_negative"]),
        ({"due_by": NIGHT}, []),
        ({"due_by": date(2026, 3, 30)}, ["cash_flow_negative", "loans_for_living"]),  # overdue: it may never come
        ({"due_by": None}, ["cash_flow_negative", "loans_for_living"]),
        ({"before": 900_000, "out": 2_700_001}, ["cash_flow_negative", "loans_for_living"]),  # a rise is not yet usual
        ({"now": 900_000, "out": 2_700_000}, []),
        ({"now": 900_000, "out": 2_700_001}, ["cash_flow_negative", "loans_for_living"]),
        ({"salary": 4_000_000, "came": 4_000_000, "out": 3_999_999}, []),  # nothing is taken off for one too many
    ],
)
def test_a_pay_day_moved_out_of_three_months_makes_no_negative_cash_flow(
    changed: dict[str, object], codes: list[str]
) -> None:
    """Case Q20: paid on 30 January, 27 February and 1 April; three months' spending against two salaries."""
    known = {"came": 2_000_000, "salary": 2_000_000, "out": 3_000_000, "loan": 1, "due_by": date(2026, 4, 6)}
    known |= {"now": 1_000_000, "before": 1_000_000} | changed
    row = {
        "as_of_date": NIGHT,
        "customer_token": "a",
        "shard": 0,
        "flow_in_cents_3m": known["came"],
        "flow_out_cents_3m": known["out"],
        "loan_in_cents_3m": known["loan"],
        "salary_cents_3m": known["salary"],
        "salary_due_by": known["due_by"],
        "salary_now_cents": known["now"],
        "salary_before_cents": known["before"],
    }
    name = "net_flow_by_pay_cents_3m"
    profile = pl.DataFrame([row], schema_overrides={"salary_due_by": pl.Date})
    profile = profile.with_columns(pl.sql_expr(formulas()[name]).alias(name))
    rules = parse_risk_points(risk_points().body, NIGHT, "risk_points.toml", reasons())
    mine = tuple(r for r in rules if r.code in ("cash_flow_negative", "loans_for_living"))
    assert risk_point(profile, mine)["risk_code"].sort().to_list() == codes
