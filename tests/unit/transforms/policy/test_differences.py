"""A comparison says exactly what differs between two versions, and what nobody read in a primary text is listed."""

from __future__ import annotations

from datetime import date

from tests.unit.transforms.support import book, document, reason_book
from transforms.policy.differences import policy_differences, unverified


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


def test_what_was_not_read_in_a_primary_text_is_listed_figures_and_rules() -> None:
    changed = document()
    changed["version"][0]["cap"]["rate_bp"] = {"value": 2400, "citation": "a newspaper", "verified": False}
    changed["version"][0]["rules"][0].update(verified=False)
    added = set(unverified(book(changed))) - set(unverified(book(document())))
    assert added == {"cap.rate_bp", "rule under_age"}


def test_a_rule_that_changes_is_cited_anew_and_a_repealed_one_as_it_was() -> None:
    changed = document()
    changed["version"] = changed["version"][:2]
    rules = {rule["code"]: rule for rule in changed["version"][0]["rules"]}
    asking = next(code for code, rule in rules.items() if rule.get("documents"))
    stricter = {**rules["under_age"], "when": "age_years\n  < 21", "citation": "new"}
    for rule in (rules["under_age"], rules["over_age"]):
        rule["citation"] = "old"
    changed["version"][1] |= {"rules": [stricter, {**rules[asking], "documents": []}], "repeal": ["over_age"]}
    of = book(changed)
    found = {d.key: d for d in policy_differences(*of.versions) if d.kind == "rule"}
    assert set(found) == {"under_age", "over_age", asking}
    assert (found["under_age"].after, found["under_age"].citation) == ("declined when age_years < 21", "new")
    assert (found["over_age"].after, found["over_age"].citation) == (None, "old")
    assert found["over_age"].before == f"declined when {' '.join(rules['over_age']['when'].split())}"
    documents = ", ".join(d for d in reason_book().codes("document") if d in rules[asking]["documents"])
    assert found[asking].before == f"{found[asking].after}, asking for {documents}"


def test_a_figure_that_changes_is_cited_anew_and_a_list_is_told_as_its_members() -> None:
    changed = document()
    changed["version"] = changed["version"][:2]
    changed["version"][0]["purposes"]["barred"] = {"value": ["car", "travel"], "citation": "old"}
    changed["version"][1]["purposes"] = {"barred": {"value": ["car"], "citation": "new"}}
    of = book(changed)
    (found,) = (d for d in policy_differences(*of.versions) if d.kind == "figure")
    assert (found.key, found.before, found.after, found.citation) == ("purposes.barred", "car, travel", "car", "new")
