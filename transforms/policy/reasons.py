"""The one catalogue of reasons: every code with its words in English and Chinese, its source, and since when.

Code and rules name codes; what a code says stands here only. A code belongs to a kind (`alert`, `refusal`, `decision`,
…), and its words are looked up by kind, code and day. A lender's policy may word codes of its own rules, and reword
shipped ones, in `[[reason]]` tables of its own file. The reasons of a score are the one exception: they stand in the
scorecard, which training writes with its words in one file, and are published with it in `reference.scorecard`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, get_args

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from transforms.policy.mistakes import PolicyError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

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
#: Colon, comma of a list and full stop.
_MARKS: dict[Language, tuple[str, str, str]] = {"en": (": ", ", ", "."), "zh": (":", "、", "。")}
_CHINESE = re.compile(r"[\u4e00-\u9fff]")

_Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=False)]
_Names = Annotated[tuple[_Text, ...], Field(strict=False)]


class UnknownReasonError(LookupError):
    """There is no such code in force; the message names kind, code and day, and what is near."""


class Reason(BaseModel):
    """What a code says from `effective_from` to `effective_to` (both included; none: until further notice).

    Where it comes from is its `citation`, or the citations of the policy's figures it `rests_on`; of a refusal they can
    differ by route (`rests_on_by_route`), and `{kind}` in a figure's name stands for the kind of the plan's product.
    A code of a rule of the policy has neither: the rule cites. `jurisdiction` and `lender_type` narrow a wording to
    policies of that place and to lenders of that type.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    kind: Kind
    code: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*(:[a-z0-9_]+)?$")]
    en: _Text
    zh: _Text
    effective_from: date
    effective_to: date | None = None
    citation: _Text | None = None
    rests_on: _Names = ()
    rests_on_by_route: dict[str, _Names] = Field(default_factory=dict)
    jurisdiction: _Text | None = None
    lender_type: _Text | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not _CHINESE.search(self.zh):
            raise ValueError(f"zh is not Chinese: {self.zh!r}")
        if set(_PLACEHOLDER.findall(self.en)) != set(_PLACEHOLDER.findall(self.zh)):
            raise ValueError("en and zh do not name the same {placeholders}")
        if self.effective_to is not None and self.effective_to < self.effective_from:
            raise ValueError(f"effective_to {self.effective_to} is before effective_from {self.effective_from}")
        return self

    def words(self, language: Language) -> str:
        """The text in that language."""
        return self.zh if language == "zh" else self.en

    @property
    def pair(self) -> tuple[str, str]:
        """The text in English and in Chinese."""
        return self.en, self.zh

    @property
    def narrowed(self) -> int:
        """By how much of a policy it is narrowed."""
        return (self.jurisdiction is not None) + (self.lender_type is not None)

    def applies_to(self, jurisdiction: str | None, lender_type: str | None) -> bool:
        """Whether it is a wording for policies of that place and lenders of that type."""
        return self.jurisdiction in (None, jurisdiction) and self.lender_type in (None, lender_type)

    def in_force(self, day: date) -> bool:
        """Whether it holds on a day."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


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


def parse_reasons(documents: Mapping[str, Mapping[str, Any]]) -> ReasonBook:
    """The catalogue from its files, as {file name: its content}. PolicyError with every mistake of every file."""
    mistakes: list[str] = []
    read = [reason for name, body in documents.items() for reason in _read(body, name, mistakes)]
    seen: dict[tuple[object, ...], str] = {}
    for reason, where in read:
        key = (reason.kind, reason.code, reason.effective_from, reason.jurisdiction, reason.lender_type)
        if key in seen:
            mistakes.append(f"{where}: is there already, in {seen[key]}")
        seen.setdefault(key, where.partition(": ")[0])
    if mistakes:
        raise PolicyError(*mistakes)
    return ReasonBook(tuple(reason for reason, _ in read))


def own_reasons(tables: object, source: str) -> tuple[Reason, ...]:
    """The `[[reason]]` tables of a policy file: words of its rules' codes, kind `decision` and cited by the rule."""
    if not isinstance(tables, list):
        raise PolicyError(f"{source}: reason must be a list of tables: write [[reason]]")
    given = [{"kind": "decision", **table} if isinstance(table, dict) else table for table in tables]
    book = parse_reasons({source: {"reason": given}})
    strange = [
        f"{source}: reason {r.code}: a policy words decisions, not {r.kind!r}"
        for r in book.shipped
        if r.kind != "decision"
    ]
    if strange:
        raise PolicyError(*strange)
    return book.shipped


def _read(body: Mapping[str, Any], source: str, mistakes: list[str]) -> list[tuple[Reason, str]]:
    mistakes += [f"{source}: {key!r} is not known{nearest(key, ['reason'])}" for key in body if key != "reason"]
    tables = body.get("reason", [])
    if not isinstance(tables, list):
        mistakes.append(f"{source}: reason must be a list of tables: write [[reason]]")
        return []
    found = []
    for number, table in enumerate(tables, start=1):
        code = table.get("code") if isinstance(table, dict) else None
        where = f"{source}: reason {code or f'number {number}'}"
        if not isinstance(table, dict):
            mistakes.append(f"{where}: must be a table: write [[reason]]")
            continue
        try:
            found.append((Reason.model_validate(table), where))
        except ValidationError as error:
            mistakes += [f"{where}: {_mistake(item)}" for item in error.errors()]
    return found


def _mistake(item: Any) -> str:
    """One of pydantic's errors as a sentence of this house."""
    path = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        return f"{path!r} is not known{nearest(path, Reason.model_fields)}"
    if item["type"] == "missing":
        return f"{path} must be given"
    if item["type"] == "literal_error":
        return f"{path} {item['input']!r} is not known{nearest(str(item['input']), KINDS)}"
    if item["type"] == "value_error":
        return str(item["ctx"]["error"])
    return f"{path}: {item['msg'][0].lower()}{item['msg'][1:]}, got {item['input']!r}"
