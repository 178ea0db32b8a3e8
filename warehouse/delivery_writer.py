"""Writing deliveries: output of the simulator and the adapters, in the form of any lender's extract job."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Literal

import polars as pl

from warehouse.contract import load_contract
from warehouse.deliveries import FORMAT, file_digest, folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    from warehouse.deliveries import DeliveryKind

FileFormat = Literal["csv", "csv.gz", "parquet"]


def write_delivery(
    root: Path,
    feed: str,
    business_date: date,
    frame: pl.DataFrame | Iterable[pl.DataFrame],
    *,
    sequence: int = 1,
    file_format: FileFormat = "parquet",
    note: str | None = None,
    kind: DeliveryKind | None = None,
) -> Path:
    """Write one delivery of `feed` under `root` and return its manifest's path.

    `frame` holds the contract's delivered columns, and need not hold those that are not required; a CSV may hold them
    as text (deliberately bad rows). Of several frames each becomes a file of its own, written before the next one is
    read. Counts and control sums are taken from the frames as written. `kind` says what the delivery is; without it the
    first of a feed is its history and any other a daily one. The same frames give the same bytes.
    """
    contract = load_contract(feed)
    target = folder(root, feed, business_date)
    target.mkdir(parents=True, exist_ok=True)
    whole = isinstance(frame, pl.DataFrame)
    files: list[dict[str, str | int]] = []
    sums = {c.name: 0 for c in contract.delivered if c.control_sum}
    written: set[str] = set()
    for number, given in enumerate([frame] if isinstance(frame, pl.DataFrame) else frame, start=1):
        part = given.select(c.name for c in contract.delivered if c.required or c.name in given.columns)
        data = target / f"{contract.table}-{sequence}{'' if whole else f'-{number:03}'}.{file_format}"
        _write_file(data, part, file_format)
        files.append({"name": data.name, "rows": part.height, "sha256": file_digest(data)})
        written.update(part.columns)
        for column in sums.keys() & part.columns:
            sums[column] += _control_sum(part, column)
    body = {
        "format": FORMAT,
        "feed": feed,
        "business_date": business_date.isoformat(),
        "sequence": sequence,
        "contract_version": contract.version,
        "row_count": sum(int(f["rows"]) for f in files),
        "control_sums": {column: total for column, total in sums.items() if column in written or not files},
        "files": files,
        **({"kind": kind} if kind else {}),
        **({"note": note} if note else {}),
    }
    manifest = target / ("_manifest.json" if sequence == 1 else f"_manifest-{sequence}.json")
    manifest.write_text(json.dumps(body, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return manifest


def _control_sum(frame: pl.DataFrame, column: str) -> int:
    total = frame.select(pl.col(column).cast(pl.Int64, strict=False).sum()).item()
    return int(total or 0)


def _write_file(path: Path, frame: pl.DataFrame, file_format: FileFormat) -> None:
    if file_format == "parquet":
        frame.write_parquet(path, compression="zstd", compression_level=3)
        return
    text = frame.write_csv(date_format="%Y-%m-%d", datetime_format="%Y-%m-%d %H:%M:%S").encode()
    path.write_bytes(gzip.compress(text, compresslevel=6, mtime=0) if file_format == "csv.gz" else text)
