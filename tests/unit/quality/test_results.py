"""A verdict in numbers and in words."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.results import CheckResult, within

RESULT = CheckResult(
    table="bank.account",
    rule="currency_known",
    passed=True,
    severity="error",
    rows=1_000,
    bad_rows=0,
    max_bad_share=0.05,
    description="currency is one of CNY, USD",
)


@pytest.mark.parametrize(("bad", "held"), [(0, True), (5, True), (6, False), (100, False)])
def test_five_of_a_hundred_are_five_per_cent_and_six_are_more(bad: int, held: bool) -> None:
    assert within(bad, 100, 0.05) is held


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10_000))
def test_tolerance_is_exact_in_basis_points(bad: int, rows: int, basis_points: int) -> None:
    share = Fraction(basis_points, 10_000)
    assert within(bad, rows, basis_points / 10_000) is (bad <= rows * share)


def test_the_line_says_table_rule_counts_allowance_and_what_follows() -> None:
    assert RESULT.summary_line() == "bank.account: currency_known: holds on 1,000 rows"
    words = "of 1,000 rows break «currency is one of CNY, USD»"
    tolerated = replace(RESULT, bad_rows=50)
    assert tolerated.summary_line().endswith(f": 50 {words} (5.00%), within the 5.00% allowed")
    broken = replace(RESULT, bad_rows=51, passed=False)
    assert broken.summary_line().endswith(f": 51 {words} (5.10%), allowed 5.00%; the night stops")
    warned = replace(broken, severity="warning")
    assert warned.summary_line().endswith("; noted, the night goes on")


def test_only_a_broken_rule_of_severity_error_stops_the_night() -> None:
    assert replace(RESULT, passed=False).blocks
    assert not replace(RESULT, passed=False, severity="warning").blocks
    assert not RESULT.blocks


def test_no_rows_have_no_bad_share() -> None:
    assert replace(RESULT, rows=0).bad_share == 0


def test_great_expectations_is_imported_only_when_a_check_is_due() -> None:
    code = (
        "import sys; import quality.data_docs, quality.intake, quality.output_suite; "
        "sys.exit('great_expectations' in sys.modules or 'pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
