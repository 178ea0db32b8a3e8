"""The cost sheet of a plan as a page that prints on one or two sheets of A4 and opens without a network."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from orchestration.reports.page import page
from transforms.disclosure.as_json import cancellation, statements
from transforms.disclosure.disclosure import TEMPLATE_VERSION
from transforms.disclosure.figures import figures, money
from transforms.disclosure.words import COLLECTORS, LABELS, NO_OTHER_FEES, Words

if TYPE_CHECKING:
    from transforms.disclosure.disclosure import Disclosure

Language = Literal["en", "zh", "both"]


def disclosure_page(sheet: Disclosure, language: Language = "both") -> str:
    """The sheet as a whole HTML page."""
    terms = sheet.terms
    title = LABELS["title"].en if language == "en" else LABELS["title"].zh
    said = [*cancellation(sheet), *statements(sheet)]
    if terms.valid_until is not None:
        said.append(_with_day("valid", terms.valid_until.isoformat()))
    return page(
        "disclosure",
        title=title,
        language="en" if language == "en" else "zh",
        languages=language,
        sheet=sheet,
        figures=figures(sheet),
        statements=said,
        schedule_title=_with_day("schedule", sheet.schedule.start_on.isoformat()),
        labels=LABELS,
        collectors=COLLECTORS,
        no_other_fees=NO_OTHER_FEES,
        template_version=TEMPLATE_VERSION,
        money=partial(money, currency=terms.currency),
    )


def _with_day(label: str, day: str) -> Words:
    return Words(*(text.format(day=day) for text in LABELS[label]))
