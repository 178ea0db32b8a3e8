"""Explanations of six worked cases of second installments, as read out to a customer."""

from __future__ import annotations

import pytest

from orchestration.reports.explain_routes import routes_told
from tests.unit.transforms.second_cases import CASES
from tests.unit.transforms.second_installment.test_second_installment import row_of
from tests.unit.transforms.support import reasons

TOLD = {
    ("term_change", "card balance"): (
        "not open. A card installment balance may not be put into installments again, except by a personalised "
        "agreement. [银保监规〔2022〕13号]",
        "不可办理。信用卡分期余额不得再次办理分期,个性化分期还款协议除外。 [银保监规〔2022〕13号]",
    ),
    ("early_settlement", "running"): (
        "open at any time; 6,222.87 pays everything, which saves 174.22 of interest.",
        "可随时办理;一次性支付 6,222.87 即可结清,节省利息 174.22。",
    ),
    ("payment_holiday", "illness"): (
        "open for 1 month; no interest runs meanwhile. Payments begin again on 2025-09-10, the highest of them 1,066.1",
        "可暂停 1 个月,暂停期间不计利息。2025-09-10 起恢复还款,最高一期",
    ),
    ("art70_restructure", "the weakest grade gets the same term"): (
        "It runs longer than the score alone would allow, because the payment has to be one that can be kept.",
        "履约期间停止催收;结清前不得申领新信用卡。期限长于评分对应的上限",
    ),
    ("art70_restructure", "evidence asked for"): (
        "not open. We do not have the evidence of the difficulty yet.",
        "不可办理。尚未收到困难证明材料。",
    ),
    ("rate_review", "a better grade"): (
        "instead of 1,066.19 a month at 10.00% a year; in all",
        "年利率 10.00%;总共少付",
    ),
}


@pytest.mark.parametrize("which", TOLD, ids=[f"{route}: {name}" for route, name in TOLD])
def test_a_case_is_told_in_words(which: tuple[str, str]) -> None:
    number = next(k for k, c in enumerate(CASES) if (c.route, c.name) == which)
    row = row_of(number)
    for n, words in enumerate(TOLD[which]):
        assert words in next(iter(routes_told([row], n, reasons())))


def test_a_decision_s_own_reason_is_told_by_the_policy_s_text() -> None:
    number = next(k for k, c in enumerate(CASES) if c.name == "declined tonight")
    line = next(iter(routes_told([row_of(number)], 0, reasons(), {"high_debt": "Debt is high for the income."})))
    assert line.endswith("Another plan: not open. Debt is high for the income. [our own rule]")


def test_every_open_and_every_refused_case_has_words_in_both_languages() -> None:
    for number in range(len(CASES)):
        for n in (0, 1):
            line = next(iter(routes_told([row_of(number)], n, reasons())))
            assert len(line) > 20
            assert "None" not in line


def test_what_is_open_comes_first_and_another_plan_is_told_once() -> None:
    number = next(k for k, c in enumerate(CASES) if (c.route, c.name) == ("art70_restructure", "not willing"))
    rows = [{**row_of(number), "route": r} for r in ("art70_restructure", "new_purchase", "new_purchase")]
    settling = {
        **row_of(next(k for k, c in enumerate(CASES) if c.route == "early_settlement")),
        "plan_id": f"P{number}",
    }
    lines = list(routes_told([*rows, settling], 0, reasons()))
    assert [line.split(":")[0] for line in lines] == [
        f"Plan P{number}, settling now",
        f"Plan P{number}, a personalised agreement",
        "Another plan",
    ]


def test_settling_an_overdue_plan_is_not_said_to_save_a_negative_amount() -> None:
    row = row_of(next(k for k, c in enumerate(CASES) if c.route == "early_settlement"))
    line = next(iter(routes_told([{**row, "total_cost_diff_cents": 215}], 0, reasons())))
    assert "2.15 more than the schedule" in line
    assert "saves" not in line


def test_a_plan_that_has_ended_takes_one_line() -> None:
    number = next(k for k, c in enumerate(CASES) if (c.route, c.name) == ("early_settlement", "settled already"))
    row = row_of(number)
    assert list(routes_told([row, {**row, "route": "rate_review"}], 0, reasons())) == [
        f"Plan P{number}: The plan has ended; there is nothing to change."
    ]
