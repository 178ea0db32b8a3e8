"""Statements in the words and rhythms of many banks; pay within a twentieth, or little confidence."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.unit.transforms.profile.statements import NIGHT, Line, each_month, estimates, months, paid, spent

WAGE = 2_431.17
_DRIFT = (0, 6.1, -3.4, 2.75, 9.02, -7.31, 0.5, 3.0)


def wages(days: list[date], amount: float, text: str | None, payer: str | None = "E1") -> list[Line]:
    return [paid(day, amount + _DRIFT[n % 8], text, payer) for n, day in enumerate(days)]


def every(days: int, count: int, back: int = 4) -> list[date]:
    return sorted(NIGHT - timedelta(days=back + days * n) for n in range(count))


def month_ends(weekday: int | None = None) -> list[date]:
    """The last working day, or the last such weekday, of each of the seven months before the night's."""
    found = []
    for year, month in months(7, 1):
        day = date(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)
        while day.weekday() > 4 or weekday not in (None, day.weekday()):
            day -= timedelta(days=1)
        found.append(day)
    return found


TENTH, LATE = each_month(10), each_month(22, last=1)
HALVES = sorted([*each_month(15), *month_ends()])
FORTNIGHTS, WEEKS, FOUR_WEEKS = every(14, 15, 5), every(7, 30, 5), every(28, 8)
SPRING = [date(2025, 9, 10), date(2025, 9, 30), date(2025, 11, 10), date(2025, 12, 10), date(2026, 1, 9)]
SPRING += [date(2026, 2, 6), date(2026, 3, 10)]
ROAMING = [date(2025, 8, 13), date(2025, 9, 9), date(2025, 10, 15), date(2025, 11, 8), date(2025, 12, 12)]
ROAMING += [date(2026, 1, 14), date(2026, 2, 11), date(2026, 3, 9)]

