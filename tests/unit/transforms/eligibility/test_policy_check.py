"""Every mistake of a policy is said at once, and a comparison says exactly what differs (M24, M25, M47)."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit.transforms.eligibility.support import PROFILE, RISK, book, document
from transforms.eligibility.facts import deciding_columns
from transforms.eligibility.policy import PolicyError, parse_policy
from transforms.eligibility.policy_check import policy_differences, policy_mistakes

COLUMNS = deciding_columns(PROFILE, RISK)


def mistakes(changed: dict) -> list[str]:
    return policy_mistakes(changed, source="p.toml", columns=COLUMNS)


def test_the_shipped_policy_has_none() -> None:
    assert mistakes(document()) == []


def test_all_mistakes_are_told_at_once_each_where_it_first_occurs() -> None:
    changed = document()
    first = changed["version"][0]
    first["gates"]["max_lendres"] = first["gates"].pop("max_lenders")
    first["cap"]["method"] = "guess"
    first["age"]["minimum_y"] = -1
    first["rules"].append(
        {
            "code": "wrong_column",
            "when": "age_yaers > 200",
            "decision": "review",
            "reason_en": "x",
            "reason_zh": "x",
            "citation": "x",
        }
    )
    first["rules"].append({"code": "no_text", "when": "age_years > 200", "decision": "deny"})
    found = mistakes(changed)
    for said in ("'max_lendres' is not known; did you mean 'max_lenders'", "cap.method 'guess'", "age.minimum_y"):
        assert len([m for m in found if said in m]) == 1, said
    assert len([m for m in found if "rule wrong_column" in m]) == 1
    assert len([m for m in found if "rule no_text" in m]) == 1
    assert all("version 2021-01-01" in m for m in found)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("policy_id"),
        lambda d: d.update(version=[]),
        lambda d: d["version"][1].update(effective_from=date(2020, 1, 1)),
        lambda d: d["version"][1].update(repeal=["no_such_rule"]),
        lambda d: d["version"][0]["grades"]["A"].update(loss_bp=9_000),
        lambda d: d["version"][0]["affordability"].update(dsr_limit_bp=6_000),
        lambda d: d["version"][0].update(colour="red"),
    ],
)
def test_what_cannot_be_loaded_is_never_called_good(change: object) -> None:
    changed = document()
    change(changed)  # type: ignore[operator]
    with pytest.raises(PolicyError):
        parse_policy(changed, source="p.toml", columns=COLUMNS)
    assert mistakes(changed)


def test_two_versions_differ_in_what_came_in_force_between_them() -> None:
    versions = book(document())
    before, after = versions.in_force(date(2025, 12, 31)), versions.in_force(date(2026, 1, 1))
    (only,) = policy_differences(before, after)
    assert (only.kind, only.key, only.before, only.after) == (
        "figure",
        "subsidy.covers_card_installment",
        "False",
        "True",
    )
    assert only.citation == "财金〔2026〕1号"
    assert policy_differences(before, before) == []


def test_a_rule_added_or_changed_is_a_difference_with_its_citation() -> None:
    versions = book(document())
    before, after = versions.in_force(date(2021, 10, 31)), versions.in_force(date(2021, 11, 1))
    (added,) = policy_differences(before, after)
    assert (added.kind, added.key, added.before) == ("rule", "automated_decision_refused", None)
    assert added.after == "review when automated_decision_opt_out"
    assert "24" in added.citation
