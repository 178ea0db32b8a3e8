"""Reasons of a score, against a recomputation in plain Python."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.transforms.outputs import risk_reason
from tests.unit.transforms.risk.support import KNOWN, NIGHT, card, profile, token
from transforms.risk.risk_reason import MAX_REASONS
from warehouse.contract import load_contract

if TYPE_CHECKING:
    from transforms.risk.scorecard import Scorecard


def brute_force(scorecard: Scorecard, row: dict[str, Any]) -> list[tuple[str, int]]:
    """(code, points below) of a customer's reasons, variable by variable and bin by bin."""
    expected = []
    for place, v in enumerate(scorecard.variables):
        value = row[v.column]
        if v.over is not None:
            value = value * v.scale // row[v.over] if value is not None and row[v.over] else None
        elif value is not None:
            value = math.floor(value * v.scale + 1e-6) if v.scale != 1 else int(value)
        points = v.missing
        if value is not None:
            points = next((p for u, p in zip(v.uppers, v.points, strict=False) if value < u), v.points[-1])
        if v.reference > points:
            code = v.code if value is not None else f"{v.code}_UNKNOWN"
            expected.append((points - v.reference, place, code))
    return [(code, -below) for below, _, code in sorted(expected)[:MAX_REASONS]]


def some_customer(rng: np.random.Generator) -> dict[str, Any]:
    """A known customer some or all of whose values are unknown, at a bin's edge, beside it, or anywhere."""
    row, changed = dict(KNOWN), float(rng.choice((0.15, 0.5, 1.0)))
    for v in card().variables:
        if rng.random() > changed:
            continue
        edge = int(rng.choice(v.uppers)) + int(rng.integers(-1, 2))
        units = max(edge if rng.random() < 0.5 else int(rng.integers(max(v.uppers) * 2 + 2)), 0)
        if v.over is not None:
            row[v.over] = int(rng.choice((0, 1, 777, 1_000_000)))
            row[v.column] = units * row[v.over] // v.scale
        elif rng.random() < 0.15:
            row[v.column] = None
        else:
            row[v.column] = units if v.scale == 1 else units / v.scale
    return row


def test_reasons_of_a_thousand_customers_are_those_of_a_brute_force() -> None:
    """Reasons as Reg B asks: at most four, furthest below the reference first, ties in the scorecard's order."""
    rng, scorecard = np.random.default_rng(20260310), card()
    rows = [some_customer(rng) for _ in range(1_000)]
    found: dict[str, list[tuple[str, int]]] = {token(n): [] for n in range(len(rows))}
    reasons = risk_reason(profile(*rows), scorecard, NIGHT).sort("customer_token", "reason_rank")
    for customer, code, below in reasons.select("customer_token", "reason_code", "points_below").iter_rows():
        found[customer].append((code, below))
    assert found == {token(n): brute_force(scorecard, row) for n, row in enumerate(rows)}
    codes = {code for listed in found.values() for code, _ in listed}
    assert {v.code for v in scorecard.variables} <= codes, "every variable is somebody's reason"


@given(st.sampled_from([v.column for v in card().variables if v.over is None]))
def test_a_value_that_is_not_known_is_said_to_be_so(column: str) -> None:
    (variable,) = (v for v in card().variables if v.column == column)
    rows = risk_reason(profile({column: None}), card(), NIGHT).to_dicts()
    told = {r["reason_code"]: r["reason_en"] for r in rows}
    assert variable.code not in told
    if variable.reference > variable.missing and len(rows) < MAX_REASONS:
        assert told[f"{variable.code}_UNKNOWN"] == variable.unknown_en


def test_the_frame_is_what_the_contract_says() -> None:
    reasons = risk_reason(profile({"max_dpd_12m": 95}), card(), NIGHT)
    assert set(reasons.columns) == {name for name, _ in load_contract("risk.risk_reason").lake_columns()}