#: Statement and the true regular income a month.
PAYROLL: dict[str, tuple[list[Line], float]] = {
    "paid every four weeks": (wages(FOUR_WEEKS, WAGE, "BACS CREDIT NORTHERN CARE LTD"), WAGE * 13 / 12),
    "every four weeks, no text": (wages(FOUR_WEEKS, WAGE, None), WAGE * 13 / 12),
    "state pension every four weeks": (wages(FOUR_WEEKS, 921.4, "DWP STATE PENSION"), 921.4 * 13 / 12),
    "last Friday of the month": (wages(month_ends(4), WAGE, "BGC ACME PLC WAGES"), WAGE),
    "last working day": (wages(month_ends(), WAGE, "ACME PLC SALARY"), WAGE),
    "weekly, no text": (wages(WEEKS, WAGE, None), WAGE * 52 / 12),
    "semi-monthly": (wages(HALVES, WAGE, "DIRECT DEP ADP PAYROLL", None), 2 * WAGE),
    "semi-monthly from a firm without a number": (wages(HALVES, WAGE, "ACH CREDIT CONTOSO INC", None), 2 * WAGE),
    "every other week, neither text nor payer": (wages(FORTNIGHTS, WAGE, None, None), WAGE * 26 / 12),
    "German": (wages(month_ends(), WAGE, "SEPA-GUTSCHRIFT LOHN/GEHALT 02/2026"), WAGE),
    "French": (wages(LATE, WAGE, "VIR SEPA RECU SALAIRE FEVRIER"), WAGE),
    "Spanish": (wages(LATE, WAGE, "ABONO NÓMINA"), WAGE),
    "Italian": (wages(LATE, WAGE, "BONIFICO STIPENDIO", None), WAGE),
    "Dutch": (wages(LATE, WAGE, "SALARIS FEB"), WAGE),
    "Polish": (wages(TENTH, WAGE, "WYNAGRODZENIE"), WAGE),
    "Czech, nothing printed": ([paid(d, WAGE, None, None) for d in TENTH], WAGE),
    "early before Spring Festival and National Day": (wages(SPRING, WAGE, "代发工资"), WAGE),
    "paid between the 8th and the 15th": (wages(ROAMING, WAGE, "代发工资", None), WAGE),
    "a firm with another account each month": (
        [paid(d, WAGE + _DRIFT[n % 8], "云杉软件有限公司", f"B{n}") for n, d in enumerate(TENTH)],
        WAGE,
    ),
    "two jobs": (wages(TENTH, WAGE, "工资") + wages(LATE, WAGE / 3, "兼职工资", "E2"), WAGE * 4 / 3),
    "two jobs of firms that say nothing": (
        wages(TENTH, WAGE, "BGC ACME LTD") + wages(LATE, WAGE / 3, "BGC BETA LTD", "E2"),
        WAGE * 4 / 3,
    ),
    "a month without pay": (wages([d for d in TENTH if d.month != 12], WAGE, "工资"), WAGE),
    "pension and a wage": (wages(TENTH, WAGE, "PENSION") + wages(LATE, WAGE / 2, "WAGES SHOP LTD", "E2"), 1.5 * WAGE),
    "child benefit beside": (
        wages(month_ends(), WAGE, "SALARY") + wages(FOUR_WEEKS, 102.4, "HMRC CHILD BENEFIT", "HMRC"),
        WAGE,
    ),
    "a thirteenth wage in the line of November": (
        [paid(d, WAGE * (2 if d.month == 11 else 1), "LOHN GEHALT", "E1") for d in month_ends()],
        WAGE,
    ),
    "bonus each quarter": (
        wages(TENTH, WAGE, "工资") + [paid(d, 2 * WAGE, "季度奖金", "E1") for d in LATE if d.month % 3 == 0],
        WAGE,
    ),
    "expenses of a firm that does not say salary": (
        wages(month_ends(), WAGE, "ACME PLC") + wages(TENTH, 310.5, "ACME PLC EXPENSES"),
        WAGE,
    ),
    "a month between two jobs": (
        wages(each_month(10, first=7, last=4), WAGE, "工资", "A")
        + wages([*each_month(20, first=2, last=1), NIGHT], WAGE * 1.3, "工资", "B"),
        WAGE * 1.3,
    ),
    "a raise four payments ago": (
        [paid(d, WAGE * (1.1 if n > 3 else 1), "工资", "E1") for n, d in enumerate(TENTH)],
        WAGE * 1.1,
    ),
}
#: What is no payroll: it may be recurring or gig income, held little sure of.
OTHER: dict[str, list[Line]] = {
    "cash paid in": [paid(d, 5_000.0, "现存", None, "counter") for d in TENTH],
    "weekly gig pay": [paid(d, 180 + 97 * (n * 7 % 9), "UBER BV WEEKLY PAYOUT", "U") for n, d in enumerate(WEEKS)],
    "invoices": [
        paid(NIGHT - timedelta(days=17 * n + (n * n) % 9), 900 + 613 * (n * 5 % 7), f"INVOICE 10{n}", f"C{n % 5}")
        for n in range(11)
    ],
    "guests": [
        paid(NIGHT - timedelta(days=9 * n + n % 4), 120 + 61.0 * (n * 7 % 8), "AIRBNB PAYMENTS UK LTD", "A")
        for n in range(20)
    ],
    "loans, German": [paid(d, 3_011.0, "DARLEHEN AUSZAHLUNG", "BK") for d in TENTH],
    "own account, German": [paid(d, 1_507.5, "UMBUCHUNG EIGENES KONTO", "X1") for d in TENTH],
    "own account, French": [paid(d, 1_507.5, "VIREMENT INTERNE", "X1") for d in TENTH],
    "rent, French": [paid(d, 1_103.5, "LOYER APPT 3", "T") for d in TENTH],
    "rent, German": [paid(d, 1_103.5, "MIETE WOHNUNG 3", "T") for d in TENTH],
    "rent, not said": [paid(d, 1_100.0, None, "T") for d in TENTH],
    "fund": [paid(d, 2_003.3, "基金赎回", "F") for d in TENTH],
    "dividends": [paid(d, 433.1, "DIVIDEND VANGUARD", "F") for d in TENTH],
    "refunds, German": [paid(d, 533.1, "ERSTATTUNG AMAZON EU", "F") for d in TENTH],
    "child benefit, German": [paid(d, 555.0, "BUNDESAGENTUR KINDERGELD", "F") for d in TENTH],
    "unemployed": [paid(d, 580.0, "DWP JSA", "F") for d in FORTNIGHTS],
    "wallet": [paid(d, 1_500 + n * 377.0 % 900, "支付宝提现", "ALI") for n, d in enumerate([*TENTH, *LATE])],
    "takings": [paid(NIGHT - timedelta(days=n), 300 + 71.0 * (n * 13 % 17), "收钱码 收款", None) for n in range(150)],
    "insurance": [paid(d, 640.5, "理赔款", "INS") for d in TENTH],
    "winnings": [paid(d, 640.5, "LOTTERY WINNINGS", "L") for d in TENTH],
    "a friend": [paid(d, 300 + n * n * 40.0, "ZELLE FROM BOB", "BOB") for n, d in enumerate(TENTH)],
    "two months are no rhythm": wages(each_month(10, first=1), WAGE, None),
}
FOUND = estimates({name: lines for name, (lines, _) in PAYROLL.items()} | OTHER)


