"""Real loans against the annuity: a table of amount, term, rate and installment, each installment to the cent.

The lender's rounding is one of the product's modes. Lending Club, for one, rounds `up`: 10,000 over 36 months at
13.49 % are 339.3045, and its installment is 339.31.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.vectors.answers import NotUnderstoodError, cents
from transforms.loans.annuity import closed_payment
from transforms.loans.rounding import ROUNDINGS, Rounding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

# What a lender lent stands before what was asked for.
_COLUMNS = {
    "amount": ("funded_amnt", "funded_amount", "loan_amnt", "loan_amount", "amount", "principal"),
    "term": ("term", "term_m", "months", "nper"),
    "rate": ("int_rate", "interest_rate", "rate", "annual_rate"),
    "installment": ("installment", "instalment", "monthly_payment", "payment", "pmt"),
}


@dataclass(frozen=True)
class Loan:
    """One row: place in the file, cents, months, rate a year, and the installment the lender states."""

    row: int
    amount_cents: int
    term_m: int
    annual_rate: Fraction
    installment_cents: int

    def computed_cents(self, rounding: Rounding) -> int:
        """The annuity, rounded once from the exact ratio: what :func:`transforms.pricing.build_schedule` charges."""
        return closed_payment(self.amount_cents, self.annual_rate / 12, self.term_m, rounding)


def read_loans(path: Path) -> list[Loan]:
    """The loans of a CSV file; rows without all four figures (totals, notes) are passed over.

    A rate is a percentage ("13.49", "13.49%") unless every one of the file is below 1. Raises NotUnderstoodError
    where a column is missing or no row is left.
    """
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        names = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
        chosen = {
            figure: next((names[name] for name in known if name in names), None) for figure, known in _COLUMNS.items()
        }
        if missing := [figure for figure, name in chosen.items() if name is None]:
            raise NotUnderstoodError(f"{path}: no column for {', '.join(missing)}; known are {_COLUMNS}")
        found = list(_figures(reader, {figure: str(name) for figure, name in chosen.items()}))
    if not found:
        raise NotUnderstoodError(f"{path} holds no loans")
    unit = 100 if any(rate >= 1 for _, _, _, rate, _ in found) else 1
    return [
        Loan(row, cents(amount), int(term), Fraction(rate) / unit, cents(paid))
        for row, amount, term, rate, paid in found
    ]


def _figures(
    rows: Iterable[Mapping[str, str]], chosen: Mapping[str, str]
) -> Iterator[tuple[int, *tuple[Decimal, ...]]]:
    for number, row in enumerate(rows, start=1):
        texts = [re.sub(r"[$,%\s]|months?", "", row[chosen[name]] or "") for name in _COLUMNS]
        if all(re.fullmatch(r"\d+(\.\d+)?", text) for text in texts):
            yield (number, *(Decimal(text) for text in texts))


def matches(loans: Iterable[Loan]) -> dict[Rounding, list[Loan]]:
    """The loans that each rounding mode does not give to the cent."""
    listed = list(loans)
    return {
        mode: [loan for loan in listed if loan.computed_cents(mode) != loan.installment_cents] for mode in ROUNDINGS
    }


def report(path: Path) -> tuple[list[str], bool]:
    """Lines for the screen, and whether one rounding mode gives every installment of the file."""
    loans = read_loans(path)
    missed = matches(loans)
    lines = [f"{path.name}: {len(loans)} loans"]
    lines += [f"  {mode}: {len(loans) - len(wrong)} of {len(loans)} to the cent" for mode, wrong in missed.items()]
    best = min(missed, key=lambda mode: len(missed[mode]))
    lines += [
        f"  FAIL row {loan.row}: stated {loan.installment_cents / 100:.2f},"
        f" {best} gives {loan.computed_cents(best) / 100:.2f}"
        for loan in missed[best][:20]
    ]
    return lines, not missed[best]
