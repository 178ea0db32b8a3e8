"""The source an income is taken from and how sure it is, by hand, without a bank line but those that are said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.transforms.profile.statements import NIGHT, Line, each_month, estimate, paid
from transforms.profile.income_estimate import CONFIDENCE
from transforms.profile.parameters import ProfileParameters

DAYS = timedelta(days=ProfileParameters().verified_income_days)
WAGES = [paid(day, 5_000.0, "工资", "E1") for day in each_month(10)]
PROOF: dict[str, Any] = {
    "verified_income_cents": 520_000,
    "verified_income_source": "tax",
    "verified_income_on": NIGHT,
}


def of(lines: list[Line], **person: Any) -> tuple[Any, Any]:
    found = estimate(lines, **person)
    return found["income_source"], found["income_cents"]


@pytest.mark.parametrize(
    ("lines", "person", "income"),
    [
        ([], {}, ("none", None)),
        ([], {"stated_income_cents": 400_000}, ("stated", 400_000)),
        ([], {"stated_income_cents": 1}, ("stated", 1)),
        ([], {"stated_income_cents": 0}, ("none", None)),
        ([], PROOF | {"stated_income_cents": 400_000}, ("tax", 520_000)),
        ([], PROOF | {"verified_income_cents": 1}, ("tax", 1)),
        ([], PROOF | {"verified_income_cents": 0, "stated_income_cents": 7}, ("stated", 7)),
        ([], PROOF | {"verified_income_on": NIGHT - DAYS}, ("tax", 520_000)),
        ([], PROOF | {"verified_income_on": NIGHT - DAYS - timedelta(days=1)}, ("none", None)),
        (WAGES, {"stated_income_cents": 400_000}, ("payroll", 500_000)),
        (WAGES, PROOF, ("tax", 520_000)),
        (WAGES, PROOF | {"verified_income_source": "social_security"}, ("social_security", 520_000)),
        (WAGES, PROOF | {"verified_income_source": "employer_proof"}, ("payroll", 500_000)),
        (
            [],
            PROOF | {"verified_income_source": "employer_proof", "stated_income_cents": 1},
            ("employer_proof", 520_000),
        ),
    ],
)
def test_the_best_source_there_is_gives_the_income(
    lines: list[Line], person: dict[str, Any], income: tuple[str, int | None]
) -> None:
    assert of(lines, **person) == income


def test_a_proof_or_a_statement_is_as_sure_as_its_kind() -> None:
    assert estimate([], **PROOF)["income_confidence"] == CONFIDENCE["tax"]
    assert estimate([], stated_income_cents=1)["income_confidence"] == CONFIDENCE["stated"]
    assert estimate([])["income_confidence"] == CONFIDENCE["none"] == 0
    assert max(CONFIDENCE.values()) == CONFIDENCE["tax"]


@pytest.mark.parametrize(("cents", "more"), [(550_000, 0.05), (550_001, 0.0), (450_000, 0.05), (449_999, 0.0)])
def test_a_proof_within_a_tenth_of_the_lines_makes_them_surer(cents: int, more: float) -> None:
    proof = PROOF | {"verified_income_source": "employer_proof", "verified_income_cents": cents}
    alone, proved = estimate(WAGES)["income_confidence"], estimate(WAGES, **proof)["income_confidence"]
    assert alone == pytest.approx(CONFIDENCE["payroll"])
    assert proved == pytest.approx(float(alone) + more)  # type: ignore[arg-type]


def test_without_consent_no_line_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same lines, read by a lender who may not: what is stated is all there is."""
    import polars as pl

    from tests.unit.transforms.profile import statements

    whole = statements.income_estimate

    def refused(frames: dict[str, pl.DataFrame], night: Any, *more: Any) -> pl.DataFrame:
        without = frames["consent"].with_columns(consent_bank_statement=pl.lit(value=False))
        return whole(frames | {"consent": without}, night, *more)

    monkeypatch.setattr(statements, "income_estimate", refused)
    found = estimate(WAGES, stated_income_cents=9)
    assert (found["income_source"], found["income_cents"], found["payroll_cents"]) == ("stated", 9, None)
    assert (found["months_seen"], found["payroll_basis"], found["income_cv"]) == (0, None, None)


@pytest.mark.parametrize("employment", ["student", "retired", "unemployed"])
def test_who_is_not_employed_has_support_and_no_payroll_where_nothing_says_wage(employment: str) -> None:
    silent = [paid(day, 5_000.07, None, "E1") for day in each_month(10)]
    assert of(silent) == ("payroll", 500_007)
    assert of(silent, employment_type=employment) == ("recurring", 500_007)
    assert of(WAGES, employment_type=employment) == ("payroll", 500_000)
