"""A verdict: one rule on one table, in numbers and in words, never with a value of a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.contract import Rule

#: Rules of these kinds are reported to Dagster as one check per table: each of its events costs about 11 ms, and a
#: check per column (780 a night) made a small night three times as long. Great Expectations, the data docs and
#: control.check_result keep every rule apart.
CHECK_OF_KIND: dict[str, tuple[str, str]] = {
    "not_null": ("required_present", "every required column is given"),
    "in_set": ("values_known", "every value of a closed list is on it"),
    "between": ("values_in_range", "every number is within its range"),
    "regex": ("text_well_formed", "every text has its form"),
    "length": ("text_well_formed", "every text has its form"),
}


@dataclass(frozen=True)
class CheckResult:
    """Whether one rule held: `bad_rows` of `rows` broke it, `max_bad_share` of them may."""

    table: str
    rule: str
    passed: bool
    severity: Literal["error", "warning"]
    rows: int
    bad_rows: int
    max_bad_share: float
    description: str
    column: str | None = None
    check: str = ""
    detail: str = ""

    @property
    def blocks(self) -> bool:
        """Whether it stops the night."""
        return not self.passed and self.severity == "error"

    @property
    def bad_share(self) -> float:
        """Share of rows that broke it."""
        return self.bad_rows / self.rows if self.rows else 0.0

    def summary_line(self) -> str:
        """Table, rule, how many of how many, the allowed share and what follows, in one line."""
        name = f"{self.table}: {self.rule}"
        if self.passed and not self.bad_rows:
            return f"{name}: {self.detail or f'holds on {self.rows:,} rows'}"
        counts = f"{self.bad_rows:,} of {self.rows:,} rows break «{self.description}» ({self.bad_share:.2%})"
        if self.passed:
            return f"{name}: {self.detail or f'{counts}, within the {self.max_bad_share:.2%} allowed'}"
        follows = "the night stops" if self.blocks else "noted, the night goes on"
        return f"{name}: {self.detail or f'{counts}, allowed {self.max_bad_share:.2%}'}; {follows}"


def checks_of(rules: Iterable[Rule]) -> list[tuple[str, str, bool]]:
    """(name, words, whether it stops the night) of the checks that report these rules, each once."""
    checks: dict[str, tuple[str, bool]] = {}
    for rule in rules:
        name, words = CHECK_OF_KIND.get(rule.kind, (rule.code, rule.description))
        checks[name] = (words, rule.severity == "error" or checks.get(name, ("", False))[1])
    return [(name, words, blocks) for name, (words, blocks) in checks.items()]


def within(bad_rows: int, rows: int, max_bad_share: float) -> bool:
    """Whether so many bad rows are tolerated; the boundary itself is, whatever the rounding of binary fractions."""
    return bad_rows * 1_000_000 <= rows * round(max_bad_share * 1_000_000)
