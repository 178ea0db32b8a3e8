"""What one column is: the form in which every column of the profile is declared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from transforms.windows.features import Feature

AsOf = Literal["events", "state", "night"]

#: What each as-of rule means, in words for the dictionary.
AS_OF = {
    "events": "rows that had arrived by the business date, of events after the window's start and up to that date",
    "state": "of each key the row that had arrived last by the business date",
    "night": "other columns of the same night",
}

Consent = Literal["", "bank_statement", "ecommerce", "credit_bureau", "social"]


@dataclass(frozen=True)
class Definition:
    """One column. `type` is DuckDB's; `how` says how it is made; `formula` is SQL over other columns that makes it.

    `consent` is the consent without which it is empty. `nil` says that nothing known of a source that may be read
    counts as 0. One that is not `published` only feeds others.
    """

    name: str
    type: str
    en: str
    zh: str
    source: str
    as_of: AsOf
    how: str = ""
    window: str = ""
    unit: str = ""
    formula: str = ""
    consent: Consent = ""
    required: bool = False
    nil: bool = False
    minimum: int | None = None
    maximum: int | None = None
    values: tuple[str, ...] = ()
    classification: str = "personal"
    key: int = 0
    published: bool = True


def windowed(feature: Feature, consent: Consent) -> tuple[Definition, ...]:
    """A windowed feature's columns, one a window."""
    what = "count" if feature.aggregation == "count" else f"{feature.aggregation} of {feature.value}"
    return tuple(
        Definition(
            feature.column(w),
            "BIGINT",
            f"{feature.en}, last {'month' if w == 1 else f'{w} months'}.",
            f"近{w}月{feature.zh}",
            feature.source,
            "events",
            how=what if feature.where == "true" else f"{what} where {feature.where}",
            window=f"{w} month{'s' * (w > 1)} trailing",
            unit=feature.unit,
            consent=consent,
            nil=True,
            minimum=0,
            published=feature.published,
        )
        for w in feature.windows
    )


def ratio(name: str, of: str, over: str, en: str, zh: str, *, unit: str, consent: Consent) -> Definition:
    """One sum over another of which it is a part; empty where the whole is nil."""
    formula = f"CASE WHEN {over} > 0 THEN {of} / {over} END"
    return Definition(
        name, "DOUBLE", en, zh, "", "night", formula=formula, unit=unit, consent=consent, minimum=0, maximum=1
    )


def derived(
    name: str,
    type_: str,
    formula: str,
    en: str,
    zh: str,
    *,
    unit: str = "",
    consent: Consent = "",
    minimum: int | None = None,
) -> Definition:
    """A column made by its formula."""
    return Definition(name, type_, en, zh, "", "night", formula=formula, unit=unit, consent=consent, minimum=minimum)


def dispersion(feature: str) -> str:
    """Formula of how far the monthly means of 1, months 2–3, 4–6 and 7–12 lie apart, over the year's monthly mean.

    The standard deviation of the four means, each weighted by its months: exact from nested windows, without reading
    the year's months one by one.
    """
    w1, w3, w6, w12 = (f"{feature}_{w}m" for w in (1, 3, 6, 12))
    mean = f"({w12} / 12)"
    parts = ((1, w1), (2, f"({w3} - {w1}) / 2"), (3, f"({w6} - {w3}) / 3"), (6, f"({w12} - {w6}) / 6"))
    squares = " + ".join(f"{months} * ({part} - {mean}) * ({part} - {mean})" for months, part in parts)
    return f"CASE WHEN {w12} > 0 THEN sqrt(({squares}) / 12) / {mean} END"


def keyed(*columns: Definition) -> tuple[Definition, ...]:
    """The columns with which every customer-level table begins: date, customer, further keys, shard."""
    first = (
        Definition(
            "as_of_date",
            "DATE",
            "Business date of the night.",
            "业务日期",
            "",
            "night",
            classification="internal",
            key=1,
        ),
        Definition(
            "customer_token", "UUID", "The customer.", "客户令牌", "", "night", classification="pseudonym", key=2
        ),
    )
    further = tuple(replace(c, key=n) for n, c in enumerate(columns, start=3))
    shard = Definition(
        "shard",
        "SMALLINT",
        "Shard of the customer.",
        "分片号",
        "",
        "night",
        required=True,
        classification="internal",
    )
    return (*first, *further, shard)
