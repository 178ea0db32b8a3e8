"""M30: risk points are rules as data, each shown by the profile's own figure; nothing unknown is ever a point."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from tests.unit.transforms.profile.whole_night import NIGHT, deliveries, profile_tables, warehouse
from transforms.profile.risk_point import RiskPointError, parse_risk_points, risk_point
from warehouse.reference import risk_points

RULE = {
    "code": "late",
    "when": "current_dpd > 0",
    "severity": "high",
    "evidence_key": "current_dpd",
    "text_en": "Late.",
    "text_zh": "逾期。",
}


def book(*rules: dict[str, str]) -> dict[str, object]:
    return {"version": [{"effective_from": date(2021, 1, 1), "rules": list(rules)}]}


def test_a_point_stands_for_every_customer_its_rule_holds_of_with_the_figure_that_shows_it() -> None:
    """Each shipped rule counted anew in SQL's own words by DuckDB's reading of them."""
    import duckdb

    from warehouse.frames import register

    tables = profile_tables(warehouse(deliveries(5)))
    profile, points = tables["profile.customer_profile"], tables["profile.risk_point"]
    rules = parse_risk_points(risk_points().body, NIGHT, "risk_points.toml")
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
    found = risk_point(profile, parse_risk_points(book(RULE), NIGHT, "x"))
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
        parse_risk_points(book(RULE | change), NIGHT, "points.toml")


def test_the_version_in_force_decides_and_a_code_stands_once() -> None:
    two = {"version": [*book(RULE)["version"], {"effective_from": date(2027, 1, 1), "rules": []}]}  # type: ignore[misc]
    assert len(parse_risk_points(two, NIGHT, "x")) == 1
    assert parse_risk_points(two, date(2027, 1, 1), "x") == ()
    with pytest.raises(RiskPointError, match="there twice"):
        parse_risk_points(book(RULE, RULE), NIGHT, "x")
    with pytest.raises(RiskPointError, match="no version is in force"):
        parse_risk_points(book(RULE), date(2020, 1, 1), "x")
