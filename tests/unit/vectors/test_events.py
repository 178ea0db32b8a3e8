"""Sentences and objects of what happens to a loan are read into the same commands, or refused with words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.vectors import commands
from tests.vectors.answers import NotUnderstoodError
from tests.vectors.events import command_of
from tests.vectors.keys import day_of
from transforms.dates.calendar import Frequency

if TYPE_CHECKING:
    from tests.vectors.commands import Command

MARCH, APRIL = date(2024, 3, 15), date(2024, 4, 1)
MONTHLY, FORTNIGHT = Frequency("month", 1), Frequency("week", 2)


@pytest.mark.parametrize(
    ("event", "command"),
    [
        (
            "re-age on 2024-03-15 into 6 monthly instalments starting 2024-04-01",
            commands.ReAge(MARCH, 6, MONTHLY, APRIL),
        ),
        ("Reaging 15 March 2024: 6 installments, first due 1 April 2024", commands.ReAge(MARCH, 6, MONTHLY, APRIL)),
        (
            "loan re-aged on 20240315, six equal instalments every 2 weeks from 20240401, full interest",
            commands.ReAge(MARCH, 6, FORTNIGHT, APRIL, "split_all"),
        ),
        (
            {
                "type": "reAge",
                "on": "2024-03-15",
                "frequencyNumber": 2,
                "frequencyType": "WEEKS",
                "startDate": "2024-04-01",
                "numberOfInstallments": 6,
                "reAgeInterestHandling": "EQUAL_AMORTIZATION_PAYABLE_INTEREST",
            },
            commands.ReAge(MARCH, 6, FORTNIGHT, APRIL, "split"),
        ),
        ("re-amortise 2024-03-15 (2nd instalment unpaid 1 Mar)", commands.ReAmortise(MARCH, unpaid=[2])),
        (
            "re-amortization on 15 March 2024, 1st and 2nd installments overdue, equal amortization interest split",
            commands.ReAmortise(MARCH, split=True, unpaid=[1, 2]),
        ),
        (
            {"action": "reAmortize", "date": "2024-03-15", "mode": "interest waived"},
            commands.ReAmortise(MARCH, waive=True),
        ),
        (
            "rate 7% -> 4% from 2024-03-15, EMI unchanged",
            commands.ChangeRate(MARCH, Decimal("0.04"), recompute=False, before=Decimal("0.07")),
        ),
        (
            {"rescheduleFromDate": "2024-03-15", "newInterestRate": 4, "extraTerms": None},
            commands.ChangeRate(MARCH, Decimal("0.04")),
        ),
        ("interest pause from 15 March 2024 to 1 April 2024", commands.PauseInterestDays(MARCH, APRIL)),
        (
            {"type": "interestPause", "start": "2024-03-15", "end": "2024-04-01"},
            commands.PauseInterestDays(MARCH, APRIL),
        ),
        ("payment holiday of 2 months from 2024-03-15, interest waived", commands.PausePayments(MARCH, 2, "waive")),
        (
            "3-month payment break on 2024-03-15; interest is capitalised",
            commands.PausePayments(MARCH, 3, "capitalise"),
        ),
        (
            {"type": "payment_pause", "from": "2024-03-15", "months": 3, "interest": "accrues"},
            commands.PausePayments(MARCH, 3, "accrue"),
        ),
        ("due date moved from 2024-03-15 to 2024-04-01", commands.MoveDue(MARCH, APRIL)),
        ({"type": "dueDateChange", "from": "2024-03-15", "to": "2024-04-01"}, commands.MoveDue(MARCH, APRIL)),
        ({"rescheduleFromDate": "2024-03-15", "adjustedDueDate": "2024-04-01"}, commands.MoveDue(MARCH, APRIL)),
        ("second drawdown of 1,250.50 on 2024-03-15", commands.Draw(MARCH, 125_050, rank=0)),
        ("prepayment of 20 on 2024-03-15, term shortened", commands.Prepay(MARCH, 2_000, keep_term=False)),
        ({"type": "partPrepayment", "on": "2024-03-15", "amount": 20}, commands.Prepay(MARCH, 2_000)),
        ("payment of 17.01 on 2024-03-15", commands.Pay(MARCH, 1_701, rank=1)),
        ("+2 extra terms from 2024-03-15", commands.ChangeTerm(MARCH, 2)),
        ({"rescheduleFromDate": "2024-03-15", "extraTerms": 2}, commands.ChangeTerm(MARCH, 2)),
        ("term changed to 9 instalments on 2024-03-15", commands.ChangeTerm(MARCH, None, 9)),
        ("chargeback of 15 on 2024-03-15 of payment 1, principal first", commands.TakeBack(MARCH, 1_500, 1, rank=1)),
        (
            {"type": "chargeback", "on": "2024-03-15", "amount": 15, "payment": 2, "order": "interest, principal"},
            commands.TakeBack(MARCH, 1_500, 2, interest_first=True, rank=1),
        ),
        ("charge-off on 2024-03-15, zero interest", commands.ChargeOff(MARCH, "zero_interest")),
        ("contract terminated and accelerated on 2024-03-15", commands.ChargeOff(MARCH, "accelerate")),
        ("3rd installment still unpaid on 2024-03-15", commands.Unpaid(MARCH, unpaid=[3], rank=3)),
    ],
)
def test_a_sentence_or_an_object_is_its_command(event: object, command: Command) -> None:
    assert command_of(event) == command


@pytest.mark.parametrize(
    ("event", "word"),
    [
        ("the moon is full on 2024-03-15", "none of the known kinds"),
        ("re-age on 2024-03-15", "figure is missing"),
        ("interest pause from 2024-03-15", "date is missing"),
        ("payment holiday of 2 months from 2024-03-15", "becomes of the interest"),
        ("payment of 17.01 on 2024-03-15, and 3 more", "left over"),
        ("rate to 4 % from 2024-03-15 or 2024-04-01", "left over"),
        ({"type": "rate", "from": "2024-03-15", "new_rate": 4, "moon": 1}, "moon"),
        ({"rescheduleFromDate": "2024-03-15", "graceOnPrincipal": 2}, "grace_on_principal"),
    ],
)
def test_what_is_not_understood_is_refused_with_words(event: object, word: str) -> None:
    with pytest.raises(NotUnderstoodError, match=word):
        command_of(event)


@pytest.mark.parametrize("written", ["2024-03-15", "20240315", "15 March 2024", "15th Mar 2024", [2024, 3, 15]])
def test_dates_as_sources_write_them(written: object) -> None:
    assert day_of(written) == MARCH


@pytest.mark.parametrize("written", ["15.03.2024", "March", "32 March 2024", 7])
def test_what_is_no_date_is_refused(written: object) -> None:
    with pytest.raises(NotUnderstoodError, match="is not a date"):
        day_of(written)
