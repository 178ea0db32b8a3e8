"""The figures at the head of a cost sheet, each with its name, in English and Chinese: plan, payments, annual costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from transforms.dates.calendar import MONTHLY
from transforms.disclosure.disclosure import percent
from transforms.disclosure.words import LABELS, METHODS, Words

if TYPE_CHECKING:
    from transforms.disclosure.disclosure import Disclosure

_UNITS = {
    "day": Words("days", "天"),
    "week": Words("weeks", "周"),
    "semimonth": Words("half-months", "个半月"),
    "month": Words("months", "个月"),
}
_SIMPLE_BY_PERIOD = Words("simple (rate a period × periods a year)", "单利(每期内部收益率×每年期数)")
_CURRENCY = {"CNY": "¥", "EUR": "€", "GBP": "£", "USD": "$"}


class Figure(NamedTuple):
    """One figure: what it is called and what it is; the headline is the annual cost that the law wants shown."""

    label: Words
    value: Words
    is_headline: bool = False


def money(cents: int, currency: str) -> str:
    """An amount with the sign of its currency, or the currency's code where it has none here."""
    return f"{_CURRENCY.get(currency, f'{currency} ')}{cents // 100:,}.{cents % 100:02d}"


def figures(sheet: Disclosure) -> list[Figure]:
    """The plan's terms and annual costs, in the order of the sheet."""
    plan, terms, schedule = sheet.plan, sheet.terms, sheet.schedule
    level = len({row.payment_cents for row in schedule.installments[:-1]}) <= 1

    def amount(label: str, cents: int) -> Figure:
        return _figure(LABELS[label], money(cents, terms.currency))

    return [
        Figure(LABELS["product"], terms.product),
        amount("principal", plan.lent_cents),
        *([amount("down_payment", plan.down_payment_cents)] if plan.down_payment_cents else []),
        _count(sheet),
        Figure(LABELS["method"], METHODS[plan.method.value]),
        amount("payment" if level else "first_payment", schedule.payment_cents),
        amount("last_payment", schedule.last_payment_cents),
        _figure(LABELS["nominal_rate"], percent(int(plan.annual_rate * 1_000_000))),
        _figure(LABELS["annual_shown"], f"{terms.annual_cost:.{terms.decimals}%}", is_headline=True),
        _figure(LABELS["apr_irr"], f"{terms.apr_irr:.2%}"),
        _figure(LABELS["apr_simple"] if plan.frequency == MONTHLY else _SIMPLE_BY_PERIOD, f"{terms.apr_simple:.2%}"),
        amount("all_costs", sheet.cost_cents),
        amount("all_repaid", schedule.total_cents),
    ]


def _figure(label: Words, value: str, *, is_headline: bool = False) -> Figure:
    """A figure that reads the same in both languages."""
    return Figure(label, Words(value, value), is_headline)


def _count(sheet: Disclosure) -> Figure:
    """How many installments, and how far apart where they are not monthly."""
    count, every = str(len(sheet.schedule.installments)), sheet.plan.frequency
    if every == MONTHLY:
        return _figure(LABELS["term"], count)
    unit = _UNITS[every.unit]
    label = Words(f"Installments, one every {every.every} {unit.en}", f"期数(每{every.every}{unit.zh}一期)")
    return _figure(label, count)
