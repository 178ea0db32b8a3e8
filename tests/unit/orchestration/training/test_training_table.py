"""Tables of other people are read as they come."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import polars as pl
import pytest

from orchestration.training.training_table import read_table

if TYPE_CHECKING:
    from pathlib import Path

ROWS = "编号{0}y,1{0}x y\n1{0}a{0}2.5\n2{0}NA{0}\n"


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_separator_and_encoding_are_found(separator: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(ROWS.format(separator).encode(encoding))
    table = read_table(path)
    assert table.frame.columns == ["编号", "y,1", "x y"]
    assert table.frame.rows() == [(1, "a", 2.5), (2, None, None)]
    assert "2 rows of 3 columns" in table.notes[0]


def test_packed_text_and_parquet(tmp_path: Path) -> None:
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n"))
    assert read_table(tmp_path / "t.csv.gz").frame.rows() == [(1, 2)]
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet").frame.rows() == [(1,)]


def test_lines_of_words_above_the_header_are_skipped_and_told(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('\nNotes offered by the prospectus\n"a","b"\n1,2\n3,4\n')
    table = read_table(tmp_path / "t.csv")
    assert (table.frame.columns, table.frame.rows()) == (["a", "b"], [(1, 2), (3, 4)])
    assert "1 lines above the header skipped" in table.notes[0]


def test_amounts_with_commas_do_not_make_a_header_a_line_of_words(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("income;city\n1,000;X\n2,500;Y\n")
    assert read_table(tmp_path / "t.csv").frame.rows() == [("1,000", "X"), ("2,500", "Y")]


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "is empty"), ("a,b\n", "a header and no rows"), ("one column\n1\n2\n", "only one column")],
)
def test_what_is_no_table_is_said(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(ValueError, match=said):
        read_table(tmp_path / "t.csv")
    with pytest.raises(ValueError, match="there is no file"):
        read_table(tmp_path / "none.csv")
