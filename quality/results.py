"""A verdict: one rule on one table, in numbers and in words, never with a value of a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: The checks of a table that Dagster shows: name → (words, severity of the rules they report). Each of its events costs
#: some 11 ms, planned, evaluated and looked up; a check per rule (1,500 a night) cost more than the night's own work.
#: Great Expectations, the data docs and control.check_result keep every rule apart.
CHECKS: dict[str, tuple[str, str]] = {
    "rules_hold": ("every rule that stops the night holds", "error"),
    "nothing_noted": ("every rule that is only noted holds", "warning"),
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


def within(bad_rows: int, rows: int, max_bad_share: float) -> bool:
    """Whether so many bad rows are tolerated; the boundary itself is, whatever the rounding of binary fractions."""
    return bad_rows * 1_000_000 <= rows * round(max_bad_share * 1_000_000)
