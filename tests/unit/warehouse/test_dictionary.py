"""The data dictionary on file is the one the contracts give."""

from __future__ import annotations

from pathlib import Path

from warehouse.dictionary import dictionary

DICTIONARY = Path(__file__).parents[3] / "docs" / "data_dictionary.md"


def test_the_data_dictionary_says_what_the_contracts_say() -> None:
    assert DICTIONARY.read_text(encoding="utf-8") == dictionary(), "run make dictionary: a contract has changed"
