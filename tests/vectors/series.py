"""Amounts a period as sources write them: lists with runs, objects with a first, regular and last one, sentences.

A run is [amount, count], "N x amount" ("amount x N" where only one of the two is a whole number), "[amount] * N" or an
object. A first amount of the other sign than the rest (what is lent) is
not one of their number; one of the same sign is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.vectors.answers import NotUnderstoodError, number
from tests.vectors.keys import REMARKS, plain_key

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIRST = ("first", "initial", "first_amount", "first_payment", "first_flow", "t0", "initial_flow")
_REST = (
    "then", "rest", "regular", "regular_amount", "regular_payment", "others", "each", "payment", "amount", "value",
    "followed_by", "level", "middle",
)  # fmt: skip
_LAST = ("last", "final", "last_amount", "last_payment", "final_payment", "final_amount")
_TIMES = ("times", "repeat", "repeated", "then_count", "regular_count", "rest_count")
_TOTAL = ("count", "n", "periods", "total", "number", "months", "number_of_payments", "number_of_installments")
_NUMBER = r"[-+−]?\s*\d[\d,_]*(?:\.\d+)?(?:e[-+]?\d+)?"
_TIMES_SIGN = r"\s*(?:[x×*]|times)\s*"
_REGULAR = (
    r"(?: (?:equal|regular|level|monthly|weekly|quarterly|yearly|more))*"
    r"(?: (?:payments?|installments?|amounts?|flows?))?"
)
_ONCE = rf"(?:(?:first|last|initial|final|one|then)(?: (?:of|payment|installment|amount|flow))*:? )?(?P<once>{_NUMBER})"
_LISTED = rf"\[(?P<amount>{_NUMBER})\]{_TIMES_SIGN}(?P<count>\d+)"
_RUNS = (
    _LISTED,
    rf"(?P<count>\d+){_TIMES_SIGN}\[?(?P<amount>{_NUMBER})\]?",
    rf"(?P<amount>{_NUMBER}){_TIMES_SIGN}(?P<count>\d+)",
    rf"(?P<count>\d+){_REGULAR} (?:of|at) (?P<amount>{_NUMBER})",
    rf"(?P<amount>{_NUMBER}) (?:repeated|for) (?P<count>\d+)(?: (?:times|periods|months|weeks|years|payments))?",
)
_FALLING = (
    rf"(?:falling|rising|from)(?: (?:linearly|evenly|straight))?(?: from)? (?P<a>{_NUMBER})"
    rf" (?:down |up )?to (?P<b>{_NUMBER})"
    r" (?:over|in) (?P<count>\d+)(?: (?:periods|payments|installments|steps|days|weeks|months|quarters|years))?"
)
_LONGEST = 20_000


def is_series(value: object) -> bool:
    """Whether an object tells a series by its first and regular amounts."""
    if not isinstance(value, dict):
        return False
    names = {plain_key(key) for key in value}
    return bool(names & set(_REST)) and bool(names & {*_FIRST, *_LAST, *_TIMES}) and "first_month" not in names


def amounts(value: Any) -> list[float]:
    """A figure a period; NotUnderstoodError for what cannot be read in one way."""
    if isinstance(value, str):
        return _told(value)
    if isinstance(value, dict):
        return _named(value)
    if not isinstance(value, list):
        raise NotUnderstoodError(f"amounts {value!r}")
    paid: list[float] = []
    for item in value:
        if isinstance(item, list):
            if len(item) != 2:
                raise NotUnderstoodError(f"{item} is not an amount and how often it comes")
            paid += [number(item[0])] * _count(item[1])
        elif isinstance(item, dict):
            paid += _named(item)
        else:
            paid += _told(item) if isinstance(item, str) and not _is_number(item) else [number(item)]
    return paid


def _is_number(text: str) -> bool:
    try:
        number(text)
    except NotUnderstoodError:
        return False
    return True


def _count(value: object) -> int:
    figure = number(value, "count")
    if figure != int(figure) or not 0 <= figure <= _LONGEST:
        raise NotUnderstoodError(f"count {value!r}")
    return int(figure)


def _one(plain: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """The value under one of the names; None where there is none."""
    found = [name for name in names if name in plain]
    if len(found) > 1:
        raise NotUnderstoodError(f"{' and '.join(found)} say the same thing twice")
    return plain[found[0]] if found else None


def _named(item: Mapping[str, Any]) -> list[float]:
    plain = {plain_key(key): entry for key, entry in item.items() if plain_key(key) not in REMARKS}
    groups = (_FIRST, _REST, _LAST, _TIMES, _TOTAL)
    first, rest, last, times, total = (_one(plain, names) for names in groups)
    unread = sorted(set(plain) - {name for names in groups for name in names})
    if unread:
        raise NotUnderstoodError(f"amounts {dict(item)}: {', '.join(unread)} is not understood")
    if isinstance(rest, list | str) and not (isinstance(rest, str) and _is_number(rest)):
        if times is not None or total is not None:
            raise NotUnderstoodError(f"amounts {dict(item)}: a list and a count")
        middle = amounts(rest)
    elif rest is None:
        middle = []
    else:
        middle = [number(rest)] * _times(number(rest), first, last, times, total)
    return [*([] if first is None else [number(first)]), *middle, *([] if last is None else [number(last)])]


def _times(rest: float, first: Any, last: Any, times: Any, total: Any) -> int:
    """How often the regular amount comes: as said, or what the total leaves besides first and last of its sign."""
    if times is not None and total is not None:
        raise NotUnderstoodError("a count is said twice")
    if times is not None:
        return _count(times)
    if total is None:
        if first is None and last is None:
            return 1
        raise NotUnderstoodError("how often the regular amount comes is not said")
    others = sum(1 for value in (first, last) if value is not None and number(value) * rest > 0)
    return _count(_count(total) - others)


def _told(text: str) -> list[float]:
    """A sentence of runs and single amounts, in their order."""
    plain = " ".join(text.lower().replace("instalment", "installment").replace("−", "-").split())
    plain = re.sub(r"(?<=\d)[,_](?=\d{3}(?!\d))", "", plain)
    parts = re.split(r"\s*(?:;|\]\s*\+|,\s*(?:and )?(?:then )?|\bthen\b|\bfollowed by\b|\band\b| plus | \+ )\s*", plain)
    paid: list[float] = []
    for part in parts:
        if part.strip(" []"):
            paid += _part(part.strip(), text)
    if not paid:
        raise NotUnderstoodError(f"amounts {text!r}")
    return paid


def _part(part: str, text: str) -> list[float]:
    if (slope := re.fullmatch(_FALLING, part)) is not None:
        count, a, b = _count(slope["count"]), _figure(slope["a"]), _figure(slope["b"])
        if count < 2:
            raise NotUnderstoodError(f"amounts {text!r}: {part!r}")
        return [a + (b - a) * k / (count - 1) for k in range(count)]
    # What a list opens or closes around a run is no sign of its own: "[-100] + [20] * 6", "[-100, 39, 59]".
    bare = part.strip("[] ")
    for written in (part if part.startswith("[") else f"[{part}", bare):
        for pattern in _RUNS:
            if (run := re.fullmatch(pattern, written)) is not None:
                return [_figure(run["amount"])] * _count(run["count"])
    if (single := re.fullmatch(_ONCE, bare)) is not None:
        return [_figure(single["once"])]
    raise NotUnderstoodError(f"amounts {text!r}: {part!r}")


def _figure(text: str) -> float:
    return number(re.sub(r"[\s_]", "", text))
