"""`fenqi quote`: one plan, to the cent."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands import quote_options as read
from orchestration.commands.common import JsonOption, LakeOption, out, print_json, settings_with
from orchestration.commands.disclosure import show_sheet
from orchestration.reports.disclosure import quoted
from orchestration.reports.disclosure_page import disclosure_page
from transforms.dates.day_count import EQUAL_PERIODS
from transforms.loans.plan import STEPS, Plan, RepayMethod
from transforms.pricing.cell import cell_plan
from transforms.pricing.quote import Course, QuoteRequest
from transforms.pricing.quote import quote as priced

if TYPE_CHECKING:
    from transforms.disclosure.disclosure import Disclosure
    from transforms.pricing.quote import Quote

_DAY = ["%Y-%m-%d"]
#: How a plan reckons unless its product or an option says otherwise.
_USUAL = {
    "month_end": "last_day",
    "roll": "none",
    "calendar": "cn",
    "rounding": "half_up",
    "day_count": EQUAL_PERIODS,
    "first_period": "actual_days",
    "interest_rounded": "period",
    "part_prepayment": "lower",
}
#: Columns of `reference.product` that say it for a cell of the rate card.
_OF_PRODUCT = {
    "month_end": "month_end",
    "roll": "due_date_roll",
    "calendar": "calendar",
    "day_count": "interest_basis",
    "first_period": "first_period",
    "interest_rounded": "interest_rounded",
}
#: Figures of `reference.policy` that say it.
_OF_POLICY = {"rounding": "pricing.payment_rounding", "part_prepayment": "servicing.part_prepayment"}
_PLAN = "The plan"
_DATES = "Due dates and rounding"
_COURSE = "On the way"
_SHEET = "The cost sheet"
_LANGUAGES = ("en", "zh", "both")
_SOURCE = "Price from the published rate card"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("quote")(quote)


def quote(
    amount: Annotated[str, typer.Option("--amount", help="Price or amount, in currency units: 12000 or 12000.50.")],
    term: Annotated[int, typer.Option("--term", help="Number of installments.")],
    rate: Annotated[
        str | None, typer.Option("--rate", help="Nominal rate a year as a decimal fraction: 0.12 is 12 %.")
    ] = None,
    grade: Annotated[
        str | None, typer.Option("--grade", help="Instead of --rate: price grade.", rich_help_panel=_SOURCE)
    ] = None,
    product: Annotated[str | None, typer.Option("--product", help="Product code.", rich_help_panel=_SOURCE)] = None,
    night: Annotated[
        datetime | None,
        typer.Option("--date", formats=_DAY, help="Night of the card; default: the newest.", rich_help_panel=_SOURCE),
    ] = None,
    method: Annotated[
        RepayMethod, typer.Option("--method", help="Repayment method.", rich_help_panel=_PLAN)
    ] = RepayMethod.ANNUITY,
    every: Annotated[
        str, typer.Option("--every", help="week, 2weeks, month, quarter, '15 days', ….", rich_help_panel=_PLAN)
    ] = "month",
    start: Annotated[
        datetime | None,
        typer.Option("--start", formats=_DAY, help="Day of the drawdown; default: today.", rich_help_panel=_PLAN),
    ] = None,
    first_due: Annotated[
        datetime | None,
        typer.Option("--first-due", formats=_DAY, help="First due date; its day is kept.", rich_help_panel=_PLAN),
    ] = None,
    due_day: Annotated[
        int | None,
        typer.Option("--due-day", help="Day of the month they fall due, 31 the last.", rich_help_panel=_PLAN),
    ] = None,
    first_period: Annotated[
        str | None,
        typer.Option(
            "--first-period",
            help="An odd first period: actual_days (on 360, default) or equal_periods.",
            rich_help_panel=_PLAN,
        ),
    ] = None,
    day_count: Annotated[
        str | None,
        typer.Option(
            "--day-count",
            help="equal_periods (default), 30/360, act/365F, act/360, act/act, ….",
            rich_help_panel=_PLAN,
        ),
    ] = None,
    fee: Annotated[
        list[str] | None,
        typer.Option(
            "--fee",
            help="code:timing:amount[:collector]; timing upfront, financed, periodic or final; amount 100 or 1%.",
            rich_help_panel=_PLAN,
        ),
    ] = None,
    down_payment: Annotated[
        str, typer.Option("--down-payment", help="Paid at once by the customer.", rich_help_panel=_PLAN)
    ] = "0",
    balloon: Annotated[
        str, typer.Option("--balloon", help="BALLOON: left for the last installment.", rich_help_panel=_PLAN)
    ] = "0",
    interest_only: Annotated[
        int | None,
        typer.Option("--interest-only", help="INT_FIRST: installments without principal.", rich_help_panel=_PLAN),
    ] = None,
    step: Annotated[
        str | None, typer.Option("--step", help="STEP_UP, STEP_DOWN: share by which it changes.", rich_help_panel=_PLAN)
    ] = None,
    step_every: Annotated[
        int, typer.Option("--step-every", help="Installments between two steps.", rich_help_panel=_PLAN)
    ] = 12,
    minimum: Annotated[
        str | None,
        typer.Option("--minimum", help="MIN_PAYMENT: share of the balance, or share:least.", rich_help_panel=_PLAN),
    ] = None,
    merchant_rate: Annotated[
        str | None,
        typer.Option(
            "--merchant-rate", help="INTEREST_FREE: rate a year the merchant pays instead.", rich_help_panel=_PLAN
        ),
    ] = None,
    treasury_rate: Annotated[
        str | None,
        typer.Option(
            "--treasury-rate", help="What the treasury pays a year on top of --rate (财政贴息).", rich_help_panel=_PLAN
        ),
    ] = None,
    rounding: Annotated[
        str | None,
        typer.Option("--rounding", help="Installment: half_up (default), half_even or up.", rich_help_panel=_DATES),
    ] = None,
    interest_rounding: Annotated[
        str, typer.Option("--interest-rounding", help="Interest: half_up, half_even or up.", rich_help_panel=_DATES)
    ] = "half_up",
    interest_rounded: Annotated[
        str | None,
        typer.Option(
            "--interest-rounded",
            help="Once a period (default), or each segment between two movements.",
            rich_help_panel=_DATES,
        ),
    ] = None,
    unit: Annotated[
        str, typer.Option("--unit", help="Installments are whole multiples of this.", rich_help_panel=_DATES)
    ] = "0.01",
    month_end: Annotated[
        str | None,
        typer.Option("--month-end", help="A missing day: last_day (default) or first_of_next.", rich_help_panel=_DATES),
    ] = None,
    roll: Annotated[
        str | None,
        typer.Option(
            "--roll",
            help="Closed days: none (default), following, modified_following, preceding.",
            rich_help_panel=_DATES,
        ),
    ] = None,
    calendar: Annotated[
        str | None,
        typer.Option("--calendar", help="Whose closed days: cn (default), weekends, a file.", rich_help_panel=_DATES),
    ] = None,
    rate_change: Annotated[
        list[str] | None,
        typer.Option("--rate-change", help="DATE:RATE, a new rate from that day on.", rich_help_panel=_COURSE),
    ] = None,
    draw: Annotated[
        list[str] | None, typer.Option("--draw", help="DATE:AMOUNT drawn besides.", rich_help_panel=_COURSE)
    ] = None,
    repay: Annotated[
        list[str] | None, typer.Option("--repay", help="DATE:AMOUNT repaid besides.", rich_help_panel=_COURSE)
    ] = None,
    shorten: Annotated[
        bool | None,
        typer.Option(
            "--shorten/--lower",
            help="After --repay end sooner, or pay less (default, or as the product says).",
            rich_help_panel=_COURSE,
        ),
    ] = None,
    paid: Annotated[
        list[str] | None,
        typer.Option("--paid", help="DUE:DAY, an installment paid in full on another day.", rich_help_panel=_COURSE),
    ] = None,
    taken_back: Annotated[
        list[str] | None,
        typer.Option("--taken-back", help="DATE:AMOUNT of a payment taken back, due again.", rich_help_panel=_COURSE),
    ] = None,
    settle: Annotated[
        datetime | None,
        typer.Option("--settle", formats=_DAY, help="Settle all on this day, by actual use.", rich_help_panel=_COURSE),
    ] = None,
    disclosure: Annotated[
        str | None,
        typer.Option(
            "--disclosure",
            help="The cost sheet: en, zh or both shows it instead; anything else is the file of the printable page.",
            rich_help_panel=_SHEET,
        ),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy", help="Whose default costs and regime; default: the configured one.", rich_help_panel=_SHEET
        ),
    ] = None,
    lake: LakeOption = None,
    json: JsonOption = False,
) -> None:
    """Quote one plan: every installment to the cent, the annual cost of every regime with every fee in it.

    From the rate card, rounding is the lender's own and interest and due dates are the product's unless an option says
    otherwise.

    Examples:
      fenqi quote --amount 12000 --term 12 --rate 0.12
      fenqi quote --amount 12000 --term 12 --grade B --product card_general
      fenqi quote --amount 100000 --term 12 --rate 0.1099 --fee service:upfront:1% --json
      fenqi quote --amount 90000 --term 36 --rate 0.05 --method BALLOON --balloon 30000 --down-payment 20000
      fenqi quote --amount 12000 --term 12 --rate 0.08 --day-count act/365F --roll following --settle 2026-06-20
      fenqi quote --amount 12000 --term 12 --rate 0.12 --start 2025-11-20 --first-due 2026-01-10
      fenqi quote --amount 12000 --term 12 --rate 0.12 --start 2026-01-10 --paid 2026-03-10:2026-03-02
      fenqi quote --amount 12000 --term 12 --rate 0.12 --fee service:upfront:1%:platform --disclosure zh
      fenqi quote --amount 12000 --term 12 --rate 0.12 --fee service:upfront:1% --disclosure sheet.html
    """
    if (rate is None) == (grade is None):
        raise typer.BadParameter("give either --rate, or --grade with --product")
    starts = start.date() if start else datetime.now(settings_with().now().tzinfo).date()
    cell: dict[str, Any] | None = None
    usual = dict(_USUAL)
    if grade is not None:
        if product is None:
            raise typer.BadParameter("--grade needs --product")
        cell, own, days = _cell(lake, night, grade, product, term, method)
        usual |= own
        read.allowed_days("--first-due", starts, first_due.date() if first_due else None, days)
    said = {
        "month_end": month_end,
        "roll": roll,
        "calendar": calendar,
        "rounding": rounding,
        "day_count": day_count,
        "first_period": first_period,
        "interest_rounded": interest_rounded,
    }
    usual |= {name: text for name, text in said.items() if text is not None}
    options: dict[str, Any] = {
        "frequency": read.frequency(every),
        "first_due_on": first_due.date() if first_due else None,
        "due_day": due_day,
        **read.reckoning(usual["first_period"], usual["interest_rounded"], usual["day_count"]),
        "fees": tuple(read.fee(text) for text in fee or []),
        "down_payment_cents": read.cents("--down-payment", down_payment),
        "payment_unit_cents": read.cents("--unit", unit),
        **read.due_conventions(usual["month_end"], usual["roll"], usual["calendar"], starts),
        **read.roundings(usual["rounding"], interest_rounding),
    }
    whole = read.cents("--amount", amount)
    if cell is not None:
        plan = cell_plan(cell, whole, starts, **options)
    else:
        figures = _of_method(method, balloon, interest_only, step, step_every, minimum)
        plan = Plan(whole, read.decimal("--rate", rate or ""), term, starts, method, **figures, **options)
    course = Course(
        rates=tuple((day, read.decimal("--rate-change", v)) for day, v in _all("--rate-change", rate_change)),
        draws=tuple((day, read.cents("--draw", v)) for day, v in _all("--draw", draw)),
        repayments=tuple((day, read.cents("--repay", v)) for day, v in _all("--repay", repay)),
        paid=read.day_pairs("--paid", paid),
        taken_back=tuple((day, read.cents("--taken-back", v)) for day, v in _all("--taken-back", taken_back)),
        settle_on=settle.date() if settle else None,
        keep_term=usual["part_prepayment"] == "lower" if shorten is None else not shorten,
    )
    answer = priced(
        QuoteRequest(
            plan,
            product,
            settings_with().currency,
            course,
            treasury_rate=None if treasury_rate is None else Fraction(read.decimal("--treasury-rate", treasury_rate)),
            forgone_rate=None if merchant_rate is None else Fraction(read.decimal("--merchant-rate", merchant_rate)),
        )
    )
    if disclosure in _LANGUAGES:
        show_sheet(_sheet(answer, policy), str(disclosure), None, json=json)
        return
    if disclosure is not None:
        Path(disclosure).write_text(disclosure_page(_sheet(answer, policy)), encoding="utf-8")
    if json:
        print_json(answer.to_dict())
    else:
        out.print(answer.to_text(), markup=False)


def _sheet(answer: Quote, policy: str | None) -> Disclosure:
    settings = settings_with()
    return quoted(settings if policy is None else settings.model_copy(update={"policy": policy}), answer)


def _all(option: str, texts: list[str] | None) -> list[tuple[date, str]]:
    return [read.dated(option, text) for text in texts or []]


def _of_method(
    method: RepayMethod,
    balloon: str,
    interest_only: int | None,
    step: str | None,
    step_every: int,
    minimum: str | None,
) -> dict[str, Any]:
    """The figures of a repayment method; one given for another method is refused rather than passed over."""
    given = {
        "--balloon": (balloon != "0", method == RepayMethod.BALLOON),
        "--interest-only": (interest_only is not None, method == RepayMethod.INT_FIRST),
        "--step": (step is not None, method in STEPS),
        "--minimum": (minimum is not None, method == RepayMethod.MIN_PAYMENT),
    }
    for option, (stated, fits) in given.items():
        if stated and not fits:
            raise typer.BadParameter(f"{option} does not go with --method {method.value}")
    share, _, least = (minimum or "").partition(":")
    return {
        "balloon_cents": read.cents("--balloon", balloon),
        "interest_only": interest_only,
        "step_share": None if step is None else read.decimal("--step", step),
        "step_every": step_every,
        "min_share": Decimal(read.decimal("--minimum", share)) if share else None,
        "min_principal_cents": read.cents("--minimum", least) if least else 0,
    }


def _cell(
    lake: str | None, night: datetime | None, grade: str, product: str, term: int, method: RepayMethod
) -> tuple[dict[str, Any], dict[str, str], tuple[int | None, int | None]]:
    """The newest sold cell, what its product and policy say of it, and the days to a first due date it allows."""
    from warehouse.lake import Lake  # noqa: PLC0415 - a quote by rate needs no warehouse

    with Lake.open(settings_with(lake=lake), read_only=True) as opened:
        cell = "product_code = ? AND term_m = ? AND repay_method = ? AND risk_grade = ?"
        rows = opened.frame(
            f"FROM lake.eligibility.rate_card WHERE {cell} AND as_of_date <= ? AND NOT price_above_cap "
            "ORDER BY as_of_date DESC LIMIT 1",
            [product, term, method.value, grade, night.date() if night else date.max],
        ).to_dicts()
        if not rows:
            raise ValueError(
                f"the rate card sells no {product} over {term} months by {method.value} to grade {grade}: "
                "see `fenqi sql 'SELECT DISTINCT product_code, term_m, repay_method FROM eligibility.rate_card'`"
            )
        at = rows[0]["as_of_date"]
        policy = "SELECT item_key, item_value FROM lake.reference.policy WHERE as_of_date = ? AND kind = 'figure'"
        figures = dict(opened.frame(policy, [at]).rows())
        of_product = opened.frame(
            "FROM lake.reference.product WHERE as_of_date = ? AND product_code = ?", [at, product]
        ).row(0, named=True)
    said = {name: of_product[column] for name, column in _OF_PRODUCT.items()}
    said |= {name: figures.get(figure) for name, figure in _OF_POLICY.items()}
    days = (of_product["first_due_min_days"], of_product["first_due_max_days"])
    return rows[0], {name: text for name, text in said.items() if text is not None}, days
