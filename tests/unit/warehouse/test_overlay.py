"""A policy laid over another keeps its own figures until it says otherwise; the rest is the other's."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from warehouse.overlay import OverlayError, overlaid

FIRST, LATER, LAST = date(2021, 1, 1), date(2025, 1, 1), date(2026, 1, 1)


def block(since: date, **tables: Any) -> dict[str, Any]:
    return {"effective_from": since, **tables}


def rule(code: str, when: str = "a > 1") -> dict[str, str]:
    return {"code": code, "when": when}


BASE = {
    "policy_id": "base",
    "jurisdiction": "CN",
    "version": [
        block(FIRST, cap={"rate_bp": 2400, "method": "x"}, rules=[rule("r"), rule("s")]),
        block(LATER, cap={"rate_bp": {"value": 1800, "citation": "law"}}, rules=[rule("t")]),
        block(LAST, cap={"method": "y"}, repeal=["s"], rules=[rule("r", "a > 2")]),
    ],
}


def stands(document: dict[str, Any], path: str) -> list[Any]:
    """What each version says of a figure, None where it says nothing."""
    table, _, name = path.partition(".")
    return [v.get(table, {}).get(name) for v in document["version"]]


def test_identity_is_its_own_and_what_it_does_not_say_is_the_others() -> None:
    body = overlaid(BASE, {"extends": "base", "policy_id": "mine", "version": []}).body
    assert body == {**BASE, "policy_id": "mine"}


def test_an_own_figure_stays_when_the_policy_underneath_changes_its_own_and_that_is_told() -> None:
    """A company's ceiling of 20 % does not rise to what a bank restates, nor fall: it is told to look."""
    own = {"version": [block(FIRST, cap={"rate_bp": 2000})]}
    found = overlaid(BASE, own)
    assert stands(found.body, "cap.rate_bp") == [2000, None, None]
    assert stands(found.body, "cap.method") == ["x", None, "y"]
    assert found.held_back == ((LATER, "cap.rate_bp"),)


def test_before_its_own_word_the_other_policy_stands_and_on_one_day_its_own_goes_first() -> None:
    own = {"version": [block(LATER, cap={"rate_bp": 1500})]}
    found = overlaid(BASE, own)
    assert stands(found.body, "cap.rate_bp") == [2400, 1500, None]
    assert found.held_back == ()


def test_a_version_between_the_others_takes_its_place() -> None:
    between = date(2023, 6, 1)
    body = overlaid(BASE, {"version": [block(between, cap={"rate_bp": 2200})]}).body
    assert [v["effective_from"] for v in body["version"]] == [FIRST, between, LATER, LAST]
    assert stands(body, "cap.rate_bp") == [2400, 2200, None, None]


def test_rules_replaced_repealed_and_added_stay_so() -> None:
    own = {"version": [block(FIRST, rules=[rule("r", "a > 9")], repeal=["s"]), block(LAST, rules=[rule("u")])]}
    found = overlaid(BASE, own)
    first, later, last = found.body["version"]
    assert first["rules"] == [rule("r", "a > 9")]
    assert first["repeal"] == [], "the rule repealed on the day it comes never comes in"
    assert later["rules"] == [rule("t")]
    assert last["rules"] == [rule("u")], "the other's new wording of r does not reach it"
    assert last["repeal"] == []
    assert found.held_back == ((LAST, "rule r"), (LAST, "rule s"))


def test_a_later_repeal_of_the_others_rule_is_kept() -> None:
    body = overlaid(BASE, {"version": [block(LATER, repeal=["s"])]}).body
    assert [v.get("repeal") for v in body["version"]] == [None, ["s"], []]


@pytest.mark.parametrize(
    ("versions", "said"),
    [
        ([block(date(2020, 1, 1))], "begins before the policy it extends, whose first is of 2021-01-01"),
        ([block(LATER), block(FIRST)], "stands after 2025-01-01"),
        ([{"cap": {}}], "no effective_from date"),
        ({"effective_from": FIRST}, "write [[version]]"),
    ],
)
def test_versions_that_cannot_be_laid_over_are_refused(versions: object, said: str) -> None:
    with pytest.raises(OverlayError) as refused:
        overlaid(BASE, {"version": versions})
    assert said in str(refused.value)


def test_a_code_worded_anew_loses_the_words_underneath_and_others_keep_them() -> None:
    base = {"version": [{"effective_from": date(2021, 1, 1)}], "reason": [{"code": "a", "en": "1"}, {"code": "b"}]}
    over = overlaid(base, {"reason": [{"code": "a", "en": "2"}, {"code": "c"}]}).body["reason"]
    assert over == [{"code": "b"}, {"code": "a", "en": "2"}, {"code": "c"}]
    assert overlaid(base, {}).body["reason"] == base["reason"]
    assert "reason" not in overlaid({"version": base["version"]}, {}).body
