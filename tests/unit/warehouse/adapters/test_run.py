"""Adapters: an extract mapped by SQL becomes deliveries, each with what became known that day."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from warehouse.adapters.config import AdapterError, load_adapter, shipped
from warehouse.adapters.run import adapt_feeds
from warehouse.deliveries import discover

if TYPE_CHECKING:
    from pathlib import Path

D1, D2, D3 = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)

TOML = """
name = "{name}"
description = "made up"
[read]
delimiter = ";"
[sources]
lines = "lines.txt"
[timeline]
shift_months = 12
note = "a year later"
[money]
currency = "XXX"
numerator = 3
denominator = 10
[empty]
"credit.credit_inquiry" = "there are none"
"""
LINES = """id;acc;day;kind;amount
1;A1;2025-03-01;IN;100.00
2;A1;2025-03-02;OUT;0.15
3;A2;2025-03-03;IN;7.05
4;A2;2025-03-04;ODD;"1000000.01"
"""
TRANSACTION_SQL = """
SELECT id AS transaction_id, 'C-' || acc AS customer_id, acc AS account_id, timeline(day) AS posted_on,
       CASE kind WHEN 'IN' THEN 'credit' WHEN 'OUT' THEN 'debit' ELSE kind END AS direction,
       cents(amount) AS amount_cents, -cents(amount) AS balance_after_cents, cents('-' || amount) AS counterparty_id
FROM lines WHERE timeline(day) <= business_date();
"""
ACCOUNT_SQL = """
SELECT acc AS account_id, 'C-' || acc AS customer_id, 'current' AS account_type, min(timeline(day)) AS opened_on,
       CASE WHEN count(*) > 1 THEN 'frozen' ELSE 'open' END AS status, max(timeline(day)) AS changed_on
