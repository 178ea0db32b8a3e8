"""What a decision may use of cases: wishes still open, and a medical cause only where its consent holds tonight."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.consent_dates import DAY, consent_dates
from tests.unit.transforms.support import NIGHT, policy
from transforms.servicing.cases import open_requests, permitted_cases

_CONSENT = {"customer_token": "a", "consent_scope": "medical", "granted_on": date(2025, 1, 1)}
_SCHEMA = {"customer_token": pl.String, "consent_scope": pl.String}
_SCHEMA |= dict.fromkeys(("granted_on", "expires_on", "withdrawn_on"), pl.Date)


def causes(*consents: dict[str, Any]) -> dict[str, str]:
    cases = pl.DataFrame(
        {"case_id": ["1", "2", "3"], "customer_token": ["a", "a", "b"], "cause": ["medical", "job_loss", "medical"]}
    )
    given = pl.DataFrame([dict.fromkeys(_SCHEMA) | _CONSENT | c for c in consents], schema=_SCHEMA)
    found = permitted_cases(cases, given, NIGHT)
    assert found.columns == cases.columns
    return dict(found.select("case_id", "cause").iter_rows())


@pytest.mark.parametrize(
    ("dates", "holds"),
    [
        *consent_dates(NIGHT),
        ({"consent_scope": "social"}, False),
    ],
)
def test_a_medical_cause_is_used_while_its_consent_holds_and_not_on_the_day_it_is_withdrawn(
    dates: dict[str, Any], *, holds: bool
) -> None:
    """The case itself stays: withheld consent closes no route."""
    assert causes(dates) == {"1": "medical" if holds else "other", "2": "job_loss", "3": "other"}


def test_one_consent_that_holds_is_enough_and_counts_for_its_customer_alone() -> None:
    assert causes({"withdrawn_on": NIGHT}, {}, {}) == {"1": "medical", "2": "job_loss", "3": "other"}
    assert set(causes().values()) == {"other", "job_loss"}


def test_a_wish_is_open_for_the_days_a_preview_is_valid_unless_closed_or_accepted() -> None:
    last = NIGHT - timedelta(days=policy().changes.preview_days)
    rows = [
        ("old", "change_request", "open", last - DAY, None),
        ("last", "change_request", "open", last, None),
        ("new", "change_request", "open", NIGHT, None),
        ("closed", "change_request", "closed", NIGHT, None),
        ("complaint", "complaint", "open", NIGHT, None),
        ("taken", "change_request", "open", NIGHT, None),
        ("yes", "acceptance", "open", NIGHT, "taken"),
    ]
    latest = pl.DataFrame(rows, schema=["case_id", "kind", "status", "opened_on", "refers_to"], orient="row")
    assert open_requests(latest, NIGHT, policy())["case_id"].to_list() == ["last", "new"]
