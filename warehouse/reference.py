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
    """Read `reference/<kind>/<name>.toml`, or the file at the path `name`; kind is policies or scorecards.

    A policy may say `extends = "cn/bank_card"`: it then is that policy with its own identity, and what its versions say
    laid over the versions of the same dates (see :func:`overlaid`).
    """
    path = Path(name) if name.endswith(".toml") else REFERENCE / kind / f"{name}.toml"
    document = read_document(path, [p.relative_to(REFERENCE / kind) for p in (REFERENCE / kind).rglob("*.toml")])
    if "extends" not in document.body:
        return document
    base = load_document(kind, str(document.body["extends"]))
    digest = hashlib.sha256(f"{base.digest} {document.digest}".encode()).hexdigest()
    return Document(path, overlaid(base.body, document.body), digest)


def overlaid(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """A policy's file laid over the one it extends: tables are merged, figures replaced, rules of one code replaced.

    A version of `base` stands on its date whatever `own` said before it: where `base` changes a figure that `own`
    changed earlier, `own` says on that date what it is to be.
    """
    versions = {v["effective_from"]: v for v in base["version"]}
    for version in own.get("version", []):
        since = version["effective_from"]
        versions[since] = _merged(versions.get(since, {}), version)
    identity = {k: v for k, v in own.items() if k not in ("extends", "version")}
    return {**base, **identity, "version": [versions[since] for since in sorted(versions)]}


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        standing = merged.get(key)
        if key == "rules":
            codes = {rule["code"] for rule in value}
            merged[key] = [*(r for r in standing or [] if r["code"] not in codes), *value]
        elif isinstance(value, dict) and isinstance(standing, dict) and "value" not in value:
            merged[key] = _merged(standing, value)
        else:
            merged[key] = value
    return merged


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
