"""The policy in force as rows, each with its citation and since when it stands."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from tests.unit.transforms.outputs import policy_rows
from tests.unit.transforms.support import NIGHT, book, document, policy
from transforms.policy.compliance_rules import in_force


def test_policy_rows_say_every_figure_and_rule_with_its_citation() -> None:
    rows = policy_rows(policy(), NIGHT)
    counted = dict(rows.group_by("kind").len().iter_rows())
    assert counted == {
        "figure": len(policy().figures),
        "rule": len(policy().rules),
        "compliance": len(in_force(policy())),
    }
    assert rows.select("kind", "item_key").is_duplicated().sum() == 0
    by_key = {r["item_key"]: r for r in rows.filter(pl.col("kind") != "compliance").iter_rows(named=True)}
    cash = by_key["kinds.cash_advance.max_amount_cents"]
    assert (cash["item_value"], cash["citation"], cash["verified"]) == ("5000000", "银保监规〔2022〕13号", True)
    assert cash["effective_from"] == date(2022, 7, 7)
    assert by_key["classification.doubtful_dpd"]["verified"] is False
    assert by_key["dsr_over_limit"]["item_value"] == "dsr_bp > $affordability.dsr_limit_bp"
    assert by_key["dsr_over_limit"]["decision"] == "declined"


def test_a_compliance_rule_is_cited_by_what_it_rests_on() -> None:
    rows = {r["item_key"]: r for r in policy_rows(policy(), NIGHT).filter(kind="compliance").iter_rows(named=True)}
    refused = rows["automation_not_refused"]
    assert (refused["item_value"], refused["citation"]) == ("automated_decision_refused", "个人信息保护法 art. 24")
    assert refused["effective_from"] == date(2021, 11, 1)
    assert rows["annual_cost_within_cap"]["citation"] == policy().figures["cap.rate_bp"].citation
    assert all(r["reason_en"] and r["reason_zh"] for r in rows.values())


def test_a_rule_is_told_in_the_policy_s_own_words_from_their_day() -> None:
    words = {"code": "student", "en": "Ask us.", "zh": "请咨询。", "effective_from": NIGHT}
    own = book({**document(), "reason": [words]})
    told = [
        policy_rows(own.in_force(day), day).filter(item_key="student") for day in (NIGHT - timedelta(days=1), NIGHT)
    ]
    assert [r["reason_en"].item() for r in told] == [
        "Students need a second source of repayment, which a person confirms.",
        "Ask us.",
    ]


def test_a_compliance_rule_rests_on_a_figure_or_a_decision_rule_and_is_dated_and_verified_like_it() -> None:
    of = policy()
    rows = {r["item_key"]: r for r in policy_rows(of, NIGHT).filter(kind="compliance").iter_rows(named=True)}
    rules = {rule.code: rule for rule in of.rules}
    assert list(rows) == [check.code for check in in_force(of)]
    for check in in_force(of):
        row, figure = rows[check.code], of.figures.get(check.basis)
        rests = (figure.since, figure.citation, figure.verified) if figure else None
        rule = rules.get(check.basis)
        rests = rests or (rule and (rule.effective_from, rule.citation, rule.verified))
        assert (row["effective_from"], row["citation"], row["verified"]) == rests
        assert row["item_value"] == check.basis
        assert (row["decision"], row["documents"]) == (None, None)


def test_the_figure_a_compliance_rule_rests_on_is_in_the_policy_with_its_value() -> None:
    rows = policy_rows(policy(), NIGHT)
    figures = dict(rows.filter(kind="figure").select("item_key", "item_value").iter_rows())
    for check in in_force(policy()):
        if check.basis in policy().figures:
            value = policy().figures[check.basis].value
            said = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            assert figures[check.basis] == (said.lower() if isinstance(value, bool) else said)
    assert figures["affordability.dsr_limit_bp"] == str(policy().affordability.dsr_limit_bp)
    assert (figures["disclosure.show_annual_cost"], figures["exposure.own_max_cents"]) == ("true", "50000000")


def test_what_a_check_rests_on_unread_is_not_verified() -> None:
    changed = document()
    changed["version"][0]["cap"]["rate_bp"] = {"value": 2_400, "citation": "a newspaper", "verified": False}
    (row,) = policy_rows(book(changed).versions[0], NIGHT).filter(item_key="annual_cost_within_cap").to_dicts()
    assert (row["citation"], row["verified"]) == ("a newspaper", False)
