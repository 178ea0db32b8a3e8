"""A contract says everything about its table, and a breaking change to one is never made by accident."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
import yaml

import warehouse.contract as module
from warehouse.contract import ContractError, contract_names, load_contract

SNAPSHOT = Path(__file__).parent / "contract_snapshot.txt"
NAMES = contract_names()


def columns_of(name: str) -> str:
    contract = load_contract(name)
    columns = ", ".join(f"{column} {type_}" for column, type_ in contract.lake_columns())
    return f"{name} {contract.version} [{', '.join(contract.lake_key)}] {columns}"


def test_columns_types_and_keys_are_those_downstream_relies_on() -> None:
    """After a change on purpose raise the version, the major one where a reader could break, and write the file anew.

    python -m tests.unit.warehouse.test_contract
    """
    assert [columns_of(name) for name in NAMES] == SNAPSHOT.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", NAMES)
def test_the_table_a_contract_declares_can_be_made(name: str) -> None:
    contract = load_contract(name)
    with duckdb.connect() as con:
        con.execute(contract.ddl("made"))
        made = con.execute("SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'made'").fetchall()
    assert [tuple(row) for row in made] == list(contract.lake_columns())
    assert set(contract.lake_key) <= {column for column, _ in made}


@pytest.mark.parametrize("name", NAMES)
def test_identifiers_are_delivered_but_never_lie_in_the_lake(name: str) -> None:
    contract = load_contract(name)
    lying = {column for column, _ in contract.lake_columns()}
    hidden = [c for c in contract.columns if c.classification in ("direct_identifier", "free_text")]
    assert not lying & {c.name for c in hidden}


def test_what_tells_rows_of_a_delivery_apart_is_the_key_and_of_changes_the_day_too() -> None:
    assert load_contract("credit.installment_plan").row_key == ("plan_id", "changed_on")
    assert load_contract("credit.repayment").row_key == ("repayment_id",)
    assert load_contract("bank.account_balance").row_key == ("account_id", "balance_date")
    words = {r.code: r.description for r in load_contract("bank.customer").rules}
    assert words["key_unique"] == "one row per customer_id, changed_on"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["schema"][0].update(physicalName="bank.other"), "physicalName"),
        (lambda d: d["schema"][0]["properties"][0].pop("physicalType"), "physicalType"),
        (lambda d: d["schema"][0]["properties"][0].update(classification="odd"), "classification"),
        (lambda d: [p.pop("primaryKey", None) for p in d["schema"][0]["properties"]], "primaryKey"),
        (lambda d: d.update(customProperties=[]), "role"),
    ],
)
def test_a_contract_that_cannot_be_used_is_refused_by_name(
    change: object, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Path(module.__file__).parent / "contracts"
    shutil.copytree(source, tmp_path / "contracts")
    path = tmp_path / "contracts" / "bank" / "account.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(document)  # type: ignore[operator]
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    monkeypatch.setattr(module, "CONTRACTS", tmp_path / "contracts")
    with pytest.raises(ContractError, match=said) as refused:
        load_contract.__wrapped__("bank.account")
    assert "account.yaml" in str(refused.value)


def test_a_table_without_contract_is_said_to_have_none() -> None:
    with pytest.raises(ContractError, match=r"expected warehouse/contracts/no/such\.yaml"):
        load_contract("no.such")


if __name__ == "__main__":
    SNAPSHOT.write_text("\n".join(map(columns_of, NAMES)) + "\n", encoding="utf-8")