@pytest.mark.parametrize("name", PAYROLL)
def test_pay_is_within_a_twentieth(name: str) -> None:
    found = FOUND[name]
    assert found["income_source"] == "payroll"
    assert found["income_cents"] == pytest.approx(PAYROLL[name][1] * 100, rel=0.05)


@pytest.mark.parametrize("name", OTHER)
def test_what_is_no_payroll_is_held_little_sure_of(name: str) -> None:
    assert FOUND[name]["income_confidence"] < 0.5


def test_a_month_without_pay_costs_confidence() -> None:
    missing, whole = FOUND["a month without pay"], FOUND["early before Spring Festival and National Day"]
    assert missing["months_missed"] == 1
    assert missing["income_confidence"] < whole["income_confidence"]  # type: ignore[operator]  # both are numbers


def test_a_months_pay_is_whole_cents_of_what_came_rounded_down() -> None:
    """Weekly pay of 333.34 is 1,444.4733 a month; a quarter's 3,000.02 is 1,000.0067, and 3,000.03 is 1,000.01."""
    weekly = estimates({"weekly": [paid(day, 333.34, "WAGES", "E1") for day in every(7, 30, 5)]})["weekly"]
    assert (weekly["income_cents"], weekly["salary_now_cents"]) == (144_447, 144_447)
    days = [date(2025, 9, 17), date(2025, 12, 17), date(2026, 3, 17)]
    rare = estimates({str(n): [paid(day, 3_000.0 + n / 100, "WAGES", "E1") for day in days] for n in (2, 3)})
    assert [rare[n]["income_cents"] for n in ("2", "3")] == [100_000, 100_001]


def test_a_wage_of_a_cent_is_a_wage() -> None:
    found = estimates({"one": [paid(day, 0.01, "WAGES", "E1") for day in TENTH]})["one"]
    assert (found["income_source"], found["income_cents"]) == ("payroll", 1)


@pytest.mark.parametrize(
    ("text", "channel", "source"), [("转账 还钱", "transfer", "none"), ("超市 消费", "pos", "payroll")]
)
def test_who_is_given_money_back_is_no_employer_and_a_shop_one_buys_in_may_be_one(
    text: str, channel: str, source: str
) -> None:
    back = [spent(day, 433.0, text, "E1", channel) for day in LATE]
    assert estimates({"one": [*wages(TENTH, WAGE, None), *back]})["one"]["income_source"] == source
    assert estimates({"one": [*wages(TENTH, WAGE, None), back[0]]})["one"]["income_source"] == "payroll"
