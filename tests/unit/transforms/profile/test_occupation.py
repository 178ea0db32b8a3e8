"""Stability of an occupation and growth of its industry come from dated reference data."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from transforms.profile.occupation import OccupationError, occ_stability, parse_occupations, wage_growth_bp
from warehouse.reference import occupations

BODY = {
    "version": [
        {
            "effective_from": date(2021, 1, 1),
            "employment_type": {"employee": 6000, "gig": 3000},
            "tenure": [{"from_m": 24, "bp": 1000}, {"from_m": 0, "bp": -500}],
            "industry": {"public": 1500, "odd": 9000},
        }
    ],
    "wage_growth": [
        {"released_on": date(2025, 5, 16), "year": 2024, "growth_bp": {"other": 280, "software": 310}},
        {"released_on": date(2024, 5, 17), "year": 2023, "growth_bp": {"other": 580}},
    ],
}
PEOPLE = pl.DataFrame(
    {
        "employment_type": ["employee", "employee", "gig", "unheard", None],
        "job_tenure_m": [3, 30, None, 12, 12],
        "industry_code": ["public", "odd", "retail", "public", None],
    },
    schema_overrides={"job_tenure_m": pl.Int32},
)


def test_stability_is_base_plus_tenure_plus_industry_within_bounds() -> None:
    table = parse_occupations(BODY, date(2026, 3, 31), "x")
    assert PEOPLE.select(occ_stability(table)).to_series().to_list() == [0.70, 1.0, 0.3, None, None]


@pytest.mark.parametrize(("day", "growth"), [(date(2025, 5, 15), 580), (date(2025, 5, 16), 280)])
def test_a_night_knows_only_what_had_been_released(day: date, growth: int) -> None:
    table = parse_occupations(BODY, day, "x")
    found = PEOPLE.select(wage_growth_bp(table)).to_series().to_list()
    assert found == [growth, growth, growth, growth, None]


def test_before_the_first_version_there_is_no_answer() -> None:
    with pytest.raises(OccupationError, match="no version is in force on 2020-01-01"):
        parse_occupations(BODY, date(2020, 1, 1), "x")


def test_the_shipped_table_is_whole() -> None:
    table = parse_occupations(occupations().body, date(2026, 3, 31), "occupations.toml")
    assert {"employee", "self_employed", "gig", "student", "retired", "unemployed"} == set(table.base)
    assert table.wage_growth["other"] == 280
