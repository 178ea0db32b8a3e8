"""Reference data: policies, products, scorecards, as files; found, read and digested here, understood elsewhere."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parent / "reference"


class ReferenceMissingError(LookupError):
    """There is no such reference file; the message lists what there is."""


@dataclass(frozen=True)
class Document:
    """A reference file: where it is, what it says, and the SHA-256 of its bytes."""

    path: Path
    body: dict[str, Any]
    digest: str


def load_document(kind: str, name: str) -> Document:
    """Read `reference/<kind>/<name>.toml`, or the file at the path `name`; kind is policies or scorecards."""
    path = Path(name) if name.endswith(".toml") else REFERENCE / kind / f"{name}.toml"
    return read_document(path, [p.relative_to(REFERENCE / kind) for p in (REFERENCE / kind).rglob("*.toml")])


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
