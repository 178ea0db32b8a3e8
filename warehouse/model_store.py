"""The model registry as files: artefacts under `<home>/models/<version>/`, and the journal of decisions on them.

The journal, `registry.json`, is only ever appended to. A decision names the business date from which it counts, so a
night knows the models of its date, whenever it is run.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from warehouse.reference import Document, read_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

CARD = "scorecard.toml"


class ModelStoreError(ValueError):
    """The registry or an artefact is damaged; the message says which file and what to do."""


class ModelStore:
    """The registry under a home folder; it need not exist."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "models"
        self.path = self.folder / "registry.json"

    def events(self) -> list[dict[str, Any]]:
        """Every decision, oldest first."""
        if not self.path.is_file():
            return []
        try:
            events: list[dict[str, Any]] = json.loads(self.path.read_text(encoding="utf-8"))["events"]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise ModelStoreError(f"{self.path} cannot be read ({error}): restore it from a copy") from error
        return events

    @contextmanager
    def writing(self) -> Iterator[list[dict[str, Any]]]:
        """The decisions under a lock; what is appended to the list is written when the block ends well."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(self.folder / "registry.lock", timeout=30):
            events = self.events()
            yield events
            fresh = self.path.with_suffix(".new")
            fresh.write_text(json.dumps({"events": events}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            fresh.replace(self.path)

    def keep(self, version: str, files: Mapping[str, bytes]) -> str:
        """Keep a model's files; gives the SHA-256 of its card. A version's files never change."""
        folder = self.folder / version
        digest = hashlib.sha256(files[CARD]).hexdigest()
        if (folder / CARD).is_file():
            if hashlib.sha256((folder / CARD).read_bytes()).hexdigest() != digest:
                raise ModelStoreError(f"{folder} holds another card of version {version}: give the new one its own")
            return digest
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return digest

    def card(self, version: str, digest: str) -> Document:
        """A kept card; ModelStoreError where its bytes are not those registered."""
        path = self.folder / version / CARD
        if not path.is_file():
            raise ModelStoreError(f"the card of model {version} is gone: restore {path}, or retire the model")
        document = read_document(path)
        if document.digest != digest:
            raise ModelStoreError(f"{path} is not what was registered: restore it (sha256 {digest})")
        return document
