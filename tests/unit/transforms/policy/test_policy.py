"""Policies are data, dated, digested, and refused with file, rule and column when wrong."""

from __future__ import annotations

import copy
from datetime import date

import pytest

from tests.unit.transforms.support import book, document, policy
from transforms.policy.policy import PolicyError

SOURCE = r"cn/bank_card\.toml"


def _with_rule(**change: object) -> dict:
    changed = document()
    rule = {
        "code": "added",
        "when": "age_years > 200",
        "decision": "review",
        "citation": "lender's own rule",
    }
    changed["version"][0]["rules"].append({**rule, **change})
    words = {"code": "added", "en": "Because.", "zh": "因为。", "effective_from": date(2021, 1, 1)}
    return {**changed, "reason": [words]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"when": "age_yaers > 200"}, rf"{SOURCE}: version 2021-01-01: rule added: .*'age_yaers'.*'age_years'"),
        ({"when": "employment_type > 3"}, rf"{SOURCE}: .*rule added: types do not fit.*employment_type is String"),
        ({"when": "age_years + 1"}, r"rule added: 'age_years \+ 1' gives Int32, a condition must be TRUE or FALSE"),
        ({"when": "age_years >"}, r"rule added: .* is not a SQL expression"),
        ({"when": "TRUE"}, r"rule added: 'TRUE' reads no column"),
        ({"when": "sum(income_cents) > 1"}, r"rule added: 'sum' in .*: a rule judges one row"),
        ({"when": "dsr > 1"}, r"rule added: column 'dsr' is a fraction .* compare 'dsr_bp'"),
        (
            {"when": "income_cents > $gates.max_lender"},
            r"rule added: there is no figure 'gates.max_lender'.*max_lenders",
        ),
        (
            {"decision": "decline"},
            r"rule added: decision 'decline' is not one of review, declined; did you mean 'declined'",
        ),
        ({"decision": "eligible"}, r"rule added: decision 'eligible' is not one of review, declined"),
        ({"code": "Added!"}, r"rule Added!: code must be lower-case"),
        ({"code": "under_age"}, rf"{SOURCE}: version 2021-01-01: rule under_age: the code is used twice"),
        ({"reason_zh": "因为。"}, r"rule added: 'reason_zh' is not known"),
        ({"wehn": "x"}, r"rule added: 'wehn' is not known; did you mean 'when'\?"),
    ],
)
def test_a_wrong_rule_is_refused_naming_file_rule_and_column(change: dict, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        book(_with_rule(**change))


def test_a_rule_on_a_prohibited_attribute_is_refused() -> None:
    """Sex, marital status, religion never decide (rules.md, 'What follows for the code')."""
    with pytest.raises(PolicyError, match="rule added: column 'sex' is a prohibited attribute"):
        book(_with_rule(when="sex = 'F'"))


def test_a_mistake_in_a_rule_of_next_year_is_found_today() -> None:
    changed = document()
    changed["version"][-1]["rules"] = _with_rule(when="no_such > 1")["version"][0]["rules"][-1:]
    with pytest.raises(PolicyError, match="version 2027-01-01: rule added: there is no column 'no_such'"):
        book(changed)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("cap", "method"), "irr", r"cap.method 'irr' is not one of simple_irr, compound_irr"),
        (
            ("cap", "rate_bp"),
            24.0,
            r"cap.rate_bp must be a whole number, got 24.0; fractions are given in basis points",
        ),
        (("cap", "rat_bp"), 1, r"\[cap\]: 'rat_bp' is not known; did you mean 'rate_bp'\?"),
        (("amounts", "step_cents"), "100", r"amounts.step_cents must be a whole number, got '100'"),
        (("affordability", "dsr_limit_bp"), 6000, r"affordability.dsr_limit_bp: 6000 is above 5500"),
        (("offers", "weight_margin_bp"), 9000, r"offers: weights sum to 10000"),
        (
            ("sustainability", "plan_break_max_bp"),
            10_000,
            r"sustainability.plan_break_max_bp must be below 10000, got 10000",
        ),
        (("sustainability", "income_cv_floor_bp"), 4_000, r"income_cv_cap_bp: 3000 is below income_cv_floor_bp, 4000"),
        (("gates", "worst_grade"), "H", r"gates.worst_grade 'H' is not one of A"),
    ],
)
def test_a_wrong_figure_is_refused_naming_it(path: tuple[str, str], value: object, message: str) -> None:
    changed = document()
    changed["version"][0][path[0]][path[1]] = value
    with pytest.raises(PolicyError, match=message):
        book(changed)


