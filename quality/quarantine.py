"""One pass over a staged delivery that lists the broken rules of each bad row.

A rule whose predicate is NULL is not broken: whether a value must be there is a rule of its own. Rules of severity
warning keep no row out; they are counted in the same pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.repeats import KEY_REUSED, SEEN_BEFORE
from warehouse.sql import identifiers, literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from warehouse.contract import Contract

#: Codes of the ways a key can be there twice within a delivery; the first names whole rows.
DUPLICATE_ROW, KEY_UNIQUE = "duplicate_row", "key_unique"


@dataclass(frozen=True)
class QuarantineCounts:
    """Rows looked at, rows kept out, and how many rows broke each rule (a row can break several).

    `repeated` of the rows kept out are there only because they have landed before: no fault of theirs.
    """

    rows: int
    quarantined: int
    by_rule: Mapping[str, int]
    repeated: int = 0


def quarantine_sql(contract: Contract, relation: str, target: str, seen_rows: str | None = None) -> str:
    """Give the one statement: makes `target` (row_id, rules, warnings) of the rows of `relation` that broke a rule.

    `relation` is a table (rows are identified by its rowid). Of several equal rows the first stays and the others are
    `duplicate_row`; rows with one key (of a feed of changes: one key and day) and different content are all
    `key_unique`, since none can be trusted. A key with a NULL in it is no key: it is never a duplicate, its column's
    `…_present` rule is broken instead. A row of `seen_rows` (row_id, same) has a key that landed before: it is
    `key_seen_before` with the same content, `key_reused` with another.
    """
    errors: list[str] = []
    warnings: list[str] = []
    for rule in contract.rules:
        if rule.bad_row_sql is not None:
            case = f"CASE WHEN {rule.bad_row_sql} THEN {literal(rule.code)} END"
            (errors if rule.severity == "error" else warnings).append(case)
    errors += [
        f"CASE WHEN _copy > 1 THEN {literal(DUPLICATE_ROW)} END",
        f"CASE WHEN _contents > 1 THEN {literal(KEY_UNIQUE)} END",
    ]
    seen_join = ""
    if seen_rows is not None:
        errors.append(f"CASE seen.same WHEN true THEN {literal(SEEN_BEFORE)} WHEN false THEN {literal(KEY_REUSED)} END")
        seen_join = f" LEFT JOIN {seen_rows} AS seen ON seen.row_id = _staged.rowid"
    columns = identifiers(c.name for c in contract.delivered)
    own = identifiers(contract.row_key)
    # Only rows that share a key are compared whole: sorting every row by every column would double the cost.
    return (
        f"CREATE OR REPLACE TABLE {target} AS "
        f"WITH shared AS (SELECT {own} FROM {relation} GROUP BY {own} HAVING count(*) > 1), "
        f"numbered AS (SELECT {own}, rowid AS _row, row_number() OVER (PARTITION BY {columns} ORDER BY rowid) AS _copy "
        f"FROM {relation} SEMI JOIN shared USING ({own})), "
        "compared AS (SELECT _row, _copy, "
        f"count(*) FILTER (WHERE _copy = 1) OVER (PARTITION BY {own}) AS _contents FROM numbered), "
        "judged AS (SELECT _staged.rowid AS row_id, "
        f"list_filter([{', '.join(errors)}], lambda r: r IS NOT NULL) AS rules, "
        f"list_filter([{', '.join(warnings)}]::VARCHAR[], lambda r: r IS NOT NULL) AS warnings "
        f"FROM {relation} AS _staged LEFT JOIN compared ON compared._row = _staged.rowid{seen_join}) "
        "SELECT row_id, rules, warnings FROM judged WHERE len(rules) + len(warnings) > 0"
    )


def quarantine(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    relation: str,
    target: str,
    *,
    seen_rows: str | None = None,
) -> QuarantineCounts:
    """Run the pass; `target` then holds (row_id, rules) of exactly the rows to keep out, by rowid of `relation`."""
    con.execute(quarantine_sql(contract, relation, target, seen_rows))
    rows = _count(con, relation)
    counted = con.execute(
        f"SELECT code, count(*) FROM (SELECT unnest(rules || warnings) AS code FROM {target}) GROUP BY code"
    ).fetchall()
    con.execute(f"DELETE FROM {target} WHERE len(rules) = 0")
    con.execute(f"ALTER TABLE {target} DROP COLUMN warnings")
    repeated = _count(con, f"{target} WHERE rules = [{literal(SEEN_BEFORE)}]")
    return QuarantineCounts(rows, _count(con, target), {str(code): int(n) for code, n in counted}, repeated)


def _count(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    [(number,)] = con.execute(f"SELECT count(*) FROM {relation}").fetchall()
    return int(number)