FROM lines WHERE timeline(day) <= business_date() GROUP BY acc
"""


def _adapter(root: Path, files: dict[str, str], toml: str = TOML, name: str = "tiny") -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "adapter.toml").write_text(toml.replace("{name}", name), encoding="utf-8")
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    extract = root / "extract"
    extract.mkdir(exist_ok=True)
    (extract / "lines.txt").write_text(LINES, encoding="utf-8")
    return folder


def _rows(out: Path, feed: str, day: date) -> pl.DataFrame:
    folder = out / feed.replace(".", "/") / f"business_date={day}"
    return pl.read_parquet(next(folder.glob("*.parquet")), hive_partitioning=False)


def _note(out: Path, feed: str, day: date) -> str:
    manifest = out / feed.replace(".", "/") / f"business_date={day}" / "_manifest.json"
    return str(json.loads(manifest.read_text(encoding="utf-8"))["note"])


def test_the_first_delivery_is_the_history_and_each_later_one_what_became_known(tmp_path: Path) -> None:
    tiny = _adapter(tmp_path, {"bank.bank_transaction.sql": TRANSACTION_SQL})
    summary = adapt_feeds([tiny], {"tiny": tmp_path / "extract"}, [D1, D2, D3], tmp_path / "out")
    ids = [_rows(tmp_path / "out", "bank.bank_transaction", d)["transaction_id"].to_list() for d in (D1, D2, D3)]
    assert ids == [["1", "2"], ["3"], ["4"]]
    assert [summary.rows("bank.bank_transaction", d) for d in (D1, D2, D3)] == [2, 1, 1]


def test_a_changed_state_is_delivered_again(tmp_path: Path) -> None:
    tiny = _adapter(tmp_path, {"bank.account.sql": ACCOUNT_SQL})
    adapt_feeds([tiny], {"tiny": tmp_path / "extract"}, [D1, D2, D3], tmp_path / "out")
    states = [_rows(tmp_path / "out", "bank.account", d).select("account_id", "status").rows() for d in (D1, D2, D3)]
    assert states == [[("A1", "frozen")], [("A2", "open")], [("A2", "frozen")]]


def test_the_manifests_say_which_delivery_is_the_history(tmp_path: Path) -> None:
    tiny = _adapter(tmp_path, {"bank.bank_transaction.sql": TRANSACTION_SQL})
    adapt_feeds([tiny], {"tiny": tmp_path / "extract"}, [D1, D2], tmp_path / "out")
    found = discover(tmp_path / "out", "bank.bank_transaction")
    assert [(d.business_date, d.kind) for d in found] == [(D1, "history"), (D2, "daily")]


def test_amounts_are_scaled_in_whole_numbers_half_away_from_zero(tmp_path: Path) -> None:
    tiny = _adapter(tmp_path, {"bank.bank_transaction.sql": TRANSACTION_SQL})
    adapt_feeds([tiny], {"tiny": tmp_path / "extract"}, [D3], tmp_path / "out")
    rows = _rows(tmp_path / "out", "bank.bank_transaction", D3).sort("transaction_id")
    # 100.00 → 3000; 0.15 → 4.5 → 5; 7.05 → 211.5 → 212; 1000000.01 → 30000000.3 → 30000000
    assert rows["amount_cents"].to_list() == [3000, 5, 212, 30000000]
    assert rows["counterparty_id"].to_list() == ["-3000", "-5", "-212", "-30000000"]


def test_what_the_contract_does_not_know_is_passed_on_as_it_stands(tmp_path: Path) -> None:
    tiny = _adapter(tmp_path, {"bank.bank_transaction.sql": TRANSACTION_SQL})
    adapt_feeds([tiny], {"tiny": tmp_path / "extract"}, [D3], tmp_path / "out")
    rows = _rows(tmp_path / "out", "bank.bank_transaction", D3)
    assert rows.filter(pl.col("transaction_id") == "4")["direction"].to_list() == ["ODD"]


def test_dates_move_by_the_declared_shift(tmp_path: Path) -> None:
    tiny = _adapter(tmp_path, {"bank.bank_transaction.sql": TRANSACTION_SQL})
    adapt_feeds([tiny], {"tiny": tmp_path / "extract"}, [D1], tmp_path / "out")
    assert _rows(tmp_path / "out", "bank.bank_transaction", D1)["posted_on"].max() == D1


def test_an_adapter_may_be_named_by_its_folder(tmp_path: Path) -> None:
    folder = str(_adapter(tmp_path, {"bank.account.sql": ACCOUNT_SQL}))
    summary = adapt_feeds([folder], {folder: tmp_path / "extract"}, [D1], tmp_path / "out")
    assert summary.rows("bank.account", D1) == 1


def test_a_feed_declared_empty_is_delivered_without_rows_and_the_rest_not_at_all(tmp_path: Path) -> None:
    tiny = _adapter(tmp_path, {"bank.account.sql": ACCOUNT_SQL})
    summary = adapt_feeds([tiny], {"tiny": tmp_path / "extract"}, [D1], tmp_path / "out")
    assert _rows(tmp_path / "out", "credit.credit_inquiry", D1).height == 0
    assert "there are none" in _note(tmp_path / "out", "credit.credit_inquiry", D1)
    assert "bank.bank_transaction" in summary.not_delivered
    assert not (tmp_path / "out" / "bank" / "bank_transaction").exists()
    assert "tiny: a year later" in summary.notes


def test_the_same_extract_gives_the_same_bytes(tmp_path: Path) -> None:
    tiny = _adapter(tmp_path, {"bank.bank_transaction.sql": TRANSACTION_SQL, "bank.account.sql": ACCOUNT_SQL})
    trees = []
    for out in (tmp_path / "one", tmp_path / "two"):
        adapt_feeds([tiny], {"tiny": tmp_path / "extract"}, [D1, D2], out)
        trees.append({p.relative_to(out): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()})
    assert trees[0] == trees[1]
    assert trees[0]


CUSTOMER_SQL = """
SELECT customer_id, {birth} AS birth_date, {sex} AS sex, false AS marketing_opt_out,
       false AS automated_decision_opt_out, timeline(day) AS onboarded_on, timeline(day) AS changed_on
