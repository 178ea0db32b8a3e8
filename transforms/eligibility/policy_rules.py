"""Decision rules of a policy: text from the policy file, compiled and type-checked before any customer is seen."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from polars.datatypes import DataType, DataTypeClass

Decision = Literal["review", "declined"]
DECISIONS: tuple[str, ...] = get_args(Decision)
Value = int | bool | str | tuple[str, ...] | tuple[int, ...]

_PARAMETER = re.compile(r"\$([a-z][a-z0-9_]*(?:\.[A-Za-z0-9_]+)*)")
_CODE = re.compile(r"^[a-z][a-z0-9_]*$")
_STRING = re.compile(r"'(?:[^']|'')*'")
#: SQL that looks at more rows than the one it judges.
_MANY_ROWS = re.compile(
    r"\b(?:select|over|(?:count|sum|avg|min|max|first|last|median|mode|quantile\w*|stddev\w*|stdev\w*|var\w*"
    r"|corr|covar\w*|array_agg|string_agg|listagg|row_number|rank|dense_rank|lag|lead)\s*\()",
    re.IGNORECASE,
)


class PolicyError(ValueError):
    """A policy or catalogue is wrong; the message names the file, the place in it, and what exists instead."""


@dataclass(frozen=True)
class Rule:
    """One decision rule: `when` is TRUE (a NULL is not) → `decision`, for that reason.

    `when` is the text as written, in which `$section.figure` stands for a figure of the same policy; `condition` is
    its compiled form, never NULL; `columns` are the columns it reads.
    """

    code: str
    when: str
    decision: Decision
    reason_en: str
    reason_zh: str
    citation: str
    verified: bool
    effective_from: date
    condition: pl.Expr
    columns: frozenset[str]


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where something known is close to `name`, otherwise what exists, shortened."""
    known = sorted(known)
    if close := difflib.get_close_matches(name, known, n=1):
        return f"; did you mean {close[0]!r}?"
    listed = ", ".join(known[:12])
    return f"; there are: {listed}{', …' if len(known) > 12 else ''}"


def basis_points(name: str) -> str:
    """Name of the whole-basis-point fact of a fraction column."""
    return f"{name}_bp"


def rule_columns(columns: Mapping[str, DataType | DataTypeClass]) -> dict[str, DataType | DataTypeClass]:
    """What a rule may read: `columns`, and for each fraction its whole basis points (int64), half away from zero."""
    fractions = {basis_points(n): pl.Int64 for n, t in columns.items() if _is_fraction(t)}
    return {**fractions, **columns}


def _is_fraction(dtype: DataType | DataTypeClass) -> bool:
    return dtype.is_float() or dtype.is_decimal()


def check_code(code: str, where: str) -> None:
    """PolicyError unless `code` can be a reason code."""
    if not _CODE.match(code):
        raise PolicyError(f"{where}: a code is lower-case letters, digits and underscores, got {code!r}")


def check_decision(decision: object, where: str) -> Decision:
    """The decision itself; PolicyError if rules cannot decide that."""
    if decision == "review":
        return "review"
    if decision == "declined":
        return "declined"
    raise PolicyError(
        f"{where}: decision {decision!r} is not known; a rule decides {' or '.join(DECISIONS)}"
        " (a customer with no rule fired is eligible)"
    )


def resolve(when: str, figures: Mapping[str, Value], where: str) -> str:
    """`when` with each `$section.figure` replaced by the figure as a SQL literal."""

    def literal(match: re.Match[str]) -> str:
        name = match[1]
        if name not in figures:
            raise PolicyError(f"{where}: there is no figure {name!r}{nearest(name, figures)}")
        return _sql_literal(figures[name])

    return _PARAMETER.sub(literal, when)


def _sql_literal(value: Value) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return "(" + ", ".join(_sql_literal(v) for v in value) + ")"
    return "'" + value.replace("'", "''") + "'"


def compile_condition(
    sql: str,
    columns: Mapping[str, DataType | DataTypeClass],
    prohibited: frozenset[str],
    where: str,
) -> tuple[pl.Expr, frozenset[str]]:
    """`sql` as a never-NULL boolean expression over one row of `columns`, and the columns it reads.

    PolicyError for SQL that does not parse, unknown or prohibited columns, a fraction compared directly (thresholds
    stand on whole basis points), types that do not fit, a result that is not boolean, and anything that looks at
    more than one row.
    """
    if found := _MANY_ROWS.search(_STRING.sub("''", sql)):
        word = found[0].rstrip("( ")
        raise PolicyError(f"{where}: {word!r} in {sql!r}: a rule judges one row and sees no other")
    try:
        condition = pl.sql_expr(sql)
    except (pl.exceptions.SQLInterfaceError, pl.exceptions.SQLSyntaxError) as error:
        raise PolicyError(f"{where}: {sql!r} is not a SQL expression: {error}") from error
    names = frozenset(condition.meta.root_names())
    for name in sorted(names):
        if name in prohibited or name.removesuffix("_bp") in prohibited:
            raise PolicyError(f"{where}: column {name!r} is a prohibited attribute of this policy")
        if name not in columns:
            raise PolicyError(f"{where}: there is no column {name!r}{nearest(name, columns)}")
        if _is_fraction(columns[name]):
            raise PolicyError(
                f"{where}: column {name!r} is a fraction ({columns[name]}); compare {basis_points(name)!r},"
                " its whole basis points, so that no float decides"
            )
    if not names:
        raise PolicyError(f"{where}: {sql!r} reads no column")
    schema = {name: columns[name] for name in sorted(names)}
    try:
        result = pl.DataFrame(schema=schema).select(condition.alias("fired")).schema["fired"]
    except pl.exceptions.PolarsError as error:
        types = ", ".join(f"{n} is {t}" for n, t in schema.items())
        first = str(error).splitlines()[0]
        raise PolicyError(f"{where}: types do not fit in {sql!r} ({types}): {first}") from error
    if result != pl.Boolean:
        raise PolicyError(f"{where}: {sql!r} gives {result}, a condition must be TRUE or FALSE")
    return condition.fill_null(value=False), names
