"""A registered card is read back by its digest, never altered, and the journal of decisions only grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from warehouse.model_store import CARD, ModelStore, ModelStoreError

if TYPE_CHECKING:
    from pathlib import Path

FILES = {CARD: b'version = "v1"\n', "index.html": b"<p>report</p>"}


def test_a_card_is_kept_and_read_back_by_its_digest(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    digest = store.keep("v1", FILES)
    assert store.keep("v1", FILES) == digest
    assert store.card("v1", digest).body == {"version": "v1"}
    assert (store.folder / "v1" / "index.html").read_bytes() == FILES["index.html"]


def test_an_altered_missing_or_second_card_of_a_version_is_refused(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    digest = store.keep("v1", FILES)
    with pytest.raises(ModelStoreError, match="holds another card"):
        store.keep("v1", {CARD: b'version = "v1"\nbase = 2\n'})
    (store.folder / "v1" / CARD).write_text('version = "forged"')
    with pytest.raises(ModelStoreError, match="not what was registered"):
        store.card("v1", digest)
    with pytest.raises(ModelStoreError, match="is gone"):
        store.card("v2", digest)


def test_the_journal_grows_and_a_failed_decision_leaves_it_alone(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    assert store.events() == []
    with store.writing() as events:
        events.append({"no": 1})
    with pytest.raises(ZeroDivisionError), store.writing() as events:
        events.append({"no": 1 // 0})
    assert store.events() == [{"no": 1}]
    store.path.write_text("{")
    with pytest.raises(ModelStoreError, match="restore it"):
        store.events()
