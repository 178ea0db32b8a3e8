"""Great Expectations for one run: imported when first needed, one context, on the night's own connection."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import duckdb

from quality.quarantine import DUPLICATE_ROW, KEY_UNIQUE, QuarantineCounts
from quality.results import CheckResult, within
from quality.rule_counts import RuleCount, counts_query, rule_counts
from quality.suite import build_suite, judged_rules, missing_tables
from warehouse.repeats import KEY_REUSED, SEEN_BEFORE, window_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from warehouse.contract import Contract, Rule

#: Counts only: bad rows stay where they are, and no value of a row gets into a result or a page.
_RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": 0, "include_unexpected_rows": False}


class UnjudgedRuleError(RuntimeError):
    """A rule could not be judged, or two ways of counting it disagree: the night must not go on as if it held."""


@dataclass
class Validation:
    """What was checked of one table on one business date: what its page is made from.

    `outcome` is Great Expectations' own (None where a delivery was refused before its rows were read); `results` are
    all verdicts, also those Great Expectations did not give.
    """

    business_date: date
    table: str
    sequence: int
    outcome: Any
    results: list[CheckResult]


class GxSession:
    """Validates staged tables of a run on its DuckDB connection and remembers what the data docs are made from."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._validations: dict[tuple[date, str, int], Validation] = {}
        self._assets: dict[tuple[str, tuple[str, str]], Any] = {}

    @property
    def validations(self) -> list[Validation]:
        """What was checked in this run so far, each table, date and sequence once: the last time it was."""
        return list(self._validations.values())

    @cached_property
    def _source(self) -> Any:
        from quality.gx_duckdb import ENGINE_OPTIONS, ENGINE_URL, ConnectionWrapper, ephemeral_context  # noqa: PLC0415 - CPU seconds

        options = ENGINE_OPTIONS | {"creator": lambda: ConnectionWrapper(self._con.cursor())}
        return ephemeral_context().data_sources.add_sql("night", connection_string=ENGINE_URL, kwargs=options)

    def validate(
        self,
        contract: Contract,
        table: tuple[str, str],
        counts: QuarantineCounts | None,
        *,
        business_date: date,
        sequence: int = 0,
        relations: Mapping[str, str] | None = None,
    ) -> list[CheckResult]:
        """Judge `table` (schema with database, table) by its contract; uniqueness is not judged here.

        A rule that joins a table not in `relations` has failed. UnjudgedRuleError if a rule cannot be evaluated, or
        if what the quarantine pass counted (`counts`, where there was one) is not what Great Expectations counts.
        """
        placed = relations or {}
        rules = judged_rules(contract, placed)
        suite = build_suite(f"{business_date} {contract.name}", rules)
        batch = self._batch(f"{contract.name} {sequence or ''}".strip(), table)
        batch.data.execution_engine.count_rules = lambda: self._counted(rules, table, placed)
        outcome = batch.validate(suite, result_format=_RESULT_FORMAT)
        by_code = {r.expectation_config.meta["rule"]: r for r in outcome.results}
        results = [_verdict(contract, rule, by_code[rule.code], counts) for rule in rules]
        results += [
            _result(contract, rule, passed=False, rows=0, detail=f"{', '.join(missing)} is not there to judge by")
            for rule in contract.rules
            if (missing := missing_tables(rule, placed))
        ]
        key = (business_date, contract.name, sequence)
        self._validations[key] = Validation(business_date, contract.name, sequence, outcome, list(results))
        return results

    def record(self, table: str, business_date: date, sequence: int, results: Iterable[CheckResult]) -> None:
        """Remember verdicts that Great Expectations did not give, for the table's page; those it gave are there."""
        key = (business_date, table, sequence)
        validation = self._validations.setdefault(key, Validation(business_date, table, sequence, None, []))
        known = {r.rule for r in validation.results}
        validation.results.extend(r for r in results if r.rule not in known)

    def _counted(self, rules: list[Rule], table: tuple[str, str], relations: Mapping[str, str]) -> dict[str, RuleCount]:
        """Count for all rules at once; where that cannot be done, the error names the first rule at fault."""
        relation = ".".join(table)

        def row_of(some: list[Rule]) -> tuple[int, ...]:
            return self._con.execute(counts_query(some, relation, relations)).fetchone() or ()

        try:
            return rule_counts(rules, row_of(rules))
        except duckdb.Error:
            for rule in rules:
                try:
                    row_of([rule])
                except duckdb.Error as error:
                    raise UnjudgedRuleError(f"{rule.code}: {error}") from error
            raise

    def _batch(self, title: str, table: tuple[str, str]) -> Any:
        schema, name = table
        asset = self._assets.get((title, table))
        if asset is None:
            if title in self._source.get_asset_names():  # its table lay elsewhere in an earlier night of this run
                self._source.delete_asset(title)
            with warnings.catch_warnings():
                # GX would have the schema in the connection string; tables of several databases share this connection.
                warnings.filterwarnings("ignore", message="`schema_name` is deprecated", category=DeprecationWarning)
                asset = self._source.add_table_asset(title, table_name=name, schema_name=schema)
            self._assets[title, table] = asset
        return asset.get_batch(asset.build_batch_request())


