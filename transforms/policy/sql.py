"""What the SQL of a decision rule may not look at: other rows, the clock, chance; fractions only by whole basis points.

The same customer must get the same answer on every machine, in every order and in every rerun of a night.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from transforms.policy.mistakes import PolicyError

if TYPE_CHECKING:
    from polars.datatypes import DataType, DataTypeClass

#: Comments and texts, which call nothing, and quoted names, within which neither begins.
_NOT_CODE = re.compile(
    r"""--[^\n]*|/\*(?:(?!/\*|\*/).)*\*/|'(?:[^']|'')*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|"(?:[^"]|"")*"|`[^`]*`""",
    re.DOTALL,
)
_MOMENT = r"'\s*(?:now|today|tomorrow|yesterday)\s*'"
#: SQL that reads the clock, in Polars and in the dialects rules are copied from; a quoted name can be called too.
_CLOCK = re.compile(
    r"(?<![\"`])\b(?:current_(?:date|time|timestamp)|local(?:time|timestamp)|sys(?:date|timestamp)"
    r"|utc_(?:date|time|timestamp))\b(?![\"`])"
    r"|\b(?:now|today|curdate|curtime|get(?:utc)?date|sysdatetime|unix_timestamp|timeofday"
    r"|(?:current|local|sys|utc|clock|statement|transaction)_?(?:date|time|timestamp))\b[\"`]?\s*\(",
    re.IGNORECASE,
)
#: A moment in words, given to what makes a date or a time of it.
_CLOCK_TEXT = re.compile(
    rf"\b(?:date|time|datetime|timestamp(?:tz)?|strftime|strptime|to_date|julianday|unixepoch)\s*\(?\s*{_MOMENT}"
    rf"|\bcast\s*\(\s*{_MOMENT}|{_MOMENT}\s*::",
    re.IGNORECASE,
)
_CHANCE = re.compile(
    r"\b(?:random|rand|randn?int|setseed|uuid\w*|gen_random_uuid|newid|sample|shuffle)\b[\"`]?\s*\(", re.IGNORECASE
)
_MANY_ROWS = re.compile(
    r"\b(?:select|over)\b|\b(?:(?:approx_)?count\w*|sum|avg|mean|min|max|first|last|(?:first|last|nth|any)_value|median"
    r"|mode|(?:approx_)?quantile\w*|stddev\w*|stdev\w*|var(?:_\w+|iance)?|corr|covar\w*|bit_(?:and|or|xor)|\w+_agg"
    r"|listagg|row_number|(?:dense_|percent_)?rank|cume_dist|ntile|lag|lead|unnest|explode|generate_series|grouping)"
    r"\b[\"`]?\s*\(",
    re.IGNORECASE,
)
#: Columns by a pattern: nobody could say whether a prohibited attribute is among them.
_UNNAMED = re.compile(r"\bcolumns\b[\"`]?\s*\(", re.IGNORECASE)
#: What a condition may not hold, and why.
_REFUSED = (
    (_CLOCK, "a rule does not see the clock, or a rerun would decide otherwise; compare as_of_date, the business date"),
    (_CHANCE, "a rule decides nothing by chance"),
    (_MANY_ROWS, "a rule judges one row and sees no other"),
    (_UNNAMED, "a rule names each column that it reads"),
)


def basis_points(name: str) -> str:
    """Name of the whole-basis-point fact of a fraction column."""
    return f"{name}_bp"


def is_fraction(dtype: DataType | DataTypeClass) -> bool:
    """Whether a column of that type holds fractions, which are compared by their whole basis points only."""
    return dtype.is_float() or dtype.is_decimal()


def refuse_impure(sql: str) -> None:
    """PolicyError where a condition depends on more than the row it judges."""
    code = _NOT_CODE.sub(lambda found: found[0] if found[0][0] in '"`' else " ", sql)
    mistakes = [f"{_word(found)!r} in {sql!r}: {why}" for what, why in _REFUSED if (found := what.search(code))]
    if found := _CLOCK_TEXT.search(sql):
        mistakes.append(f"{_word(found)!r} in {sql!r}: {_REFUSED[0][1]}")
    if "/*" in code:
        mistakes.append(f"a comment within a comment in {sql!r}: write comments with # beside the rule")
    if mistakes:
        raise PolicyError(*mistakes)


def _word(found: re.Match[str]) -> str:
    return found[0].rstrip('("` \n\t')
