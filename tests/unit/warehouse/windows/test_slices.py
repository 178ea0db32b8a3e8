"""Slices of the cache: made once whoever comes first, pinned for who reads, gone when nothing needs them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.unit.warehouse.support import lake
from warehouse.lake import Lake
from warehouse.windows.slices import Cache, Slices, prune_slices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.windows.slices import Made

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def one_row(value: int) -> list[str]:
    return [f"SELECT uuid() AS customer_token, 0::SMALLINT AS shard, {value}::BIGINT AS held"]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """One lake for all: each test has a table of its own."""
    with lake(tmp_path_factory.mktemp("slices")) as made:
        yield made


def held(opened: Lake, relation: str) -> list[tuple[date, str, int]]:
    return opened.con.execute(f"SELECT slice_on, basis, held FROM {relation} ORDER BY ALL").fetchall()


def test_a_slice_is_made_once_and_read_by_date_and_basis(opened: Lake) -> None:
    asked: list[date] = []

    def make(on: date, _: Made | None) -> list[str]:
        asked.append(on)
        return one_row(on.day)

    slices = Slices(Cache(opened), "once_1")
    slices.ensured({MONDAY: "a"}, make)
    both = slices.ensured({MONDAY: "a", TUESDAY: "b"}, make)
    assert asked == [MONDAY, TUESDAY]
    assert held(opened, both) == [(MONDAY, "a", 2), (TUESDAY, "b", 3)]
    assert held(opened, slices.ensured({TUESDAY: "b"}, make)) == [(TUESDAY, "b", 3)]


def test_another_basis_is_another_slice_and_the_first_one_stays(opened: Lake) -> None:
    slices = Slices(Cache(opened), "basis_1")
    first = slices.ensured({MONDAY: "a"}, lambda *_: one_row(1))
    corrected = slices.ensured({MONDAY: "b"}, lambda *_: one_row(2))
    assert held(opened, first) == [(MONDAY, "a", 1)]
    assert held(opened, corrected) == [(MONDAY, "b", 2)]


def test_a_slice_without_rows_is_a_slice(opened: Lake) -> None:
    slices = Slices(Cache(opened), "empty_1")
    empty = slices.ensured({MONDAY: "a"}, lambda *_: [f"FROM ({one_row(1)[0]}) WHERE false"])
    assert held(opened, empty) == []
    assert slices.made() == {(MONDAY, "a")}


def test_a_slice_may_come_in_parts_and_many_slices_in_several_commits(
    opened: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.windows.slices._ROWS_A_COMMIT", 2)
    before = opened.snapshot()
    days = {MONDAY + timedelta(days=n): "a" for n in range(3)}
    relation = Slices(Cache(opened), "parts_1").ensured(days, lambda on, _: [*one_row(on.day), *one_row(100 + on.day)])
    assert [row[2] for row in held(opened, relation)] == [2, 102, 3, 103, 4, 104]
    assert opened.snapshot() - before == 2


def test_nothing_wanted_is_refused(opened: Lake) -> None:
    with pytest.raises(ValueError, match="no slice of bank_checkpoint_1 is wanted"):
        Slices(Cache(opened), "bank_checkpoint_1").ensured({}, lambda *_: one_row(1))


def test_of_two_runs_that_make_the_same_slice_one_adds_it(opened: Lake) -> None:
    """The other run is done while this one computes: nothing is counted twice."""
    with Lake.open(opened.settings) as other:

        def while_the_other_is_faster(*_: object) -> list[str]:
            Slices(Cache(other), "two_1").ensured({MONDAY: "a"}, lambda *_: one_row(1))
            return one_row(1)

        relation = Slices(Cache(opened), "two_1").ensured({MONDAY: "a"}, while_the_other_is_faster)
        assert held(opened, relation) == [(MONDAY, "a", 1)]
        assert opened.con.execute("SELECT count(*) FROM lake.cache.two_1").fetchall() == [(1,)]


def test_what_is_not_kept_goes_and_is_made_anew_when_wanted(opened: Lake) -> None:
    prune_slices(opened, {})
    kept, old = Slices(Cache(opened), "kept_1"), Slices(Cache(opened), "kept_0")
    kept.ensured({MONDAY: "a", TUESDAY: "b"}, lambda on, _: one_row(on.day))
    old.ensured({MONDAY: "a"}, lambda *_: one_row(1))
    assert prune_slices(opened, {"kept_1": {(TUESDAY, "b")}}) == 2
    assert kept.made() == {(TUESDAY, "b")}
    assert old.made() == set()
    assert opened.con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'cache' ORDER BY ALL"
    ).fetchall() == [("kept_1",), ("slice",)]
    assert held(opened, kept.ensured({MONDAY: "a"}, lambda *_: one_row(2))) == [(MONDAY, "a", 2)]
    assert prune_slices(opened, {"kept_1": {(MONDAY, "a"), (TUESDAY, "b")}}) == 0


def test_who_reads_a_slice_goes_on_reading_it_when_it_is_pruned(opened: Lake) -> None:
    relation = Slices(Cache(opened), "read_1").ensured({MONDAY: "a"}, lambda *_: one_row(1))
    with Lake.open(opened.settings) as other:
        assert prune_slices(other, {}) >= 1
    assert held(opened, relation) == [(MONDAY, "a", 1)]
