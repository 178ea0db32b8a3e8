"""Publication: whole nights in one commit, keys unique, nothing moved that is the same, manifests in a chain."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from tests.unit.warehouse.support import lake
from warehouse import publication
from warehouse.contract import load_contract
from warehouse.keys import load_keys
from warehouse.night import Night
from warehouse.publication import Publication, PublicationError, Rulebook, manifest_digest, publish, verify_chain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.lake import Lake

NIGHT = date(2026, 3, 31)
PRICE, EARLIER = "reference.market_price", "risk.earlier_assessment"
DAY = timedelta(days=1)
RULES = Rulebook("policy", "1", "p", "1", "m", "c")
STORED = "SELECT as_of_date, purpose_code, term_m, competitor_cnt FROM lake.reference.market_price ORDER BY ALL"


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    """A lake in which a night publishes two tables."""
    monkeypatch.setattr(publication, "output_contracts", lambda: [load_contract(PRICE), load_contract(EARLIER)])
    with lake(tmp_path) as made:
        yield made


def frame(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    columns = [column for column, _ in load_contract(name).lake_columns()]
    return pl.DataFrame([{column: row[column] for column in columns} for row in rows], schema=columns)


def prices(*terms: int, count: int = 5, day: date = NIGHT) -> pl.DataFrame:
    """Market prices of a night: one row per term."""
    figures = {"purpose_code": "travel", "lowest_annual_cost": 0.1, "competitor_cnt": count, "newest_observed_on": day}
    return frame(PRICE, [{"as_of_date": day, "term_m": term, **figures} for term in terms])


def published(
    opened: Lake, rows: pl.DataFrame, day: date = NIGHT, *, rules: Rulebook = RULES, checks: int = 0, run: str = "run"
) -> Publication:
    night = Night(opened, load_keys(opened.settings), day, run)
    night.start(EARLIER)
    night.start(PRICE)
    if not rows.is_empty():
        night.add(PRICE, rows)
    figures = {"run_id": run, "table_name": PRICE, "business_date": day, "delivery_seq": 0, "passed": True}
    figures |= {"severity": "error", "row_count": 1, "bad_rows": 0, "max_bad_share": 0.0, "description": "holds"}
    listed = frame("control.check_result", [{"rule_code": f"rule_{n}", **figures} for n in range(checks)])
    try:
        return publish(night, rules, listed if checks else opened.frame("SELECT * FROM lake.control.check_result"))
    finally:
        night.close(keep=False)


def test_a_key_that_is_there_twice_stops_the_publication_and_what_stood_stands(opened: Lake) -> None:
    published(opened, prices(6, 12))
    with pytest.raises(PublicationError, match=r"reference.market_price would hold \(3, 2\) rows and keys .* staged 3"):
        published(opened, prices(6, 12, 12))
    assert opened.con.execute(STORED).fetchall() == [(NIGHT, "travel", 6, 5), (NIGHT, "travel", 12, 5)]
    assert opened.con.execute("SELECT count(*) FROM lake.control.run_manifest").fetchone() == (1,)


def test_rows_of_another_date_stop_the_publication(opened: Lake) -> None:
    """They are neither counted with the night's nor found again when it is restated."""
    mixed = pl.concat([prices(6), prices(6, day=NIGHT + DAY)])
    with pytest.raises(PublicationError, match=r"\(1, 1\) rows and keys .* staged 2"):
        published(opened, mixed)
    assert opened.con.execute(STORED).fetchall() == []


def test_an_output_that_was_not_computed_stops_the_publication(opened: Lake) -> None:
    night = Night(opened, load_keys(opened.settings), NIGHT, "run")
    night.start(PRICE)
    with pytest.raises(PublicationError, match=r"not computed in this run: risk.earlier_assessment"):
        publish(night, RULES, opened.frame("SELECT * FROM lake.control.check_result"))
    assert opened.con.execute("SELECT count(*) FROM lake.control.run_manifest").fetchone() == (0,)


