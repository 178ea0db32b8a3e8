"""A table as it comes: encoding, separator and header found, everything else left to those who understand columns."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from pathlib import Path

#: What extracts write for a missing value. Other words ("unknown", "n/a") are recognised column by column.
_NOTHING = [
    "",
    "NA",
    "N/A",
    "n/a",
    "NaN",
    "nan",
    "null",
    "NULL",
    "None",
    "NONE",
    "?",
    ".",
    "-",
    "#N/A",
    "(null)",
    "<NA>",
]
#: So many lines may stand above a header.
_MOST_ABOVE = 5
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
#: UTF-8 with or without a mark, UTF-16 with one, then the encodings of Chinese and of Western extracts.
_ENCODINGS = ("utf-8-sig", "gb18030", "latin-1")


@dataclass(frozen=True)
class TrainingTable:
    """A table read, and how, in words."""

    frame: pl.DataFrame
    notes: tuple[str, ...]


def read_table(path: Path, *, separator: str | None = None) -> TrainingTable:
    """Read a CSV (also gzipped or zstandard, any usual separator and encoding) or Parquet file.

    Types are inferred from every row. ValueError where it is no table.
    """
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    try:
        if path.suffix == ".parquet":
            frame = pl.read_parquet(path)
            return TrainingTable(frame, (f"{path.name}: {frame.height:,} rows of {frame.width} columns",))
        frame, how = _read_text(path, separator)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ValueError(f"{path.name} cannot be read as a table: {error}") from None
    if frame.is_empty():
        raise ValueError(f"{path.name} holds a header and no rows")
    return TrainingTable(frame, (f"{path.name}: {frame.height:,} rows of {frame.width} columns, {how}",))


def _read_text(path: Path, separator: str | None) -> tuple[pl.DataFrame, str]:
    raw = path.read_bytes()
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
    text, encoding = _decoded(raw)
    if not text.strip():
        raise ValueError(f"{path.name} is empty")
    text = text.lstrip("\r\n \ufeff")
    lines = text.splitlines()[:20]
    above = _lines_above(lines, separator)
    found = separator or _separator(lines[above:])
    frame = pl.read_csv(
        text.encode(),
        separator=found,
        skip_lines=above,
        infer_schema_length=None,
        null_values=_NOTHING,
        truncate_ragged_lines=True,
    )
    if frame.width == 1:
        raise ValueError(f"{path.name}: only one column was found with {_SEPARATORS.get(found, found)!r}: --separator?")
    how = f"separated by {_SEPARATORS.get(found, repr(found))}, {encoding}"
    return frame, f"{how}, {above} lines above the header skipped" if above else how


def _decoded(raw: bytes) -> tuple[str, str]:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16"), "utf-16"
    for encoding in _ENCODINGS:
        try:
            return raw.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    raise AssertionError("latin-1 decodes anything")


def _lines_above(lines: list[str], separator: str | None) -> int:
    """Lines of words above the header, as some portals write them: without any separator, where all others have one."""
    known = [separator] if separator else list(_SEPARATORS)
    first = next((n for n, line in enumerate(lines) if any(s in line for s in known)), 0)
    rest = lines[first:]
    parted = len(rest) > 1 and any(all(s in line for line in rest) for s in known)
    return first if first <= _MOST_ABOVE and parted else 0


def _separator(lines: list[str]) -> str:
    """The separator that parts the header into most columns, where the rows have about as many."""
    best = max(_SEPARATORS, key=lambda s: (lines[0].count(s) > 0) * min(line.count(s) for line in lines[:5]))
    return best if lines[0].count(best) else max(_SEPARATORS, key=lines[0].count)
