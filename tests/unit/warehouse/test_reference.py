"""Reference files are found by name or path, extend each other from their own folder, and never in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from warehouse.overlay import OverlayError
from warehouse.reference import ReferenceMissingError, load_document

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_extends_a_shipped_policy_by_name_and_another_file_from_its_own_folder(tmp_path: Path) -> None:
    write(tmp_path, "house.toml", 'extends = "cn/bank_card"\npolicy_id = "house"\n')
    branch = write(
        tmp_path,
        "branch.toml",
        'extends = "house.toml"\npolicy_id = "branch"\n[[version]]\neffective_from = 2022-01-01\ncap.rate_bp = 1800\n',
    )
    found = load_document("policies", branch)
    assert (found.body["policy_id"], found.body["currency"]) == ("branch", "CNY")
    assert "cap.rate_bp" in [name for _, name in found.held_back]


def test_the_digest_follows_what_is_extended(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", "policy_id = 'a'\n[[version]]\neffective_from = 2021-01-01\n")
    b = write(tmp_path, "b.toml", 'extends = "a.toml"\n')
    before = load_document("policies", b).digest
    assert load_document("policies", b).digest == before
    write(tmp_path, "a.toml", "policy_id = 'a2'\n[[version]]\neffective_from = 2021-01-01\n")
    assert load_document("policies", b).digest != before


@pytest.mark.parametrize("pair", [("a.toml", "b.toml"), ("a.toml", "a.toml")])
def test_policies_that_extend_each_other_are_refused(pair: tuple[str, str], tmp_path: Path) -> None:
    one, other = pair
    write(tmp_path, one, f'extends = "{other}"\n')
    path = write(tmp_path, other, f'extends = "{one}"\n')
    with pytest.raises(OverlayError, match="laid over itself"):
        load_document("policies", path)


def test_what_is_extended_must_be_there_and_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "a.toml", 'extends = "cn/bank_crad"\n')
    with pytest.raises(ReferenceMissingError, match=r"bank_crad\.toml; there are: .*cn/bank_card"):
        load_document("policies", path)
