"""Damaging a delivery on disk the ways deliveries get damaged, for tests of what the night does about it."""

from __future__ import annotations

import gzip
import io
import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import polars as pl

from warehouse.contract import load_contract
from warehouse.deliveries import discover, file_digest, newest

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from warehouse.deliveries import Delivery

How = Literal["flip_byte", "control_sum", "drop_column", "bad_rows_30", "missing_file", "missing_delivery"]


@dataclass(frozen=True)
class Damage:
    """What was done: the file touched, and the check that ought to stop the night."""

    file: Path
    rule: str


def break_delivery(root: Path, feed: str, business_date: date, how: How) -> Damage:
    """Damage the newest delivery of `feed` for a date; digests are made anew where the fault is not about them.

    * `flip_byte`: one bit of the first data file differs from what its digest was made of;
    * `control_sum`: the manifest's first control sum is one cent too high;
    * `drop_column`: the first data file lacks a required column;
    * `bad_rows_30`: three rows in ten of the first data file lack a required value;
    * `missing_file`: a data file is gone; `missing_delivery`: all of it is.

    Raises ValueError where there is no such delivery, it has no row to make bad, or the feed has no control sum.
    """
    if how not in get_args(How):
        raise ValueError(f"{how!r} is none of {', '.join(get_args(How))}")
    delivery = newest(discover(root, feed, business_date)).get(business_date)
    if delivery is None or not delivery.files:
        raise ValueError(f"there is no delivery of {feed} for {business_date} under {root}")
    first = delivery.files[0].path
    if how == "flip_byte":
        content = bytearray(first.read_bytes())
        content[len(content) // 2] ^= 1
        first.write_bytes(content)
        return Damage(first, "file_digest")
    if how == "missing_file":
        first.unlink()
        return Damage(first, "file_digest")
    if how == "missing_delivery":
        shutil.rmtree(delivery.manifest.parent)
        return Damage(delivery.manifest, "delivery_there")
    if how == "control_sum":
        return _wrong_sum(delivery)
    column = _required_column(feed)
    frame = _read(first)
    if how == "bad_rows_30" and frame.is_empty():
        raise ValueError(f"{first.name} of {feed} for {business_date} has no row that could be made bad")
    if how == "drop_column":
        _write(first, frame.drop(column))
        _redo_digests(delivery)
        return Damage(first, "columns_present")
    bad = pl.int_range(pl.len()) % 10 < 3
    _write(first, frame.with_columns(pl.when(~bad).then(pl.col(column)).alias(column)))
    _redo_digests(delivery)
    return Damage(first, f"{column}_present")


def _wrong_sum(delivery: Delivery) -> Damage:
    body = _manifest(delivery)
    if not body["control_sums"]:
        raise ValueError(f"{delivery.feed} has no control sums")
    column = min(body["control_sums"])
    body["control_sums"][column] += 1
    _write_manifest(delivery, body)
    return Damage(delivery.manifest, "control_sum")


def _required_column(feed: str) -> str:
    """A required column that is neither key nor summed, so that nothing else breaks with it."""
    for column in load_contract(feed).delivered:
        if column.required and column.key_position is None and not column.control_sum:
            return column.name
    raise ValueError(f"{feed} has no required column beside its key and sums")


def _read(path: Path) -> pl.DataFrame:
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return pl.read_csv(io.BytesIO(content), infer_schema=False)


def _write(path: Path, frame: pl.DataFrame) -> None:
    if path.suffix == ".parquet":
        frame.write_parquet(path, compression="zstd", compression_level=3)
        return
    text = frame.write_csv().encode()
    path.write_bytes(gzip.compress(text, compresslevel=6, mtime=0) if path.suffix == ".gz" else text)


def _manifest(delivery: Delivery) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(delivery.manifest.read_text(encoding="utf-8"))
    return body


def _write_manifest(delivery: Delivery, body: dict[str, Any]) -> None:
    text = json.dumps(body, indent=1, ensure_ascii=False, sort_keys=True)
    delivery.manifest.write_text(text + "\n", encoding="utf-8")


def _redo_digests(delivery: Delivery) -> None:
    body = _manifest(delivery)
    for file in body["files"]:
        file["sha256"] = file_digest(delivery.manifest.parent / str(file["name"]))
    _write_manifest(delivery, body)
