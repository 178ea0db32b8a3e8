"""Versions of plans: what customers agreed to is not what came of a part repaid early."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from tests.unit.transforms.loans.books import no_versions
from transforms.loans.prepayments import PREPAID
from transforms.loans.version_tables import AGREEMENT


def test_a_part_repaid_early_is_no_change_that_was_agreed() -> None:
    rows = [
        {**dict.fromkeys(AGREEMENT), "plan_id": "P1", "route": route} for route in (PREPAID, "term_change", PREPAID)
    ]
    versions = replace(no_versions(), versions=pl.DataFrame(rows, schema=dict(AGREEMENT), orient="row"))
    assert versions.agreed["route"].to_list() == ["term_change"]
    assert no_versions().agreed.is_empty()
