"""`fenqi quote`: one plan, to the cent."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from orchestration.commands.common import JsonOption, LakeOption, out, print_json, settings_with
from transforms.pricing.calendar import Frequency
from transforms.pricing.plan import Fee, Plan, RepayMethod
from transforms.pricing.quote import QuoteRequest
from transforms.pricing.quote import quote as priced

_TIMINGS = ("upfront", "financed", "periodic", "final")
_EVERY = {"week": ("week", 1), "2weeks": ("week", 2), "month": ("month", 1), "quarter": ("month", 3)}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("quote")(quote)


def quote(
    amount: Annotated[str, typer.Option("--amount", help="Amount to finance, in currency units: 12000 or 12000.50.")],
    term: Annotated[int, typer.Option("--term", help="Number of installments.")],
    rate: Annotated[
        str | None, typer.Option("--rate", help="Nominal rate a year as a decimal fraction: 0.12 is 12 %.")
    ] = None,
    grade: Annotated[
        str | None, typer.Option("--grade", help="Instead of --rate: price grade, with --product, from the rate card.")
    ] = None,
    product: Annotated[str | None, typer.Option("--product", help="Product code of the rate card.")] = None,
    night: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="Night whose rate card is read; default: the newest."),
    ] = None,
    method: Annotated[RepayMethod, typer.Option("--method", help="Repayment method.")] = RepayMethod.ANNUITY,
    every: Annotated[str, typer.Option("--every", help=f"Rhythm: {', '.join(_EVERY)}.")] = "month",
    start: Annotated[
        datetime | None, typer.Option("--start", formats=["%Y-%m-%d"], help="Day of the drawdown; default: today.")
    ] = None,
    first_due: Annotated[
        datetime | None, typer.Option("--first-due", formats=["%Y-%m-%d"], help="Due date of the first installment.")
    ] = None,
    fee: Annotated[
        list[str] | None,
        typer.Option(
            "--fee", help="code:timing:amount, timing upfront, financed, periodic or final; amount 100 or 1%."
        ),
    ] = None,
    down_payment: Annotated[str, typer.Option("--down-payment", help="Paid at once by the customer.")] = "0",
    balloon: Annotated[str, typer.Option("--balloon", help="Left for the last installment (BALLOON).")] = "0",
    rounding: Annotated[str, typer.Option("--rounding", help="half_up, half_even or up.")] = "half_up",
    lake: LakeOption = None,
    json: JsonOption = False,
) -> None:
    """Quote one plan: every installment to the cent, both annual cost figures with every fee in them.

    Examples:
      fenqi quote --amount 12000 --term 12 --rate 0.12
      fenqi quote --amount 12000 --term 12 --grade B --product card_general
      fenqi quote --amount 100000 --term 12 --rate 0.1099 --fee service:upfront:1% --json
    """
    if (rate is None) == (grade is None):
        raise typer.BadParameter("give either --rate, or --grade with --product")
    if every not in _EVERY:
        raise typer.BadParameter(f"--every is one of {', '.join(_EVERY)}")
    fees = [_fee(text) for text in fee or []]
    if grade is None:
        nominal = _decimal("--rate", rate or "")
    else:
        if product is None:
            raise typer.BadParameter("--grade needs --product")
        nominal, card_fee = _from_rate_card(lake, night, grade, product, term, method)
        fees += card_fee
    unit, count = _EVERY[every]
    plan = Plan(
        amount_cents=_cents("--amount", amount),
        annual_rate=nominal,
        installments=term,
        start_on=start.date() if start else datetime.now(settings_with().now().tzinfo).date(),
        method=method,
        frequency=Frequency(unit, count),  # type: ignore[arg-type]  # the keys of _EVERY are its units
        first_due_on=first_due.date() if first_due else None,
        fees=tuple(fees),
        down_payment_cents=_cents("--down-payment", down_payment),
        balloon_cents=_cents("--balloon", balloon),
        payment_rounding=rounding,  # type: ignore[arg-type]  # checked by Plan
    )
    answer = priced(QuoteRequest(plan, product, settings_with().currency))
    if json:
        print_json(answer.to_dict())
    else:
        out.print(answer.to_text(), markup=False)


def _decimal(option: str, text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"{option} {text!r} is not a number") from None


def _cents(option: str, text: str) -> int:
    cents = _decimal(option, text) * 100
    if cents != cents.to_integral_value():
        raise typer.BadParameter(f"{option} {text!r} has more than two decimals")
    return int(cents)


def _fee(text: str) -> Fee:
    parts = text.split(":")
    if len(parts) != 3 or parts[1] not in _TIMINGS:
        raise typer.BadParameter(f"--fee {text!r}: expected code:timing:amount with timing {', '.join(_TIMINGS)}")
    code, timing, value = parts
    if value.endswith("%"):
        return Fee(code, timing, rate_ppm=int(_decimal("--fee", value[:-1]) * 10_000))  # type: ignore[arg-type]
    return Fee(code, timing, amount_cents=_cents("--fee", value))  # type: ignore[arg-type]  # checked above


def _from_rate_card(
    lake: str | None, night: datetime | None, grade: str, product: str, term: int, method: RepayMethod
) -> tuple[Decimal, list[Fee]]:
    from warehouse.lake import Lake  # noqa: PLC0415 - a quote by rate needs no warehouse

    with Lake.open(settings_with(lake=lake), read_only=True) as opened:
        cell = "product_code = ? AND price.term_m = ? AND repay_method = ? AND risk_grade = ?"
        row = opened.con.execute(
            "SELECT price.nominal_rate, sold.upfront_fee_bp, price.as_of_date "
            "FROM lake.eligibility.rate_card AS price "
            "JOIN lake.reference.product AS sold USING (as_of_date, product_code) "
            f"WHERE {cell} AND as_of_date <= ? AND NOT price_above_cap ORDER BY as_of_date DESC LIMIT 1",
            [product, term, method.value, grade, night.date() if night else date.max],
        ).fetchone()
    if row is None:
        raise ValueError(
            f"the rate card sells no {product} over {term} months by {method.value} to grade {grade}: "
            "see `fenqi sql 'SELECT DISTINCT product_code, term_m, repay_method FROM eligibility.rate_card'`"
        )
    fees = [Fee("upfront_fee", "upfront", rate_ppm=int(row[1]) * 100)] if row[1] else []
    return row[0], fees
