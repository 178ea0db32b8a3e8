"""The one catalogue of reasons: every code with its words in English and Chinese, its source, and since when.

Code and rules name codes; what a code says stands here only. A code belongs to a kind (`alert`, `refusal`, `decision`,
…), and its words are looked up by kind, code and day. A lender's policy may word codes of its own rules, and reword
shipped ones, in `[[reason]]` tables of its own file. The reasons of a score are the one exception: they stand in the
scorecard, which training writes with its words in one file, and are published with it in `reference.scorecard`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal, TypeVar, get_args

import polars as pl
from pydantic import Field

from transforms.policy.mistakes import Code, Day, Mistakes, PolicyError, Table, Text, nearest

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
#: What a code is one of: reasons first, then the values of columns that are told in words.
Kind = Literal[
    "decision",
    "document",
    "compliance",
    "risk_point",
    "refusal",
    "override",
    "gate",
    "alert",
    "cause",
    "action",
    "debt_factor",
    "debt_action",
    "note_opinion",
    "note_ground",
    "note_outcome",
    "market_regime",
    "market_indicator",
    "contact",
    "book_difference",
    "hardship_cause",
    "verdict",
    "decides",
    "limit_bound",
    "income_source",
    "pay_behaviour",
    "segment",
    "bureau_status",
    "capacity",
    "need",
    "repay_method",
    "purpose",
    "preference",
    "route",
    "pause_interest",
    "severity",
    "subsidy_payer",
    "inquiry_reason",
    "refund_reason",
    "changed",
    "change_cause",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: Colon, comma of a list and full stop.
_MARKS: dict[Language, tuple[str, str, str]] = {"en": (": ", ", ", "."), "zh": (":", "\u3001", "\u3002")}


class UnknownReasonError(LookupError):
    """There is no such code in force; the message names kind, code and day, and what is near."""


@dataclass(frozen=True, kw_only=True)
class Wording(Table):
    """What a code says from `effective_from` to `effective_to` (both included; none: until further notice)."""

    code: Code
    en: Text
    zh: Text
    effective_from: Day
    effective_to: Day | None = None

    def __post_init__(self) -> None:
        mistakes = []
        if not _CHINESE.search(self.zh):
            mistakes.append(f"zh is not Chinese: {self.zh!r}")
        if set(_PLACEHOLDER.findall(self.en)) != set(_PLACEHOLDER.findall(self.zh)):
            mistakes.append("en and zh do not name the same {placeholders}")
        if self.effective_to is not None and self.effective_to < self.effective_from:
            mistakes.append(f"effective_to {self.effective_to} is before effective_from {self.effective_from}")
        if mistakes:
            raise PolicyError(*mistakes)

    @property
    def pair(self) -> tuple[str, str]:
        """The text in English and in Chinese."""
        return self.en, self.zh

    def words(self, language: Language) -> str:
        """The text in a language."""
        return self.pair[LANGUAGES.index(language)]

    def in_force(self, day: date) -> bool:
        """Whether it holds on a day."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


W = TypeVar("W", bound=Wording)


@dataclass(frozen=True, kw_only=True)
class Reason(Wording):
    """A wording of the catalogue, with its kind and where it comes from.

    That is its `citation`, or the citations of the policy's figures it `rests_on`; of a refusal they can differ by
    route (`rests_on_by_route`), and `{kind}` in a figure's name stands for the kind of the plan's product. A code of a
    rule of the policy has neither: the rule cites. `jurisdiction` and `lender_type` narrow a wording to policies of
    that place and to lenders of that type.
    """

    kind: Kind
    code: Annotated[str, Field(strict=True, pattern=r"^[A-Za-z][A-Za-z0-9_]*(:[a-z0-9_]+)?$")]
    citation: Text | None = None
    rests_on: tuple[Text, ...] = ()
    rests_on_by_route: Mapping[str, tuple[Text, ...]] = field(default_factory=dict)
    jurisdiction: Text | None = None
    lender_type: Text | None = None

    @property
    def narrowed(self) -> int:
        """By how much of a policy it is narrowed."""
        return (self.jurisdiction is not None) + (self.lender_type is not None)

    def applies_to(self, jurisdiction: str | None, lender_type: str | None) -> bool:
        """Whether it is a wording for policies of that place and lenders of that type."""
        return self.jurisdiction in (None, jurisdiction) and self.lender_type in (None, lender_type)


