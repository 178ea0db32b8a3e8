"""The one pass that says of each bad row which rules it broke."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.quarantine import quarantine
from tests.unit.quality.small_table import COLUMNS, GOOD, ROWS, WARNINGS, Row, broken_by, contract, fill

if TYPE_CHECKING:
    from warehouse.contract import Contract

#: Positions of rows whose key has landed before, and whether with the same content.
SEEN = st.dictionaries(st.integers(0, 18), st.booleans(), max_size=4)


def judge(
    rows: list[Row], seen: dict[int, bool] | None = None, declared: Contract | None = None
) -> tuple[dict[int, list[str]], dict[str, int], int]:
    """Which rules each kept-out row broke, by its position; counts per rule; rows quarantined."""
    with duckdb.connect() as con:
        fill(con, "staged", rows)
        if seen is not None:
            con.execute("CREATE TABLE seen (row_id BIGINT, same BOOLEAN)")
            for position in seen.items():
                con.execute("INSERT INTO seen VALUES (?, ?)", position)
        counts = quarantine(
            con, declared or contract(), "staged", "kept_out", seen_rows=None if seen is None else "seen"
        )
        found = con.execute("SELECT row_id, rules FROM kept_out").fetchall()
        accepted = con.execute("SELECT rowid FROM staged WHERE rowid NOT IN (SELECT row_id FROM kept_out)").fetchall()
    assert sorted([row_id for (row_id,) in accepted] + [row_id for row_id, _ in found]) == list(range(len(rows)))
    assert counts.rows == len(rows)
    assert counts.repeated == sum(rules == ["key_seen_before"] for _, rules in found)
    return dict(found), dict(counts.by_rule), counts.quarantined


@given(ROWS, st.none() | SEEN)
def test_quarantine_is_what_brute_force_finds_and_the_rest_is_accepted(
    rows: list[Row], seen: dict[int, bool] | None
) -> None:
    found, by_rule, quarantined = judge(rows, seen)
    expected = broken_by(rows, seen or {})
    assert {i: set(rules) for i, rules in found.items()} == {
        i: codes - WARNINGS for i, codes in enumerate(expected) if codes - WARNINGS
    }
    assert by_rule == Counter(code for codes in expected for code in codes)
    assert quarantined == len(found)


def test_the_first_of_equal_rows_stays() -> None:
    found, by_rule, _ = judge([GOOD, GOOD, GOOD])
    assert found == {1: ["duplicate_row"], 2: ["duplicate_row"]}
    assert by_rule == {"duplicate_row": 2}


def test_rows_with_one_key_and_different_content_are_all_kept_out() -> None:
    other = (*GOOD[:2], 51, *GOOD[3:])
    found, _, _ = judge([GOOD, other, GOOD])
    assert found == {0: ["key_unique"], 1: ["key_unique"], 2: ["duplicate_row", "key_unique"]}


def test_changes_of_one_key_on_different_days_are_different_rows() -> None:
    """Only in a feed of changes: of events one key is one event."""
    changes = contract(history="changes", eventDate="begun_on")
    other_day, other_amount = (*GOOD[:7], GOOD[8], GOOD[8]), (*GOOD[:2], 51, *GOOD[3:])
    assert judge([GOOD, other_day], declared=changes)[0] == {}
    assert judge([GOOD, other_day])[0] == {0: ["key_unique"], 1: ["key_unique"]}
    found, _, _ = judge([GOOD, other_amount, other_day, other_day], declared=changes)
    assert found == {0: ["key_unique"], 1: ["key_unique"], 3: ["duplicate_row"]}
    dateless = [(*GOOD[:7], None, GOOD[8]), (*other_amount[:7], None, GOOD[8])]
    assert judge(dateless, declared=changes)[0] == {}, "that the day is missing is a rule of its own"


def test_a_null_in_the_key_is_a_missing_value_and_never_a_duplicate() -> None:
    headless = (None, *GOOD[1:])
    found, _, _ = judge([headless, headless, ("a", None, *GOOD[2:])], seen={})
    assert found == {0: ["part_present"], 1: ["part_present"], 2: ["no_present"]}


def test_equal_nulls_outside_the_key_make_equal_rows() -> None:
    sparse = (*GOOD[:2], *[None] * (len(COLUMNS) - 2))
    assert judge([sparse, sparse])[0] == {1: ["duplicate_row"]}


def test_a_key_delivered_before_is_kept_out_and_said_whether_as_it_was() -> None:
    rows = [GOOD, ("b", *GOOD[1:]), ("b", 2, *GOOD[2:]), ("b", 3, 101, *GOOD[3:])]
    found, by_rule, quarantined = judge(rows, seen={0: True, 1: False, 3: True})
    assert found == {0: ["key_seen_before"], 1: ["key_reused"], 3: ["amount_in_range", "key_seen_before"]}
    assert by_rule == {"key_seen_before": 2, "key_reused": 1, "amount_in_range": 1}
    assert quarantined == 3


def test_a_warning_is_counted_and_keeps_nothing_out() -> None:
    found, by_rule, quarantined = judge([(*GOOD[:2], 13, *GOOD[3:])])
    assert (found, by_rule, quarantined) == ({}, {"not_thirteen": 1}, 0)


@pytest.mark.parametrize("rows", [[], [GOOD]])
def test_nothing_bad_leaves_an_empty_quarantine(rows: list[Row]) -> None:
    assert judge(rows) == ({}, {}, 0)
