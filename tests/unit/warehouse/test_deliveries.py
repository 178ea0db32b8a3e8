"""What lies in the inbox, and whether it is what its manifest says."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from warehouse.deliveries import discover, newest, verify_files
from warehouse.delivery_writer import write_delivery

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.deliveries import Delivery

FEED, DAY = "bank.account_balance", date(2026, 3, 2)


def deliver(root: Path, sequence: int = 1, file_format: str = "csv") -> Delivery:
    rows = pl.DataFrame(
        {
            "account_id": ["A1", "A2"],
            "balance_date": [DAY, DAY],
            "customer_id": ["C1", "C2"],
            "balance_cents": [100_000, 50_000],
        }
    )
    write_delivery(root, FEED, DAY, rows, sequence=sequence, file_format=file_format)  # type: ignore[arg-type]
    return newest(discover(root, FEED))[DAY]


@pytest.mark.parametrize("file_format", ["csv", "csv.gz", "parquet"])
def test_a_delivery_is_found_with_its_figures(file_format: str, tmp_path: Path) -> None:
    delivery = deliver(tmp_path, file_format=file_format)
    assert (delivery.row_count, delivery.sequence, delivery.unreadable) == (2, 1, None)
    assert verify_files(delivery) == []
    assert dict(delivery.control_sums or {})["balance_cents"] == 150_000


def test_the_highest_sequence_stands_and_both_stay_on_record(tmp_path: Path) -> None:
    deliver(tmp_path)
    assert deliver(tmp_path, sequence=2).sequence == 2
    assert [d.sequence for d in discover(tmp_path, FEED)] == [1, 2]
    assert discover(tmp_path, FEED, through=date(2026, 3, 1)) == []


def test_a_manifest_may_say_what_the_delivery_is(tmp_path: Path) -> None:
    delivery = deliver(tmp_path)
    assert delivery.kind is None
    assert "kind" not in json.loads(delivery.manifest.read_text(encoding="utf-8"))
    rows = pl.read_csv(delivery.files[0].path, infer_schema=False)
    write_delivery(tmp_path, FEED, DAY, rows, sequence=2, kind="migration")
    assert newest(discover(tmp_path, FEED))[DAY].kind == "migration"


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_a_frame_of_before_the_contract_had_an_optional_column_is_written_as_it_is(
    file_format: str, tmp_path: Path
) -> None:
    order = {"order_id": "O1", "customer_id": "C1", "ordered_on": DAY, "paid_cents": 5, "status": "delivered"}
    write_delivery(tmp_path, "commerce.commerce_order", DAY, pl.DataFrame([order]), file_format=file_format)  # type: ignore[arg-type]
    delivery = newest(discover(tmp_path, "commerce.commerce_order"))[DAY]
    assert delivery.control_sums == {"paid_cents": 5}
    assert delivery.row_count == 1
    write_delivery(tmp_path, "commerce.commerce_order", DAY, [], sequence=2)
    nothing = newest(discover(tmp_path, "commerce.commerce_order"))[DAY]
    assert nothing.control_sums == {"amount_cents": 0, "paid_cents": 0}
    with pytest.raises(pl.exceptions.ColumnNotFoundError, match="order_id"):
        write_delivery(tmp_path, "commerce.commerce_order", DAY, pl.DataFrame([order]).drop("order_id"))


def test_one_byte_or_a_file_gone_is_named(tmp_path: Path) -> None:
    delivery = deliver(tmp_path)
    path = delivery.files[0].path
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)
    assert [(p.file, p.problem) for p in verify_files(delivery)] == [
        (path.name, "has another SHA-256 than the manifest says")
    ]
    path.unlink()
    assert [p.problem for p in verify_files(delivery)] == ["is missing"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "other/1"}, "format is 'other/1'"),
        ({"business_date": "2026-03-03"}, "it speaks of"),
        ({"files": [{"name": "../secret.csv", "rows": 1, "sha256": "x"}]}, "must lie beside the manifest"),
        ({"files": [{"name": "x.exe", "rows": 1, "sha256": "x"}]}, "must lie beside the manifest"),
        ({"row_count": "many"}, "cannot be read"),
        ({"kind": "weekly"}, "kind is 'weekly', expected one of history, migration, daily, or no kind at all"),
        ({"kind": ["daily"]}, "kind is ['daily']"),
    ],
)
def test_a_manifest_that_is_wrong_is_a_delivery_that_says_so(
    change: dict[str, object], said: str, tmp_path: Path
) -> None:
    manifest = deliver(tmp_path).manifest
    manifest.write_text(json.dumps(json.loads(manifest.read_text(encoding="utf-8")) | change), encoding="utf-8")
    found = newest(discover(tmp_path, FEED))[DAY]
    assert said in (found.unreadable or "")
    manifest.write_bytes(b"\xff not json")
    assert "cannot be read" in (newest(discover(tmp_path, FEED))[DAY].unreadable or "")
