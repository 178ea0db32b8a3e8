"""Every mistake of a policy is said at once, and a comparison says exactly what differs."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit.transforms.support import PROFILE, RISK, book, document
from transforms.decision.facts import deciding_columns
from transforms.policy.differences import policy_differences
from transforms.policy.policy import PolicyError, parse_policy

COLUMNS = deciding_columns(PROFILE, RISK)


def mistakes(changed: dict) -> list[str]:
    try:
        parse_policy(changed, source="p.toml", columns=COLUMNS)
    except PolicyError as error:
        return list(error.mistakes)
    return []


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
    no_text = [m.partition("rule no_text: ")[2] for m in found if "rule no_text" in m]
    assert [m.split()[0] for m in no_text] == ["decision", "lacks", "lacks", "lacks"]
    assert all("version 2021-01-01" in m for m in found)


def rule(**changes: object) -> dict[str, object]:
    plain = {"code": "mine", "when": "age_years > 200", "decision": "review", "citation": "x"}
    return {**plain, "reason_en": "x", "reason_zh": "x", **changes}


def first(document: dict) -> dict:
    return document["version"][0]


def three_versions() -> dict:
    """The shipped policy's first three versions: enough to be wrong in, and quick."""
    whole = document()
    return {**whole, "version": whole["version"][:3]}


