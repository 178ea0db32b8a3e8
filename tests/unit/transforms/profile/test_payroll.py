"""Pay is found by how it comes, whatever the bank prints; what is not pay is left out however regular."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.unit.transforms.profile.rhythms import WAGE as MONTHLY
from tests.unit.transforms.profile.rhythms import lines, monthly
from tests.unit.transforms.profile.statements import NIGHT, Line, each_month, estimate, months, paid, spent
from transforms.profile.payroll import bank_income

WAGE = 15_234.56
#: Wages net of tax differ by a little every month.
DRIFT = (0, 38.10, -21.40, 12.75, 60.02, -44.31, 5.5, 18.0)


def wages(days: list[date], amount: float, text: str | None, payer: str | None = None) -> list[Line]:
    return [paid(day, amount + DRIFT[n % 8], text, payer) for n, day in enumerate(days)]


def around(amount: float, share: float = 0.05) -> object:
    return pytest.approx(amount * 100, rel=share)


@pytest.mark.parametrize(
    ("text", "payer"),
    [
        ("工资", "Z1"),
        ("代发 2月薪酬", None),
        ("深圳市云杉软件有限公司", "Z1"),
        ("BGC NORTHWIND TRADING LTD REF 00412", "Z1"),
        ("ACH CREDIT CONTOSO INC", None),
        ("转账", "Z1"),
        (None, "Z1"),
        ("CREDIT 00998", None),
    ],
)
def test_a_wage_is_found_by_text_by_payer_or_by_its_regularity_alone(text: str | None, payer: str | None) -> None:
    found = estimate(wages(each_month(10), WAGE, text, payer))
    assert found["income_source"] == "payroll"
    assert found["income_cents"] == around(WAGE, 0.01)
    assert found["months_missed"] == 0


def test_the_less_is_said_of_a_wage_the_less_sure_it_is() -> None:
    said, firm, silent = (
        estimate(wages(each_month(10), WAGE, text, "Z1")) for text in ("工资", "云杉软件有限公司", None)
    )
    assert (said["payroll_basis"], firm["payroll_basis"], silent["payroll_basis"]) == ("labelled", "company", "person")
    assert said["income_confidence"] > firm["income_confidence"] > silent["income_confidence"] > 0.5


def test_a_pay_day_at_the_months_end_may_fall_on_either_side_of_it() -> None:
    """30 January a Friday, 2 March a Monday, 1 December: a calendar month would hold two wages, the next one none."""
    days = [date(2025, 8, 29), date(2025, 9, 30), date(2025, 11, 1), date(2025, 12, 1), date(2025, 12, 31)]
    days += [date(2026, 1, 30), date(2026, 3, 2)]
    found = estimate(wages(days, 9_100.0, "PAYROLL", "E9"))
    assert found["income_cents"] == around(9_100.0, 0.01)
    assert found["income_cv"] < 0.05
    assert found["months_seen"] == 6


def test_pay_in_two_parts_is_one_income() -> None:
    base = [paid(d, 8_000.0, "基本工资", "E1") for d in each_month(5)]
    rest = [paid(d, 3_000.0 + 90 * n % 400, "绩效", "E1") for n, d in enumerate(each_month(20, last=1))]
    assert estimate(base + rest)["income_cents"] == around(11_150.0)


def test_two_parts_without_a_word_are_one_income_too() -> None:
    halves = [*each_month(1), *each_month(15)]
    assert estimate(wages(halves, 4_321.09, None, "E1"))["income_cents"] == around(8_642.18)


def test_bonus_and_thirteenth_wage_do_not_lift_the_month() -> None:
    lines = wages(each_month(10), WAGE, "工资", "E1")
    lines += [paid(date(2026, 1, 23), 2 * WAGE, "年终奖", "E1"), paid(date(2025, 12, 10), WAGE, "13TH SALARY", "E1")]
    assert estimate(lines)["income_cents"] == around(WAGE, 0.01)


def test_expenses_an_employer_pays_back_are_not_pay() -> None:
    lines = wages(each_month(10), WAGE, "工资", "E1")
    lines += [paid(d, 2_750.0, "差旅费报销", "E1") for d in each_month(12)]
    lines += [paid(d, 1_999.0, "转账", "E1") for d in each_month(16)]
    assert estimate(lines)["income_cents"] == around(WAGE, 0.01)


def test_after_a_change_of_job_the_new_one_counts_once_it_has_paid_three_times() -> None:
    former = wages(each_month(8, first=7, last=3), 9_000.0, "工资", "OLD")
    begun = estimate(former + wages(each_month(15, first=2), 12_500.0, "云杉软件有限公司 薪资", "NEW"))
    assert begun["income_cents"] == around(12_500.0, 0.01)
    assert begun["months_seen"] == 3
    steady = estimate(wages(each_month(15), 12_500.0, "云杉软件有限公司 薪资", "NEW"))
    assert begun["income_confidence"] < steady["income_confidence"]


def test_a_first_pay_counts_no_more_than_the_former_job() -> None:
    former = wages(each_month(8, first=7, last=1), 9_000.0, "工资", "OLD")
    first = [paid(date(2026, 3, 15), 21_000.0, "工资", "NEW")]
    found = estimate([line for line in former if line[0] < date(2026, 2, 1)] + first)
    assert found["income_cents"] == around(9_000.0, 0.01)
    assert found["income_confidence"] < 0.6


def test_a_raise_counts_once_three_payments_show_it_and_a_cut_at_once_when_most_do() -> None:
    before, after = each_month(10, first=7, last=3), each_month(10, first=2)
    raised = [paid(d, 10_000.0, "工资", "E1") for d in before] + [paid(d, 11_800.0, "工资", "E1") for d in after]
    assert estimate(raised)["income_cents"] == around(11_800.0, 0.001)
    unsure = [line for line in raised if line[0] != after[-1]] + [paid(after[-1], 10_000.0, "工资", "E1")]
    assert estimate(unsure)["income_cents"] == around(10_000.0, 0.001)
    cut = [paid(d, 10_000.0, "工资", "E1") for d in before] + [paid(d, 7_000.0, "工资", "E1") for d in after]
    assert estimate(cut)["income_cents"] == around(7_000.0, 0.001)


def test_back_pay_beside_the_wage_hides_no_rise() -> None:
    """Case I15: a rise in January, and in March what January and February were short of."""
    before, after = each_month(10, first=7, last=3), each_month(10, first=2)
    raised = [paid(d, 8_000.0, "工资", "E1") for d in before] + [paid(d, 10_000.0, "工资", "E1") for d in after]
    back = paid(date(2026, 3, 16), 4_000.0, "工资 补发", "E1")
    assert estimate([*raised, back])["income_cents"] == 1_000_000
    alike = [*raised[:-2], paid(after[1], 10_200.0, "工资", "E1"), paid(after[2], 10_300.0, "工资", "E1")]
    assert estimate([*alike, back])["income_cents"] == 1_020_000
    # Three payments at least show the level, also where one of them is more; two and a bonus do not.
    twice = [*raised[:-3], paid(after[0], 8_000.0, "工资", "E1"), *raised[-2:], back]
    assert estimate(twice)["income_cents"] == 800_000
    # In one line with the wage it hides none where the other two are the same to the thousandth.
    for january, level in ((10_010.0, 1_001_000), (10_011.0, 900_000)):
        whole = [
            *raised[:-3],
            *(paid(d, c, "工资", "E1") for d, c in zip(after, (january, 10_000.0, 14_000.0), strict=True)),
        ]
        assert estimate(whole)["income_cents"] == level


def test_a_fortnightly_wage_is_as_steady_as_its_payments() -> None:
    """A month with three of them is no change of the income."""
    for last in (date(2026, 3, 6), date(2026, 3, 13)):
        found = estimate([paid(last - timedelta(days=14 * n), 1_850.0, "PAYROLL", "E1") for n in range(14)])
        assert (found["income_cv"], found["income_drift"]) == (0, 1)
    falling = [
        paid(date(2026, 3, 13) - timedelta(days=14 * n), 1_850.0 if n > 6 else 1_500.0, "PAYROLL", "E1")
        for n in range(14)
    ]
    assert estimate(falling)["income_drift"] < 0.9  # type: ignore[operator]  # a number


def test_wages_every_other_friday_are_26_a_year() -> None:
    fridays = [date(2026, 3, 13) - timedelta(days=14 * n) for n in range(14)]
    found = estimate(wages(sorted(fridays), 1_850.25, "ACME MFG PAYROLL", "E1"))
    assert found["income_cents"] == around(1_850.25 * 26 / 12, 0.02)


def test_pay_that_stopped_is_no_income() -> None:
    found = estimate(wages(each_month(10, first=7, last=3), WAGE, "工资", "E1"))
    assert found["income_source"] == "none"
    assert estimate(wages(each_month(10, last=1), WAGE, "工资", "E1"))["income_source"] == "payroll"


@pytest.mark.parametrize(
    "others",
    [
        [paid(d, 4_200.0, "3月房租", "TENANT") for d in each_month(3)],
        [paid(d, 5_000.0, "本人转入", "6217-0000-0009") for d in each_month(6)],
        [paid(d, 5_111.0, "转账", "6217-0000-0002") for d in each_month(6)],
        [paid(d, 30_000.0, "消费贷款放款", "LENDER") for d in each_month(2)],
        [paid(d, 812.5, "退款-京东", "SHOP") for d in each_month(22, last=1)],
        [paid(d, 2_000.0, "妈妈 生活费", "MUM") for d in each_month(2)],
        [paid(d, 1_733.0, "转账", "FRIEND") for d in each_month(4)]
        + [spent(d, 1_733.0, "转账 还钱", "FRIEND") for d in each_month(14)],
        [paid(d, 301.4, "结息", None) for d in each_month(21, last=1)],
    ],
    ids=["rent", "own_by_text", "own_by_account", "loans", "refunds", "family", "paid_back", "interest"],
)
def test_other_regular_credits_are_not_pay(others: list[Line]) -> None:
    """Beside a wage they add nothing; alone they are not payroll."""
    both = estimate(wages(each_month(10), WAGE, "工资", "E1") + others)
    assert both["income_cents"] == around(WAGE, 0.01)
    assert estimate(others)["income_source"] in ("none", "recurring")


def test_gig_pay_is_seen_and_held_less_sure() -> None:
    days = [NIGHT - timedelta(days=7 * n + n % 3) for n in range(30)]
    lines = [paid(d, 600.0 + 83 * (n * 7 % 11), "DOORDASH PAYOUT", f"P{n % 3}") for n, d in enumerate(days)]
    found = estimate(lines)
    assert found["income_source"] == "gig"
    assert found["income_confidence"] < 0.6
    assert found["income_cents"] == pytest.approx(100 * 30.4 / 7 * 1_000, rel=0.25)


def test_a_student_supported_from_home_is_on_no_payroll() -> None:
    lines = [paid(d, 1_998.5, "转账", "HOME") for d in each_month(2)]
    assert estimate(lines, employment_type="student")["income_source"] == "recurring"
    assert estimate(lines, employment_type="employee")["income_source"] == "payroll"


def test_a_proof_comes_before_bank_lines_and_bank_lines_before_a_statement() -> None:
    lines = wages(each_month(10), WAGE, "工资", "E1")
    proof = {"verified_income_cents": 1_500_000, "verified_income_on": date(2026, 1, 5)}
    assert estimate(lines, verified_income_source="tax", **proof)["income_source"] == "tax"
    agreeing = estimate(lines, verified_income_source="employer_proof", **proof)
    assert agreeing["income_source"] == "payroll"
    assert agreeing["income_confidence"] > estimate(lines)["income_confidence"]
    stated = estimate([], stated_income_cents=900_000)
    assert (stated["income_source"], stated["income_confidence"]) == ("stated", 0.2)
    stale = estimate([], verified_income_source="tax", **{**proof, "verified_income_on": date(2024, 1, 5)})
    assert stale["income_source"] == "none"


def test_months_are_those_before_the_night() -> None:
    assert months(2, 0) == [(2026, 0), (2026, 1), (2026, 2)]


@pytest.mark.parametrize(("cents", "source"), [(50_000, "payroll"), (49_999, "none")])
def test_unlabelled_pay_is_500_a_month_at_least(cents: int, source: str) -> None:
    lines = [paid(day, cents / 100, "云杉软件有限公司", "Z1") for day in each_month(10)]
    found = estimate(lines)
    assert (found["income_source"], found["income_cents"]) == (source, cents if source == "payroll" else None)


@pytest.mark.parametrize(("first", "second"), [(7, 4), (4, 7)])
def test_of_two_jobs_that_pay_the_same_the_first_by_payer_says_how_long(first: int, second: int) -> None:
    """Whichever order the lines come in, so that a night run again says the same."""
    night = date(2026, 3, 31)
    pays = [pay for pay in monthly(10) if pay[0] <= night]
    jobs = {"one/A": pays[-first:], "one/B": pays[-second:]}
    for lying in (jobs, dict(reversed(jobs.items()))):
        told = bank_income(lines(lying), night).row(0, named=True)
        assert (told["bank_cents"], told["bank_months"]) == (2 * MONTHLY, min(first, 6))
