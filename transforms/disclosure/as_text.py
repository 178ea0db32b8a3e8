"""A cost sheet as plain text in one language: the same lines as on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from transforms.disclosure.as_json import cancellation, statements
from transforms.disclosure.figures import figures, money
from transforms.disclosure.words import AS_INTEREST, COLLECTORS, LABELS, NO_OTHER_FEES

if TYPE_CHECKING:
    from transforms.disclosure.disclosure import Disclosure


def disclosure_text(sheet: Disclosure, language: Literal["en", "zh"]) -> str:
    """The sheet as lines for a terminal."""
    n = 0 if language == "en" else 1
    lines = [LABELS["title"][n]]
    lines += [f"  {figure.label[n]}: {figure.value[n]}" for figure in figures(sheet)]
    for category in ("normal", "contingent", "paid_by_others"):
        if not sheet.of(category):
            continue
        lines.append(LABELS[category][n])
        for charge, cents in sheet.of(category):
            amount = "" if cents is None else f" = {money(cents, sheet.terms.currency)}"
            lines.append(
                f"  {charge.name[n]}: {charge.standard()[n]}{amount}; {charge.method[n]}"
                f" ({LABELS['payer' if category == 'paid_by_others' else 'collector'][n]}:"
                f" {COLLECTORS[charge.collector][n]})"
            )
        if category == "normal":
            lines.append(f"  {NO_OTHER_FEES[n]}")
    lines += [f"  {said[n]}" for said in (*cancellation(sheet), *statements(sheet)) if said is not AS_INTEREST]
    if sheet.terms.basis:
        lines.append(f"  {LABELS['basis'][n]}: {'; '.join(sheet.terms.basis)}")
    return "\n".join(lines)
