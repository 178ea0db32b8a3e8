"""The rules by which landing classifies a bank line: `reference/bank_line_rules.csv` compiled to one SQL expression.

A line's free text is read here once, at landing, and does not enter the lake; only the line type does. The rules know
texts and codes that banks print (Chinese, English, Czech), never a source's own labels.
"""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.sql import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

RULES = Path(__file__).parent / "reference" / "bank_line_rules.csv"

#: Every type a line can have. `other_*` is what no rule knows.
LINE_TYPES = (
    "salary",
    "pension",
    "benefit",
    "transfer_in",
    "own_transfer_in",
    "company_in",
    "rent_in",
    "support_in",
    "refund_in",
    "interest_in",
    "cash_deposit",
    "loan_in",
    "other_credit",
    "rent",
    "utilities",
    "debt_service",
    "card_payment",
    "insurance",
    "groceries",
    "travel",
    "medical",
    "education",
    "gambling",
    "cash_withdrawal",
    "fee",
    "failed_debit_fee",
    "tax",
    "transfer_out",
    "reversal_out",
    "saving",
    "other_debit",
)
_DIRECTIONS = ("credit", "debit", "any")
_FIELDS = ("description", "bank_code", "channel", "mcc")
_HEADER = ["priority", "line_type", "direction", "field", "pattern", "comment_en"]
#: `^(A|B C|D\. E)$`: a list of whole values, tested with IN instead of a regular expression.
_VALUES = re.compile(r"\^\((?P<values>(?:[\w /&-]|\\\.|\|)+)\)\$")


class LineRuleError(ValueError):
    """The rule file is wrong; the message names its line."""


@dataclass(frozen=True)
class LineRule:
    """One rule: a line of that direction whose `field` matches `pattern` (RE2, case aside) is a `line_type`."""

    priority: int
    line_type: str
    direction: str
    field: str
    pattern: str


@cache
def load_line_rules(path: Path = RULES) -> tuple[LineRule, ...]:
    """The rules by priority; LineRuleError names the file's line that is wrong."""
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if reader.fieldnames != _HEADER:
            raise LineRuleError(f"{path.name}: the header must be {','.join(_HEADER)}")
        rules = [_rule(path, reader.line_num, row) for row in reader]
    priorities = [rule.priority for rule in rules]
    if twice := sorted({p for p in priorities if priorities.count(p) > 1}):
        raise LineRuleError(f"{path.name}: priority {twice[0]} is given twice; the first match must be certain")
    return tuple(sorted(rules, key=lambda rule: rule.priority))


def line_rules_digest(path: Path = RULES) -> str:
    """SHA-256 of the rule file: part of what a landing depends on."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def line_type_sql(rules: Sequence[LineRule]) -> str:
    """SQL of a line's type over the columns direction, description, bank_code, channel and mcc.

    The first matching rule by priority wins; a line that none knows is `other_credit` or `other_debit`. Each
    direction tests only its own rules, lists of codes become IN, and neighbours of one type and field become one
    alternation, so that a text is scanned once per type.
    """
    return f"CASE WHEN direction = 'credit' THEN {_cases(rules, 'credit')} ELSE {_cases(rules, 'debit')} END"


def _rule(path: Path, line: int, row: dict[str, str]) -> LineRule:
    rule = LineRule(int(row["priority"]), row["line_type"], row["direction"], row["field"], row["pattern"])
    for value, known in ((rule.line_type, LINE_TYPES), (rule.direction, _DIRECTIONS), (rule.field, _FIELDS)):
        if value not in known:
            raise LineRuleError(f"{path.name} line {line}: {value!r} is none of {', '.join(known)}")
    if not rule.pattern:
        raise LineRuleError(f"{path.name} line {line}: the pattern is empty and would match every line")
    return rule


def _cases(rules: Sequence[LineRule], direction: str) -> str:
    mine = [rule for rule in rules if rule.direction in (direction, "any")]
    whens = [
        f"WHEN {_test(field, [rule.pattern for rule in same])} THEN {literal(line_type)}"
        for (line_type, field), same in groupby(mine, key=lambda rule: (rule.line_type, rule.field))
    ]
    return f"CASE {' '.join(whens)} ELSE 'other_{direction}' END" if whens else f"'other_{direction}'"


def _test(field: str, patterns: Sequence[str]) -> str:
    lists = [_VALUES.fullmatch(pattern) for pattern in patterns]
    if all(lists):
        values = [v.replace("\\.", ".").upper() for m in lists if m for v in m["values"].split("|")]
        return f"upper({field}) IN ({', '.join(literal(v) for v in values)})"
    whole = patterns[0] if len(patterns) == 1 else "|".join(f"(?:{p})" for p in patterns)
    return f"regexp_matches({field}, {literal(whole)}, 'i')"
