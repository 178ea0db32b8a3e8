"""Who may have a further plan, and how far evidence of hardship has come."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.support import policy
from transforms.decision.second_plan import hardship_evidence, second_plan_gate


def test_the_best_evidence_of_an_open_case_counts_and_a_rejected_one_is_none() -> None:
    reported = [("c", "rejected", "open"), ("c", "received", "open"), ("c", "verified", "closed")]
    reported += [("c", "requested", "open"), ("d", "rejected", "open"), ("e", "verified", "closed")]
    cases = pl.DataFrame(reported, schema=["customer_token", "evid_status", "status"], orient="row")
    assert dict(hardship_evidence(cases).iter_rows()) == {"c": "received", "d": "none"}
    assert hardship_evidence(cases.clear()).is_empty()


@pytest.mark.parametrize(
    ("known", "gate"),
    [
        ({"plan_on_book_m": None, "plan_paid_bp": None}, "no_plan"),
        ({}, "passed"),
        ({"plan_on_book_m": 5}, "too_early"),
        ({"plan_paid_bp": 4_999}, "too_little_paid"),
        ({"running_plan_cnt": 2}, "too_many"),
        ({"running_plan_cnt": 1, "broken_plan_cnt": 1}, "broken"),
        ({"broken_plan_cnt": 1, "hardship_evidence": "requested"}, "broken"),
        ({"broken_plan_cnt": 1, "hardship_evidence": "verified"}, "broken_with_evidence"),
        ({"running_plan_cnt": 0}, "passed"),
        ({"running_plan_cnt": None, "broken_plan_cnt": None}, "passed"),
    ],
)
def test_the_gate_to_a_further_plan_names_what_stands_against_it(known: dict[str, Any], gate: str) -> None:
    """Six months on the books, half paid, fewer than two open plans, none broken."""
    plain = {"plan_on_book_m": 6, "plan_paid_bp": 5_000, "running_plan_cnt": 1, "broken_plan_cnt": 0}
    schema: dict[str, Any] = {**dict.fromkeys(plain, pl.Int32), "hardship_evidence": pl.String}
    row = pl.DataFrame([dict.fromkeys(schema) | plain | known], schema=schema)
    assert row.select(second_plan_gate(policy())).item() == gate
