"""Decision rules of a policy: text from the policy file, compiled and type-checked before any customer is seen."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, get_args

import polars as pl

from transforms.policy.documents import DOCUMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from polars.datatypes import DataType, DataTypeClass

Decision = Literal["review", "declined"]
_TEXT_KEYS = ("code", "when", "decision", "reason_en", "reason_zh", "citation")
RULE_KEYS = (*_TEXT_KEYS, "verified", "documents")
DECISIONS: tuple[str, ...] = get_args(Decision)
Value = int | bool | str | tuple[str, ...] | tuple[int, ...]

T = TypeVar("T")
#: Rules as written, with the date of the version that brought them, by code.
RawRules: TypeAlias = "Mapping[str, tuple[date, Mapping[str, Any]]]"
#: How alike a name must be to be asked after (0 to 1); a lower one asks after names that only share letters.
_NEAR = 0.7

_PARAMETER = re.compile(r"\$([a-z][a-z0-9_]*(?:\.[A-Za-z0-9_]+)*)")
_CODE = re.compile(r"^[a-z][a-z0-9_]*$")
_STRING = re.compile(r"'(?:[^']|'')*'")
#: SQL that looks at more rows than the one it judges.
_MANY_ROWS = re.compile(
    r"\b(?:select\b|over\b|(?:count|sum|avg|min|max|first|last|median|mode|quantile\w*|stddev\w*|stdev\w*|var\w*"
    r"|corr|covar\w*|array_agg|string_agg|listagg|row_number|rank|dense_rank|lag|lead)\s*\()",
    re.IGNORECASE,
)


class PolicyError(ValueError):
    """A policy or catalogue is wrong; each of `mistakes` names file and place, and what exists instead."""

    def __init__(self, *mistakes: str) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


def together(reads: Iterable[Callable[[], T]]) -> list[T]:
    """What every one of `reads` gives; PolicyError with all their mistakes where any is refused."""
    done: list[T] = []
    mistakes: list[str] = []
    for read in reads:
        try:
            done.append(read())
        except PolicyError as error:
            mistakes += error.mistakes
    if mistakes:
        raise PolicyError(*mistakes)
    return done


@dataclass(frozen=True)
class Rule:
    """One decision rule: `when` is TRUE (a NULL is not) → `decision`, for that reason.

    `when` is the text as written, in which `$section.figure` stands for a figure of the same policy; `condition` is
    its compiled form, never NULL; `columns` are the columns it reads. `documents` are what a person who decides asks
    for because of it.
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
    documents: tuple[str, ...] = ()


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where something known is close to `name`, otherwise what exists, shortened."""
    known = sorted(known)
    if close := difflib.get_close_matches(name, known, n=1, cutoff=_NEAR):
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
    raise PolicyError(_unknown_decision(decision, where))


def _unknown_decision(decision: object, where: str) -> str:
    return (
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


class Compiler:
    """:func:`compile_condition` over the same columns, each text once: most rules stand unchanged in many versions."""

    def __init__(self, columns: Mapping[str, DataType | DataTypeClass]) -> None:
        self._columns = columns
        self._done: dict[tuple[str, frozenset[str]], tuple[pl.Expr, frozenset[str]]] = {}

    def condition(self, sql: str, prohibited: frozenset[str], where: str) -> tuple[pl.Expr, frozenset[str]]:
        """The compiled condition and the columns it reads."""
        if (sql, prohibited) not in self._done:
            self._done[sql, prohibited] = compile_condition(sql, self._columns, prohibited, where)
        return self._done[sql, prohibited]


def rule_mistakes(rule: object, number: int, where: str) -> list[str]:
    """What is wrong with the form of the rule that stands at place `number` of a version."""
    if not isinstance(rule, dict):
        return [f"{where}: rule number {number} must be a table: write [[version.rules]]"]
    at = f"{where}: rule {rule.get('code') or f'number {number}'}"
    found = [f"{at}: {key!r} is not known{nearest(key, RULE_KEYS)}" for key in rule if key not in RULE_KEYS]
    found += [
        f"{at}: {key} must be given as text"
        for key in _TEXT_KEYS
        if not isinstance(rule.get(key), str) or not rule[key]
    ]
    if not isinstance(rule.get("verified", True), bool):
        found.append(f"{at}: verified must be true or false, got {rule['verified']!r}")
    decision = rule.get("decision")
    if isinstance(decision, str) and decision and decision not in DECISIONS:
        found.append(_unknown_decision(decision, at))
    code = rule.get("code")
    if isinstance(code, str) and code and not _CODE.match(code):
        found.append(f"{at}: a code is lower-case letters, digits and underscores, got {code!r}")
    return found + _document_mistakes(rule, at)


def _document_mistakes(rule: Mapping[str, Any], at: str) -> list[str]:
    asked = rule.get("documents", [])
    if not isinstance(asked, list) or not all(isinstance(d, str) for d in asked):
        return [f"{at}: documents must be a list of texts, got {asked!r}"]
    found = [f"{at}: there is no document {d!r}{nearest(d, DOCUMENTS)}" for d in asked if d not in DOCUMENTS]
    if asked and rule.get("decision") == "declined":
        found.append(f"{at}: a rule that declines asks for no documents: nobody would read them")
    return found


def overlaid_rules(standing: RawRules, block: Mapping[str, Any], since: date, where: str) -> RawRules:
    """The rules that stand after a version: those of before, without the repealed, with its own; as written."""
    rules, mistakes = dict(standing), []
    repealed = _listed(block, "repeal", where)
    mistakes += [f"{where}: repeal: there is no rule {c!r}{nearest(str(c), rules)}" for c in repealed if c not in rules]
    rules = {code: rule for code, rule in rules.items() if code not in repealed}
    own = _listed(block, "rules", where)
    mistakes += [m for number, rule in enumerate(own, start=1) for m in rule_mistakes(rule, number, where)]
    codes = [rule.get("code") for rule in own if isinstance(rule, dict)]
    twice = sorted({str(code) for code in codes if code and codes.count(code) > 1})
    mistakes += [f"{where}: rule {code}: the code is used twice in this version" for code in twice]
    if mistakes:
        raise PolicyError(*mistakes)
    return {**rules, **{rule["code"]: (since, rule) for rule in own}}


def _listed(block: Mapping[str, Any], key: str, where: str) -> list[Any]:
    items = block.get(key, [])
    if not isinstance(items, list):
        raise PolicyError(f"{where}: {key} must be a list, got {items!r}")
    return items


def compiled_rule(
    raw: Mapping[str, Any],
    since: date,
    figures: Mapping[str, Value],
    compiler: Compiler,
    prohibited: frozenset[str],
    where: str,
) -> Rule:
    """One rule of good form compiled; PolicyError names `where`, and the decision, column or figure that is wrong."""
    decision = check_decision(raw["decision"], where)
    condition, names = compiler.condition(resolve(raw["when"], figures, where), prohibited, where)
    texts = {key: raw[key] for key in ("code", "when", "reason_en", "reason_zh", "citation")}
    verified = bool(raw.get("verified", True))
    return Rule(
        **texts,
        decision=decision,
        verified=verified,
        effective_from=since,
        condition=condition,
        columns=names,
        documents=tuple(d for d in DOCUMENTS if d in raw.get("documents", ())),
    )
