"""Rules judged together: declined before review before eligible, every reason told, documents only where asked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.support import reason_book
from transforms.decision.verdict import decided, with_basis_points


def policy(rules: list[tuple[str, str, tuple[str, ...]]], most: int = 2) -> Any:
    """Rules by code, decision and documents; each holds where the column of its code is true."""
    made = [
        SimpleNamespace(
            code=code,
            decision=decision,
            documents=documents,
            condition=pl.col(code),
            columns=frozenset({code, "dsr_bp", "plan_paid_bp", "age_years"}),
        )
        for code, decision, documents in rules
    ]
    return SimpleNamespace(rules=tuple(made), notices=SimpleNamespace(max_reasons=most), reasons=reason_book())


RULES = [
    ("note", "eligible", ("income_proof",)),
    ("doubt", "review", ("income_proof", "identity_document")),
    ("stop", "declined", ()),
    ("doubt_too", "review", ("identity_document",)),
]


def judged(*fired: str, most: int = 2) -> dict[str, Any]:
    frame = pl.DataFrame({code: [code in fired] for code, _, _ in RULES})
    return decided(frame, policy(RULES, most)).row(0, named=True)


@pytest.mark.parametrize(
    ("fired", "decision", "principal"),
    [
        ((), "eligible", []),
        (("note",), "eligible", ["note"]),
        (("note", "doubt"), "review", ["doubt", "note"]),
        (("doubt", "stop", "doubt_too"), "declined", ["stop", "doubt"]),
        (("note", "doubt", "doubt_too"), "review", ["doubt", "doubt_too"]),
    ],
)
def test_the_worst_decision_stands_and_its_reasons_come_first(
    fired: tuple[str, ...], decision: str, principal: list[str]
) -> None:
    found = judged(*fired)
    assert (found["decision"], found["principal_reasons"]) == (decision, principal)
    assert found["reasons"] == [code for code, _, _ in RULES if code in fired]


def test_documents_are_asked_for_where_a_person_decides() -> None:
    assert judged("note", "doubt")["documents_requested"] == ["identity_document", "income_proof"]
    assert judged("doubt_too")["documents_requested"] == ["identity_document"]
    assert judged("doubt", "stop")["documents_requested"] == []
    assert judged("note")["documents_requested"] == []


def test_more_rules_than_a_mask_holds_are_all_told() -> None:
    """63 and more rules need a second mask; each customer has its own combination."""
    rules = [(f"r{n}", "declined" if n == 129 else "review", ()) for n in range(130)]
    fired = [{61}, {62}, {63}, {0, 61, 62, 129}, set[int]()]
    frame = pl.DataFrame({f"r{n}": [n in one for one in fired] for n in range(130)})
    found = decided(frame, policy(rules, 9))
    assert found["reasons"].to_list() == [[f"r{n}" for n in sorted(one)] for one in fired]
    assert found["decision"].to_list() == ["review", "review", "review", "declined", "eligible"]


def test_a_rule_whose_figure_is_unknown_does_not_fire() -> None:
    frame = pl.DataFrame({code: [None] for code, _, _ in RULES}, schema={code: pl.Boolean for code, _, _ in RULES})
    assert decided(frame, policy(RULES))["decision"].item() == "eligible"


def test_fractions_that_rules_read_are_whole_basis_points_half_up() -> None:
    frame = pl.DataFrame({"dsr": [0.45004, 0.45005, None], "plan_paid_bp": [1, 2, 3], "age_years": [1, 2, 3]})
    made = with_basis_points(frame, policy(RULES))
    assert made["dsr_bp"].to_list() == [4_500, 4_501, None]
    assert made.columns == ["dsr", "plan_paid_bp", "age_years", "dsr_bp"]
