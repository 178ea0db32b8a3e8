"""Repayment plans told in a sentence, as amounts a month: the European examples describe theirs so.

What a sentence leaves open (interest on top of a minimum payment or within it) is tried both ways; the figures it
states beside (first and last payment, their number) decide, and a sentence that stays open is refused.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.vectors.answers import NotUnderstoodError, cents, number
from tests.vectors.textbook import nper
from transforms.loans.annuity import amortise, weighted_payments
from transforms.loans.plan import Plan, RepayMethod
from transforms.loans.rounding import round_cents, round_ratio
from transforms.loans.schedule import build_schedule

_NUMBER = r"-?\d[\d,]*(?:\.\d+)?"
_FIGURE = f"({_NUMBER})"
_EXAMPLE_RATE = Decimal("0.06")
"""Borrowing rate of the Commission's examples, where a sentence names none."""
_MICRO = 1_000_000
_START = date(2000, 1, 1)
_LONGEST = 1200
_WORDS = {"two": "2", "three": "3", "five": "5", "ten": "10", "fifteen": "15", "twenty": "20", "each": "each"}


@dataclass
class _Told:
    """The sentence, the amount lent, and payments besides the regular ones: (first month, every, cents)."""

    text: str
    principal: float
    extra: list[tuple[int, int, int]] = field(default_factory=list)

    def take(self, pattern: str) -> re.Match[str] | None:
        """The first match, taken out of the sentence."""
        found = re.search(pattern, self.text)
        if found is not None:
            self.text = f"{self.text[: found.start()]} {self.text[found.end() :]}"
        return found


def plain_words(text: str) -> str:
    """Lower case, one spelling, numerals for the small numbers."""
    words = " ".join(text.lower().replace("instalment", "installment").replace("€", " ").replace("eur ", " ").split())
    return re.sub(rf"\b({'|'.join(_WORDS)})\b", lambda found: _WORDS[found[0]], words)


def without_figures(text: str) -> str:
    """A sentence without what it states of its outcome: number of payments, first and last."""
    return re.sub(r"[;,]? ?(?:\d+ payments|(?:first|last)(?:[- ]year)?(?: payment)? [\d.,]+).*$", "", text)


def monthly_amounts(text: str, principal: float) -> list[int]:
    """Cents due in month 1, 2, and so on; NotUnderstoodError for a sentence that cannot be read in one way."""
    told = _Told(plain_words(text), principal)
    _take_extras(told)
    for read in (_equal_principal, _minimum_payment, _stepped, _fixed, _plain):
        ways = read(told)
        if not ways:
            continue
        agreeing = [way for way in ways if _agrees(told.text, way)]
        if any(way != agreeing[0] for way in agreeing):
            raise NotUnderstoodError(f"streams {text!r} can be read in {len(agreeing)} ways")
        if not agreeing:
            raise NotUnderstoodError(f"streams {text!r}: first, last or number of payments are not those computed")
        return _with_extras(agreeing[0], told.extra)
    raise NotUnderstoodError(f"streams {text!r}")


def _take_extras(told: _Told) -> None:
    """Costs besides: "+ 100 every 24 months from month 1", "+ 16.67 a month"."""
    every = rf"(?:\+|plus|and|with) ?(?:an? )?(?:[a-z]+ )*{_FIGURE}(?: [a-z]+)* every (?:(\d+) )?(month|year)s?"
    every += r"(?:,? (?:from|starting|beginning|first)(?: in| at| with)? (?:the )?(?:month )?(\d+|first)(?: month)?)?"
    while (found := told.take(every)) is not None:
        gap = int(found[2] or 1) * (12 if found[3] == "year" else 1)
        first = gap if found[4] is None else 1 if found[4] == "first" else int(found[4])
        told.extra.append((first, gap, cents(number(found[1]))))


def _with_extras(amounts: list[int], extra: list[tuple[int, int, int]]) -> list[int]:
    paid = list(amounts)
    for first, gap, amount in extra:
        for month in range(first, len(paid) + 1, gap):
            paid[month - 1] += amount
    return paid


def _agrees(text: str, amounts: list[int]) -> bool:
    """Whether first, last and number of payments the sentence states are those computed, to two cents."""
    for name, got in (("first", amounts[0]), ("last", amounts[-1])):
        found = re.search(rf"\b{name}(?:[- ]year)?(?: payment| installment)?(?: of| is)?:? {_FIGURE}(?! ?years)", text)
        if found is not None and abs(cents(number(found[1])) - got) > 2:
            return False
    found = re.search(r"(\d+) (?:monthly )?(?:payments|installments)\b", text)
    return found is None or int(found[1]) == len(amounts)


