"""Every mistake of a policy is said at once, each where it stands, with what to write instead."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit.transforms.support import PROFILE, RISK, document, reason_book
from transforms.decision.facts import deciding_columns
from transforms.policy.policy import PolicyError, parse_policy

COLUMNS = deciding_columns(PROFILE, RISK)


def words(code: str = "mine", **changes: object) -> dict[str, object]:
    """A `[[reason]]` of a policy file."""
    return {"code": code, "en": "Because.", "zh": "因为。", "effective_from": date(2021, 1, 1), **changes}


def worded(changed: dict) -> dict:
    """The policy with words for each code of its own that the catalogue does not have."""
    versions = [v for v in changed["version"] if isinstance(v, dict)]
    listed = [rule for v in versions if isinstance(v.get("rules"), list) for rule in v["rules"]]
    codes = {str(r["code"]) for r in listed if isinstance(r, dict) and str(r.get("code")).islower()}
    return {"reason": [words(code) for code in sorted(codes - set(reason_book().codes("decision")))], **changed}


def mistakes(changed: dict) -> list[str]:
    try:
        parse_policy(worded(changed), source="p.toml", columns=COLUMNS, reasons=reason_book())
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
            "citation": "x",
        }
    )
    first["rules"].append({"code": "no_text", "when": "age_years > 200", "decision": "deny"})
    found = mistakes(changed)
    for said in ("'max_lendres' is not known; did you mean 'max_lenders'", "cap.method 'guess'", "age.minimum_y"):
        assert len([m for m in found if said in m]) == 1, said
    assert len([m for m in found if "rule wrong_column" in m]) == 1
    no_text = [m.partition("rule no_text: ")[2] for m in found if "rule no_text" in m]
    assert [m.split()[0] for m in no_text] == ["decision", "lacks"]
    assert all("version 2021-01-01" in m for m in found)


def rule(**changes: object) -> dict[str, object]:
    plain = {"code": "mine", "when": "age_years > 200", "decision": "review", "citation": "x"}
    return {**plain, **changes}


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
    "clock": (lambda d: first(d)["rules"].append(rule(when="as_of_date < CURRENT_DATE")), "does not see the clock"),
    "chance": (lambda d: first(d)["rules"].append(rule(when="age_years > random()")), "nothing by chance"),
    "pattern of columns": (
        lambda d: first(d)["rules"].append(rule(when="COLUMNS('^s.x$') = 'f' AND age_years > 3")),
        "names each column",
    ),
    "number": (lambda d: first(d)["rules"].append(rule(when="age_years + 3")), "must be TRUE or FALSE"),
    "syntax": (lambda d: first(d)["rules"].append(rule(when="age_years >>> (")), "not a SQL expression"),
    "many rows": (lambda d: first(d)["rules"].append(rule(when="age_years > avg(age_years)")), "sees no other"),
    "no column": (lambda d: first(d)["rules"].append(rule(when="1 = 1")), "reads no column"),
    "figure": (lambda d: first(d)["rules"].append(rule(when="lender_cnt > $gates.max_lendres")), "'gates.max_lendres'"),
    "prohibited": (lambda d: first(d)["rules"].append(rule(when="sex = 'f'")), "a prohibited attribute"),
    "decision": (lambda d: first(d)["rules"].append(rule(decision="deny")), "is not one of review, declined"),
    "code": (lambda d: first(d)["rules"].append(rule(code="Not This")), "lower-case letters"),
    "twice": (lambda d: first(d)["rules"].extend([rule(), rule()]), "used twice"),
    "words in the rule": (lambda d: first(d)["rules"].append(rule(reason_en="x")), "'reason_en' is not known"),
    "no words": (
        lambda d: (first(d)["rules"].append(rule(code="over_agd")), d.update(reason=[])),
        "rule over_agd: the code has no words: write a [[reason]]; did you mean 'over_age'?",
    ),
    "words too late": (
        lambda d: (first(d)["rules"].append(rule()), d.update(reason=[words(effective_from=date(2021, 1, 2))])),
        "rule mine: the code has no words",
    ),
    "no Chinese": (
        lambda d: (first(d)["rules"].append(rule()), d.update(reason=[words(zh="Because.")])),
        "reason mine: zh is not Chinese: 'Because.'",
    ),
    "words for nothing": (
        lambda d: d.update(reason=[words("over_agd")]),
        "reason over_agd: no rule of this policy has that code; did you mean 'over_age'?",
    ),
    "a kind of its own": (
        lambda d: d.update(reason=[words("over_age", kind="alert")]),
        "reason over_age: 'kind' is not known",
    ),
    "words of text": (lambda d: d.update(reason="mine"), "reason must be a list"),
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
    "hour": (lambda d: first(d)["contact"].update(quiet_from_h=25), "contact.quiet_from_h must be at most 24, got 25"),
    "in a list": (
        lambda d: first(d)["contact"].update(follow_up_days=[3, "x"]),
        "contact.follow_up_days[2] must be a whole number, got 'x'",
    ),
    "not a list": (lambda d: first(d)["purposes"].update(barred="car"), "purposes.barred must be a list, got 'car'"),
    "watched": (
        lambda d: first(d)["monitoring"].update(watched_attributes=["sxe"]),
        "monitoring.watched_attributes[1] 'sxe' is not one of sex",
    ),
    "order of components": (
        lambda d: first(d)["servicing"].update(allocation_order=["fee", "fee", "principal"]),
        "servicing.allocation_order: names interest, fee and principal, each once",
    ),
    "empty section": (lambda d: d["version"][1].update(colour={}), "version 2021-03-17: 'colour' is not known"),
    "member of a table": (
        lambda d: d["version"][1].update(kinds={"mortgage": {}}),
        "[kinds]: 'mortgage' is not known; there are: card_installment",
    ),
    "kind": (lambda d: first(d)["kinds"].update(mortgage={"allowed": True}), "'mortgage' is not known"),
    "purpose": (lambda d: first(d)["purposes"].update(barred=["boats"]), "'boats' is not one of appliance"),
    "grade order": (lambda d: first(d)["grades"]["A"].update(loss_bp=9_000), "grade A is dearer than grade B"),
    "standard": (lambda d: first(d)["treatments"].pop("standard"), "section [treatments.standard] is missing"),
    "step down": (
        lambda d: first(d)["treatments"]["high_potential"].update(step_up_limit_cents=1),
        "treatments.high_potential.step_up_limit_cents: the step up is below",
    ),
    "date order": (lambda d: d["version"][2].update(effective_from=date(2020, 1, 1)), "versions go from old to new"),
    "same date": (
        lambda d: d["version"][2].update(effective_from=d["version"][1]["effective_from"]),
        "version 2021-03-17: stands after 2021-03-17",
    ),
    "date of text": (
        lambda d: d["version"][2].update(effective_from="2021-03-31"),
        "version 2021-03-31: effective_from must be a date, as 2024-07-01",
    ),
    "repeal": (lambda d: d["version"][2].update(repeal=["studnet"]), "no rule 'studnet'; did you mean 'student'"),
    "weights": (lambda d: first(d)["offers"].update(weight_cost_bp=1), "weights sum to 10000"),
    "margin above cost": (
        lambda d: first(d)["offers"].update(
            weight_cost_bp=first(d)["offers"]["weight_margin_bp"], weight_margin_bp=first(d)["offers"]["weight_cost_bp"]
        ),
        "the margin weighs no more than the cost",
    ),
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
    changed["reason"].append(words("another"))
    found = mistakes(changed)
    assert len(found) == len(together) == 20, found


def test_wrong_keys_types_ranges_and_gaps_at_every_level_are_told_together_with_what_to_write() -> None:
    changed = three_versions()
    changed["curency"] = changed.pop("currency")
    first(changed)["prcing"] = first(changed).pop("pricing")
    first(changed)["kinds"]["cash_advance"] = {"alowed": True, "max_term_m": 24.0, "max_amount_cents": "50,000"}
    first(changed)["grades"]["G"]["margin_bp"] = -1
    first(changed)["treatments"]["thin_file"].pop("limit_cents")
    first(changed)["cap"]["rate_bp"] = {"value": True, "citaton": "x"}
    changed["version"][1]["repeal"] = ["under_aged"]
    changed["version"][2]["rules"] = [rule(code="under_18", when="age_yaers < $age.minimum", citation=3, verifed=True)]
    assert sorted(mistakes(changed)) == sorted(
        [
            "p.toml: lacks currency",
            "p.toml: 'curency' is not known; did you mean 'currency'?",
            "p.toml: version 2021-01-01: section [pricing] is missing",
            "p.toml: version 2021-01-01: 'prcing' is not known; did you mean 'pricing'?",
            "p.toml: version 2021-01-01: [kinds.cash_advance] lacks allowed",
            "p.toml: version 2021-01-01: [kinds.cash_advance]: 'alowed' is not known; did you mean 'allowed'?",
            "p.toml: version 2021-01-01: kinds.cash_advance.max_term_m must be a whole number, got 24.0",
            "p.toml: version 2021-01-01: kinds.cash_advance.max_amount_cents must be a whole number, got '50,000'",
            "p.toml: version 2021-01-01: grades.G.margin_bp must be at least 0, got -1",
            "p.toml: version 2021-01-01: [treatments.thin_file] lacks limit_cents",
            "p.toml: version 2021-01-01: cap.rate_bp must be a whole number, got True",
            "p.toml: version 2021-01-01: cap.rate_bp: 'citaton' is not known; did you mean 'citation'?",
            "p.toml: version 2021-03-17: repeal: there is no rule 'under_aged'; did you mean 'under_age'?",
            "p.toml: version 2021-03-31: rule under_18: citation must be text, got 3",
            "p.toml: version 2021-03-31: rule under_18: 'verifed' is not known; did you mean 'verified'?",
            "p.toml: version 2021-03-31: rule under_18: there is no figure 'age.minimum'"
            "; did you mean 'age.minimum_y'?",
        ]
    )


def test_a_rule_on_a_figure_that_is_wrong_itself_is_no_second_mistake() -> None:
    for change in (
        lambda d: first(d)["gates"].pop("max_lenders"),
        lambda d: first(d)["gates"].update(max_lenders=0.5),
        lambda d: first(d)["gates"].update(max_lenders={"value": 5, "citation": ""}),
    ):
        changed = three_versions()
        change(changed)
        assert any("$gates.max_lenders" in r["when"] for r in first(changed)["rules"])
        assert len(mistakes(changed)) == 1


def test_a_figure_wrong_in_two_versions_is_told_for_both_and_one_taken_over_once() -> None:
    changed = three_versions()
    changed["version"][0]["age"]["minimum_y"] = -1
    changed["version"][2].setdefault("age", {})["minimum_y"] = -1
    changed["version"][1]["rules"][0]["when"] = "age_yaers > 3"
    assert [m.split(": ")[1] for m in mistakes(changed)] == [
        "version 2021-01-01",
        "version 2021-03-17",
        "version 2021-03-31",
    ]


def test_a_rule_that_a_later_version_makes_wrong_is_told_there() -> None:
    changed = three_versions()
    changed["version"][2]["attributes"] = {"prohibited": [*first(changed)["attributes"]["prohibited"], "is_student"]}
    (told,) = mistakes(changed)
    assert told.startswith("p.toml: version 2021-03-31: rule student: column 'is_student' is a prohibited attribute")


def test_every_column_and_figure_that_a_condition_gets_wrong_is_told() -> None:
    changed = three_versions()
    first(changed)["rules"].append(rule(when="age_yaers > 3 AND incme_cents > 3 AND dsr > 0.5"))
    said = [m.partition("rule mine: ")[2].partition("'")[2].partition("'")[0] for m in mistakes(changed)]
    assert said == ["age_yaers", "dsr", "incme_cents"]


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
        parse_policy(changed, source="p.toml", columns=COLUMNS, reasons=reason_book())
    assert mistakes(changed)
