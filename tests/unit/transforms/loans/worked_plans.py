"""Plans worked by hand: how they were booked, what was paid and agreed, and how they stand on 2026-03-31.

12,000 yuan at 12 % over 12 months from 2025-12-10, the first of 1,066.19 due on 2026-01-10, unless said otherwise.
Principal left after one, two, three installments: 11,053.81, 10,098.16, 9,132.95.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

NIGHT = date(2026, 3, 31)
DUE = 106_619
JAN, FEB, MAR = date(2026, 1, 10), date(2026, 2, 10), date(2026, 3, 10)
PLAN: dict[str, Any] = {
    "product_code": "card_general",
    "principal_cents": 1_200_000,
    "annual_rate": "0.12",
    "term_m": 12,
    "repay_method": "ANNUITY",
    "installment_cents": DUE,
    "started_on": date(2025, 12, 10),
    "first_due_on": JAN,
    "status": "running",
}
Money = tuple[Any, ...]


@dataclass(frozen=True)
class Worked:
    """One plan: changes of `PLAN`, money as (received, cents[, kind[, value day[, position it takes back]]]).

    `closed`: a later row of the books (status, day). `changes`: (route, asked, agreed, terms). `expected`: columns of
    `servicing.plan_progress`.
    """

    name: str
    expected: dict[str, Any]
    plan: dict[str, Any] = field(default_factory=dict)
    money: tuple[Money, ...] = ((JAN, DUE), (FEB, DUE), (MAR, DUE))
    closed: tuple[str, date] | None = None
    changes: tuple[tuple[str, date, date, dict[str, Any]], ...] = ()
    hardship: date | None = None


#: What a plan says that is paid to the day.
PAID = {"outstanding_cents": 913_295, "arrears_cents": 0, "own_dpd": 0, "on_time_cnt": 3, "due_cnt": 3}
NOTHING = {"outstanding_cents": 0, "open_cents": 0, "arrears_cents": 0, "own_dpd": 0, "monthly_payment_cents": 0}
BACK = "reversal"

WORKED: tuple[Worked, ...] = (
    Worked(
        "paid to the day", {**PAID, "paid_share_bp": 2_500, "on_time_streak_cnt": 3, "next_due_on": date(2026, 4, 10)}
    ),
    Worked(
        "from a 31st",
        {"outstanding_cents": 717_348, "own_dpd": 0, "on_time_cnt": 5, "due_day": 31, "next_due_on": date(2026, 4, 30)},
        {"started_on": date(2025, 10, 31), "first_due_on": date(2025, 11, 30)},
        tuple((d, DUE) for d in (date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), NIGHT)),
    ),
    Worked(
        "the last day of each month",  # the first period of 20 days bears 80.00
        {"due_day": 31, "due_cents": 529_095, "own_max_dpd": 0, "oldest_due_on": NIGHT, "on_time_cnt": 4},
        {"started_on": date(2025, 11, 10), "first_due_on": date(2025, 11, 30)},
        tuple((d, DUE) for d in (date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28))),
    ),
    Worked(
        "a day of the month that the books state",
        {"due_day": 30, "oldest_due_on": None, "next_due_on": date(2026, 4, 30), "own_max_dpd": 0},
        {"started_on": date(2025, 11, 30), "first_due_on": date(2025, 12, 30), "due_day": 30},
        tuple((d, DUE) for d in (date(2025, 12, 30), date(2026, 1, 30), date(2026, 2, 28), date(2026, 3, 30))),
    ),
    Worked(
        "a reversal that names nothing known",
        {"paid_cents": 2 * DUE, "arrears_cents": DUE, "oldest_due_on": MAR, "own_dpd": 21, "on_time_cnt": 2},
        money=((JAN, DUE), (FEB, DUE), (date(2026, 3, 12), DUE, BACK, None, 99)),
    ),
    Worked(
        "a reversal that is itself taken back",
        PAID,
        money=(
            (JAN, DUE),
            (FEB, DUE),
            (MAR, DUE),
            (date(2026, 3, 12), DUE, BACK, None, 2),
            (date(2026, 3, 20), DUE, BACK, None, 3),
        ),
    ),
    Worked(
        "a payment that counts from a later day",
        {"paid_cents": 3 * DUE, "postdated_cents": DUE, "outstanding_cents": 913_295, "carried_cents": 0},
        money=((JAN, DUE), (FEB, DUE), (MAR, DUE), (date(2026, 3, 30), DUE, "payment", date(2026, 4, 10))),
    ),
    Worked(
        "a payment that counts from an earlier day",
        PAID,
        money=((JAN, DUE), (FEB, DUE), (date(2026, 3, 25), DUE, "payment", MAR)),
    ),
    Worked(
        "paid within the days of grace",
        {**PAID, "own_max_dpd": 2},
        money=tuple((d.replace(day=13), DUE) for d in (JAN, FEB, MAR)),
    ),
    Worked(
        "a day beyond the days of grace",
        {**PAID, "on_time_cnt": 2, "on_time_streak_cnt": 1},
        money=((JAN, DUE), (date(2026, 2, 14), DUE), (MAR, DUE)),
    ),
    Worked(
        "an installment waived",
        {**PAID, "paid_cents": 2 * DUE, "waived_cents": DUE},
        money=((JAN, DUE), (FEB, DUE), (MAR, DUE, "waiver")),
    ),
    Worked(
        "a failed debit and a payment of the same day",
        PAID,
        money=((JAN, DUE), (FEB, DUE), (MAR, DUE, "failed_debit"), (MAR, DUE)),
    ),
    Worked(
        "no interest, booked as level payments",
        {**NOTHING, "paid_share_bp": 10_000, "on_time_cnt": 3},
        {"principal_cents": 100_000, "annual_rate": "0", "term_m": 3, "installment_cents": 33_333},
        ((JAN, 33_333), (FEB, 33_333), (MAR, 33_334)),
    ),
    Worked(
        "installments below the interest",  # 600.00 a month on 12,000 at 60 %, 500.00 of it asked for
        {
            "outstanding_cents": 1_200_000,
            "arrears_cents": 0,
            "own_dpd": 0,
            "deferred_interest_cents": 30_000,
            "negative_amortisation": True,
        },
        {"annual_rate": "0.6", "installment_cents": 50_000},
        ((JAN, 50_000), (FEB, 50_000), (MAR, 50_000)),
    ),
    Worked(
        "a due date in the holidays",  # 15 February 2026 falls into the Spring Festival, the 24th is the next open day
        {"on_time_cnt": 3, "own_max_dpd": 0, "due_day": 15, "next_due_on": date(2026, 4, 15)},
        {"started_on": date(2025, 12, 15), "first_due_on": date(2026, 1, 15)},
        ((date(2026, 1, 15), DUE), (date(2026, 2, 24), DUE), (date(2026, 3, 16), DUE)),
    ),
    Worked(
        "a first period of 51 days",  # 12,000 x 12 % x 51 / 360 = 204.00, 84.00 more than a month's
        {**PAID, "due_cents": 3 * DUE + 8_400, "total_cents": 1_279_423 + 8_400},
        {"started_on": date(2025, 11, 20)},
        ((JAN, DUE + 8_400), (FEB, DUE), (MAR, DUE)),
    ),
    Worked(
        "a first period of ten days",  # 40.00 instead of 120.00
        {**PAID, "due_cents": 3 * DUE - 8_000, "total_cents": 1_279_423 - 8_000},
        {"started_on": date(2025, 12, 31)},
        ((JAN, DUE - 8_000), (FEB, DUE), (MAR, DUE)),
    ),
    Worked(
        "all repaid on a due date",
        {
            **NOTHING,
            "overpaid_cents": 0,
            "waived_cents": 0,
            "paid_share_bp": 10_000,
            "paid_off_on": MAR,
            "on_time_cnt": 3,
        },
        money=((JAN, DUE), (FEB, DUE), (MAR, 1_009_816 + 10_098, "early_settlement")),
    ),
    Worked(
        "all repaid between due dates",  # 10,098.16 x 12 % / 12 x 10 / 28 days = 36.06
        {
            **NOTHING,
            "overpaid_cents": 0,
            "paid_off_on": date(2026, 2, 20),
            "total_cents": 1_200_000 + 12_000 + 11_054 + 3_606,
        },
        money=((JAN, DUE), (FEB, DUE), (date(2026, 2, 20), 1_009_816 + 3_606, "early_settlement")),
    ),
    Worked(
        "repaid as a payment, settled in the books",
        {**NOTHING, "on_time_cnt": 3, "status": "settled"},
        money=((JAN, DUE), (FEB, DUE), (MAR, 1_009_816 + 10_098)),
        closed=("settled", MAR),
    ),
    Worked(
        "paid too much",
        {**NOTHING, "overpaid_cents": 2_000_000 + 2 * DUE - 1_279_423},
        money=((JAN, DUE), (FEB, DUE), (MAR, 2_000_000)),
    ),
    Worked(
        "all paid, running in the books",
        {**NOTHING, "status": "running", "paid_share_bp": 10_000},
        {
            "principal_cents": 100_000,
            "term_m": 3,
            "installment_cents": 34_002,
            "started_on": date(2025, 11, 10),
            "first_due_on": date(2025, 12, 10),
        },
        ((date(2025, 12, 10), 34_002), (JAN, 34_002), (FEB, 34_003)),
    ),
    Worked(
        "cancelled", {**NOTHING, "status": "cancelled"}, money=((JAN, DUE),), closed=("cancelled", date(2026, 1, 20))
    ),
    Worked(
        "written off, then money comes in",
        {"outstanding_cents": 1_000_000, "paid_cents": 200_000, "own_dpd": 414, "five_class": "loss", "on_time_cnt": 0},
        {"started_on": date(2025, 1, 10), "first_due_on": date(2025, 2, 10)},
        ((date(2026, 3, 20), 200_000),),
        closed=("written_off", date(2026, 3, 1)),
    ),
    Worked(
        "money before the start",
        {**PAID, "carried_cents": 50_000, "paid_share_bp": (3 * DUE + 50_000) * 10_000 // 1_279_423},
        money=((date(2025, 12, 1), 50_000), (JAN, DUE), (FEB, DUE), (MAR, DUE)),
    ),
    Worked(
        "equal principal",
        {**NOTHING, "total_cents": 1_020_000, "paid_share_bp": 10_000},
        {"principal_cents": 1_000_000, "term_m": 3, "repay_method": "EQ_PRIN", "installment_cents": 343_333},
        ((JAN, 343_333), (FEB, 340_000), (MAR, 336_667)),
    ),
    Worked(
        "interest first",  # three of twelve times 120.00, nothing of the principal: 360.00 of 13,440.00
        {"outstanding_cents": 1_200_000, "paid_share_bp": 267, "monthly_payment_cents": 12_000, "own_dpd": 0},
        {"repay_method": "INT_FIRST", "installment_cents": 12_000},
        tuple((d, 12_000) for d in (JAN, FEB, MAR)),
    ),
    Worked(
        "a fee rate a period on what was lent",  # 0.6 % of 12,000 in each of twelve: 72.00 and 1,000.00
        {"outstanding_cents": 900_000, "total_cents": 1_286_400, "own_dpd": 0, "on_time_cnt": 3},
        {"repay_method": "FLAT", "annual_rate": "0.072", "installment_cents": 107_200},
        tuple((d, 107_200) for d in (JAN, FEB, MAR)),
    ),
    Worked(
        "a balloon",  # level payments of 500.00 at 12 %, what is left with the twelfth
        {"outstanding_cents": 1_084_856, "monthly_payment_cents": 50_000, "own_dpd": 0},
        {"repay_method": "BALLOON", "installment_cents": 50_000},
        tuple((d, 50_000) for d in (JAN, FEB, MAR)),
    ),
    Worked(
        "a cent over three months",
        {"outstanding_cents": 1, "open_cents": 1, "own_dpd": 0, "arrears_cents": 0},
        {
            "principal_cents": 1,
            "annual_rate": "0",
            "term_m": 3,
            "installment_cents": 0,
            "started_on": date(2026, 2, 10),
            "first_due_on": MAR,
        },
        (),
    ),
    Worked(
        "without interest, all at the end",
        {
            "outstanding_cents": 600_000,
            "total_cents": 600_000,
            "own_dpd": 0,
            "paid_share_bp": 0,
            "next_due_cents": 600_000,
            "monthly_payment_cents": 50_000,
        },
        {
            "principal_cents": 600_000,
            "annual_rate": "0",
            "term_m": 12,
            "repay_method": "INT_FIRST",
            "installment_cents": 0,
        },
        (),
    ),
    Worked(
        "nothing asked for before the end",  # 12,000 at 12 %, all interest with the principal after twelve months
        {"next_due_cents": 1_344_000, "monthly_payment_cents": 112_000, "own_dpd": 0, "negative_amortisation": True},
        {"installment_cents": 0},
        (),
    ),
    Worked(
        "a first installment after three months",  # a third of it a month is less than those that follow
        {"next_due_cents": DUE + 24_000, "monthly_payment_cents": DUE, "own_dpd": 0},
        {"started_on": date(2026, 1, 10), "first_due_on": date(2026, 4, 10)},
        (),
    ),
    Worked(
        "settled at a discount, its waiver booked a year later",  # ten days late when the books closed it
        {**NOTHING, "own_max_dpd": 9, "own_max_dpd_12m": 0, "due_cnt": 2, "on_time_cnt": 1},
        {"started_on": date(2025, 1, 10), "first_due_on": date(2025, 2, 10)},
        ((date(2025, 2, 20), 1_000_000), (date(2026, 3, 20), 279_423, "waiver")),
        closed=("settled", date(2025, 2, 20)),
    ),
    Worked(
        "cancelled, then a stray debit",
        {**NOTHING, "own_max_dpd": 9, "own_max_dpd_12m": 0, "due_cnt": 1, "on_time_streak_cnt": 0},
        {"started_on": date(2025, 1, 10), "first_due_on": date(2025, 2, 10)},
        ((date(2026, 3, 20), 100),),
        closed=("cancelled", date(2025, 2, 20)),
    ),
    Worked(
        "cancelled on the due day",  # its grace was not over, so nothing was missed
        {**NOTHING, "own_max_dpd": 0, "due_cnt": 0, "on_time_streak_cnt": 0},
        money=(),
        closed=("cancelled", JAN),
    ),
    Worked(
        "a part repaid early, sooner done",  # 41.33 of interest on 4,132.95 on 10 April
        {
            "outstanding_cents": 413_295,
            "next_due_cents": DUE,
            "coming_cnt": 4,
            "arrears_cents": 0,
            "on_time_cnt": 3,
            "version_no": 2,
        },
        money=((JAN, DUE), (FEB, DUE), (MAR, DUE), (MAR, 500_000, "early_settlement")),
    ),
    Worked(
        "payments paused",  # three due dates move from February on; the interest of the pause is due with the first
        {
            "outstanding_cents": 1_105_381,
            "arrears_cents": 0,
            "own_max_dpd": 0,
            "on_time_cnt": 1,
            "due_cnt": 1,
            "next_due_on": date(2026, 5, 11),
            "restruct_flag": True,
        },
        money=((JAN, DUE),),
        changes=(("payment_holiday", date(2026, 2, 1), date(2026, 2, 1), {"pause_m": 3, "interest_mode": "accrue"}),),
        hardship=date(2026, 1, 25),
    ),
    Worked(
        "another due date, then a payment bounces",  # March's payment settles February, late by then
        {
            "own_dpd": 21,
            "own_max_dpd": 27,
            "oldest_due_on": MAR,
            "arrears_cents": DUE,
            "due_day": 20,
            "on_time_cnt": 1,
            "version_no": 2,
        },
        money=((JAN, DUE), (FEB, DUE), (MAR, DUE), (date(2026, 3, 20), DUE, BACK, None, 1)),
        changes=(("due_date_change", date(2026, 3, 14), date(2026, 3, 15), {"due_day": 20}),),
    ),
)
