"""Reading a contract ends in mistakes that are said, whatever stands in the file."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.unit.warehouse.new_feed import NAME, TEXT, written
from warehouse.contract_reading import read_contract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOCUMENT = yaml.safe_load(TEXT)
#: Put in the place of each value in turn.
JUNK: dict[str, Any] = {"a mapping": {"a": 1}, "a list of lists": [[1]], "nothing": None, "a number": 5.5}


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if place:
        yield place
    for step, held in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(held, (*place, step))


@pytest.mark.parametrize("junk", JUNK)
def test_junk_anywhere_is_a_mistake_and_no_crash(tmp_path: Path, junk: str) -> None:
    silent = set()
    for place in places(DOCUMENT):
        changed = copy.deepcopy(DOCUMENT)
        holder = changed
        for step in place[:-1]:
            holder = holder[step]
        holder[place[-1]] = JUNK[junk]
        path = written(tmp_path, yaml.safe_dump(changed, allow_unicode=True))
        contract, mistakes = read_contract(path)
        assert mistakes or contract is not None
        if not mistakes:
            silent.add(place[-1])
    assert silent <= MAY_BE[junk], silent


#: Keys at which it is no mistake: what may be left out may be empty, a bound is a number.
MAY_BE = {
    "a mapping": set(),
    "a list of lists": set(),
    "nothing": {
        *("physicalType", "logicalType", "primaryKeyPosition", "logicalTypeOptions", "required", "enum", "minimum"),
        *("maximum", "maxLength", "quality"),
    },
    "a number": {"minimum", "maximum"},
}


def test_what_could_be_read_of_a_wrong_contract_is_there_for_what_is_checked_with_it(tmp_path: Path) -> None:
    contract, mistakes = read_contract(written(tmp_path, TEXT.replace("value: events", "value: none")))
    assert len(mistakes) == 1
    assert contract is not None
    assert (contract.name, contract.role, contract.key) == (NAME, "feed", ("overdraft_id",))
    assert [c.name for c in contract.columns][:2] == ["overdraft_id", "customer_id"]
