"""The verdicts of one run's checks, and which nights they have stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from quality.results import CheckResult


class Verdicts:
    """Results by night, table and sequence of the delivery (0 for an output)."""

    def __init__(self) -> None:
        #: Night → why it does not go on.
        self.stopped: dict[date, str] = {}
        self._results: dict[date, dict[tuple[str, int], list[CheckResult]]] = {}

    def add(self, day: date, table: str, sequence: int, results: Sequence[CheckResult]) -> None:
        """Keep the results of one table's checks, in place of earlier ones of the same."""
        self._results.setdefault(day, {})[table, sequence] = list(results)

    def stop_if_broken(self, day: date, results: Sequence[CheckResult]) -> None:
        """Stop a night where one of the results blocks it."""
        if broken := [r.summary_line() for r in results if r.blocks]:
            self.stopped[day] = "; ".join([*([self.stopped[day]] if day in self.stopped else []), *broken])

    def has_checked(self, day: date, table: str) -> bool:
        """Whether an output of a night has been checked in this run."""
        return (table, 0) in self._results.get(day, {})

    def rows(self, day: date, run_id: str) -> pl.DataFrame:
        """`control.check_result` of a night: a row per table, delivery and rule."""
        rows = [
            {
                "run_id": run_id,
                "table_name": r.table,
                "rule_code": r.rule,
                "business_date": day,
                "delivery_seq": sequence,
                "passed": r.passed,
                "severity": r.severity,
                "row_count": r.rows,
                "bad_rows": r.bad_rows,
                "max_bad_share": r.max_bad_share,
                "description": r.description,
            }
            for (_, sequence), results in self._results.get(day, {}).items()
            for r in results
        ]
        return pl.DataFrame(rows, schema_overrides={"delivery_seq": pl.Int16, "max_bad_share": pl.Float64})
