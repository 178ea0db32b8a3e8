"""Mutants of contracts: a rule of a column or table left out, by line or by block."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mutants.mutant import Mutant, Source

_RULE = re.compile(rb"^ +(?:required|unique): true\n|^ +logicalTypeOptions: .+\n|^ +primaryKey: true\n", re.MULTILINE)
_QUALITY = re.compile(rb"^( +)- name: \w+\n(?:\1  .*\n)*?\1  mustBe.*\n(?:\1  .*\n)*", re.MULTILINE)


def contract_mutants(source: Source) -> Iterator[Mutant]:
    """Every mutant of a contract: required, unique, key, limits of values and each SQL rule, dropped one by one."""
    rules = [found for pattern in (_RULE, _QUALITY) for found in pattern.finditer(source.data)]
    for found in sorted(rules, key=lambda rule: rule.start()):
        yield source.mutant(found.start(), found.end(), "", "rule dropped")
