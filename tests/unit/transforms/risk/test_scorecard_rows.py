"""The scorecard as a table."""

from __future__ import annotations

import polars as pl

from tests.unit.transforms.outputs import scorecard_rows
from tests.unit.transforms.risk.support import KNOWN, NIGHT, assess, card


def test_a_score_can_be_added_up_from_the_table_alone() -> None:
    """What a reader does by hand with the published bins, for one customer."""
    rows = scorecard_rows(card(), NIGHT).to_dicts()
    (base,) = (r for r in rows if r["bin_kind"] == "base")
    total = base["points"]
    for row in (r for r in rows if r["bin_kind"] == "range"):
        value, over = KNOWN[row["variable"]], row["over_variable"]
        units = value * row["scale"] // KNOWN[over] if over else int(value * row["scale"] + 1e-6)
        low, high = row["from_units"], row["below_units"]
        if (low is None or units >= low) and (high is None or units < high):
            total += row["points"]
    assert total == assess({})[0]["score"]
    assert (base["from_units"], base["below_units"]) == (card().scale.lowest, card().scale.highest + 1)
    assert (base["place"], base["bin_no"], base["scale"]) == (0, 0, 1)
    places = [(row["place"], row["bin_no"]) for row in rows]
    assert len(set(places)) == len(rows)
    assert {place for place, _ in places} == set(range(len(card().variables) + 1))


def test_every_variable_has_its_place_and_says_what_an_empty_value_gets() -> None:
    rows = scorecard_rows(card(), NIGHT)
    missing = rows.filter(pl.col("bin_kind") == "missing").sort("place")
    assert missing["variable"].to_list() == [v.column for v in card().variables]
    assert missing["points"].to_list() == [v.missing for v in card().variables]
