"""The profile's columns as their contracts have them: the one way from the declarations to YAML.

A declaration makes SQL, so it is Python; a contract is read by everything else, so it is a file. The file follows from
the declaration, never the other way: `fenqi contract write` puts this text between the two marks of each contract.
What stands outside the marks (names, version, rules) is written by hand.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from transforms.profile.declared.definition import AS_OF
from transforms.profile.declared.tables import TABLES

if TYPE_CHECKING:
    from transforms.profile.declared.definition import Definition

BEGIN = "      # From here written by `make dictionary`: change a column in transforms/profile/declared, not here.\n"
END = "      # To here written by `make dictionary`.\n"
_LOGICAL = {
    "BIGINT": "integer",
    "INTEGER": "integer",
    "SMALLINT": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
}


def with_columns(table: str, contract: str) -> str:
    """The text of a table's contract with the columns its declarations give between the marks.

    Raises ValueError where the text lacks a mark.
    """
    head, begin, rest = contract.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the contract of {table} has no two lines between which its columns are written")
    columns = "".join(column_text(d) for d in TABLES[table] if d.published)
    return f"{head}{BEGIN}{columns}{END}{tail}"


def column_text(definition: Definition) -> str:
    """One column as the contract's YAML has it."""
    d = definition
    lines = [f"      - name: {d.name}", f"        logicalType: {_LOGICAL.get(d.type, 'string')}"]
    bounds = [
        f"{name}: {value}" for name, value in (("minimum", d.minimum), ("maximum", d.maximum)) if value is not None
    ]
    lines += [f"        logicalTypeOptions: {{{', '.join(bounds)}}}"] * bool(bounds)
    lines.append(f"        physicalType: {d.type}")
    if d.key:
        lines += ["        primaryKey: true", f"        primaryKeyPosition: {d.key}"]
    lines += ["        required: true"] * (d.required and not d.key)
    lines.append(f"        classification: {d.classification}")
    if d.values:
        lines.append(f"        enum: [{', '.join(f'{{value: {v}}}' for v in d.values)}]")
    lines += [f"        description: {json.dumps(d.en)}", "        customProperties:"]
    custom = {
        "descriptionZh": d.zh,
        "unit": d.unit,
        "source": d.source,
        "window": d.window,
        "aggregation": d.how,
        "formula": d.formula,
        "asOf": AS_OF[d.as_of],
        "consent": d.consent,
    }
    lines += [
        f"          - {{property: {name}, value: {json.dumps(value, ensure_ascii=False)}}}"
        for name, value in custom.items()
        if value
    ]
    return "\n".join(lines) + "\n"
