"""Great Expectations for one run: imported when first needed, one context, on the night's own connection."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from quality.quarantine import DUPLICATE_ROW, KEY_SEEN_BEFORE, KEY_UNIQUE, QuarantineCounts
from quality.results import CheckResult, within
from quality.suite import build_suite, judged_rules, violations_query

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import duckdb

    from warehouse.contract import Contract, Rule

#: Counts only: bad rows stay where they are, and no value of a row gets into a result or a page.
_RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": 0, "include_unexpected_rows": False}


@dataclass(frozen=True)
class Validation:
    """One validated table of one business date, as Great Expectations gave it: what its page is made from."""

    business_date: date
    table: str
    sequence: int
    outcome: Any
    results: tuple[CheckResult, ...]


class GxSession:
    """Validates staged tables of a run on its DuckDB connection and remembers what the data docs are made from."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._made = 0
        self.validations: list[Validation] = []

    @cached_property
    def _source(self) -> Any:
        from duckdb_sqlalchemy import ConnectionWrapper  # noqa: PLC0415 - as below

        from quality.gx_duckdb import ENGINE_OPTIONS, ephemeral_context  # noqa: PLC0415 - seconds of CPU

        options = ENGINE_OPTIONS | {"creator": lambda: ConnectionWrapper(self._con.cursor())}
        return ephemeral_context().data_sources.add_sql("night", connection_string="duckdb:///:memory:", kwargs=options)

    def validate(
        self,
        contract: Contract,
        table: tuple[str, str],
        counts: QuarantineCounts,
        *,
        business_date: date,
        sequence: int = 0,
        relations: Mapping[str, str] | None = None,
    ) -> list[CheckResult]:
        """Judge `table` (schema with database, table) by its contract; uniqueness comes from `counts`."""
        self._made += 1
        schema, name = table
        asset = self._source.add_table_asset(f"{self._made}", table_name=name, schema_name=schema)
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        suite = build_suite(contract, f"{contract.name} {business_date}", relations)
        outcome = batch.validate(suite, result_format=_RESULT_FORMAT)
        by_code = {r.expectation_config.meta["rule"]: r for r in outcome.results}
        relation = f"{schema}.{name}"
        results = [
            self._verdict(contract, rule, by_code[rule.code], counts, relation, relations or {})
            for rule in judged_rules(contract, relations)
        ]
        self.validations.append(Validation(business_date, contract.name, sequence, outcome, tuple(results)))
        return results

    def _verdict(
        self,
        contract: Contract,
        rule: Rule,
        given: Any,
        counts: QuarantineCounts,
        relation: str,
        relations: Mapping[str, str],
    ) -> CheckResult:
        if given.exception_info and _raised(given.exception_info):
            raise RuntimeError(f"{contract.name}: {rule.code} could not be judged: {_raised(given.exception_info)}")
        rows, bad = counts.rows, counts.by_rule.get(rule.code, 0)
        if "unexpected_count" in given.result and rule.violations_sql is None and rule.kind != "sql":
            rows = int(given.result["element_count"] or 0) - int(given.result.get("missing_count") or 0)
            bad = int(given.result["unexpected_count"] or 0)
        elif rule.violations_sql is not None:
            query = violations_query(rule, relation, relations)
            row = self._con.execute(query).fetchone() if query else None
            bad = int(row[0] or 0) if row else 0
        return CheckResult(
            table=contract.name,
            rule=rule.code,
            passed=bool(given.success),
            severity=rule.severity,
            rows=rows,
            bad_rows=bad,
            max_bad_share=rule.max_bad_share,
            description=rule.description,
            column=rule.column,
        )


def _raised(info: Mapping[str, Any]) -> str | None:
    """The message of an exception inside a metric; GX nests them by metric id."""
    if info.get("raised_exception"):
        return str(info.get("exception_message"))
    nested = [v for v in info.values() if isinstance(v, dict)]
    return next((text for v in nested if (text := _raised(v))), None)


def key_results(contract: Contract, counts: QuarantineCounts) -> list[CheckResult]:
    """Verdicts on uniqueness, from the quarantine pass, and on the share of rows kept out altogether."""
    allowed = float(contract.properties.get("maxBadShare", 0.0))
    return [
        CheckResult(
            table=contract.name,
            rule=code,
            passed=within(bad, counts.rows, allowed),
            severity="error",
            rows=counts.rows,
            bad_rows=bad,
            max_bad_share=allowed,
            description=words,
        )
        for code, words in KEY_RULES.items()
        for bad in [counts.quarantined if code == "bad_share" else counts.by_rule.get(code, 0)]
    ]


#: Codes and words of what the quarantine pass finds beyond the contract's own rules.
KEY_RULES = {
    DUPLICATE_ROW: "no row is there twice",
    KEY_UNIQUE: "no key is there twice with different content",
    KEY_SEEN_BEFORE: "no key was delivered already",
    "bad_share": "rows kept out altogether are within what the contract allows",
}
