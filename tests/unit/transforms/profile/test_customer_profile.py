"""The profile: what a withdrawn consent empties, what nothing known counts as, ages and totals by hand."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from tests.unit.transforms.profile.whole_night import NIGHT, deliveries, profile_tables, warehouse
from transforms.profile.customer_profile import _filled, _who, _with_consents, _with_totals
from transforms.profile.declared.tables import nil_by_default, under_consent
from transforms.profile.parameters import ProfileParameters

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SCOPES = ("bank_statement", "ecommerce", "credit_bureau", "social")


@pytest.fixture(scope="module")
def con() -> DuckDBPyConnection:
    """Random deliveries of a few customers, who have given every consent."""
    made = warehouse(deliveries(6))
    made.execute("UPDATE lake.bank.consent SET withdrawn_on = NULL, expires_on = NULL, granted_on = DATE '2020-01-01'")
    return made


def test_with_every_consent_nothing_known_is_nil(con: DuckDBPyConnection) -> None:
    profile = profile_tables(con)["profile.customer_profile"]
    assert [column for column in nil_by_default() if column in profile.columns and profile[column].null_count()] == []
    assert profile.select(f"consent_{scope}" for scope in SCOPES).to_numpy().all()


@pytest.mark.parametrize("scope", SCOPES)
def test_a_consent_withdrawn_tonight_empties_its_columns_and_no_others(con: DuckDBPyConnection, scope: str) -> None:
    before = profile_tables(con)["profile.customer_profile"]
    con.execute("BEGIN")
    con.execute(f"UPDATE lake.bank.consent SET withdrawn_on = DATE '{NIGHT}' WHERE consent_scope = '{scope}'")
    after = profile_tables(con)["profile.customer_profile"]
    con.execute("ROLLBACK")
    emptied = {c for c in after.columns if after[c].null_count() == len(after) > before[c].null_count()}
    own = set(under_consent(scope)) & set(after.columns)
    assert not after[f"consent_{scope}"].any()
    assert own - {c for c in own if before[c].null_count() == len(before)} <= emptied
    elsewhere = {column for other in SCOPES if other != scope for column in under_consent(other)}
    assert emptied & elsewhere - own == set()


WHO: dict[str, Any] = {
    "customer_token": "a",
    "shard": 0,
    "birth_month": date(1990, 2, 1),
    "is_student": None,
    "employment_type": "employee",
    "occupation_code": None,
    "industry_code": None,
    "education_level": None,
    "employment_start": date(2025, 3, 31),
    "onboarded_on": date(2026, 2, 28),
    "province_code": None,
    "marketing_opt_out": False,
    "automated_decision_opt_out": False,
    "stated_preference": None,
}


def who(**change: Any) -> dict[str, Any]:
    frame = pl.DataFrame([WHO | change], schema_overrides={"is_student": pl.Boolean, "employment_type": pl.String})
    return _who(frame, NIGHT).row(0, named=True)


@pytest.mark.parametrize(
    ("month", "age"), [(date(1990, 2, 1), 36), (date(1990, 3, 1), 35), (date(1990, 4, 1), 35), (date(2008, 3, 1), 17)]
)
def test_a_year_of_age_counts_once_the_month_of_birth_is_over(month: date, age: int) -> None:
    assert who(birth_month=month)["age_years"] == age


@pytest.mark.parametrize(
    ("said", "employment", "student"),
    [
        (None, "student", True),
        (False, "student", False),
        (True, "employee", True),
        (None, "employee", False),
        (None, None, False),
    ],
)
def test_a_student_is_who_says_so_or_is_employed_as_one(said: object, employment: str | None, *, student: bool) -> None:
    assert who(is_student=said, employment_type=employment)["is_student"] is student


def test_months_in_the_job_and_on_the_books_are_full_ones() -> None:
    assert (who()["job_tenure_m"], who()["onboarded_m"]) == (12, 1)
    later = who(employment_start=date(2026, 5, 1), onboarded_on=date(2025, 4, 1))
    assert (later["job_tenure_m"], later["onboarded_m"]) == (0, 11)


def consented(**known: Any) -> dict[str, Any]:
    """What is left of a few columns by consent and policy."""
    plain = {f"consent_{scope}": True for scope in SCOPES} | {"worst_dpd": 5, "card_worst_dpd": 30}
    frame = pl.DataFrame([plain | {"social_alert_cnt_3m": 2} | known])
    return _with_consents(frame, ProfileParameters(social_alerts=True)).row(0, named=True)


@pytest.mark.parametrize(
    ("known", "worst"),
    [
        ({}, 30),
        ({"worst_dpd": 45}, 45),
        ({"worst_dpd": None, "card_worst_dpd": None}, 0),
        ({"worst_dpd": 90, "consent_credit_bureau": False}, 30),
        ({"card_worst_dpd": None, "consent_credit_bureau": False}, None),
    ],
)
def test_the_worst_arrears_are_the_bureaus_with_consent_and_the_cards(known: dict[str, Any], worst: int | None) -> None:
    assert consented(**known)["max_dpd_12m"] == worst


def test_social_data_need_the_consent_and_the_policy() -> None:
    assert consented()["social_alert_cnt_3m"] == 2
    assert consented(consent_social=False)["social_alert_cnt_3m"] is None
    frame = pl.DataFrame([{f"consent_{s}": True for s in SCOPES} | {"worst_dpd": 0, "card_worst_dpd": 0}])
    silent = _with_consents(frame.with_columns(social_alert_cnt_3m=2), ProfileParameters(social_alerts=False))
    assert silent["social_alert_cnt_3m"].item() is None


def test_nothing_on_record_is_no_consent_and_no_arrears() -> None:
    flags = [*(f"consent_{scope}" for scope in SCOPES), "line_frozen", "restruct_flag"]
    texts = ["pay_behaviour", "five_class"]
    types = dict.fromkeys(flags, pl.Boolean) | dict.fromkeys(texts, pl.String)
    types |= dict.fromkeys([*nil_by_default(), "social_alert_cnt_3m"], pl.Int64)
    found = _filled(pl.DataFrame([dict.fromkeys(types)], schema=types)).row(0, named=True)
    assert {found[name] for name in flags} == {False}
    assert (found["pay_behaviour"], found["five_class"]) == ("inactive", "normal")
    assert {found[name] for name in nil_by_default()} == {0}


TOTALS: dict[str, Any] = {
    "income_cents": 1_000_000,
    "household_income_cents": 200_001,
    "debt_service_cents": 50_000,
    "rent_cents_3m": 30_002,
    "balance_avg_cents_3m": 820_000,
    "bureau_age_days": 45,
}


def totals(**change: Any) -> dict[str, Any]:
    parameters = ProfileParameters(living_cost_floor_cents=150_000, living_cost_share_bp=3_000, bureau_fresh_days=45)
    frame = pl.DataFrame([TOTALS | change], schema=dict.fromkeys(TOTALS, pl.Int64))
    return _with_totals(frame, parameters).row(0, named=True)


def test_obligations_cash_flow_and_buffer_by_hand() -> None:
    """Living cost is 30 % of 12,000.01, 3,600; a month's rent a third of 300.02."""
    found = totals()
    assert found["obligations_cents"] == 50_000 + 10_000
    assert found["free_cash_flow_cents"] == 1_200_001 - 360_000 - 50_000
    assert found["liquid_buffer_m"] == 2.0
    poor = totals(income_cents=400_000, household_income_cents=0)
    assert poor["free_cash_flow_cents"] == 400_000 - 150_000 - 50_000
    unknown = totals(income_cents=None, household_income_cents=0, rent_cents_3m=None, balance_avg_cents_3m=-5)
    figures = ("free_cash_flow_cents", "obligations_cents", "liquid_buffer_m")
    assert [unknown[name] for name in figures] == [None, 50_000, 0.0]


@pytest.mark.parametrize(("days", "status"), [(45, "fresh"), (46, "stale"), (None, "missing")])
def test_reports_are_fresh_to_the_last_day_that_the_policy_says(days: int | None, status: str) -> None:
    assert totals(bureau_age_days=days)["bureau_status"] == status
