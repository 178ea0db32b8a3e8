"""Whether a delivery is what its manifest says, told with file and figure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from quality.reconciliation import (
    DELIVERY_RULES,
    column_names,
    file_unreadable,
    nothing_delivered,
    reconcile_files,
    reconcile_rows,
)
from tests.unit.quality.small_table import contract
from warehouse.deliveries import DeliveredFile, Delivery, FileProblem
from warehouse.reading import Reading

NIGHT = date(2026, 3, 2)
DELIVERY = Delivery(
    feed="bank.small",
    business_date=NIGHT,
    sequence=1,
    manifest=Path("_manifest.json"),
    digest="d",
    files=(DeliveredFile(Path("part-1.csv"), 100, "aa"),),
    row_count=100,
    control_sums={"amount": 5_000},
)
READING = Reading(
    relation="stage.bank__small",
    unreadable="stage.bank__small__unreadable",
    rows=100,
    unreadable_lines=0,
    missing_columns=(),
    unknown_columns=(),
    control_sums={"amount": 5_000},
)


def test_a_delivery_as_announced_passes_every_check() -> None:
    results = [*reconcile_files(contract(), DELIVERY, []), *reconcile_rows(contract(), DELIVERY, READING)]
    assert [r.rule for r in results] == list(DELIVERY_RULES)
    assert all(r.passed for r in results)


@pytest.mark.parametrize(
    ("reading", "rule", "words"),
    [
        (
            replace(READING, missing_columns=("amount", "kind")),
            "columns_present",
            "bank.small 2026-03-02 #1: part-1.csv lacks amount, kind",
        ),
        (replace(READING, rows=99), "row_count", "part-1.csv has 99 rows, the manifest says 100"),
        (
            replace(READING, control_sums={"amount": 5_001}),
            "control_sum",
            "amount sums to 5001, the manifest says 5000",
        ),
    ],
)
def test_what_differs_is_named_with_file_and_figures(reading: Reading, rule: str, words: str) -> None:
    failed = [r for r in reconcile_rows(contract(), DELIVERY, reading) if not r.passed]
    assert [r.rule for r in failed] == [rule]
    assert failed[0].blocks
    assert words in failed[0].summary_line()


def test_columns_that_need_not_be_there_and_unknown_ones_are_said_and_stop_nothing() -> None:
    strange = ("basket", "备注", "13800138000", "a b", "x" * 64)
    reading = replace(READING, absent_columns=("amount", "note"), unknown_columns=strange, control_sums={"amount": 0})
    announced = replace(DELIVERY, control_sums={})
    [told] = [r for r in reconcile_rows(contract(), announced, reading) if not r.passed]
    assert (told.rule, told.blocks) == ("columns_as_declared", False)
    assert told.summary_line() == (
        "bank.small: columns_as_declared: bank.small 2026-03-02 #1: part-1.csv lacks amount, note: read as empty; has "
        "columns that the contract does not know, which were left out: basket, 备注, 3 that have no proper name; "
        "noted, the night goes on"
    )


def test_a_control_sum_of_a_column_that_no_file_has_is_a_broken_one() -> None:
    reading = replace(READING, absent_columns=("amount",), control_sums={"amount": 0})
    failed = [r.rule for r in reconcile_rows(contract(), DELIVERY, reading) if r.blocks]
    assert failed == ["control_sum"]


def test_a_control_sum_the_manifest_leaves_out_is_a_broken_one() -> None:
    failed = [r for r in reconcile_rows(contract(), replace(DELIVERY, control_sums=None), READING) if not r.passed]
    assert [r.rule for r in failed] == ["control_sum"]


@pytest.mark.parametrize(("lines", "held"), [(5, True), (6, False)])
def test_unreadable_lines_count_as_rows_and_are_tolerated_up_to_the_contracts_share(lines: int, held: bool) -> None:
    results = reconcile_rows(contract(), DELIVERY, replace(READING, rows=100 - lines, unreadable_lines=lines))
    by_rule = {r.rule: r for r in results}
    assert by_rule["row_count"].passed
    assert (by_rule["unreadable_share"].passed, by_rule["unreadable_share"].rows) == (held, 100)


def test_a_changed_file_stops_before_it_is_read() -> None:
    results = reconcile_files(contract(), DELIVERY, [FileProblem("part-1.csv", "is not the file announced")])
    assert [(r.rule, r.passed) for r in results] == [("delivery_there", True), ("file_digest", False)]
    assert "part-1.csv is not the file announced" in results[-1].summary_line()


def test_an_unreadable_manifest_or_file_says_which() -> None:
    [result] = reconcile_files(contract(), replace(DELIVERY, unreadable="not JSON"), [])
    assert (result.rule, result.blocks) == ("delivery_there", True)
    assert file_unreadable(contract(), DELIVERY, "part-1.csv cannot be read").blocks


@pytest.mark.parametrize(("kind", "blocks"), [("required", True), ("optional", False)])
def test_a_missing_delivery_stops_the_night_unless_the_feed_is_optional(kind: str, blocks: bool) -> None:
    [result] = nothing_delivered(contract(delivery=kind), NIGHT, "feeds")
    assert not result.passed
    assert result.blocks is blocks
    assert "no delivery for 2026-03-02 under feeds/bank/small" in result.summary_line()


def test_a_name_of_sixty_three_characters_is_repeated_and_a_longer_one_is_not() -> None:
    assert column_names(["x" * 63]) == "x" * 63
    assert column_names(["x" * 64, "1st"]) == "2 that have no proper name"


def test_a_verdict_on_a_whole_delivery_counts_no_rows_as_bad_and_allows_none() -> None:
    held, broken = reconcile_files(contract(), DELIVERY, [FileProblem("part-1.csv", "is not the file announced")])
    assert (held.rows, held.bad_rows, held.max_bad_share, held.severity) == (100, 0, 0.0, "error")
    assert (broken.rows, broken.bad_rows, broken.max_bad_share, broken.severity) == (0, 0, 0.0, "error")
