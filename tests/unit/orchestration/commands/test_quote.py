"""`fenqi quote`: any plan from options alone, each mistake named with its option."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from orchestration.cli import app

if TYPE_CHECKING:
    from pathlib import Path

START = ("--start", "2026-01-31")


def quoted(*options: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["quote", "--json", *START, *options])
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_pboc_example_comes_out() -> None:
    """rules.md: 100,000 over 12 months at 8,833.3 a month, 1,000 up front: 12.80 % simple, 13.58 % compound."""
    answer = quoted("--amount", "100000", "--term", "12", "--rate", "0.108957", "--fee", "service:upfront:1%:platform")
    assert answer["payment_cents"] == 883_330
    assert answer["fees"][0] == {
        "code": "service", "timing": "upfront", "each_cents": 100_000, "times": 1, "total_cents": 100_000,
        "collector": "platform",
    }  # fmt: skip
    assert (round(answer["apr_simple"], 4), round(answer["apr_irr"], 4)) == (0.128, 0.1358)


@pytest.mark.parametrize(
    ("options", "payments"),
    [
        (("--method", "EQ_PRIN"), [101_000, 100_750, 100_500, 100_250]),
        (("--method", "INT_FIRST"), [1_000, 1_000, 1_000, 401_000]),
        (("--method", "INT_FIRST", "--interest-only", "2"), [1_000, 1_000, 200_750, 200_751]),
        (("--method", "BALLOON", "--balloon", "2000"), [50_813, 50_813, 50_813, 250_812]),
        (("--method", "BALLOON", "--balloon", "2000", "--rounding", "up"), [50_813, 50_813, 50_813, 250_812]),
        (("--method", "STEP_UP", "--step", "0.1", "--step-every", "2"), [95_845, 95_845, 105_430, 105_431]),
        (("--method", "STEP_DOWN", "--step", "0.1", "--step-every", "2"), [105_908, 105_908, 95_317, 95_318]),
        (("--method", "MIN_PAYMENT", "--minimum", "0.5:1000"), [201_000, 100_500, 100_250]),
    ],
)
def test_every_method_is_quoted(options: tuple[str, ...], payments: list[int]) -> None:
    """4,000 over four months at a quarter of a percent a month; by hand: a level of 508.1289 beside a balloon."""
    answer = quoted("--amount", "4000", "--term", "4", "--rate", "0.03", *options)
    assert [row["payment_cents"] for row in answer["schedule"]] == payments
    assert sum(row["principal_cents"] for row in answer["schedule"]) == 400_000


def test_dates_follow_the_conventions_asked_for() -> None:
    """15 February 2026 lies in the Spring Festival, which ends on the 23rd."""
    answer = quoted(
        "--amount", "1000", "--term", "2", "--rate", "0", "--first-due", "2026-02-15", "--roll", "following"
    )
    assert [row["due_on"] for row in answer["schedule"]] == ["2026-02-24", "2026-03-16"]
    weekly = quoted("--amount", "1000", "--term", "2", "--rate", "0.1", "--every", "2weeks", "--day-count", "act/360")
    assert [row["due_on"] for row in weekly["schedule"]] == ["2026-02-14", "2026-02-28"]
    assert weekly["schedule"][0]["interest_cents"] == 389
    rolled = quoted("--amount", "1000", "--term", "1", "--rate", "0", "--month-end", "first_of_next")
    assert rolled["schedule"][0]["due_on"] == "2026-03-01"


def test_what_happens_on_the_way_is_quoted() -> None:
    answer = quoted(
        *("--amount", "12000", "--term", "12", "--rate", "0.12", "--day-count", "act/365F"),
        *("--rate-change", "2026-06-01:0.06", "--draw", "2026-03-10:1000", "--repay", "2026-05-10:500"),
        *("--settle", "2026-09-10"),
    )
    assert answer["schedule"][-1]["due_on"] == "2026-09-10"
    assert answer["schedule"][-1]["payment_cents"] == answer["settlement"]["total_cents"]
    assert sum(row["principal_cents"] for row in answer["schedule"]) == 1_200_000 + 100_000 - 50_000


def test_a_cent_and_a_long_term_are_quoted() -> None:
    assert [
        row["payment_cents"] for row in quoted("--amount", "0.01", "--term", "3", "--rate", "0.04")["schedule"]
    ] == [
        0,
        0,
        1,
    ]
    long = quoted("--amount", "300000", "--term", "324", "--rate", "0.04")
    assert round(long["apr_us"], 4) == round(long["apr_simple"], 4) == 0.04


def test_odd_first_period_is_charged_as_asked() -> None:
    """51 days to 10 January on 12,000 at 12 % are 204.00 by their days, 120.00 as a month."""
    asked = (
        "--amount",
        "12000",
        "--term",
        "12",
        "--rate",
        "0.12",
        "--start",
        "2025-11-20",
        "--first-due",
        "2026-01-10",
    )
    assert quoted(*asked)["payment_cents"] == 115_019
    whole = quoted(*asked, "--first-period", "equal_periods")
    assert whole["payment_cents"] == 106_619
    assert whole["apr_irr"] < quoted(*asked)["apr_irr"]


def test_due_day_is_kept_through_short_months() -> None:
    answer = quoted("--amount", "900", "--term", "3", "--rate", "0", "--start", "2026-01-10", "--due-day", "31")
    assert [row["due_on"] for row in answer["schedule"]] == ["2026-02-28", "2026-03-31", "2026-04-30"]
    assert answer["due_day"] == 31


def test_installment_paid_on_another_day_is_charged_for_what_was_outstanding() -> None:
    """Paid on 5 February, the second bears 4 of its 29 days."""
    asked = ("--amount", "10000", "--term", "6", "--rate", "0.07", "--start", "2024-01-01")
    usual = quoted(*asked)
    early = quoted(*asked, "--paid", "2024-03-01:2024-02-05")
    assert [row["due_on"] for row in early["schedule"]] == [row["due_on"] for row in usual["schedule"]]
    balance = usual["schedule"][0]["balance_cents"]
    assert early["schedule"][1]["interest_cents"] == round(balance * 0.07 / 12 * 4 / 29)
    assert early["interest_cents"] < usual["interest_cents"]
    late = quoted(*asked, "--paid", "2024-03-01:2024-03-20", "--interest-rounded", "segment")
    assert late["interest_cents"] > usual["interest_cents"]
    assert late["interest_rounded"] == "segment"
    assert early["apr_irr"] == pytest.approx(usual["apr_irr"], abs=4e-4)


def test_cost_sheet_is_shown_in_either_language() -> None:
    """The sheet an offer gets, for any plan; an American policy shows the rate of Regulation Z first."""
    asked = ("--amount", "12000", "--term", "6", "--rate", "0.12", "--fee", "service:upfront:1%:platform")
    shown = quoted(*asked, "--disclosure", "zh")
    assert shown["total_cost_cents"] == 42_348 + 12_000
    assert shown["no_other_fees"]["zh"].startswith("除上述")
    american = quoted(*asked, "--disclosure", "en", "--policy", "us/bank_card")
    assert american["annual_cost"] == american["apr_simple"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "give either --rate, or --grade"),
        (("--rate", "0.1", "--grade", "A"), "give either --rate"),
        (("--grade", "A"), "--grade needs --product"),
        (("--rate", "ten"), "--rate 'ten' is not a number"),
        (("--rate", "0.1", "--fee", "x:1"), "--fee 'x:1'"),
        (("--rate", "0.1", "--every", "moon"), "--every"),
        (("--rate", "0.1", "--day-count", "lunar"), "--day-count"),
        (("--rate", "0.1", "--roll", "sideways"), "--roll is one of"),
        (("--rate", "0.1", "--rounding", "down"), "--rounding is one of"),
        (("--rate", "0.1", "--balloon", "10"), "--balloon does not go with"),
        (("--rate", "0.1", "--step", "0.1"), "--step does not go with"),
        (("--rate", "0.1", "--settle", "2026-02-30"), "--settle"),
        (("--rate", "0.1", "--first-period", "half"), "--first-period is one of"),
        (("--rate", "0.1", "--interest-rounded", "daily"), "--interest-rounded is one of"),
        (("--rate", "0.1", "--paid", "2026-03-10"), "--paid '2026-03-10': expected YYYY-MM-DD:YYYY-MM-DD"),
        (("--rate", "0.1", "--draw", "soon:1"), "expected YYYY-MM-DD:value"),
        (("--rate", "0.1", "--down-payment", "1.234"), "more than two decimals"),
    ],
)
def test_mistake_is_named_with_its_option(options: tuple[str, ...], message: str) -> None:
    result = CliRunner().invoke(app, ["quote", "--amount", "1000", "--term", "3", *options], env={"COLUMNS": "300"})
    assert result.exit_code == 2
    assert message in result.output.replace("\n", " ")


def test_a_quote_has_a_printable_cost_sheet(tmp_path: Path) -> None:
    page = tmp_path / "sheet.html"
    asked = ("--amount", "12000", "--term", "12", "--rate", "0.12", "--fee", "service:upfront:1%")
    answer = quoted(*asked, "--disclosure", str(page))
    text = page.read_text(encoding="utf-8")
    cost = answer["cost_cents"]
    assert f"¥{cost // 100:,}.{cost % 100:02d}" in text
    assert "除上述列明的费用外" in text
    refused = CliRunner().invoke(
        app, ["quote", *START, *asked, "--disclosure", str(page), "--repay", "2026-05-31:1000"]
    )
    assert "a disclosure is of the plan as agreed" in str(refused.exception)
