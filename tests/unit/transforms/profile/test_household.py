"""A spouse counts only where the policy says so, signed and married, and never income without debts."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from tests.unit.transforms.profile.whole_night import (
    NIGHT,
    PARAMETERS,
    ProfileParameters,
    deliveries,
    profile_tables,
    warehouse,
)
from transforms.profile.household import household_columns

CUSTOMER = pl.DataFrame({"customer_token": ["a", "b"], "marital_status": ["married", "single"]})


def record(
    customer: str, signed: date | None, ended: date | None = None, relation: str = "spouse"
) -> dict[str, object]:
    return {
        "household_member_id": f"{customer} {signed}",
        "customer_token": customer,
        "relation": relation,
        "signed_on": signed,
        "ended_on": ended,
        "monthly_income_cents": 500_000,
        "monthly_service_cents": 90_000,
    }


@pytest.mark.parametrize(
    ("rows", "flag"),
    [
        ([record("a", date(2026, 1, 1))], "joint"),
        ([record("a", NIGHT)], "joint"),
        ([record("a", date(2025, 1, 1), ended=date(2026, 4, 1))], "joint"),
        ([record("a", None)], "none"),
        ([record("a", date(2026, 4, 1))], "none"),
        ([record("a", date(2025, 1, 1), ended=NIGHT)], "none"),
        ([record("a", date(2025, 1, 1), relation="other")], "none"),
        ([record("b", date(2025, 1, 1))], "none"),
    ],
)
def test_only_a_signature_of_a_spouse_that_holds_makes_a_joint_household(
    rows: list[dict[str, object]], flag: str
) -> None:
    types = {"signed_on": pl.Date, "ended_on": pl.Date}
    frames = {"customer": CUSTOMER, "household": pl.DataFrame(rows, schema_overrides=types)}
    found = household_columns(frames["customer"], frames["household"], NIGHT, counts=True).row(0, named=True)
    assert found["household_flag"] == flag
    assert found["household_income_cents"] == (500_000 if flag == "joint" else 0)
    off = household_columns(frames["customer"], frames["household"], NIGHT, counts=False)
    assert off["household_flag"].to_list() == ["policy_off"] * 2
    assert off["household_income_cents"].sum() == 0


@pytest.mark.parametrize(
    ("first", "second", "income"),
    [
        (("M1", date(2025, 1, 1)), ("M2", date(2025, 1, 2)), 200),
        (("M1", date(2025, 1, 2)), ("M2", date(2025, 1, 1)), 100),
        (("M1", date(2025, 1, 1)), ("M2", date(2025, 1, 1)), 100),
        (("M2", date(2025, 1, 1)), ("M1", date(2025, 1, 1)), 200),
    ],
)
def test_of_two_signed_records_the_newer_counts_and_of_one_day_the_first_by_number(
    first: tuple[str, date], second: tuple[str, date], income: int
) -> None:
    rows = [
        record("a", signed) | {"household_member_id": number, "monthly_income_cents": cents}
        for (number, signed), cents in ((first, 100), (second, 200))
    ]
    household = pl.DataFrame(rows, schema_overrides={"signed_on": pl.Date, "ended_on": pl.Date})
    found = household_columns(CUSTOMER, household, NIGHT, counts=True)
    assert found["household_income_cents"].to_list() == [income, 0]


def test_with_the_spouses_income_come_the_spouses_debts_and_neither_by_default() -> None:
    con = warehouse(deliveries(6))
    counted = profile_tables(con)
    joint = counted["profile.customer_profile"].filter(pl.col("household_flag") == "joint")
    debts = counted["profile.debt_ledger"].filter(pl.col("debt_source") == "household")
    assert set(debts["customer_token"]) == set(joint["customer_token"]) != set()
    assert joint.filter(
        (
            pl.col("dsr") - pl.col("debt_service_cents") / (pl.col("income_cents") + pl.col("household_income_cents"))
        ).abs()
        > 1e-12
    ).is_empty()
    alone = profile_tables(con, parameters=ProfileParameters())
    assert alone["profile.customer_profile"]["household_flag"].unique().to_list() == ["policy_off"]
    assert "household" not in alone["profile.debt_ledger"]["debt_source"].to_list()
    assert PARAMETERS.spouse_counts


def test_social_data_stay_out_without_the_policy_and_without_the_consent() -> None:
    """The column is empty unless both allow it."""
    con = warehouse(deliveries(6))
    told = profile_tables(con)["profile.customer_profile"]
    assert told.filter(~pl.col("consent_social"))["social_alert_cnt_3m"].drop_nulls().is_empty()
    assert told.filter("consent_social")["social_alert_cnt_3m"].null_count() == 0
    silent = profile_tables(con, parameters=ProfileParameters())["profile.customer_profile"]
    assert silent["social_alert_cnt_3m"].null_count() == len(silent)
