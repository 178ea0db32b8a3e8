"""What is no YAML, no key of the standard or of another type there is said in its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.warehouse.new_feed import TEXT, assert_said

if TYPE_CHECKING:
    from pathlib import Path

#: What is changed into what, which line the mistake is in (by what stands there), what is said of it.
MISTAKES = {
    "yaml": ("id: fenqi.bank", "id: [fenqi.bank", "name: overdraft", "not YAML"),
    "key twice": (
        "domain: bank",
        "domain: bank\ndomain: credit",
        "domain: credit",
        "'domain' is given twice, in line 7",
    ),
    "unknown key": (
        "status: active",
        "stauts: active",
        "stauts",
        "'stauts' is no key of the standard here; did you mean",
    ),
    "unknown column key": (
        "        classification: pseudonym",
        "        clasification: pseudonym",
        "clasif",
        "did you mean",
    ),
    "another type": ("required: true", "required: perhaps", "required: perhaps", "required: 'perhaps' should be"),
    "version no text": ("version: 1.0.0", "version: 1.0", "version: 1.0", "version: 1.0 should be a valid string"),
    "property twice": ("property: history", "property: delivery", "delivery, value: events", "is given twice"),
}


@pytest.mark.parametrize(("old", "new", "at", "said"), MISTAKES.values(), ids=MISTAKES)
def test_what_the_standard_does_not_have_is_said_in_its_line(
    tmp_path: Path, old: str, new: str, at: str, said: str
) -> None:
    assert_said(tmp_path, TEXT, (old, new), at, said)
