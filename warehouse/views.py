"""Views of the lake: a contract with role `view` and, beside it, `<table>.sql`, its SELECT.

A view names tables by schema only, so that it can be read under any name a reader attaches the lake by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.contract import ContractError, contract_names, load_contract

if TYPE_CHECKING:
    import duckdb

    from warehouse.contract import Contract


def view_sql(contract: Contract) -> str:
    """The SELECT of a view; ContractError where there is none beside its contract."""
    path = contract.path.with_suffix(".sql")
    if not path.is_file():
        raise ContractError(f"{contract.path.name}: a view needs its SELECT beside it, in {path.name}")
    return path.read_text(encoding="utf-8")


def create_views(con: duckdb.DuckDBPyConnection) -> None:
    """Make or renew the lake's views; nothing is committed where none of them has changed."""
    views = [load_contract(name) for name in contract_names("view")]
    before = _standing(con)
    con.execute("BEGIN")
    for view in views:
        con.execute(f"CREATE SCHEMA IF NOT EXISTS lake.{view.schema}")
        con.execute(f"CREATE OR REPLACE VIEW lake.{view.name} AS {view_sql(view)}")
    con.execute("COMMIT" if _standing(con) != before else "ROLLBACK")


def _standing(con: duckdb.DuckDBPyConnection) -> set[tuple[str, str, str]]:
    found = con.execute(
        "SELECT schema_name, view_name, sql FROM duckdb_views() WHERE database_name = 'lake' AND NOT internal"
    ).fetchall()
    return {(schema, name, sql) for schema, name, sql in found}
