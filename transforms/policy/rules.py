"""Decision rules of a policy: text from the policy file, compiled and type-checked before any customer is seen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import polars as pl
from pydantic import AfterValidator, ValidationInfo

from transforms.policy.mistakes import Code, Flag, Mistakes, PolicyError, Table, Text, nearest
from transforms.policy.sql import basis_points, is_fraction, refuse_impure
from transforms.sql import literal, literals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars.datatypes import DataType, DataTypeClass

Value = int | bool | str | tuple[str, ...] | tuple[int, ...]
_PARAMETER = re.compile(r"\$([a-z][a-z0-9_]*(?:\.[A-Za-z0-9_]+)*)")


def _read_by_someone(documents: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    if documents and info.data.get("decision") == "declined":
        raise PolicyError("a rule that declines asks for no documents: nobody would read them")
    return documents


@dataclass(frozen=True)
class WrittenRule(Table):
    """A rule as written: `when` is TRUE (a NULL is not) → `decision`, for the reason of that code.

    In `when`, `$section.figure` stands for a figure of the same policy. `documents` are what a reviewer requests
    because of it. A customer for whom no rule fires is eligible. The code's words are in the catalogue of reasons, or
    in a `[[reason]]` of the policy file.
    """

    code: Code
    when: Text
    decision: Literal["review", "declined"]
    citation: Text
    verified: Flag = True
    documents: Annotated[tuple[Text, ...], AfterValidator(_read_by_someone)] = ()


#: Rules as written, with the date of the version that brought them, by code.
RulesStanding: TypeAlias = "Mapping[str, tuple[date, WrittenRule]]"


@dataclass(frozen=True, kw_only=True)
class Rule(WrittenRule):
    """One decision rule: `condition` is the compiled `when`, never NULL; `columns` are the columns it reads."""

    effective_from: date
    condition: pl.Expr
    columns: frozenset[str]


class Compiler:
    """Conditions over one row of `columns`, each text once: most rules are unchanged in many versions.

    A rule may also read the whole basis points (int64, half away from zero) of each fraction among the columns.
    """

    def __init__(self, columns: Mapping[str, DataType | DataTypeClass]) -> None:
        fractions = {basis_points(name): pl.Int64 for name, dtype in columns.items() if is_fraction(dtype)}
        self._columns = {**fractions, **columns}
        self._done: dict[tuple[str, frozenset[str]], tuple[pl.Expr, frozenset[str]]] = {}

    def condition(
        self, when: str, figures: Mapping[str, Value], prohibited: frozenset[str]
    ) -> tuple[pl.Expr, frozenset[str]]:
        """`when` as a never-NULL boolean expression, and the columns it reads.

        PolicyError for SQL that does not parse, unknown figures, unknown or prohibited columns, a fraction compared
        directly (thresholds are whole basis points), types that do not fit, a result that is not boolean, and whatever
        depends on more than the row: other rows, the clock, chance.
        """
        sql = _resolved(when, figures)
        if (sql, prohibited) not in self._done:
            self._done[sql, prohibited] = self._compiled(sql, prohibited)
        return self._done[sql, prohibited]

    def _compiled(self, sql: str, prohibited: frozenset[str]) -> tuple[pl.Expr, frozenset[str]]:
        refuse_impure(sql)
        try:
            condition = pl.sql_expr(sql)
        except (pl.exceptions.SQLInterfaceError, pl.exceptions.SQLSyntaxError) as error:
            raise PolicyError(f"{sql!r} is not a SQL expression: {error}") from error
        names = frozenset(condition.meta.root_names())
        if wrong := [text for name in sorted(names) for text in self._unreadable(name, prohibited)]:
            raise PolicyError(*wrong)
        if not names:
            raise PolicyError(f"{sql!r} reads no column")
        schema = {name: self._columns[name] for name in sorted(names)}
        try:
            result = pl.DataFrame(schema=schema).select(condition.alias("fired")).schema["fired"]
        except pl.exceptions.PolarsError as error:
            types = ", ".join(f"{n} is {t}" for n, t in schema.items())
            first = str(error).splitlines()[0]
            raise PolicyError(f"types do not fit in {sql!r} ({types}): {first}") from error
        if result != pl.Boolean:
            raise PolicyError(f"{sql!r} gives {result}, a condition must be TRUE or FALSE")
        return condition.fill_null(value=False), names

    def _unreadable(self, name: str, prohibited: frozenset[str]) -> list[str]:
        """Why a rule may not read that column."""
        if name in prohibited or name.removesuffix("_bp") in prohibited:
            return [f"column {name!r} is a prohibited attribute of this policy"]
        if name not in self._columns:
            return [f"there is no column {name!r}{nearest(name, self._columns)}"]
        if is_fraction(self._columns[name]):
            return [
                f"column {name!r} is a fraction ({self._columns[name]}); compare {basis_points(name)!r},"
                " its whole basis points, so that no float decides"
            ]
        return []


def figures_named(when: str) -> set[str]:
    """Names of the figures that a condition compares columns with."""
    return set(_PARAMETER.findall(when))


def _resolved(when: str, figures: Mapping[str, Value]) -> str:
    """`when` with each `$section.figure` replaced by the figure as a SQL literal."""
    if strange := sorted(figures_named(when) - figures.keys()):
        raise PolicyError(*(f"there is no figure {name!r}{nearest(name, figures)}" for name in strange))
    return _PARAMETER.sub(lambda match: _as_sql(figures[match[1]]), when)


def _as_sql(value: Value) -> str:
    return f"({literals(value)})" if isinstance(value, tuple) else literal(value)


def overlaid_rules(
    standing: RulesStanding, block: Mapping[str, Any], since: date, where: str, mistakes: Mistakes
) -> tuple[RulesStanding, dict[str, str]]:
    """The rules in force after a version: those of before, without the repealed, with its own.

    With them the conditions, by code, of own rules that are wrongly written and so do not stand: they can be wrong too.
    """
    repealed, own = (block.get(key, []) for key in ("repeal", "rules"))
    rules, unsound = dict(standing), dict[str, str]()
    for code in repealed if isinstance(repealed, list) else []:
        if rules.pop(code if isinstance(code, str) else "", None) is None:
            mistakes.add(where, f"repeal: there is no rule {code!r}{nearest(str(code), standing)}")
    here = set[object]()
    for number, raw in enumerate(own if isinstance(own, list) else [], start=1):
        if not isinstance(raw, dict):
            mistakes.add(where, f"rule number {number} must be a table: write [[version.rules]]")
            continue
        code = str(raw.get("code") or f"number {number}")
        rule = mistakes.read(WrittenRule, raw, where, f"rule {code}")
        if code in here:
            mistakes.add(where, f"rule {code}: the code is used twice in this version")
        here.add(code)
        if rule is not None:
            rules[code] = since, rule
        elif isinstance(raw.get("when"), str):
            unsound[code] = raw["when"]
    return rules, unsound
