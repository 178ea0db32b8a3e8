"""Rules as a lender writes them: what compiles and to what, and how a version's rules stand over earlier ones."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from transforms.policy.mistakes import Mistakes, PolicyError
from transforms.policy.rules import Compiler, WrittenRule, overlaid_rules

COLUMNS = {"age": pl.Int64, "dsr": pl.Float64, "job": pl.String, "student": pl.Boolean, "sex": pl.String}
FIGURES: dict[str, Any] = {"age.least_y": 18, "jobs.barred": ("a", "b"), "gates.worst": "D"}
FIRST, SECOND = date(2021, 1, 1), date(2022, 1, 1)


def compiled(when: str) -> tuple[pl.Expr, frozenset[str]]:
    return Compiler(COLUMNS).condition(when, FIGURES, frozenset({"sex", "age_band"}))


def fires(when: str, **row: object) -> bool:
    schema = {**COLUMNS, "dsr_bp": pl.Int64}
    return bool(pl.DataFrame([dict.fromkeys(schema) | row], schema=schema).select(compiled(when)[0]).item())


@pytest.mark.parametrize(
    ("when", "row", "fired"),
    [
        ("age < $age.least_y", {"age": 17}, True),
        ("age < $age.least_y", {"age": 18}, False),
        ("age < $age.least_y", {"age": None}, False),
        ("job IN $jobs.barred", {"job": "b"}, True),
        ("job IN $jobs.barred", {"job": "c"}, False),
        ("job > $gates.worst", {"job": "E"}, True),
        ("job > $gates.worst", {"job": "D"}, False),
        ("dsr_bp > 5500", {"dsr_bp": 5_501}, True),
        ("student", {"student": True}, True),
        ("student", {}, False),
    ],
)
def test_a_condition_is_true_or_false_of_every_row_by_the_policys_figures(
    when: str, row: dict[str, object], *, fired: bool
) -> None:
    """What is not known makes no condition true, and none NULL."""
    assert fires(when, **row) is fired


def test_a_condition_says_which_columns_it_reads() -> None:
    assert compiled("age < $age.least_y AND (job = 'a' OR dsr_bp > 1)")[1] == {"age", "job", "dsr_bp"}


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("age >> (", ["'age >> (' is not a SQL expression: "]),
        ("1 = 1", ["'1 = 1' reads no column"]),
        ("age + 1", ["'age + 1' gives Int64, a condition must be TRUE or FALSE"]),
        ("job > 3", ["types do not fit in 'job > 3' (job is String): "]),
        ("job > age", ["types do not fit in 'job > age' (age is Int64, job is String): "]),
        ("studnet", ["there is no column 'studnet'; did you mean 'student'?"]),
        ("sex = 'f'", ["column 'sex' is a prohibited attribute of this policy"]),
        ("age_band_bp > 1", ["column 'age_band_bp' is a prohibited attribute of this policy"]),
        (
            "dsr > 0.5 AND aeg > 3",
            ["there is no column 'aeg'", "column 'dsr' is a fraction (Float64); compare 'dsr_bp'"],
        ),
        ("age < $age.last_y", ["there is no figure 'age.last_y'; did you mean 'age.least_y'?"]),
        ("age < now()", ["'now' in 'age < now()': a rule does not see the clock"]),
    ],
)
def test_a_condition_that_cannot_be_judged_is_refused_in_the_writers_words(when: str, said: list[str]) -> None:
    with pytest.raises(PolicyError) as refused:
        compiled(when)
    assert [m[: len(s)] for m, s in zip(refused.value.mistakes, said, strict=True)] == said
    assert all("\n" not in m for m in refused.value.mistakes)


def rule(code: str = "mine", **changes: object) -> dict[str, object]:
    return {"code": code, "when": "age > 200", "decision": "review", "citation": "art. 1", **changes}


def overlaid(*blocks: dict[str, Any]) -> tuple[dict[str, tuple[date, WrittenRule]], dict[str, str], list[str]]:
    """What stands after one version upon the other, unsound conditions of the last, and the mistakes."""
    mistakes, standing, unsound = Mistakes("p.toml"), {}, {}
    for since, block in zip((FIRST, SECOND), blocks, strict=False):
        standing, unsound = overlaid_rules(standing, block, since, f"version {since.year}", mistakes)
    try:
        mistakes.refuse()
    except PolicyError as error:
        return dict(standing), unsound, [m.removeprefix("p.toml: ") for m in error.mistakes]
    return dict(standing), unsound, []


def test_a_version_replaces_rules_of_its_codes_repeals_others_and_leaves_the_rest() -> None:
    standing, _, mistakes = overlaid(
        {"rules": [rule("a"), rule("b"), rule("c")]}, {"rules": [rule("b", decision="declined")], "repeal": ["c"]}
    )
    assert mistakes == []
    assert {code: (since, r.decision) for code, (since, r) in standing.items()} == {
        "a": (FIRST, "review"),
        "b": (SECOND, "declined"),
    }


def test_a_rule_is_of_a_verified_text_and_asks_for_no_documents_unless_it_says_so() -> None:
    standing, _, _ = overlaid({"rules": [rule("a"), rule("b", verified=False, documents=["income_proof"])]})
    assert [(r.verified, r.documents) for _, r in standing.values()] == [(True, ()), (False, ("income_proof",))]


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"repeal": ["b"], "rules": [rule("a")]}, "repeal: there is no rule 'b'; there are: "),
        ({"repeal": [3]}, "repeal: there is no rule 3; there are: "),
        ({"rules": [rule("a"), "mine"]}, "rule number 2 must be a table: write [[version.rules]]"),
        ({"rules": [rule("a"), rule("b"), rule("a")]}, "rule a: the code is used twice in this version"),
        ({"rules": [{k: v for k, v in rule().items() if k != "code"}]}, "rule number 1: lacks code"),
        ({"rules": [rule(code="")]}, "rule number 1: code must be lower-case letters, digits and underscores, got ''"),
        (
            {"rules": [rule(decision="declined", documents=["x"])]},
            "rule mine: documents: a rule that declines asks for no documents: nobody would read them",
        ),
    ],
)
def test_a_rule_that_is_wrongly_written_is_told_by_its_code_or_its_place(block: dict[str, Any], said: str) -> None:
    _, _, mistakes = overlaid(block)
    assert mistakes == [f"version 2021: {said}"]


def test_a_rule_that_does_not_stand_keeps_its_condition_to_be_judged() -> None:
    standing, unsound, mistakes = overlaid({"rules": [rule("a", decision="deny"), rule("b", when=3), rule("c")]})
    assert (list(standing), unsound, len(mistakes)) == (["c"], {"a": "age > 200"}, 2)
