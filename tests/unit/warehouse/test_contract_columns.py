"""What a contract says of a column is complete and right, or said in its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.warehouse.new_feed import AS_OUTPUT, TEXT, assert_said

if TYPE_CHECKING:
    from pathlib import Path

#: What is changed into what, which line the mistake is in (by what stands there), what is said of it.
MISTAKES = {
    "column name": (
        "name: penalty_rate",
        "name: penaltyRate",
        "name: penaltyRate",
        "'penaltyRate' is no column's name",
    ),
    "landing's name": ("name: channel", "name: feed_date", "name: feed_date", "choose another"),
    "column twice": (
        "name: channel",
        "name: customer_id",
        "_id\n        logicalType: string\n        logicalTypeO",
        "is there already",
    ),
    "token twice": (
        "name: channel",
        "name: customer_token",
        "name: customer_token",
        "two columns are customer_token: customer_id is called",
    ),
    "no type": ("        physicalType: DATE\n", "", "  - name: overdrawn_on", "overdrawn_on needs a physicalType"),
    "type": ("physicalType: BIGINT", "physicalType: BIGNT", "BIGNT", "unknown type 'BIGNT'; did you mean 'BIGINT'?"),
    "logical type": (
        "logicalType: number",
        "logicalType: integer",
        "logicalType: integer\n        logicalTypeOptions: {minimum: 0, max",
        "logicalType of DECIMAL(9,6) is number",
    ),
    "description": (
        "        description: The day.\n",
        "",
        "  - name: overdrawn_on",
        "overdrawn_on needs a description",
    ),
    "not in Chinese": ("value: 透支日期", "value: the day", "value: the day", "overdrawn_on needs a descriptionZh"),
    "blank": ("description: The day.", "description: ' '", "description: ' '", "overdrawn_on needs a description"),
    "Chinese": (
        "descriptionZh, value: 透支日期",
        "descriptionZh, value: ''",
        "value: ''",
        "overdrawn_on needs a descriptionZh",
    ),
    "column property": (
        "property: unit, value: fraction",
        "property: units, value: fraction",
        "property: units",
        "mean 'unit'?",
    ),
    "money's name": ("name: overdrawn_cents", "name: overdrawn_sum", "name: overdrawn_sum", "must end in _cents"),
    "money's unit": (
        "          - {property: unit, value: cents}\n",
        "",
        "- name: overdrawn_cents",
        "unit must be cents",
    ),
    "money's type": ("physicalType: BIGINT", "physicalType: INTEGER", "INTEGER", "is money and must be BIGINT"),
    "fraction's unit": ("value: fraction a year", "value: percent", "value: percent", "of what it is a fraction"),
    "fraction's type": ("DECIMAL(9,6)", "INTEGER", "physicalType: INTEGER", "must be DECIMAL or DOUBLE"),
    "basis points": ("name: penalty_rate", "name: penalty_bp", "value: fraction a year", "is in basis points"),
    "unit no text": ("value: fraction a year", "value: 3", "value: 3", "unit is 3: text is expected"),
    "control sum": ("controlSum, value: true", "controlSum, value: 1", "controlSum", "true or false is expected"),
    "derivation": (
        "{property: unit, value: fraction a year}",
        "{property: derivation, value: birth_mont}",
        "birth_mont",
        "did you mean 'birth_month'?",
    ),
    "classification": (
        "classification: pseudonym",
        "classification: pseudonim",
        "pseudonim",
        "did you mean 'pseudonym'?",
    ),
    "no classification": ("        classification: pseudonym\n", "", "  - name: customer_id", "needs a classification"),
    "customer": ("classification: pseudonym", "classification: personal", "classification: personal", "is pseudonym"),
    "key may be empty": (
        "primaryKey: true",
        "primaryKey: true\n        required: false",
        "required: false",
        "may not be empty",
    ),
    "no key": (
        "        primaryKey: true\n        primaryKeyPosition: 1\n",
        "",
        "    properties:",
        "no column is primaryKey",
    ),
    "position alone": ("        primaryKey: true\n", "", "primaryKeyPosition", "has a primaryKeyPosition and is no"),
    "key's positions": ("primaryKeyPosition: 1", "primaryKeyPosition: 2", "    properties:", "counts 1, 2, …"),
    "key never in the lake": (
        "classification: internal",
        "classification: free_text",
        "    properties:",
        "never in the lake",
    ),
    "unique": ("primaryKey: true", "primaryKey: true\n        unique: true", "unique: true", "nothing checks `unique`"),
}
OF_OUTPUTS = {
    "identifier": ("classification: internal", "classification: direct_identifier", "direct_id", "only be delivered"),
    "control sum": (
        "{property: unit, value: cents}",
        "{property: controlSum, value: true}",
        "controlSum",
        "of a feed's",
    ),
    "derivation": (
        "value: fraction a year}",
        "value: fraction a year}\n          - {property: derivation, value: birth_month}",
        "derivation",
        "only a column of a feed",
    ),
}


@pytest.mark.parametrize(("old", "new", "at", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_what_is_said_of_a_column(tmp_path: Path, old: str, new: str, at: str, said: str) -> None:
    assert_said(tmp_path, TEXT, (old, new), at, said)


@pytest.mark.parametrize(("old", "new", "at", "said"), OF_OUTPUTS.values(), ids=OF_OUTPUTS)
def test_what_only_a_column_of_a_feed_may_be(tmp_path: Path, old: str, new: str, at: str, said: str) -> None:
    assert_said(tmp_path, AS_OUTPUT, (old, new), at, said)