@dataclass(frozen=True)
class Reasons:
    """The reasons in force on one day, by kind and code, in the order of the catalogue."""

    day: date
    by_kind: Mapping[str, Mapping[str, Reason]]

    def of(self, kind: Kind) -> Mapping[str, Reason]:
        """Every code of a kind."""
        return self.by_kind.get(kind, {})

    def reason(self, kind: Kind, code: str) -> Reason:
        """One code of a kind; UnknownReasonError where it is not in force."""
        found = self.of(kind).get(code)
        if found is None:
            raise UnknownReasonError(
                f"no {kind} {code!r} in the catalogue of reasons on {self.day}{nearest(code, self.of(kind))}"
            )
        return found

    def words(self, kind: Kind, language: Language) -> dict[str, str]:
        """Code → its text in a language, of every code of a kind."""
        return {code: reason.words(language) for code, reason in self.of(kind).items()}

    def told(self, codes: pl.Expr, kind: Kind, language: Language) -> pl.Expr:
        """A column of codes in words; a code that is not in the catalogue is an error, NULL stays NULL."""
        return codes.replace_strict(self.words(kind, language), return_dtype=pl.String)

    def because(self, done: Kind, action: str, why: Kind, causes: str, language: Language) -> pl.Expr:
        """As one sentence what is done and why; without a cause only what is done.

        `action` is the column of the code of what is done, `causes` that of the list of codes why.
        """
        colon, comma, stop = _MARKS[language]
        told = self.told(pl.col(action), done, language)
        listed = pl.col(causes).list.eval(self.told(pl.element(), why, language)).list.join(comma)
        led = pl.when(pl.col(causes).list.len() > 0).then(pl.concat_str(pl.lit(colon), listed)).otherwise(pl.lit(""))
        return pl.concat_str(told, led, pl.lit(stop))


@dataclass(frozen=True)
class ReasonBook:
    """Every reason of every date: what is shipped, and over it what a lender's policy says in its own words.

    `jurisdiction` and `lender_type` are those of the policy; without them the wordings for one place or type of lender
    are left out.
    """

    shipped: tuple[Reason, ...]
    own: tuple[Reason, ...] = ()
    jurisdiction: str | None = None
    lender_type: str | None = None

    def of_policy(self, jurisdiction: str, lender_type: str, own: tuple[Reason, ...] = ()) -> ReasonBook:
        """The book under a policy of that place and type of lender, with the policy's own words over it."""
        return ReasonBook(self.shipped, own, jurisdiction, lender_type)

    def codes(self, kind: Kind) -> tuple[str, ...]:
        """The codes of a kind, of any date, in the order of the catalogue."""
        return tuple(dict.fromkeys(r.code for r in (*self.shipped, *self.own) if r.kind == kind))

    def in_force(self, day: date) -> Reasons:
        """What holds on a day: a policy's own words before shipped ones, narrower before general, the newest."""
        standing = [
            (layer, reason.narrowed, reason.effective_from, reason)
            for layer, reasons in enumerate((self.shipped, self.own))
            for reason in reasons
            if reason.in_force(day) and reason.applies_to(self.jurisdiction, self.lender_type)
        ]
        by_kind: dict[str, dict[str, Reason]] = {kind: {} for kind in KINDS}
        for *_, reason in standing:
            by_kind[reason.kind][reason.code] = reason  # each code has its place in the catalogue's order
        for *_, reason in sorted(standing, key=lambda found: found[:3]):
            by_kind[reason.kind][reason.code] = reason
        return Reasons(day, by_kind)

    def words(self, kind: Kind, code: str, language: Language, day: date) -> str:
        """What a code says on a day; UnknownReasonError where it says nothing."""
        return self.in_force(day).reason(kind, code).words(language)


@dataclass(frozen=True)
class _File(Table):
    """A file of the catalogue."""

    reason: list[Any]


def parse_reasons(documents: Mapping[str, Mapping[str, Any]]) -> ReasonBook:
    """The catalogue from its files, as {file name: its content}. PolicyError with every mistake of every file."""
    found: list[Reason] = []
    refused: list[str] = []
    seen: dict[tuple[object, ...], str] = {}
    for source, body in documents.items():
        mistakes = Mistakes(source)
        mistakes.read(_File, body, "")
        tables = body.get("reason")
        for where, reason in _read(Reason, tables, mistakes):
            key = (reason.kind, reason.code, reason.effective_from, reason.jurisdiction, reason.lender_type)
            if key in seen:
                mistakes.add("", f"{where}: is there already, in {seen[key]}")
            seen.setdefault(key, source)
            found.append(reason)
        try:
            mistakes.refuse()
        except PolicyError as error:
            refused += error.mistakes
    if refused:
        raise PolicyError(*refused)
    return ReasonBook(tuple(found))


def own_reasons(tables: object, mistakes: Mistakes) -> tuple[tuple[Reason, ...], frozenset[str]]:
    """The `[[reason]]` tables of a policy file: words of its rules' codes, which the rules cite.

    With them every code that a table names, those of wrong tables too.
    """
    own = tuple(Reason(kind="decision", **vars(wording)) for _, wording in _read(Wording, tables, mistakes))
    listed = tables if isinstance(tables, list) else []
    return own, frozenset(str(table["code"]) for table in listed if isinstance(table, dict) and "code" in table)


def _read(kind: type[W], tables: object, mistakes: Mistakes) -> list[tuple[str, W]]:
    """Each table that is good, with where it stands; mistakes are noted."""
    found = []
    for number, table in enumerate(tables if isinstance(tables, list) else [], start=1):
        code = table.get("code") if isinstance(table, dict) else None
        where = f"reason {code or f'number {number}'}"
        if not isinstance(table, dict):
            mistakes.add("", f"{where} must be a table: write [[reason]]")
        elif (read := mistakes.read(kind, table, "", where)) is not None:
            found.append((where, read))
    return found