def test_a_night_is_replaced_whole_and_no_other_is_touched(opened: Lake) -> None:
    published(opened, prices(6, day=NIGHT - DAY), NIGHT - DAY)
    published(opened, prices(6, 12))
    again = published(opened, prices(12, 24, count=7))
    assert opened.con.execute(STORED).fetchall() == [
        (NIGHT - DAY, "travel", 6, 5),
        (NIGHT, "travel", 12, 7),
        (NIGHT, "travel", 24, 7),
    ]
    assert (again.publication, again.business_date, again.outputs[PRICE][0]) == ("restated", NIGHT, 2)


def test_a_repeated_night_changes_no_row_and_says_so(opened: Lake) -> None:
    first = published(opened, prices(6, 12))
    before = opened.snapshot()
    second = published(opened, prices(12, 6), run="another")
    assert (first.publication, second.publication) == ("first", "repeated")
    changes = f"SELECT count(*) FROM lake.table_changes('market_price', {before + 1}, {opened.snapshot()})"
    opened.con.execute("USE lake.reference")
    assert opened.con.execute(changes).fetchone() == (0,)


@pytest.mark.parametrize("changed", ["policy_digest", "model_version", "code_version"])
def test_other_rules_or_code_restate_a_night_though_its_rows_are_the_same(opened: Lake, changed: str) -> None:
    published(opened, prices(6))
    assert published(opened, prices(6), rules=replace(RULES, **{changed: "x"})).publication == "restated"


def test_the_checks_of_the_last_publication_stand(opened: Lake) -> None:
    published(opened, prices(6, day=NIGHT - DAY), NIGHT - DAY, checks=1)
    published(opened, prices(6), checks=3)
    published(opened, prices(6), checks=2)
    query = "SELECT business_date, count(*) FROM lake.control.check_result GROUP BY ALL ORDER BY ALL"
    assert opened.con.execute(query).fetchall() == [(NIGHT - DAY, 1), (NIGHT, 2)]


def test_manifests_are_a_chain_over_all_nights(opened: Lake) -> None:
    """Each follows the one written before it, of whatever date."""
    done = [published(opened, prices(6, day=day), day) for day in (NIGHT, NIGHT - DAY, NIGHT + DAY)]
    query = "SELECT manifest_no, previous_digest, manifest_digest, business_date FROM lake.control.run_manifest"
    chain = opened.con.execute(f"{query} ORDER BY manifest_no").fetchall()
    digests = [made.manifest_digest for made in done]
    assert chain == [
        (1, "", digests[0], NIGHT),
        (2, digests[0], digests[1], NIGHT - DAY),
        (3, digests[1], digests[2], NIGHT + DAY),
    ]
    assert verify_chain(opened.con) == []


def test_an_altered_manifest_and_a_missing_one_are_found(opened: Lake) -> None:
    for day in (NIGHT - DAY, NIGHT, NIGHT + DAY):
        published(opened, prices(6, day=day), day)
    opened.con.execute("UPDATE lake.control.run_manifest SET policy_version = '2' WHERE manifest_no = 3")
    assert verify_chain(opened.con) == [f"manifest 3 ({NIGHT + DAY}) was altered"]
    opened.con.execute("DELETE FROM lake.control.run_manifest WHERE manifest_no = 2")
    assert verify_chain(opened.con) == [
        f"manifest 3 ({NIGHT + DAY}) does not follow the one before it",
        f"manifest 3 ({NIGHT + DAY}) was altered",
    ]


def test_the_clock_is_not_in_the_digest_and_everything_else_is() -> None:
    row = {"run_id": "a", "previous_digest": "", "published_at": "now", "manifest_digest": "x"}
    assert manifest_digest(row) == manifest_digest(row | {"published_at": "then", "manifest_digest": "y"})
    assert len({manifest_digest(row | {name: "z"}) for name in ("run_id", "previous_digest")}) == 2
    assert manifest_digest(row) != manifest_digest(row | {"run_id": "b"})