def test_a_missing_figure_is_refused() -> None:
    changed = document()
    del changed["version"][0]["exposure"]["own_max_cents"]
    with pytest.raises(PolicyError, match=r"version 2021-01-01: \[exposure\] lacks own_max_cents"):
        book(changed)


@pytest.mark.parametrize(
    ("grade", "field", "value", "message"),
    [
        ("A", "max_term_m", 6, "grade A has a lower limit or a shorter term than grade B"),
        ("C", "loss_bp", 900, "grade C is dearer than grade D"),
    ],
)
def test_a_better_grade_with_worse_terms_is_refused(grade: str, field: str, value: int, message: str) -> None:
    """A better grade is never dearer nor shorter, whatever the policy says."""
    changed = document()
    changed["version"][0]["grades"][grade][field] = value
    with pytest.raises(PolicyError, match=message):
        book(changed)


def test_versions_go_from_old_to_new() -> None:
    changed = document()
    changed["version"][1], changed["version"][2] = changed["version"][2], changed["version"][1]
    with pytest.raises(PolicyError, match="versions go from old to new"):
        book(changed)


def test_before_the_first_version_the_error_names_the_earliest_date() -> None:
    with pytest.raises(PolicyError, match=r"no version of cn.bank_card is in force on 2020-12-31; .* 2021-01-01"):
        book().in_force(date(2020, 12, 31))


@pytest.mark.parametrize(
    ("on", "key", "before", "after"),
    [
        (date(2022, 7, 7), "plans.reinstallment_allowed", True, False),
        (date(2025, 3, 14), "kinds.consumption_loan.max_term_m", 60, 84),
        (date(2025, 3, 14), "kinds.consumption_loan.max_amount_cents", 30_000_000, 50_000_000),
        (date(2025, 9, 1), "subsidy.rate_bp", 0, 100),
        (date(2026, 1, 1), "subsidy.covers_card_installment", False, True),
        (date(2026, 8, 1), "disclosure.all_in_cost_sheet", False, True),
        (date(2027, 1, 1), "subsidy.rate_bp", 100, 0),
    ],
)
def test_a_figure_changes_on_its_day_and_not_the_day_before(on: date, key: str, before: object, after: object) -> None:
    """Replay of the day before gives the old answer."""
    eve = date.fromordinal(on.toordinal() - 1)
    assert policy(eve).figures[key].value == before
    assert policy(on).figures[key].value == after
    assert policy(on).figures[key].since == on


@pytest.mark.parametrize(
    ("code", "on"), [("student", date(2021, 3, 17)), ("automated_decision_refused", date(2021, 11, 1))]
)
def test_a_rule_begins_on_its_day(code: str, on: date) -> None:
    eve = date.fromordinal(on.toordinal() - 1)
    assert code not in {r.code for r in policy(eve).rules}
    assert code in {r.code for r in policy(on).rules}


def test_a_repealed_rule_is_gone_and_an_unknown_one_is_refused() -> None:
    changed = document()
    changed["version"][-1]["repeal"] = ["student"]
    assert "student" not in {r.code for r in book(changed).versions[-1].rules}
    changed["version"][-1]["repeal"] = ["studnet"]
    with pytest.raises(PolicyError, match="repeal: there is no rule 'studnet'; did you mean 'student'"):
        book(changed)


def test_the_digest_is_of_the_content_and_nothing_else() -> None:
    """Same content, same version id; one figure, citation or word of a reason changes it."""
    first, again = book().versions[0], book(copy.deepcopy(document())).versions[0]
    assert first.version == again.version
    assert first.version == f"2021-01-01.{first.digest[:12]}"
    for path, value in ((("cap", "rate_bp"), 2399), (("contact", "quiet_to_h"), 9)):
        changed = document()
        changed["version"][0][path[0]][path[1]] = value
        assert book(changed).versions[0].digest != first.digest


def test_what_a_rule_s_code_says_counts_in_the_digest_from_its_day() -> None:
    words = {"code": "student", "en": "Ask us.", "zh": "请咨询。", "effective_from": date(2021, 3, 17)}
    own = book({**document(), "reason": [words]})
    shipped = book(document())
    same = [a.digest == b.digest for a, b in zip(own.versions, shipped.versions, strict=True)]
    assert same == [p.effective_from < date(2021, 3, 17) for p in shipped.versions]
