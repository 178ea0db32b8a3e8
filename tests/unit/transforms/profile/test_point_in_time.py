"""A night's profile knows nothing that happened or arrived after it, whatever column one looks at."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.unit.transforms.profile.whole_night import FEEDS, deliveries, profile_tables, warehouse
from transforms.profile.declared.tables import TABLES, published

if TYPE_CHECKING:
    from collections.abc import Mapping

SEEDS = st.integers(0, 10**6)
#: What a night stamps on every row, and what all these customers have in common.
#: True only where relief was agreed; the rows here agree none.
ALIKE = {"as_of_date", "shard", "restruct_flag"}


def together(tables: list[Mapping[str, pl.DataFrame]], name: str) -> pl.DataFrame:
    return pl.concat([t[name] for t in tables], how="vertical_relaxed")


@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])
@given(seed=SEEDS, after=SEEDS)
def test_rows_of_later_events_or_arrivals_change_no_column_of_any_table(seed: int, after: int) -> None:
    rows, later = deliveries(seed), deliveries(after, later=True)
    assert all(later[c.name] for c in FEEDS)
    before = profile_tables(warehouse(rows))
    with_later = profile_tables(warehouse({name: rows[name] + later[name] for name in rows}))
    for name, table in before.items():
        assert table.columns == with_later[name].columns
        assert_frame_equal(table, with_later[name], check_exact=True)


def test_the_rows_do_speak_to_every_column() -> None:
    """The property above would hold of a column that never has anything to say: each takes at least two values."""
    tables = [profile_tables(warehouse(deliveries(seed))) for seed in range(16)]
    for name in TABLES:
        everything = together(tables, name)
        assert sorted(everything.columns) == sorted(published(name))
        dull = [c for c in everything.columns if everything[c].n_unique() < 2 and c not in ALIKE]
        assert dull == [], name


def test_an_earlier_night_is_the_same_before_and_after_the_next_rows_came() -> None:
    """Rows of today are later rows for the night of two months ago: the same test with what really arrives next."""
    earlier = date(2026, 1, 31)
    rows = deliveries(3)
    by_then = {n: [r for r in given_rows if r["feed_date"] <= earlier] for n, given_rows in rows.items()}
    now, then = profile_tables(warehouse(rows), earlier), profile_tables(warehouse(by_then), earlier)
    for name, table in then.items():
        assert_frame_equal(table, now[name], check_exact=True)
