"""The catalogue of reasons: what holds on which day under which policy, and what a catalogue may not say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.transforms.support import reason_book, reasons
from transforms.policy.mistakes import Mistakes, PolicyError
from transforms.policy.reasons import KINDS, LANGUAGES, ReasonBook, UnknownReasonError, own_reasons, parse_reasons

DAY = date(2025, 6, 30)
ENTRY = {"kind": "alert", "code": "velocity", "en": "Many", "zh": "多", "effective_from": date(2021, 1, 1)}


def book(*changes: dict[str, Any]) -> ReasonBook:
    return parse_reasons({"alerts.toml": {"reason": [ENTRY | change for change in changes]}})


def test_every_shipped_reason_is_read() -> None:
    assert len(reason_book().shipped) > 300
    assert set(reasons().by_kind) == set(KINDS)
    assert all(reasons().of(kind) for kind in KINDS)


def test_a_text_holds_from_its_day_until_the_next_takes_its_place() -> None:
    changed = book({}, {"en": "Very many", "zh": "很多", "effective_from": DAY})
    assert changed.words("alert", "velocity", "en", DAY - timedelta(days=1)) == "Many"
    assert changed.words("alert", "velocity", "zh", DAY) == "很多"
    with pytest.raises(UnknownReasonError, match="no alert 'velocity' in the catalogue of reasons on 2020-12-31"):
        changed.words("alert", "velocity", "en", date(2020, 12, 31))


def test_an_ended_text_holds_through_its_last_day() -> None:
    ended = book({"effective_to": DAY})
    assert "velocity" in ended.in_force(DAY).of("alert")
    assert "velocity" not in ended.in_force(DAY + timedelta(days=1)).of("alert")


@given(st.permutations([date(2021, 1, 1), date(2022, 1, 1), date(2023, 1, 1), date(2024, 1, 1)]), st.dates())
def test_the_newest_text_in_force_holds_in_whatever_order_they_stand(since: list[date], day: date) -> None:
    entries = [ENTRY | {"en": str(d), "effective_from": d} for d in since]
    found = parse_reasons({"a.toml": {"reason": entries}}).in_force(day).of("alert")
    begun = [d for d in since if d <= day]
    assert [r.en for r in found.values()] == ([str(max(begun))] if begun else [])


def test_a_wording_for_a_place_goes_before_the_general_one_there_and_nowhere_else() -> None:
    """Even an older one; and one for a place and a lender goes before one for a place."""
    wordings = book(
        {"effective_from": date(2024, 1, 1)},
        {"en": "Here", "jurisdiction": "EU"},
        {"en": "Here and for us", "jurisdiction": "EU", "lender_type": "micro_lender"},
    )

    def said(of: ReasonBook) -> str:
        return of.words("alert", "velocity", "en", DAY)

    assert said(wordings) == "Many"
    assert said(wordings.of_policy("UK", "bank_card")) == "Many"
    assert said(wordings.of_policy("EU", "bank_card")) == "Here"
    assert said(wordings.of_policy("EU", "micro_lender")) == "Here and for us"


def test_a_wording_for_a_type_of_lender_alone_goes_before_the_general_one_whatever_its_age() -> None:
    wordings = book({"en": "For us", "lender_type": "micro_lender"}, {"effective_from": DAY})
    said = {
        lender: wordings.of_policy("EU", lender).words("alert", "velocity", "en", DAY)
        for lender in ("micro_lender", "bank_card")
    }
    assert said == {"micro_lender": "For us", "bank_card": "Many"}
    narrowed = [r.narrowed for r in book({}, {"lender_type": "x"}, {"lender_type": "x", "jurisdiction": "EU"}).shipped]
    assert narrowed == [0, 1, 2]


def test_a_wording_may_hold_for_a_single_day() -> None:
    one = book({"effective_from": DAY, "effective_to": DAY})
    near = (DAY - timedelta(days=1), DAY, DAY + timedelta(days=1))
    assert ["velocity" in one.in_force(day).of("alert") for day in near] == [False, True, False]


def test_a_code_may_be_worded_for_each_day_place_and_lender_but_not_twice() -> None:
    changes: list[dict[str, Any]] = [{}, {"kind": "cause"}, {"effective_from": DAY}, {"jurisdiction": "EU"}]
    assert len(book(*changes, {"lender_type": "x"}).shipped) == 5
    with pytest.raises(PolicyError, match=r"^alerts.toml: reason velocity: is there already, in alerts.toml$"):
        book(*changes, {"jurisdiction": "EU", "en": "Else"})


def test_a_policy_s_own_words_go_before_what_is_shipped() -> None:
    words = {"code": "student", "en": "Ask us.", "zh": "请咨询。", "effective_from": DAY}
    own, codes = own_reasons([words], Mistakes("mine.toml"))
    assert codes == {"student"}
    mine = reason_book().of_policy("CN", "micro_lender", own)
    assert mine.words("decision", "student", "en", DAY) == "Ask us."
    assert mine.words("decision", "student", "en", date(2025, 1, 1)) == "Micro-lenders may not lend to students."


def test_codes_keep_the_order_of_the_catalogue() -> None:
    two = book({"code": "b"}, {"code": "a"}, {"code": "b", "effective_from": date(2023, 1, 1)})
    assert list(two.in_force(DAY).of("alert")) == ["b", "a"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "allert"}, "did you mean 'alert'?"),
        ({"code": "9"}, "code must be lower-case letters, digits and underscores, got '9'"),
        ({"en": ""}, "en must not be empty"),
        ({"zh": "Many"}, "zh is not Chinese: 'Many'"),
        ({"en": "{amount} due"}, "en and zh do not name the same {placeholders}"),
        ({"effective_from": "2021-01-01"}, "effective_from must be a date"),
        ({"effective_to": date(2020, 1, 1)}, "effective_to 2020-01-01 is before effective_from 2021-01-01"),
        ({"citaton": "art. 1"}, "'citaton' is not known; did you mean 'citation'?"),
        ({"rests_on": "a.b"}, "rests_on must be a list"),
    ],
)
def test_what_a_reason_may_not_say_is_refused_by_file_and_code(change: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError) as refused:
        book(change)
    (mistake,) = refused.value.mistakes
    assert mistake.startswith(f"alerts.toml: reason {change.get('code', 'velocity')}: ")
    assert said in mistake


def test_every_mistake_of_every_file_is_told_at_once() -> None:
    with pytest.raises(PolicyError) as refused:
        parse_reasons(
            {
                "a.toml": {"reason": [ENTRY, {"kind": "alert", "code": "x", "en": "X"}], "reasn": []},
                "b.toml": {"reason": [ENTRY, "velocity"]},
                "c.toml": {"reason": {}},
            }
        )
    assert refused.value.mistakes == (
        "a.toml: 'reasn' is not known; did you mean 'reason'?",
        "a.toml: reason x: lacks zh",
        "a.toml: reason x: lacks effective_from",
        "b.toml: reason number 2 must be a table: write [[reason]]",
        "b.toml: reason velocity: is there already, in a.toml",
        "c.toml: reason must be a list, got {}",
    )


def test_words_of_a_policy_that_are_wrong_are_noted_with_the_code_they_are_for() -> None:
    mistakes = Mistakes("mine.toml")
    own, codes = own_reasons([{"code": "student", "en": "Ask us."}], mistakes)
    assert (own, codes) == ((), {"student"})
    with pytest.raises(PolicyError) as refused:
        mistakes.refuse()
    assert refused.value.mistakes == (
        "mine.toml: reason student: lacks zh",
        "mine.toml: reason student: lacks effective_from",
    )


def test_a_column_of_codes_is_told_and_a_code_without_words_is_an_error() -> None:
    codes = pl.DataFrame({"code": ["velocity", None]})
    told = codes.select(reasons().told(pl.col("code"), "alert", "zh")).to_series()
    assert told.to_list() == ["单日支付笔数远高于平时", None]
    with pytest.raises(pl.exceptions.InvalidOperationError):
        pl.DataFrame({"code": ["velocty"]}).select(reasons().told(pl.col("code"), "alert", "en"))


def test_what_is_done_and_why_make_one_sentence() -> None:
    rows = pl.DataFrame(
        {"what": ["stop", "none"], "why": [["dsr", "many_plans"], []]}, schema_overrides={"why": pl.List(pl.String)}
    )
    english, chinese = (
        rows.select(reasons().because("debt_action", "what", "debt_factor", "why", language)).to_series().to_list()
        for language in LANGUAGES
    )
    assert english == [
        "No further plan: debt payments take too much of the income, many plans are running.",
        "Borrowing is within bounds.",
    ]
    assert chinese == ["停止新增分期:偿债支出占收入比例过高、在途分期笔数较多。", "负债在合理范围内。"]


def test_an_unknown_code_is_named_with_what_is_near() -> None:
    with pytest.raises(UnknownReasonError, match=r"no alert 'velocty' .* on 2025-06-30; did you mean 'velocity'\?"):
        book({}).in_force(DAY).reason("alert", "velocty")
