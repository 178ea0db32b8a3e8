"""Names of inputs as sources write them: one name for each, whatever the spelling."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.vectors.answers import NotUnderstoodError, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Keys that say something to a reader only.
REMARKS = frozenset({"note", "notes", "currency", "description", "contract", "comment", "product", "source", "title"})


def plain_key(key: str) -> str:
    """A key in lower case with underscores, American spelling: `graceOnPrincipal`, `No. of instalments`."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key)
    snake = re.sub(r"[^a-z0-9%]+", "_", snake.lower().replace("%", " pct ")).strip("_")
    return snake.replace("instalment", "installment").replace("amortis", "amortiz").replace("ageing", "aging")


def canonical(inputs: Mapping[str, Any], names: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Inputs under the names of `names` (name: other spellings); NotUnderstoodError for a key nobody reads.

    Ignoring a key would be a silent pass; two spellings of one name are refused unless they say the same.
    """
    spelt = {other: name for name, others in names.items() for other in (name, *others)}
    found: dict[str, Any] = {}
    unknown = []
    for key, value in inputs.items():
        plain = plain_key(key)
        if plain in spelt:
            name = spelt[plain]
            if name in found and found[name] != value:
                raise NotUnderstoodError(f"{name} is said twice, as {found[name]!r} and {value!r}")
            found[name] = value
        elif plain not in REMARKS:
            unknown.append(key)
    if unknown:
        raise NotUnderstoodError(f"input {', '.join(sorted(unknown))} is not understood for this kind")
    return found


def percent(inputs: Mapping[str, Any], name: str, others: Sequence[str]) -> float | str | int | None:
    """A rate in percent from a key that says so (…_pct), or a fraction or a text with % from one that does not."""
    for key, value in inputs.items():
        plain = plain_key(key)
        if plain not in (name, *others):
            continue
        if "pct" in plain or "percent" in plain:
            return str(value).removesuffix("%")
        if str(value).strip().endswith("%"):
            return str(value).strip().removesuffix("%")
        figure = number(value, name)
        # A rate above one is no fraction.
        return figure if figure > 1 else str(value) if figure == 0 else _times_hundred(value)
    return None


def _times_hundred(value: object) -> str:
    return str(Decimal(str(value)) * 100)


def day_of(value: object) -> date:
    """A date as sources write it: 2024-02-01, 20240201, 1 February 2024, [2024, 2, 1]."""
    if isinstance(value, list) and len(value) == 3:
        return date(*(int(part) for part in value))
    text = str(value).strip().removesuffix("T00:00:00")
    found = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)? ([A-Za-z]{3})[a-z]* (\d{4})", text)
    try:
        if found is not None:
            return date(int(found[3]), _MONTHS.index(found[2].lower()) + 1, int(found[1]))
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotUnderstoodError(f"{value!r} is not a date") from error


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def as_list(value: object) -> list[Any]:
    """A list of what may be one, several or nothing."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def pairs(value: Any, first: Sequence[str], second: Sequence[str]) -> list[tuple[Any, Any]]:
    """(first, second) of one pair, a list of pairs, or objects with one of the names of each."""
    if value is None or value == []:
        return []
    items = [value] if isinstance(value, dict) or not isinstance(value[0], list | dict) else value
    found = []
    for item in items:
        if isinstance(item, dict):
            plain = {plain_key(key): entry for key, entry in item.items() if plain_key(key) not in REMARKS}
            a, b = ([key for key in names if key in plain] for names in (first, second))
            if len(a) != 1 or len(b) != 1 or len(plain) != 2:
                raise NotUnderstoodError(f"{item} is not a pair of {first[0]} and {second[0]}")
            found.append((plain[a[0]], plain[b[0]]))
        elif isinstance(item, list) and len(item) == 2:
            found.append((item[0], item[1]))
        else:
            raise NotUnderstoodError(f"{item} is not a pair of {first[0]} and {second[0]}")
    return found