#: Each way of getting a policy wrong, and what is said of it.
WAYS = {
    "column": (lambda d: first(d)["rules"].append(rule(when="age_yaers > 3")), "no column 'age_yaers'; did you mean"),
    "type": (lambda d: first(d)["rules"].append(rule(when="risk_grade > 3")), "risk_grade is String"),
    "fraction": (lambda d: first(d)["rules"].append(rule(when="dsr > 0.5")), "compare 'dsr_bp'"),
    "number": (lambda d: first(d)["rules"].append(rule(when="age_years + 3")), "must be TRUE or FALSE"),
    "syntax": (lambda d: first(d)["rules"].append(rule(when="age_years >>> (")), "not a SQL expression"),
    "many rows": (lambda d: first(d)["rules"].append(rule(when="age_years > avg(age_years)")), "sees no other"),
    "no column": (lambda d: first(d)["rules"].append(rule(when="1 = 1")), "reads no column"),
    "figure": (lambda d: first(d)["rules"].append(rule(when="lender_cnt > $gates.max_lendres")), "'gates.max_lendres'"),
    "prohibited": (lambda d: first(d)["rules"].append(rule(when="sex = 'f'")), "a prohibited attribute"),
    "decision": (lambda d: first(d)["rules"].append(rule(decision="deny")), "is not one of review, declined"),
    "code": (lambda d: first(d)["rules"].append(rule(code="Not This")), "lower-case letters"),
    "twice": (lambda d: first(d)["rules"].extend([rule(), rule()]), "used twice"),
    "no Chinese": (lambda d: first(d)["rules"].append(rule(reason_zh="")), "reason_zh must not be empty"),
    "key of a rule": (lambda d: first(d)["rules"].append(rule(colour="red")), "'colour' is not known"),
    "rule of text": (lambda d: first(d)["rules"].append("mine"), "must be a table: write [[version.rules]]"),
    "rules of text": (lambda d: first(d).update(rules="mine"), "rules must be a list"),
    "document": (
        lambda d: first(d)["rules"].append(rule(documents=["income_prof"])),
        "no document 'income_prof'; did you mean 'income_proof'",
    ),
    "documents of text": (
        lambda d: first(d)["rules"].append(rule(documents="income_proof")),
        "documents must be a list",
    ),
    "documents nobody reads": (
        lambda d: first(d)["rules"].append(rule(decision="declined", documents=["income_proof"])),
        "declines asks for no documents",
    ),
    "cap method": (lambda d: first(d)["cap"].update(method="flat"), "not one of simple_irr, compound_irr"),
    "annual cost": (lambda d: first(d)["disclosure"].update(annual_cost="x"), "not one of cn_irr, us_reg_z, eu_aprc"),
    "text": (lambda d: first(d)["cap"].update(rate_bp="24%"), "cap.rate_bp must be a whole number"),
    "float": (lambda d: first(d)["cap"].update(rate_bp=0.24), "fractions are given in basis points"),
    "below zero": (lambda d: first(d)["age"].update(minimum_y=-1), "age.minimum_y must be at least 0, got -1"),
    "flag": (lambda d: first(d)["age"].update(minimum_y=True), "age.minimum_y must be a whole number"),
    "section": (lambda d: first(d).update(colour={"a": 1}), "'colour' is not known"),
    "flat section": (lambda d: first(d).update(cap=3), "cap must be a table: write [version.cap], got 3"),
    "misspelt": (lambda d: first(d)["gates"].update(max_lendres=3), "did you mean 'max_lenders'"),
    "missing": (lambda d: first(d)["pricing"].pop("funding_bp"), "[pricing] lacks funding_bp"),
    "no section": (lambda d: first(d).pop("pricing"), "section [pricing] is missing"),
    "key of a figure": (lambda d: first(d)["cap"].update(rate_bp={"value": 1, "cite": "x"}), "'cite' is not known"),
    "citation": (
        lambda d: first(d)["cap"].update(rate_bp={"value": 1, "citation": 3}),
        "cap.rate_bp: citation must be text, got 3",
    ),
    "verified": (lambda d: first(d)["cap"].update(rate_bp={"value": 1, "verified": "y"}), "must be true or false"),
    "kind": (lambda d: first(d)["kinds"].update(mortgage={"allowed": True}), "'mortgage' is not known"),
    "purpose": (lambda d: first(d)["purposes"].update(barred=["boats"]), "'boats' is not one of appliance"),
    "grade order": (lambda d: first(d)["grades"]["A"].update(loss_bp=9_000), "grade A is dearer than grade B"),
    "standard": (lambda d: first(d)["treatments"].pop("standard"), "section [treatments.standard] is missing"),
    "step down": (
        lambda d: first(d)["treatments"]["high_potential"].update(step_up_limit_cents=1),
        "treatments.high_potential.step_up_limit_cents: the step up is below",
    ),
    "date order": (lambda d: d["version"][2].update(effective_from=date(2020, 1, 1)), "versions go from old to new"),
    "date of text": (
        lambda d: d["version"][2].update(effective_from="2021-03-31"),
        "version 2021-03-31: effective_from must be a date, as 2024-07-01",
    ),
    "repeal": (lambda d: d["version"][2].update(repeal=["studnet"]), "no rule 'studnet'; did you mean 'student'"),
    "weights": (lambda d: first(d)["offers"].update(weight_cost_bp=1), "weights sum to 10000"),
    "debt service": (lambda d: first(d)["affordability"].update(dsr_limit_bp=6_000), "never higher"),
    "identity": (lambda d: d.pop("policy_id"), "p.toml: lacks policy_id"),
    "lender": (lambda d: d.update(lender_type="bankk"), "lender_type 'bankk' is not one of"),
    "top": (lambda d: d.update(polcy="x"), "'polcy' is not known; did you mean 'policy_id'"),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_mistake_alone_is_one_message_that_says_what_to_write(way: str) -> None:
    change, said = WAYS[way]
    changed = three_versions()
    change(changed)
    (told,) = mistakes(changed)
    assert said in told
    assert told.startswith("p.toml: ")


def test_a_rule_can_be_wrong_in_form_and_in_its_condition() -> None:
    changed = three_versions()
    first(changed)["rules"].append(rule(code="Not This", when="age_yaers > 3", decision="deny"))
    found = mistakes(changed)
    assert len(found) == 3
    assert all("rule Not This: " in m for m in found)
    assert sum("no column 'age_yaers'" in m for m in found) == 1


def test_twenty_mistakes_of_different_kinds_are_all_told_and_nothing_that_only_follows() -> None:
    together = ("prohibited", "no Chinese", "cap method", "float", "below zero", "section", "misspelt", "missing")
    together += ("citation", "kind", "purpose", "grade order", "date order", "repeal", "weights", "debt service")
    together += ("identity", "lender", "top", "annual cost")
    changed = three_versions()
    for way in together:
        if way == "float":
            first(changed)["contact"]["quiet_to_h"] = 0.8
        elif way == "citation":
            first(changed)["hysteresis"]["cooldown_m"] = {"value": 3, "citation": 3}
        else:
            WAYS[way][0](changed)
    first(changed)["rules"][-1]["code"] = "another"
    found = mistakes(changed)
    assert len(found) == len(together) == 20, found


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