def _rate(text: str) -> Fraction:
    """Interest a month: "6%/12", "7% nominal" by twelfths, "7% effective" by the twelfth root."""
    found = re.search(r"(\d+(?:\.\d+)?)% ?(/ ?12|nominal|p\.a\.|interest|a year|effective|annual effective)", text)
    yearly = Fraction(found[1]) / 100 if found else Fraction(_EXAMPLE_RATE)
    if found and "effective" in found[2]:
        return Fraction(math.expm1(math.log1p(float(yearly)) / 12))
    return yearly / 12


def _yearly(text: str) -> Decimal:
    rate = _rate(text) * 12
    return Decimal(rate.numerator) / Decimal(rate.denominator)


def _unrounded(plan: Plan) -> list[int]:
    """Payments in cents of a plan in millionths of a cent: the examples carry no rounding, they only show it."""
    return [round_ratio(row.payment_cents, _MICRO) for row in build_schedule(plan).installments]


def _equal_principal(told: _Told) -> list[list[int]]:
    found = re.search(
        r"(?:equal |constant |fixed |same |monthly )(?:principal|capital)"
        r"(?: re-?payments?| amorti[sz]ation| installments?| amount| part)?(?: of)?:?"
        rf" {_FIGURE}(?:\s*/\s*(\d+))?",
        told.text,
    ) or re.search(rf"^{_FIGURE}(?:\s*/\s*(\d+))? (?:of )?(?:principal|capital)\b", told.text)
    if found is None:
        return []
    amount = cents(told.principal) * _MICRO
    if found[2]:
        count = int(found[2])
        return [_unrounded(Plan(amount, _yearly(told.text), count, _START, method=RepayMethod.EQ_PRIN))]
    part = cents(number(found[1])) * _MICRO
    plan = Plan(
        amount,
        _yearly(told.text),
        -(-amount // part),
        _START,
        method=RepayMethod.MIN_PAYMENT,
        min_principal_cents=part,
    )
    return [_unrounded(plan)]


def _minimum_payment(told: _Told) -> list[list[int]]:
    text = told.text
    found = re.search(rf"max\(\s*(\d+(?:\.\d+)?)%([^,]*),\s*{_FIGURE}\s*\)", text)
    if found is None:
        least = r"(?:minimum|min\.?|at least|not less than|but not below|floor)(?: payment)?(?: of)?"
        found = re.search(
            rf"(\d+(?:\.\d+)?)%((?: of)?[^;]*?(?:balance|capital|principal|outstanding|owed)[^;]*?){least} {_FIGURE}",
            text,
        )
    if found is None:
        return []
    share, floor = Decimal(found[1]) / 100, cents(number(found[3]))
    inside = (
        re.search(
            r"(?:capital|principal|balance|outstanding|owed)[ ,(]*(?:and|\+|with|incl\w*\.?) ?(?:the )?interest", text
        )
        is not None
    )
    on_top = re.search(r"interest (?:\+|plus|on top)|(?:\+|plus) (?:the )?(?:monthly )?interest", text) is not None
    within = [True] if inside else [False] if on_top else [False, True]
    ends = [_LONGEST, *_ends(text)]
    rate = (
        _stated_rate(told, text.replace(found[0], ""), share, floor) if on_top else _yearly(text.replace(found[0], ""))
    )
    return [
        _unrounded(
            Plan(
                cents(told.principal) * _MICRO,
                rate,
                end,
                _START,
                method=RepayMethod.MIN_PAYMENT,
                min_share=share,
                min_principal_cents=floor * _MICRO,
                min_with_interest=inclusive,
            )
        )
        for inclusive in within
        for end in (ends[1:] or ends)
    ]


def _stated_rate(told: _Told, text: str, share: Decimal, floor: int) -> Decimal:
    """The rate behind a stated first payment, to a hundredth of a percent, otherwise the sentence's."""
    first = re.search(rf"\bfirst(?: payment)?(?: of)? {_FIGURE}", text)
    if first is None:
        return _yearly(text)
    balance = Decimal(str(told.principal))
    interest = Decimal(str(number(first[1]))) - max(balance * share, Decimal(floor) / 100)
    return (interest * 12 / balance).quantize(Decimal("0.0001"))


def _ends(text: str) -> list[int]:
    """Months after which what is left is repaid, where the sentence limits them."""
    found = re.search(
        r"(?:repaid|due|term|duration|limited|maximum|balance|settled|ends?)"
        r"(?:[a-z ]*?(?:after|in|within|at|of|to|by))?"
        r"(?: the end of)?(?: month)? (\d+)( years)?(?! ?%)",
        text,
    )
    if found is not None:
        return [int(found[1]) * (12 if found[2] else 1)]
    counted = re.search(r"(\d+) (?:monthly )?(?:payments|installments)\b", text)
    # A number of payments may be the outcome or the limit: it is both where the floor alone does not end the plan.
    return [_LONGEST, int(counted[1])] if counted else []


def _stepped(told: _Told) -> list[list[int]]:
    text = told.text
    found = re.search(
        rf"(\d+) (?:monthly|months|(?:monthly )?installments|payments)\b.*?first[- ]year(?: payment)?(?: of)? {_FIGURE}"
        r".*?([+-]\s?\d+(?:\.\d+)?)\s?% (?:each|every|per|a) (?:(\d+) )?years?",
        text,
    )
    if found is None or told.principal <= 0:
        return []
    share, first = Decimal(found[3].replace(" ", "")) / 100, cents(number(found[2]))
    count, every = int(found[1]), 12 * int(found[4] or 1)
    plan = Plan(
        cents(told.principal),
        _yearly(text.replace(found[3], "")),
        count,
        _START,
        method=RepayMethod.STEP_UP if share >= 0 else RepayMethod.STEP_DOWN,
        step_every=every,
        step_share=abs(share),
    )
    # The examples step the exact first payment; a first payment of another loan is stepped as it stands.
    exact = weighted_payments(plan.principal_cents, plan.factors(plan.dues()), plan.step_weights(), "half_up")
    ways = [[round_cents(first * (1 + Fraction(share)) ** (k // every)) for k in range(count)]]
    return [exact] if exact[0] == first and _agrees(text, exact) else ways


def _fixed(told: _Told) -> list[list[int]]:
    """A fixed payment until the loan is repaid, the last one being what is left."""
    found = re.search(
        rf"fixed (?:monthly )?(?:payments?|installments?)(?: of)? {_FIGURE}.*until (?:it is |fully )?repaid", told.text
    )
    if found is None:
        return []
    balance, payment = cents(told.principal) * _MICRO, cents(number(found[1])) * _MICRO
    rate = _rate(told.text)
    count = math.ceil(nper(float(rate), -payment, balance) - 1e-9)
    parts = amortise(balance, [rate] * count, [payment] * count, "half_up")
    return [[round_ratio(part.principal + part.interest, _MICRO) for part in parts]]


_WORD = r"(?:(?:payment|installment)s? )?"
_RUNS = (
    rf"(?P<count>\d+)(?: ?[x×*] ?| )(?:equal )?(?:monthly )?{_WORD}(?:of |at )?(?P<amount>{_NUMBER})",
    rf"(?P<amount>{_NUMBER}) ?(?:x|×|\*) ?(?P<count>\d+)",
    rf"(?P<amount>{_NUMBER}) (?:a month|monthly|per month|each month) for (?P<count>\d+) months",
)
_ONCE = (
    r"(?:(?:final|last|balloon|exit|principal|capital) ?(?:payment|cost|repayment)?)?(?: of)? ?"
    rf"(?P<amount>{_NUMBER})(?: repaid)? (?:at|in|on) (?:the )?(?:(?P<end>end)|month (?P<month>\d+))"
)


def _plain(told: _Told) -> list[list[int]]:
    """Runs of equal monthly payments one after another, and single ones at the end or in a month."""
    paid: list[int] = []
    singles: list[tuple[int | None, int]] = []
    for part in re.split(r" ?(?:;|\+|,(?= )(?: then)?| then| and) ", told.text):
        if (once := re.fullmatch(_ONCE, part.strip())) is not None:
            singles.append((int(once["month"]) if once["month"] else None, cents(number(once["amount"]))))
            continue
        runs = (re.fullmatch(pattern, part.strip()) for pattern in _RUNS)
        run = next((found for found in runs if found is not None), None)
        if run is None or "." in run["count"]:
            return []
        paid += [cents(number(run["amount"]))] * int(run["count"])
    for month, amount in singles:
        at = len(paid) if month is None else month
        paid += [0] * (at - len(paid))
        paid[at - 1] += amount
    return [paid] if paid and told.principal > 0 else []
