"""What a default would cost: the first row of the table that fits, and each file that cannot be used."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from transforms.risk.loss import LossTableError, parse_loss

DOCUMENT: dict[str, Any] = {
    "lgd": 0.5,
    "unused_line_share": 0.25,
    "table": [
        {"exposure": "plan", "collateral": "guaranteed", "segment": "transactor", "lgd": 0.1},
        {"exposure": "plan", "collateral": "none", "lgd": 0.4},
        {"exposure": "line", "lgd": 0.7},
        {"segment": "transactor", "lgd": 0.2},
    ],
}


@pytest.mark.parametrize(
    ("exposure", "guaranteed", "segment", "share"),
    [
        ("plan", True, "transactor", 0.1),
        ("plan", False, "transactor", 0.4),
        ("plan", True, "standard", 0.5),
        ("plan", True, None, 0.5),
        ("plan", None, "transactor", 0.2),
        ("line", True, "transactor", 0.7),
    ],
)
def test_the_first_row_that_fits_counts(exposure: Any, guaranteed: object, segment: str | None, share: float) -> None:
    customer = {"behaviour_segment": [segment], "guaranteed": [guaranteed]}
    frame = pl.DataFrame(customer, schema={"behaviour_segment": pl.String, "guaranteed": pl.Boolean})
    found = frame.select(parse_loss(DOCUMENT, "card").lgd(exposure, guaranteed=pl.col("guaranteed"))).item()
    assert found == share


@pytest.mark.parametrize(
    ("line", "used", "owed", "plan", "drawn"),
    [(1_000, 200, 500, 500, 200), (1_003, 0, 0, 0, 250), (100, 900, None, 0, 0), (None, None, 5, 5, 0)],
)
def test_a_quarter_of_the_unused_line_is_drawn(line: int, used: int, owed: int, plan: int, drawn: int) -> None:
    customer = {"line_cents": [line], "line_used_cents": [used], "plan_outstanding_cents": [owed]}
    exposures = parse_loss(DOCUMENT, "card").exposures()
    found = pl.DataFrame(customer, schema=dict.fromkeys(customer, pl.Int64)).select(**exposures)
    assert found.row(0, named=True) == {"plan": plan, "line": drawn}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lgd": 1.1}, r"card: loss: 1.1 is not a fraction"),
        ({"lgd": -0.1}, r"card: loss: -0.1 is not a fraction"),
        ({"unused_line_share": 2}, r"card: loss: 2.0 is not a fraction"),
        ({"table": [{"lgd": 0.1}, {"lgd": 1.5}]}, r"card: loss table row 2: 1.5 is not a fraction"),
        ({"table": [{"exposure": "plan"}]}, r"row 1: lgd not given"),
        ({"table": [{"lgd": 0.1, "segments": "x", "a": 1}]}, r"row 1: unknown a, segments"),
        ({"table": [{"lgd": 0.1, "exposure": "card"}]}, r"row 1: exposure 'card' is not one of plan, line, any"),
        ({"table": [{"lgd": 0.1, "collateral": "car"}]}, r"collateral 'car' is not one of none, guaranteed, any"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_by_row(change: dict[str, Any], words: str) -> None:
    with pytest.raises(LossTableError, match=words):
        parse_loss(DOCUMENT | change, "card")


def test_the_ends_of_a_share_are_shares() -> None:
    assert parse_loss({"lgd": 0, "unused_line_share": 1}, "card").base == 0.0
