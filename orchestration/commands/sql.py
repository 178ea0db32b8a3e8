"""`fenqi sql`: read-only SQL on what is published."""

from __future__ import annotations

from typing import Annotated

import duckdb
import typer
from rich.table import Table

from orchestration.commands.common import JsonOption, LakeOption, out, print_json, settings_with
from warehouse.lake import Lake

_READING = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN, duckdb.StatementType.PRAGMA}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sql")(sql)


def sql(
    query: Annotated[str, typer.Argument(help="SQL; tables are eligibility.customer_eligibility and so on.")],
    lake: LakeOption = None,
    limit: Annotated[int, typer.Option("--limit", help="Rows to show at most; 0 for all.")] = 100,
    json: JsonOption = False,
) -> None:
    """Read the published warehouse with SQL; nothing can be changed by it.

    Example: fenqi sql "SELECT decision, count(*) FROM eligibility.customer_eligibility GROUP BY ALL"
    """
    with Lake.open(settings_with(lake=lake), read_only=True) as opened:
        con = opened.con
        con.execute("USE lake")
        try:
            if any(statement.type not in _READING for statement in con.extract_statements(query)):
                raise ValueError(
                    "only statements that read are allowed: SELECT, FROM, DESCRIBE, SHOW, SUMMARIZE, EXPLAIN"
                )
            cursor = con.execute(query)
            names = [d[0] for d in cursor.description or ()]
            rows = cursor.fetchmany(limit + 1) if limit else cursor.fetchall()
        except duckdb.Error as error:
            raise ValueError(str(error)) from None
    shown = rows[:limit] if limit else rows
    if json:
        print_json([dict(zip(names, row, strict=True)) for row in shown])
        return
    table = Table(*names)
    for row in shown:
        table.add_row(*("" if v is None else str(v) for v in row))
    out.print(table)
    if limit and len(rows) > limit:
        out.print(f"first {limit} rows; --limit 0 shows all")
