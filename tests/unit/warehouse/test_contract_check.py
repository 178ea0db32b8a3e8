"""Every mistake of a contract is said, by its line and with what is meant; what is shipped has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

import warehouse.contract as module
from tests.unit.warehouse.new_feed import AS_OUTPUT, NAME, OUTPUT, TEXT, assert_said, mistakes_of, written
from warehouse.contract import ContractError, contract_names, contract_paths, load_contract
from warehouse.contract_check import check_contracts

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_shipped_has_no_mistake() -> None:
    found = check_contracts(contract_paths())
    assert len(found) == len(contract_names())
    assert [str(m) for mistakes in found.values() for m in mistakes] == []


@pytest.mark.parametrize(("text", "name"), [(TEXT, NAME), (AS_OUTPUT, OUTPUT)])
def test_a_contract_without_mistake_has_none(tmp_path: Path, text: str, name: str) -> None:
    assert mistakes_of(tmp_path, text, name) == []


#: What is changed into what, which line the mistake is in (by what stands there), what DuckDB says of it.
MISTAKES = {
    "rule's column": (
        "AND penalty_rate IS",
        "AND penalty_rat IS",
        "query:",
        '"penalty_rat" not found in FROM clause! Candidate',
    ),
    "rule's column type": (
        "overdrawn_cents > 100000",
        "channel > 100000",
        "query:",
        "Cannot compare values of type VARCHAR",
    ),
    "rule's syntax": ("AND penalty_rate IS NULL", "AND", "query:", "Parser Error: syntax error"),
    "rule's function": ("penalty_rate IS NULL", "isblank(penalty_rate)", "query:", "isblank does not exist"),
    "predicate is a number": (
        "overdrawn_cents > 100000 AND penalty_rate IS NULL",
        "overdrawn_cents",
        "query:",
        "gives BIGINT, not true or false",
    ),
    "no count": (
        "THEN 1 ELSE 0 END FROM",
        "THEN 'a' ELSE 'b' END FROM",
        "query: >-\n          SELECT CASE",
        "must give one number",
    ),
}


@pytest.mark.parametrize(("old", "new", "at", "said"), MISTAKES.values(), ids=MISTAKES)
def test_sql_that_does_not_fit_the_table_is_said_in_its_line(
    tmp_path: Path, old: str, new: str, at: str, said: str
) -> None:
    assert_said(tmp_path, TEXT, (old, new), at, said)


JOINS = {
    "no such table": (
        "SELECT CASE WHEN count(*) > 100 AND count(DISTINCT overdrawn_on) = 1 THEN 1 ELSE 0 END FROM {object}",
        "SELECT count(*) FROM {object} o JOIN {risk.risk_assesment} p USING (customer_token)",
        "query: >-\n          SELECT count(*) FROM {object} o",
        "did you mean 'risk.risk_assessment'?",
    ),
    "feed joined": (
        "SELECT CASE WHEN count(*) > 100 AND count(DISTINCT overdrawn_on) = 1 THEN 1 ELSE 0 END FROM {object}",
        "SELECT count(*) FROM {object} o JOIN {bank.account} p USING (customer_token)",
        "query: >-\n          SELECT count(*) FROM {object} o",
        "it is a feed, and a rule joins",
    ),
    "joined column": (
        "SELECT CASE WHEN count(*) > 100 AND count(DISTINCT overdrawn_on) = 1 THEN 1 ELSE 0 END FROM {object}",
        "SELECT count(*) FROM {object} o JOIN {risk.risk_assessment} p USING (customer_token) WHERE p.pd_12 > 0",
        "query: >-\n          SELECT count(*) FROM {object} o",
        '"pd_12m"',
    ),
}


@pytest.mark.parametrize(("old", "new", "at", "said"), JOINS.values(), ids=JOINS)
def test_a_rule_that_joins_what_is_not_there_is_said_in_its_line(
    tmp_path: Path, old: str, new: str, at: str, said: str
) -> None:
    assert_said(tmp_path, AS_OUTPUT, (old, new), at, said)


def test_a_rule_may_join_a_table_of_the_night_and_one_checked_with_it(tmp_path: Path) -> None:
    both = "SELECT count(*) FROM {object} o JOIN {risk.risk_assessment} USING (customer_token)"
    more = f"      - {{name: joined, type: sql, description: d, severity: error, mustBe: 0, query: '{both}'}}\n"
    new = written(tmp_path, AS_OUTPUT + more, OUTPUT)
    other = AS_OUTPUT.replace("long_overdraft", "short_overdraft") + more.replace("risk.risk_assessment", OUTPUT)
    found = check_contracts([new, written(tmp_path, other, "risk.short_overdraft")])
    assert [str(m) for mistakes in found.values() for m in mistakes] == []


def test_of_a_delivery_no_rule_joins_another_table(tmp_path: Path) -> None:
    text = TEXT.replace("THEN 1 ELSE 0 END FROM {object}", "THEN 1 ELSE 0 END FROM {bank.account}")
    (mistake,) = mistakes_of(tmp_path, text)
    assert "of a delivery only {object} is there to be judged" in mistake.message


def test_nothing_judges_the_rules_of_a_view(tmp_path: Path) -> None:
    text = AS_OUTPUT.replace("value: output", "value: view").replace("{property: partitionBy, value: month}", "{}")
    said = [m.message for m in mistakes_of(tmp_path, text, OUTPUT)]
    assert sum("only feeds and outputs have rules" in message for message in said) == 2
    assert any("a view needs its SELECT beside it, in long_overdraft.sql" in message for message in said)


def test_all_mistakes_of_a_file_are_said_at_once_in_the_order_of_its_lines(tmp_path: Path) -> None:
    text = TEXT
    for old, new in (
        ("eventDate, value: overdrawn_on", "eventDate, value: overdrawn_at"),
        ("{property: descriptionZh, value: 客户号}", "{property: unit, value: people}"),
        ("name: overdrawn_cents", "name: overdrawn"),
        ("physicalType: DECIMAL(9,6)", "physicalType: DECIMAL"),
        ("severity: warning", "severity: mild"),
    ):
        assert old in text
        text = text.replace(old, new)
    found = mistakes_of(tmp_path, text)
    lines = [m.line for m in found]
    assert lines == sorted(lines)
    for said in (
        "did you mean 'overdrawn_on'",
        "customer_id needs a descriptionZh",
        "overdrawn is money",
        "unknown type",
    ):
        assert any(said in m.message for m in found), said
    assert any("severity must be error or warning, not 'mild'" in m.message for m in found)
    # The rules read what are no columns now: said as well, once a rule.
    assert [m.message[:26] for m in found if "Binder Error" in m.message] == ["rule 'rate_of_large_ones':"]


def test_a_value_that_was_refused_is_said_once(tmp_path: Path) -> None:
    (mistake,) = mistakes_of(tmp_path, TEXT.replace("description: The day.", "description: [The day]"))
    assert mistake.message == "description: should be a valid string"


def test_several_files_are_checked_and_one_that_is_not_there_is_said(tmp_path: Path) -> None:
    good, gone = written(tmp_path), tmp_path / "bank" / "gone.yaml"
    found = check_contracts([good, gone])
    assert found[good] == []
    assert [m.message for m in found[gone]] == ["there is no such file"]


@pytest.mark.parametrize(
    ("content", "said"), [(b"\xff\xfe\x00", "not YAML"), (b"- a\n- b\n", "must be a mapping"), (b"", "must be")]
)
def test_a_file_that_is_no_document_is_said_once(tmp_path: Path, content: bytes, said: str) -> None:
    path = written(tmp_path)
    path.write_bytes(content)
    (mistake,) = check_contracts([path])[path]
    assert said in mistake.message


def test_loading_refuses_with_the_mistakes_that_checking_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = TEXT.replace("eventDate, value: overdrawn_on", "eventDate, value: day").replace("BIGINT", "INT")
    expected = mistakes_of(tmp_path, text)
    monkeypatch.setattr(module, "CONTRACTS", tmp_path)
    with pytest.raises(ContractError) as refused:
        load_contract.__wrapped__(NAME)
    assert refused.value.mistakes == tuple(expected)
    assert len(expected) == 2
    assert str(refused.value).splitlines() == [str(m) for m in expected]


def test_lines_are_told_for_every_part_of_a_document(tmp_path: Path) -> None:
    """The contract written as one line has one line."""
    flow = yaml.safe_dump(yaml.safe_load(TEXT), allow_unicode=True, default_flow_style=True, width=100_000)
    found = mistakes_of(tmp_path, flow.replace("value: events", "value: none"))
    assert [m.line for m in found] == [1]
