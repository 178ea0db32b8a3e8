"""Reference data: policies, products, scorecards, as files; found, read and digested here, understood elsewhere."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.overlay import OverlayError, overlaid

if TYPE_CHECKING:
    from datetime import date

REFERENCE = Path(__file__).parent / "reference"


class ReferenceMissingError(LookupError):
    """There is no such reference file; the message lists what there is."""


@dataclass(frozen=True)
class Document:
    """A reference file: its path, its content, and the SHA-256 of its bytes.

    `held_back`: changes of the policy it extends that its own figures and rules override, as (date, name).
    """

    path: Path
    body: dict[str, Any]
    digest: str
    held_back: tuple[tuple[date, str], ...] = ()


def load_document(kind: str, name: str) -> Document:
    """Read `reference/<kind>/<name>.toml`, or the file at the path `name`; kind: policies, scorecards or calendars.

    A policy may say `extends = "cn/bank_card"` (or the path of a file, from its own folder): see
    :mod:`warehouse.overlay`. OverlayError where that cannot be, for one because the policies extend each other.
    """
    return _load(kind, name, Path(), ())


def _load(kind: str, name: str, beside: Path, above: tuple[Path, ...]) -> Document:
    path = beside / name if name.endswith(".toml") else REFERENCE / kind / f"{name}.toml"
    if path.resolve() in above:
        circle = " extends ".join(p.name for p in (*above, path))
        raise OverlayError(f"{circle}: a policy cannot be laid over itself")
    document = read_document(path, [p.relative_to(REFERENCE / kind) for p in (REFERENCE / kind).rglob("*.toml")])
    if "extends" not in document.body:
        return document
    base = _load(kind, str(document.body["extends"]), path.parent, (*above, path.resolve()))
    digest = hashlib.sha256(f"{base.digest} {document.digest}".encode()).hexdigest()
    try:
        overlay = overlaid(base.body, document.body)
    except OverlayError as error:
        raise OverlayError(f"{path.name}: {error}") from None
    return Document(path, overlay.body, digest, (*base.held_back, *overlay.held_back))


def read_document(path: Path, others: list[Path] | None = None) -> Document:
    """Read one TOML file."""
    if not path.is_file():
        known = ", ".join(sorted(p.with_suffix("").as_posix() for p in others or [])) or "none"
        raise ReferenceMissingError(f"no reference file at {path}; there are: {known}")
    raw = path.read_bytes()
    return Document(path, tomllib.loads(raw.decode()), hashlib.sha256(raw).hexdigest())


def products() -> Document:
    """The product catalogue."""
    return read_document(REFERENCE / "products.toml")


def occupations() -> Document:
    """How stable occupations are and how wages grow by industry."""
    return read_document(REFERENCE / "occupations.toml")


def risk_points() -> Document:
    """The rules of the risk points."""
    return read_document(REFERENCE / "risk_points.toml")


def reasons() -> tuple[Document, ...]:
    """The files of the one catalogue of reasons, by name."""
    return tuple(read_document(path) for path in sorted((REFERENCE / "reasons").glob("*.toml")))
