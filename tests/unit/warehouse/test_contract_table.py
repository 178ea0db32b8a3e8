"""What a contract says of its table as a whole is complete and right, or said in its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.warehouse.new_feed import AS_OUTPUT, TEXT, assert_said
from warehouse.contract_columns import COLUMN_PROPERTIES
from warehouse.contract_rules import OPTIONS
from warehouse.contract_table import TABLE_PROPERTIES

#: What is changed into what, which line the mistake is in (by what stands there), what is said of it.
MISTAKES = {
    "version": ("version: 1.0.0", "version: one", "version: one", "version is 'one', expected is one like 1.0.0"),
    "standard": ("v3.2.0", "v2.2.0", "apiVersion", "apiVersion is 'v2.2.0'"),
    "status": ("status: active", "status: ready", "status", "status is 'ready'"),
    "kind": ("kind: DataContract", "kind: Contract", "kind", "kind is 'Contract', expected 'DataContract'"),
    "id": ("fenqi.bank.overdraft", "fenqi.bank.other", "id:", "id is 'fenqi.bank.other'"),
    "physical name": (
        "physicalName: bank.over",
        "physicalName: bank.other",
        "physicalName",
        "expected 'bank.overdraft'",
    ),
    "purpose": ("purpose: Days", "usage: Days", "description:", "the table needs a purpose"),
    "grain": (
        "    dataGranularityDescription: one row per account and day overdrawn\n",
        "",
        "  - name: over",
        "its grain",
    ),
    "role": ("value: feed", "value: fed", "value: fed", "there is no role 'fed'; did you mean 'feed'?"),
    "no role": ("  - {property: role, value: feed}\n", "", "customProperties:", "custom property role is missing"),
    "table in Chinese": ("  - {property: descriptionZh, value: 账户透支}\n", "", "customProperties:", "descriptionZh"),
    "table not in Chinese": ("value: 账户透支", "value: 3", "value: 3", "what it holds, in Chinese"),
    "document property": ("property: role", "property: roll", "property: roll", "'roll' is no custom property"),
    "two tables": ("schema:\n", "schema:\n  - {name: more}\n", "schema:", "exactly one schema object"),
    "no delivery": (
        "      - {property: delivery, value: required}\n",
        "",
        "    customProperties:",
        "delivery: required or",
    ),
    "no history": ("      - {property: history, value: events}\n", "", "    customProperties:", "feed without custom"),
    "no event date": (
        "      - {property: eventDate, value: overdrawn_on}\n",
        "",
        "    customProp",
        "property eventDate",
    ),
    "history": ("value: events", "value: event", "value: event", "history is 'event': one of events, changes"),
    "event date": (
        "eventDate, value: overdrawn_on",
        "eventDate, value: overdrawn",
        "eventDate",
        "mean 'overdrawn_on'?",
    ),
    "event date text": (
        "eventDate, value: overdrawn_on",
        "eventDate, value: channel",
        "eventDate",
        "is VARCHAR: a DATE",
    ),
    "share": ("maxBadShare, value: 0.05", "maxBadShare, value: 5", "maxBadShare", "5: a fraction from 0 to 1"),
    "window": ("duplicateWindowDays, value: 7", "duplicateWindowDays, value: 0", "duplicateW", "whole number of days"),
    "table property": ("duplicateWindowDays", "duplicateWindow", "duplicateWindow", "mean 'duplicateWindowDays'"),
}
OF_OUTPUTS = {
    "feed's property": ("partitionBy, value: month", "eventDate, value: overdrawn_on", "eventDate", "of role output"),
    "partition": ("partitionBy, value: month", "partitionBy, value: year", "partitionBy", "one of month, day"),
    "no partition": ("      - {property: partitionBy, value: month}\n", "      []\n", "    customProp", "partitionBy"),
}


@pytest.mark.parametrize(("old", "new", "at", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_what_is_said_of_a_table(tmp_path: Path, old: str, new: str, at: str, said: str) -> None:
    assert_said(tmp_path, TEXT, (old, new), at, said)


@pytest.mark.parametrize(("old", "new", "at", "said"), OF_OUTPUTS.values(), ids=OF_OUTPUTS)
def test_an_output_has_other_properties_than_a_feed(tmp_path: Path, old: str, new: str, at: str, said: str) -> None:
    assert_said(tmp_path, AS_OUTPUT, (old, new), at, said)


def test_the_page_on_contracts_names_every_custom_property_that_is_read() -> None:
    page = (Path(__file__).parents[3] / "docs" / "contracts.md").read_text(encoding="utf-8")
    of_tables = {name for known in TABLE_PROPERTIES.values() for name in known}
    assert {name for name in (*of_tables, *COLUMN_PROPERTIES, *OPTIONS) if f"`{name}`" not in page} == set()
