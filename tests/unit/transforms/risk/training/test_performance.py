"""A sample's outcome is read from later reports only, and every sample is accounted for."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl
import pytest

from transforms.risk.training.performance import (
    BAD,
    BETWEEN,
    GOOD,
    IN_DEFAULT,
    NO_CONSENT,
    UNDER_AGE,
    UNSEEN,
    Definition,
    judged,
    performance_sql,
    sample_dates,
)

DAY = date(2025, 1, 31)
ENDS = [date(2025, m, 28) for m in range(2, 13)] + [date(2026, 1, 31)]


def outcome(
    dpd: list[int],
    *,
    days: list[date] = ENDS,
    written_off: date | None = None,
    plan_off: date | None = None,
    before: int = 0,
    reported: date = DAY,
    is_own: bool = False,
    age: int | None = 40,
    consent: bool | None = True,
    definition: Definition | None = None,
) -> str:
    """What becomes of one customer whose account is `dpd` days past due at the ends of the months after DAY."""
    definition = definition or Definition()
    reports = [
        ("c", reported, before, is_own, "open"),
        *(("c", d, n, is_own, "open") for d, n in zip(days, dpd, strict=False)),
    ]
    if written_off is not None:
        reports.append(("c", written_off, 0, is_own, "written_off"))
    schema = ["customer_token", "reported_on", "dpd", "is_own", "status"]
    accounts = pl.DataFrame(reports, schema=schema, orient="row")
    changes = [("c", date(2024, 1, 1), "running"), *([("c", plan_off, "written_off")] if plan_off else [])]
    plans = pl.DataFrame(changes, schema=["customer_token", "changed_on", "status"], orient="row")
    with duckdb.connect() as con:
        for name, frame in (("accounts", accounts), ("plans", plans)):
            values = ", ".join(str(tuple(str(v) for v in row)) for row in frame.iter_rows())
            con.execute(f"CREATE TABLE {name}_text AS SELECT * FROM (VALUES {values}) t({', '.join(frame.columns)})")
        con.execute(
            "CREATE TABLE accounts AS SELECT customer_token, reported_on::DATE AS reported_on, dpd::INTEGER AS dpd, "
            "is_own::BOOLEAN AS is_own, status FROM accounts_text"
        )
        con.execute(
            "CREATE TABLE plans AS SELECT customer_token, changed_on::DATE AS changed_on, status FROM plans_text"
        )
        cursor = con.execute(performance_sql("accounts", "plans", [DAY], definition))
        names = [d[0] for d in cursor.description or ()]
        found = pl.DataFrame(cursor.fetchall(), schema=names, orient="row").cast({"sample_date": pl.Date})
        found = found.cast({"customer_token": pl.String})
    sample = {"as_of_date": [DAY], "customer_token": ["c"], "age_years": [age], "consent_credit_bureau": [consent]}
    frame = judged(pl.DataFrame(sample, schema_overrides={"age_years": pl.Int32}), found, definition)
    assert frame.columns == [*sample, "outcome"]
    return str(frame["outcome"][0])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"dpd": [0] * 12}, GOOD),
        ({"dpd": [0] * 10 + [29, 0]}, GOOD),
        ({"dpd": [30] + [0] * 11}, BETWEEN),
        ({"dpd": [0] * 11 + [90]}, BAD),
        ({"dpd": [90]}, BAD),
        ({"dpd": [0] * 12, "written_off": date(2025, 6, 1)}, BAD),
        ({"dpd": [0] * 12, "written_off": date(2024, 6, 1)}, IN_DEFAULT),
        ({"dpd": [0] * 12, "plan_off": date(2025, 6, 1)}, BAD),
        ({"dpd": [0] * 12, "plan_off": date(2025, 1, 31)}, IN_DEFAULT),
        ({"dpd": [120] * 12, "before": 95}, IN_DEFAULT),
        ({"dpd": [0] * 12, "before": 60}, GOOD),
        ({"dpd": [0] * 12, "before": 1, "definition": Definition(bad_dpd=1, between_dpd=1)}, IN_DEFAULT),
        ({"dpd": [0] * 12, "reported": date(2023, 1, 31), "definition": Definition(bad_dpd=1, between_dpd=1)}, GOOD),
        ({"dpd": [0] * 5}, UNSEEN),
        ({"dpd": [0] * 6}, GOOD),
        ({"dpd": [0] * 12, "age": 17}, UNDER_AGE),
        ({"dpd": [0] * 12, "age": None}, GOOD),
        ({"dpd": [95] * 12, "consent": None}, NO_CONSENT),
        ({"dpd": [95] * 12, "definition": Definition(own_only=True)}, UNSEEN),
        ({"dpd": [95] * 12, "is_own": True, "definition": Definition(own_only=True)}, BAD),
        ({"dpd": [0, 0, 0, 65], "definition": Definition(window_m=4, bad_dpd=60)}, BAD),
    ],
)
def test_what_became_of_a_sample(given: dict[str, object], expected: str) -> None:
    assert outcome(**given) == expected  # type: ignore[arg-type]


def test_the_window_ends_when_it_ends() -> None:
    """A default a day after the window says nothing of the sample; one on its last day does."""
    late = [*ENDS[:-1], date(2026, 2, 1)]
    assert outcome([0] * 11 + [90], days=late) == GOOD
    assert outcome([0] * 11 + [90], days=ENDS) == BAD


def test_nights_are_sampled_apart_and_only_with_their_window_behind_them() -> None:
    nights = [date(2025, m, 28) for m in range(1, 13)]
    chosen = sample_dates(nights, date(2026, 6, 30), Definition(), 3)
    assert chosen == [date(2025, 1, 28), date(2025, 4, 28)]
    assert sample_dates(nights, date(2025, 12, 31), Definition(), 3) == []
    assert len(sample_dates(nights, date(2025, 12, 31), Definition(window_m=6), 1)) == 6