def _verdict(contract: Contract, rule: Rule, given: Any, counts: QuarantineCounts | None) -> CheckResult:
    if error := _raised(given.exception_info or {}):
        raise UnjudgedRuleError(f"{contract.name}: {rule.code} could not be judged: {error}")
    bad = int(given.result.get("unexpected_count") or 0)
    rows = int(given.result["element_count"] or 0) - int(given.result.get("missing_count") or 0)
    counted = counts.by_rule.get(rule.code, 0) if counts and rule.bad_row_sql else bad
    if counted != bad:
        raise UnjudgedRuleError(
            f"{contract.name}: {rule.code}: Great Expectations counts {bad} rows, the quarantine pass {counted}; "
            "its predicate and its expectation do not say the same"
        )
    return _result(contract, rule, passed=bool(given.success), rows=rows, bad_rows=bad)


def _result(
    contract: Contract, rule: Rule, *, passed: bool, rows: int, bad_rows: int = 0, detail: str = ""
) -> CheckResult:
    return CheckResult(
        table=contract.name,
        rule=rule.code,
        passed=passed,
        severity=rule.severity,
        rows=rows,
        bad_rows=bad_rows,
        max_bad_share=rule.max_bad_share,
        description=rule.description,
        column=rule.column,
        detail=detail,
    )


def _raised(info: Mapping[str, Any]) -> str | None:
    """Tell the message of an exception inside a metric (GX nests them by metric id), its literals blotted out."""
    if info.get("raised_exception"):
        return re.sub(r"'[^']*'", "'…'", str(info.get("exception_message")))
    nested = [v for v in info.values() if isinstance(v, dict)]
    return next((text for v in nested if (text := _raised(v))), None)


def key_rules(contract: Contract) -> dict[str, str]:
    """Code and words of the checks on the keys of a feed, and on the share of rows kept out."""
    return {code: words for code, words in _KEY_RULES.items() if code not in _REPEATS or window_days(contract)}


def key_results(contract: Contract, counts: QuarantineCounts) -> list[CheckResult]:
    """Verdicts on uniqueness, from the quarantine pass, and on the share of rows kept out altogether.

    That rows come again as they were is said where they are more than the contract allows, and stops nothing: a sender
    may repeat the last weeks each night. They are no part of the rows kept out.
    """
    allowed = float(contract.properties.get("maxBadShare", 0.0))
    kept_out = {BAD_SHARE: counts.quarantined - counts.repeated}
    return [
        CheckResult(
            table=contract.name,
            rule=code,
            passed=within(bad, counts.rows, allowed),
            severity="warning" if code == SEEN_BEFORE else "error",
            rows=counts.rows,
            bad_rows=bad,
            max_bad_share=allowed,
            description=words,
        )
        for code, words in key_rules(contract).items()
        for bad in [kept_out.get(code, counts.by_rule.get(code, 0))]
    ]


BAD_SHARE = "bad_share"
#: Codes and words of what the quarantine pass finds beyond the contract's own rules.
_KEY_RULES = {
    DUPLICATE_ROW: "no row is there twice",
    KEY_UNIQUE: "no key is there twice with different content",
    SEEN_BEFORE: "no row was delivered already",
    KEY_REUSED: "no key of an earlier delivery comes again with other content",
    BAD_SHARE: "rows kept out altogether, repetitions aside, are within what the contract allows",
}
#: Those that compare with earlier deliveries.
_REPEATS = (SEEN_BEFORE, KEY_REUSED)
