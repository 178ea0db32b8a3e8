"""Deliveries: what is in the inbox, and whether it matches its manifest.

`<root>/<source>/<table>/business_date=YYYY-MM-DD/` holds data files and a `_manifest.json`; a correction of the
same date comes with a higher `sequence` and its own `_manifest-<sequence>.json` beside the first one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FORMAT = "fenqi-delivery/1"
READABLE = (".csv", ".csv.gz", ".parquet")

#: Kind of a delivery: a lender's history, that of a book taken over, in one piece, or the changes of a day.
DeliveryKind = Literal["history", "migration", "daily"]
KINDS: tuple[DeliveryKind, ...] = get_args(DeliveryKind)
_BLOCK = 1 << 20


@dataclass(frozen=True)
class DeliveredFile:
    """One data file as its manifest announces it."""

    path: Path
    rows: int
    sha256: str


@dataclass(frozen=True)
class Delivery:
    """One delivery of one feed for one business date, as announced; `digest` is that of its manifest.

    `kind` is the kind of delivery by the manifest, None where it gives none. `unreadable` says what is wrong with the
    manifest itself, if anything; the other figures are then empty.
    """

    feed: str
    business_date: date
    sequence: int
    manifest: Path
    digest: str
    files: tuple[DeliveredFile, ...] = ()
    row_count: int = 0
    control_sums: Mapping[str, int] | None = None
    unreadable: str | None = None
    kind: DeliveryKind | None = None

    @property
    def label(self) -> str:
        """How messages name it: `bank.account 2026-03-02 #1`."""
        return f"{self.feed} {self.business_date} #{self.sequence}"


@dataclass(frozen=True)
class FileProblem:
    """A file that does not match its manifest."""

    file: str
    problem: str


def folder(root: Path, feed: str, business_date: date) -> Path:
    """Where the deliveries of one feed and date lie."""
    source, _, table = feed.partition(".")
    return root / source / table / f"business_date={business_date:%Y-%m-%d}"


def discover(root: Path, feed: str, through: date | None = None) -> list[Delivery]:
    """Every delivery of `feed` in the inbox up to `through`, by date and sequence."""
    source, _, table = feed.partition(".")
    found: list[Delivery] = []
    for day in sorted((root / source / table).glob("business_date=*")):
        try:
            business_date = date.fromisoformat(day.name.removeprefix("business_date="))
        except ValueError:
            continue
        if through is None or business_date <= through:
            found.extend(_read_manifest(m, feed, business_date) for m in day.glob("_manifest*.json"))
    return sorted(found, key=lambda d: (d.business_date, d.sequence))


def newest(deliveries: Iterable[Delivery]) -> dict[date, Delivery]:
    """The highest sequence of each business date."""
    return {d.business_date: d for d in sorted(deliveries, key=lambda d: (d.business_date, d.sequence))}


def _read_manifest(path: Path, feed: str, business_date: date) -> Delivery:
    raw = path.read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    try:
        return _parse_manifest(path, feed, business_date, json.loads(raw), digest)
    except (ValueError, KeyError, TypeError) as error:
        problem = f"{path.name} cannot be read: {type(error).__name__}: {error}"
        tail = path.stem.rpartition("-")[2]
        sequence = int(tail) if tail.isdigit() else 1
        return Delivery(feed, business_date, sequence, path, digest, unreadable=problem)


def _parse_manifest(path: Path, feed: str, business_date: date, body: dict[str, Any], digest: str) -> Delivery:
    if body.get("format") != FORMAT:
        raise ValueError(f"format is {body.get('format')!r}, expected {FORMAT!r}")
    if body["feed"] != feed or body["business_date"] != business_date.isoformat():
        raise ValueError(f"it speaks of {body['feed']} {body['business_date']}, its folder of {feed} {business_date}")
    files = tuple(DeliveredFile(path.parent / f["name"], int(f["rows"]), str(f["sha256"])) for f in body["files"])
    for file in files:
        if file.path.parent != path.parent or not file.path.name.endswith(READABLE):
            raise ValueError(f"file {file.path.name!r} must lie beside the manifest and end in {', '.join(READABLE)}")
    return Delivery(
        feed=feed,
        business_date=business_date,
        sequence=int(body["sequence"]),
        manifest=path,
        digest=digest,
        files=files,
        row_count=int(body["row_count"]),
        control_sums={str(k): int(v) for k, v in body["control_sums"].items()},
        kind=_kind(body),
    )


def _kind(body: dict[str, Any]) -> DeliveryKind | None:
    said = body.get("kind")
    if said is None:
        return None
    for kind in KINDS:
        if said == kind:
            return kind
    raise ValueError(f"kind is {said!r}, expected one of {', '.join(KINDS)}, or no kind at all")


def verify_files(delivery: Delivery) -> list[FileProblem]:
    """Files that are missing or whose bytes are not those the manifest was made from."""
    problems = []
    for file in delivery.files:
        if not file.path.is_file():
            problems.append(FileProblem(file.path.name, "is missing"))
        elif file_digest(file.path) != file.sha256:
            problems.append(FileProblem(file.path.name, "has another SHA-256 than the manifest says"))
    return problems


def file_digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
