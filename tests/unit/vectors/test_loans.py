"""Real loans against the annuity: columns are found, the lender's rounding is told apart, a cent off fails."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from tests.vectors.__main__ import main
from tests.vectors.answers import NotUnderstoodError
from tests.vectors.loans import matches, read_loans

PUBLISHED = Path(__file__).parents[2] / "vectors" / "lending_club.csv"


def test_lending_club_rounds_its_installments_up() -> None:
    """Its published loans match in mode `up` and in no other, so the mode matters."""
    missed = matches(read_loans(PUBLISHED))
    assert missed["up"] == []
    assert missed["half_up"]
    assert missed["half_even"]


@pytest.mark.parametrize(
    "table",
    [
        "loan_amount,interest_rate,term,installment\n10000,13.49,36,339.31\n",
        "installment,term,loan_amnt,funded_amnt,int_rate\n$339.31, 36 months,12000,10000.0,13.49%\n",
        "principal,months,rate,payment\n10000,36,0.1349,339.31\ntotal,,,339.31\n",
    ],
)
def test_usual_columns_and_units_are_understood(table: str, tmp_path: Path) -> None:
    path = tmp_path / "loans.csv"
    path.write_text(table)
    (loan,) = read_loans(path)
    assert (loan.amount_cents, loan.term_m, loan.annual_rate) == (1_000_000, 36, Fraction(1349, 10_000))
    assert loan.computed_cents("up") == loan.installment_cents == 33931


def test_file_without_a_rate_or_a_loan_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "loans.csv"
    path.write_text("loan_amnt,term,installment\n1,2,3\n")
    with pytest.raises(NotUnderstoodError, match="no column for rate"):
        read_loans(path)
    path.write_text("loan_amnt,term,installment,int_rate\nnote,,,\n")
    with pytest.raises(NotUnderstoodError, match="no loans"):
        read_loans(path)


def test_command_fails_when_one_installment_is_a_cent_off(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(PUBLISHED)]) == 0
    assert "up: 21 of 21 to the cent" in capsys.readouterr().out
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(PUBLISHED.read_text().replace("786.87", "786.88"))
    assert main([str(wrong)]) == 1
    assert "FAIL row 21: stated 786.88, up gives 786.87" in capsys.readouterr().out
