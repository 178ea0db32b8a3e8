"""Digests of tables: the same rows give the same digest in any order, engine version or file layout."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from warehouse.sql import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

#: Between two columns, and in place of a NULL: control characters that no contract's text may hold.
_UNIT, _NULL = "chr(31)", "chr(9216)"


def rows_digest(con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]) -> tuple[int, str]:
    """(rows, digest) of a relation.

    Each row is written as text, column by column, and hashed with MD5; the digest is SHA-256 over the number of rows,
    the sum and the exclusive or of those hashes (each of 64 bits), so that neither order nor a repeated row can hide.
    """
    text = ", ".join(f"coalesce({identifier(name)}::VARCHAR, {_NULL})" for name in columns)
    row = con.execute(
        f"WITH hashed AS (SELECT md5_number_lower(concat_ws({_UNIT}, {text})) AS h FROM {relation}) "
        "SELECT count(*), coalesce(sum(h::HUGEINT), 0)::VARCHAR, coalesce(bit_xor(h), 0)::VARCHAR FROM hashed"
    ).fetchone() or (0, "0", "0")
    return int(row[0]), hashlib.sha256(f"{row[0]} {row[1]} {row[2]}".encode()).hexdigest()
