"""Every mistake of contracts at once: what reading finds, and rules whose SQL does not fit the tables they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from warehouse.contract import PLACEHOLDER, Mistake, contract_path, contract_paths, shown
from warehouse.contract_columns import logical_type
from warehouse.contract_file import instead
from warehouse.contract_reading import read_contract
from warehouse.sql import identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from warehouse.contract import Contract, Rule

_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")


def check_contracts(paths: Iterable[Path]) -> dict[Path, list[Mistake]]:
    """Every mistake of each file in the order of its lines: none where its contract can be used.

    Reading is what :func:`~warehouse.contract.load_contract` does. Beyond it each rule's SQL is compiled by DuckDB
    against empty tables of the contracts' columns: of the files given, and of what is shipped beside them.
    """
    read = {path: read_contract(path) for path in paths}
    given = {contract.name: contract for contract, _ in read.values() if contract is not None}
    found: dict[Path, list[Mistake]] = {}
    with duckdb.connect() as con:
        for path, (contract, mistakes) in read.items():
            bound = [] if contract is None else _binding(con, contract, given)
            found[path] = sorted([*mistakes, *bound], key=lambda m: m.line)
    return found


def _binding(con: duckdb.DuckDBPyConnection, contract: Contract, given: Mapping[str, Contract]) -> list[Mistake]:
    """DuckDB's errors on the rules that are written out, and tables they name that are not there to be joined."""
    written = [rule for rule in contract.rules if rule.kind == "sql"]
    if not written:
        return []
    mistakes: list[Mistake] = []
    _make(con, contract)
    for rule in written:
        joined = sorted(set(PLACEHOLDER.findall(rule.violations_sql or "")) - {"object"})
        refused = [words for name in joined if (words := _not_joined(con, contract, name, given)) is not None]
        against = refused or _refused_by_engine(con, contract, rule)
        mistakes += [Mistake(shown(contract.path), rule.line, f"rule {rule.code!r}: {words}") for words in against]
    return mistakes


def _not_joined(
    con: duckdb.DuckDBPyConnection, contract: Contract, name: str, given: Mapping[str, Contract]
) -> str | None:
    """What is wrong with naming the table in a rule, None where nothing is; its empty table is then there."""
    if contract.role == "feed":
        return f"names {{{name}}}: of a delivery only {{object}} is there to be judged"
    other = given.get(name)
    if other is None:
        other = read_contract(contract_path(name))[0] if contract_path(name).is_file() else None
    if other is None:
        known = {f"{p.parent.name}.{p.stem}" for p in contract_paths()} | given.keys()
        return f"names {{{name}}}: there is no such table{instead(name, known)}"
    if other.role != "output":
        return f"names {{{name}}}: it is a {other.role}, and a rule joins what the same night puts out"
    _make(con, other)
    return None


def _make(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Make the empty table a rule sees: of a feed what is delivered, of the others what lies in the lake."""
    feed = [(c.name, c.type) for c in contract.delivered]
    columns = dict(feed if contract.role == "feed" else contract.lake_columns())
    usable = {name: type_ for name, type_ in columns.items() if name and logical_type(type_) is not None}
    declared = ", ".join(f"{identifier(name)} {type_}" for name, type_ in usable.items())
    con.execute(f"CREATE OR REPLACE TABLE {identifier(contract.name)} ({declared or 'nothing INTEGER'})")


def _refused_by_engine(con: duckdb.DuckDBPyConnection, contract: Contract, rule: Rule) -> list[str]:
    """DuckDB's error on a rule's SQL, in one line; empty where it compiles to what a rule must be."""
    predicate = rule.bad_row_sql is not None
    sql = f"SELECT ({rule.bad_row_sql}) AS bad FROM {{object}}" if predicate else rule.violations_sql or ""
    sql = PLACEHOLDER.sub(lambda m: identifier(contract.name if m[1] == "object" else m[1]), sql)
    try:
        kinds = [str(row[1]) for row in con.execute(f"DESCRIBE {sql}").fetchall()]
    except duckdb.Error as error:
        lines = [line.strip() for line in str(error).split("\nLINE ")[0].splitlines() if line.strip()]
        # Of a column whose own type is unknown the table has nothing: that has been said.
        unusable = [c.name for c in contract.columns if logical_type(c.type) is None]
        if any(identifier(name) in lines[0] for name in unusable):
            return []
        return [" ".join(line for line in lines[:2] if not line.startswith("Candidate functions"))]
    if predicate and kinds != ["BOOLEAN"]:
        return [f"its WHERE gives {kinds[0]}, not true or false"]
    if not predicate and (len(kinds) != 1 or not (kinds[0] in _NUMBERS or kinds[0].startswith("DECIMAL"))):
        return [f"it must give one number, how many rows break it, not {', '.join(kinds)}"]
    return []
