"""Every line of a delivered file is read or kept with its number and reason; the two add up to the file."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.contract import load_contract
from warehouse.deliveries import DeliveredFile, Delivery
from warehouse.reading import UnreadableFileError, read_delivery

if TYPE_CHECKING:
    from warehouse.reading import Reading

CONTRACT = load_contract("bank.account_balance")
DAY = date(2026, 3, 2)
HEAD = "account_id,balance_date,customer_id,balance_cents"


def read(con: duckdb.DuckDBPyConnection, path: Path) -> Reading:
    delivery = Delivery(CONTRACT.name, DAY, 1, path, "", (DeliveredFile(path, 0, ""),))
    return read_delivery(con, CONTRACT, delivery)


def unreadable(con: duckdb.DuckDBPyConnection, reading: Reading) -> list[tuple[int, str]]:
    return con.execute(f"SELECT line_no, message FROM {reading.unreadable} ORDER BY line_no").fetchall()


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_bad_lines_are_kept_with_number_and_reason_and_the_sum_is_over_all(suffix: str, tmp_path: Path) -> None:
    lines = [
        HEAD,
        "A1,2026-03-02,C1,100",
        "A2,not a day,C1,20",
        "A3,2026-03-02,C1,3,too many",
        'A4,2026-03-02,"C 1",4',
        "A5",
    ]
    path = tmp_path / f"balance-1{suffix}"
    content = ("\n".join(lines) + "\n").encode()
    path.write_bytes(gzip.compress(content) if suffix.endswith("gz") else content)
    with duckdb.connect() as con:
        reading = read(con, path)
        kept = unreadable(con, reading)
    assert (reading.rows, reading.unreadable_lines) == (2, 3)
    assert [line for line, _ in kept] == [3, 4, 6]
    assert "balance_date" in kept[0][1]
    assert reading.control_sums["balance_cents"] == 100 + 20 + 3 + 4


def test_missing_and_unknown_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "balance-1.csv"
    path.write_text("account_id,customer_id,extra,balance_cents\nA1,C1,x,1\n", encoding="utf-8")
    with duckdb.connect() as con:
        reading = read(con, path)
    assert (reading.missing_columns, reading.unknown_columns) == (("balance_date",), ("extra",))
    assert reading.rows == 0


ORDERS = load_contract("commerce.commerce_order")
#: An extract of before the contract had merchant, time, price and items.
OLD = {
    "order_id": ["O1", "O2"],
    "customer_id": ["C1", "C2"],
    "ordered_on": [DAY, DAY],
    "category_code": ["toys", "food"],
    "paid_cents": [5, 6],
    "payment_method": ["card", "wallet"],
    "installment_count": [1, 1],
    "status": ["delivered", "created"],
    "basket": ["a", "b"],
}


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "parquet"])
def test_a_column_that_is_not_required_may_be_absent_and_is_read_as_empty(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"order-1.{suffix}"
    unread = {**{name: value[0] for name, value in OLD.items()}, "order_id": "O3", "paid_cents": "much"}
    extract = pl.concat([pl.DataFrame(OLD).cast({"paid_cents": pl.String}), pl.DataFrame([unread])])
    if suffix == "parquet":
        extract.write_parquet(path)
    else:
        text = extract.write_csv().encode()
        path.write_bytes(gzip.compress(text) if suffix.endswith("gz") else text)
    delivery = Delivery(ORDERS.name, DAY, 1, path, "", (DeliveredFile(path, 3, ""),))
    with duckdb.connect() as con:
        reading = read_delivery(con, ORDERS, delivery)
        rows = con.execute(f"SELECT order_id, amount_cents, merchant_id, paid_cents FROM {reading.relation}").fetchall()
    assert rows == [("O1", None, None, 5), ("O2", None, None, 6)]
    assert (reading.rows, reading.unreadable_lines) == (2, 1)
    assert reading.absent_columns == ("merchant_id", "ordered_at", "item_count", "amount_cents")
    assert (reading.missing_columns, reading.unknown_columns) == ((), ("basket",))
    assert reading.control_sums == {"amount_cents": 0, "paid_cents": 11}


def test_a_column_that_one_of_two_files_has_is_read_from_that_one(tmp_path: Path) -> None:
    whole = pl.DataFrame(OLD).drop("basket")
    priced = whole.with_columns(pl.col("order_id") + "b", amount_cents=pl.lit("x"))
    files = []
    for name, frame in (("a.csv", whole), ("b.csv", priced.with_columns(amount_cents=pl.lit(9))), ("c.csv", priced)):
        frame.write_csv(tmp_path / name)
        files.append(DeliveredFile(tmp_path / name, 2, ""))
    delivery = Delivery(ORDERS.name, DAY, 1, tmp_path, "", tuple(files))
    with duckdb.connect() as con:
        reading = read_delivery(con, ORDERS, delivery)
        prices = con.execute(f"SELECT amount_cents FROM {reading.relation} ORDER BY order_id").fetchall()
    assert prices == [(None,), (9,), (None,), (9,)]
    assert (reading.rows, reading.unreadable_lines) == (4, 2)
    assert "amount_cents" in reading.absent_columns
    assert reading.control_sums == {"amount_cents": 18, "paid_cents": 33}


def test_parquet_is_cast_value_by_value(tmp_path: Path) -> None:
    path = tmp_path / "balance-1.parquet"
    pl.DataFrame(
        {
            "account_id": ["A1", "A2"],
            "balance_date": ["2026-03-02", "yesterday"],
            "customer_id": ["C1", "C2"],
            "balance_cents": ["5", "6"],
        }
    ).write_parquet(path)
    with duckdb.connect() as con:
        reading = read(con, path)
        kept = unreadable(con, reading)
    assert (reading.rows, reading.unreadable_lines) == (1, 1)
    assert "balance_date" in kept[0][1]


@pytest.mark.parametrize(
    ("name", "content"), [("x.parquet", b"no parquet"), ("x.csv.gz", b"no gzip"), ("x.csv", b"\xff\xfe\x00")]
)
def test_a_file_that_is_none_is_named_and_nothing_of_it_is_told(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with duckdb.connect() as con, pytest.raises(UnreadableFileError, match=name.replace(".", r"\.")) as error:
        read(con, path)
    assert "no gzip" not in str(error.value)


@given(
    st.lists(st.text(st.sampled_from('aZ9,"-\t 中'), min_size=1, max_size=18).filter(lambda t: t.strip()), max_size=12)
)
def test_whatever_is_in_a_line_no_good_line_after_it_is_lost_unless_quotes_run_on(lines: list[str]) -> None:
    """Lines without a quote cannot swallow their neighbours: read and unreadable lines add up to the file."""
    import tempfile

    lines = [line.replace('"', "'") for line in lines]
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
        path = Path(folder) / "balance-1.csv"
        body = "\n".join([HEAD, *lines, "A1,2026-03-02,C1,100"]) + "\n"
        path.write_text(body, encoding="utf-8")
        reading = read(con, path)
    assert reading.rows + reading.unreadable_lines == len(lines) + 1
    assert reading.rows >= 1


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
def test_a_file_with_quotes_in_its_name_is_read_like_any(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"""lender's "new" '; balance{suffix}"""
    lines = f"{HEAD}\nA1,2026-03-02,C1,100\nA2,not a day,C1,20\n".encode()
    if suffix == ".parquet":
        days = ["2026-03-02", "not a day"]
        rows = {"account_id": ["A1", "A2"], "balance_date": days, "customer_id": ["C1"] * 2, "balance_cents": [100, 20]}
        pl.DataFrame(rows).write_parquet(path)
    else:
        path.write_bytes(gzip.compress(lines) if suffix.endswith("gz") else lines)
    with duckdb.connect() as con:
        reading = read(con, path)
        assert con.execute(f"SELECT _file FROM {reading.relation}").fetchall() == [(path.name,)]
        assert con.execute(f"SELECT file_name FROM {reading.unreadable}").fetchall() == [(path.name,)]
    assert reading.control_sums["balance_cents"] == 120
