"""The vault: an encrypted DuckDB file with what must be kept and must not be in the lake.

It holds customers' direct identifiers beside their token, and the content of quarantined rows. It is attached only
while something is written or looked up, under its own lock.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock

from warehouse.sql import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import duckdb

    from warehouse.contract import Contract
    from warehouse.keys import Keys
    from warehouse.settings import Settings

_TABLES = """
CREATE TABLE IF NOT EXISTS vault.identity (
  customer_token UUID, customer_id VARCHAR, identifiers JSON, feed VARCHAR, feed_date DATE, delivery_seq SMALLINT);
CREATE TABLE IF NOT EXISTS vault.quarantined_row (
  feed VARCHAR, business_date DATE, delivery_seq SMALLINT, row_no BIGINT, content VARCHAR);
"""


@contextmanager
def open_vault(con: duckdb.DuckDBPyConnection, settings: Settings, keys: Keys) -> Iterator[None]:
    """Attach the vault as `vault` on `con` for the length of the block, alone."""
    folder = settings.home / "vault"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "vault.duckdb"
    with FileLock(folder / "vault.lock", timeout=600):
        con.execute(f"ATTACH {literal(str(path))} AS vault (ENCRYPTION_KEY {literal(keys.vault)})")
        try:
            con.execute(_TABLES)
            path.chmod(0o600)
            yield
        finally:
            con.execute("DETACH vault")


def keep_identities(
    con: duckdb.DuckDBPyConnection, contract: Contract, rows: str, tokens: str, business_date: date, sequence: int
) -> None:
    """Keep the direct identifiers of the accepted `rows`; `tokens` maps identifier to token."""
    fields = [c.name for c in contract.columns if c.classification == "direct_identifier"]
    packed = ", ".join(f"{identifier(name)} := {identifier(name)}" for name in fields)
    con.execute(
        "DELETE FROM vault.identity WHERE feed = ? AND feed_date = ? AND delivery_seq = ?",
        [contract.name, business_date, sequence],
    )
    con.execute(
        f"INSERT INTO vault.identity SELECT m.token, r.customer_id, to_json(struct_pack({packed})), ?, ?, ? "
        f"FROM {rows} AS r JOIN {tokens} AS m ON m.identifier = r.customer_id",
        [contract.name, business_date, sequence],
    )


def keep_quarantined(
    con: duckdb.DuckDBPyConnection, contract: Contract, rows: str, business_date: date, sequence: int
) -> None:
    """Keep the content of quarantined rows; `rows` gives (row_no, content), NULL where none is kept."""
    con.execute(
        "DELETE FROM vault.quarantined_row WHERE feed = ? AND business_date = ? AND delivery_seq = ?",
        [contract.name, business_date, sequence],
    )
    con.execute(
        f"INSERT INTO vault.quarantined_row SELECT ?, ?, ?, row_no, content FROM {rows} WHERE content IS NOT NULL",
        [contract.name, business_date, sequence],
    )
