"""An adapter is read exactly as declared, and everything that is wrong with it is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from warehouse.adapters.config import AdapterError, load_adapter, shipped

if TYPE_CHECKING:
    from pathlib import Path

WRONG = """
nam = "tiny"
name = "Tiny"
[read]
delimeter = ";"
header = "yes"
[sources]
lines = 3
"My Lines" = "x.txt"
[timeline]
shift_months = 1.5
[money]
numerator = 0
[people]
crosswalk = "crosswalk.toml"
[empty]
"bank.acount" = "none"
"bank.account" = "none"
"""
CROSSWALK = """
label = "a link"
salt = "s"
[first]
other = 0
[merge."bank.customer"]
ordr = ["x"]
"""


def test_every_mistake_of_an_adapter_and_its_crosswalk_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "adapter.toml").write_text(WRONG, encoding="utf-8")
    (tmp_path / "crosswalk.toml").write_text(CROSSWALK, encoding="utf-8")
    (tmp_path / "bank.account.sql").write_text("SELECT 1", encoding="utf-8")
    with pytest.raises(AdapterError) as refused:
        load_adapter(tmp_path)
    told = [m.replace(f"{tmp_path}/", "").replace(str(tmp_path), "folder") for m in refused.value.mistakes]
    assert sorted(told) == sorted(
        [
            "adapter.toml: name must be lower-case letters, digits and underscores, not 'Tiny'",
            "adapter.toml: unknown key nam; did you mean name?",
            "adapter.toml: [read] unknown key delimeter; did you mean delimiter?",
            "adapter.toml: [read] header: must be a valid boolean, not 'yes'",
            "adapter.toml: [sources] lines: must be a valid string, not 3",
            "adapter.toml: [sources] 'My Lines' must be lower-case letters, digits and underscores, not 'My Lines'",
            "adapter.toml: [timeline] shift_months: must be a valid integer, not 1.5",
            "adapter.toml: [money] numerator: must be greater than or equal to 1, not 0",
            "adapter.toml: [people] lacks query",
            "folder: bank.acount is no feed; did you mean bank.account?",
            "adapter.toml: [empty] bank.account has an SQL file too",
            "crosswalk.toml: lacks id_format",
            "crosswalk.toml: [first] other: must be greater than or equal to 1, not 0",
            "crosswalk.toml: [merge.bank.customer] lacks order",
            "crosswalk.toml: [merge.bank.customer] unknown key ordr; did you mean order?",
        ]
    )


def test_a_crosswalk_that_is_missing_or_does_not_number_the_extract_is_told(tmp_path: Path) -> None:
    good = 'name = "tiny"\n[sources]\nlines = "x.txt"\n[people]\ncrosswalk = "c.toml"\nquery = "SELECT 1"\n'
    (tmp_path / "adapter.toml").write_text(good, encoding="utf-8")
    with pytest.raises(AdapterError, match=r"c\.toml: no such file"):
        load_adapter(tmp_path)
    (tmp_path / "c.toml").write_text(
        'label = "a"\nsalt = "s"\nid_format = "X{}"\n[first]\nother = 1\n', encoding="utf-8"
    )
    with pytest.raises(AdapterError, match=r"c\.toml: \[first\] has no number for tiny"):
        load_adapter(tmp_path)


def test_what_an_adapter_adds_to_the_extract_is_said_in_words() -> None:
    berka = load_adapter("berka")
    assert berka.crosswalk is not None
    assert [note.partition(": ")[2][:24] for note in berka.notes] == [
        "32 years later: 1994-03-",
        "CZK carried at a declare",
        "customer numbers by the ",
    ]
    assert {name: load_adapter(name).money.currency for name in shipped()} == {
        "berka": "CZK",
        "lpr": None,
        "olist": "BRL",
        "uci_taiwan": "TWD",
    }