FROM lines JOIN person ON source_id = id WHERE timeline(day) <= business_date()
"""
CROSSWALK = """
label = "invented crosswalk"
salt = "s"
id_format = "X{:06d}"
[first]
left = 1
right = 4
[merge."bank.customer"]
order = ["left", "right"]
least = ["onboarded_on"]
greatest = ["changed_on"]
"""
PEOPLE = '[people]\ncrosswalk = "../crosswalk.toml"\nquery = "SELECT id FROM lines"\n'


def test_people_linked_by_a_crosswalk_become_one_row_and_it_says_so(tmp_path: Path) -> None:
    toml = TOML.replace('[empty]\n"credit.credit_inquiry" = "there are none"\n', PEOPLE)
    left = _adapter(
        tmp_path, {"bank.customer.sql": CUSTOMER_SQL.format(birth="DATE '1990-01-01'", sex="NULL")}, toml, "left"
    )
    right = _adapter(
        tmp_path, {"bank.customer.sql": CUSTOMER_SQL.format(birth="DATE '1980-01-01'", sex="'F'")}, toml, "right"
    )
    (tmp_path / "crosswalk.toml").write_text(CROSSWALK, encoding="utf-8")
    extract = tmp_path / "extract"
    summary = adapt_feeds([left, right], {"left": extract, "right": extract}, [D3], tmp_path / "out")
    rows = _rows(tmp_path / "out", "bank.customer", D3).sort("customer_id")
    assert rows["customer_id"].to_list() == [f"X{n:06d}" for n in range(1, 8)]
    linked = rows.filter(pl.col("customer_id") == "X000004").row(0, named=True)
    assert (linked["birth_date"], linked["sex"]) == (date(1990, 1, 1), "F")
    assert linked["onboarded_on"] <= linked["changed_on"]
    assert "invented crosswalk" in _note(tmp_path / "out", "bank.customer", D3)
    assert any("invented crosswalk" in note for note in summary.notes)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"bank.account.sql": "SELECT 1 AS wage FROM lines"}, r"bank.account.sql: bank.account has no column wage"),
        ({"bank.account.sql": "SELECT nothing FROM lines"}, r"bank.account.sql: Binder Error"),
        ({"bank.account.sql": "SELECT 'x' AS opened_on FROM lines"}, r"bank.account.sql: Conversion Error"),
        ({"bank.wage.sql": "SELECT 1"}, r"bank.wage is no feed"),
        ({"credit.credit_inquiry.sql": "SELECT 1"}, r"\[empty\] credit.credit_inquiry has an SQL file too"),
        ({"prepare.sql": "SELECT nothing"}, r"prepare.sql: Binder Error"),
    ],
)
def test_a_wrong_adapter_is_refused_with_its_file(tmp_path: Path, files: dict[str, str], message: str) -> None:
    tiny = _adapter(tmp_path, files)
    with pytest.raises(AdapterError, match=message):
        adapt_feeds([tiny], {"tiny": tmp_path / "extract"}, [D1], tmp_path / "out")


def test_a_missing_file_folder_or_order_of_dates_is_refused(tmp_path: Path) -> None:
    tiny = _adapter(tmp_path, {"bank.account.sql": ACCOUNT_SQL})
    with pytest.raises(AdapterError, match="no folder is given for the extract of adapter tiny"):
        adapt_feeds([tiny], {}, [D1], tmp_path / "out")
    with pytest.raises(AdapterError, match="ascending"):
        adapt_feeds([tiny], {"tiny": tmp_path / "extract"}, [D2, D1], tmp_path / "out")
    (tmp_path / "extract" / "lines.txt").unlink()
    with pytest.raises(AdapterError, match=r"adapter tiny: its extract has no lines.txt"):
        adapt_feeds([tiny], {"tiny": tmp_path / "extract"}, [D1], tmp_path / "out")
    with pytest.raises(AdapterError, match="no adapter 'nobody': shipped are berka"):
        load_adapter("nobody")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[money]", "[moneys]", "unknown key moneys; did you mean money"),
        ("shift_months = 12", "shift_months = 12\nshift_days = 1", "not both"),
        ("denominator = 10", "denominator = 0", r"\[money\] denominator: must be greater than or equal to 1, not 0"),
        ('delimiter = ";"', 'separator = ";"', r"\[read\] unknown key separator; known are delimiter"),
        ('name = "{name}"', 'name = "My Bank"', "lower-case letters"),
        ('lines = "lines.txt"', "", "sources must not be empty"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    tiny = _adapter(tmp_path, {}, TOML.replace(old, new))
    with pytest.raises(AdapterError, match=message):
        load_adapter(tiny)


def test_every_shipped_adapter_loads_and_never_reads_the_outcome() -> None:
    assert shipped() == ("berka", "lpr", "olist", "uci_taiwan")
    for adapter in map(load_adapter, shipped()):
        assert adapter.feeds
        assert not any("default_payment" in sql for sql in adapter.feeds.values())
