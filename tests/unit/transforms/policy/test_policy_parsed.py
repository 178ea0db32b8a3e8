"""A policy as read: rules compiled, codes and documents worded from their day, a digest that anybody can reckon."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.support import PROFILE, RISK, document, policy, reason_book
from transforms.decision.facts import deciding_columns
from transforms.policy.policy import PolicyBook, PolicyError, parse_policy

COLUMNS = deciding_columns(PROFILE, RISK)
DAY = timedelta(days=1)


def read(changed: dict[str, Any], reasons: Any = None) -> PolicyBook:
    return parse_policy(changed, source="p.toml", columns=COLUMNS, reasons=reasons or reason_book())


def first_versions(number: int) -> dict[str, Any]:
    whole = document()
    return {**whole, "version": whole["version"][:number]}


def test_a_rule_carries_its_condition_compiled_and_the_columns_it_reads() -> None:
    (rule,) = (r for r in policy().rules if r.code == "dsr_over_limit")
    assert rule.columns == {"dsr_bp"}
    limit = policy().affordability.dsr_limit_bp
    judged = pl.DataFrame({"dsr_bp": [limit, limit + 1, None]}).select(rule.condition).to_series()
    assert judged.to_list() == [False, True, False]


def test_rules_stand_by_code_and_figures_by_name_whatever_their_order_in_the_file() -> None:
    of = read(first_versions(1)).versions[0]
    assert [r.code for r in of.rules] == sorted(r.code for r in of.rules)
    assert list(of.figures) == sorted(of.figures)
    assert {r.effective_from for r in of.rules} == {of.effective_from}


def test_a_rule_asks_for_documents_in_the_order_of_the_catalogue() -> None:
    order = reason_book().codes("document")
    changed = first_versions(1)
    rule = next(r for r in changed["version"][0]["rules"] if len(r.get("documents", ())) > 1)
    rule["documents"] = sorted(rule["documents"], key=order.index, reverse=True)
    (asking,) = (r for r in read(changed).versions[0].rules if r.code == rule["code"])
    assert list(asking.documents) == rule["documents"][::-1]


@pytest.mark.parametrize(("later", "told"), [(timedelta(0), False), (DAY, True)])
def test_a_document_is_asked_for_from_the_day_its_words_begin(later: timedelta, *, told: bool) -> None:
    changed = first_versions(1)
    began = changed["version"][0]["effective_from"] + later
    shipped = tuple(
        replace(r, effective_from=began) if r.kind == "document" and r.code == "income_proof" else r
        for r in reason_book().shipped
    )
    asking = {r["code"] for r in changed["version"][0]["rules"] if "income_proof" in r.get("documents", ())}
    assert asking
    try:
        read(changed, replace(reason_book(), shipped=shipped))
        found = set[str]()
    except PolicyError as error:
        found = set(error.mistakes)
    said = "there is no document 'income_proof'; did you mean 'income_proof'?"
    assert found == ({f"p.toml: version 2021-01-01: rule {code}: {said}" for code in asking} if told else set())


def test_a_rule_of_a_later_version_may_have_words_from_that_day_on() -> None:
    changed = first_versions(2)
    second = changed["version"][1]
    mine = {"code": "mine", "when": "age_years > 200", "decision": "review", "citation": "x"}
    second["rules"] = [*second.get("rules", []), mine]
    words = {"code": "mine", "en": "Because.", "zh": "因为。", "effective_from": second["effective_from"]}
    of = read({**changed, "reason": [words]}).versions[1]
    assert {r.effective_from for r in of.rules if r.code == "mine"} == {second["effective_from"]}
    assert of.reasons.words("decision", "mine", "zh", second["effective_from"]) == "因为。"


def test_a_version_is_in_force_from_its_day_until_the_next() -> None:
    of = read(first_versions(2))
    one, two = of.versions
    assert [of.in_force(day) for day in (one.effective_from, two.effective_from - DAY)] == [one, one]
    assert of.in_force(two.effective_from) == two
    said = r"p.toml: no version of cn.bank_card is in force on 2020-12-31; the earliest is of 2021-01-01"
    with pytest.raises(PolicyError, match=said):
        of.in_force(date(2020, 12, 31))


def test_the_digest_of_a_policy_is_of_its_content_as_anybody_can_reckon_it() -> None:
    """SHA-256 of JSON with sorted keys, without blanks, Chinese as it is; the order in the file is no content."""
    changed = first_versions(1)
    of = read(changed).versions[0]
    told = of.reasons.in_force(of.effective_from).of("decision")
    content = {
        **{name: getattr(of, name) for name in ("policy_id", "jurisdiction", "lender_type", "currency")},
        "effective_from": "2021-01-01",
        "figures": {name: [f.value, f.citation, f.verified] for name, f in of.figures.items()},
        "rules": [
            [r.code, r.when, r.decision, told[r.code].en, told[r.code].zh, r.citation, r.verified, r.documents]
            for r in of.rules
        ],
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert of.digest == hashlib.sha256(text.encode()).hexdigest()
    turned = dict(reversed(changed["version"][0].items()))
    assert read({**changed, "version": [turned]}).versions[0].digest == of.digest
