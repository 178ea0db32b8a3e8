"""What happens to a loan, told in short sentences.

A sentence is told apart by its key word; every date and number in it has to be used, or it is refused. Words without
a meaning here are passed over: a sentence read wrongly cannot give the published cents.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.vectors.answers import NotUnderstoodError, cents, number
from transforms.loans import changes, restructuring
from transforms.loans.calendar import Frequency

if TYPE_CHECKING:
    from collections.abc import Callable

    from transforms.loans.running import Running

_DAY = r"\d{4}-\d{2}-\d{2}"
_MONEY = r"(\d[\d,]*(?:\.\d+)?)"
_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "nine": "9", "twelve": "12",
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th", "sixth": "6th",
}  # fmt: skip
_OFTEN = r"(?:bi-?|semi-?)?(?:monthly|weekly|annual\w*)|quarterly|daily|fortnightly|yearly"
_ONE_DAY = timedelta(days=1)


class _Sentence:
    """A sentence being read: what has been understood is taken out of it."""

    def __init__(self, text: str) -> None:
        """`text` as written; compared in lower case with plain arrows and numerals."""
        self.written = text
        plain = " ".join(text.lower().replace("→", "->").replace("–", "-").split())
        self.text = re.sub(rf"\b({'|'.join(_WORDS)})\b", lambda found: _WORDS[found[0]], plain)
        self.days = [date.fromisoformat(day) for day in re.findall(_DAY, self.text)]
        self.text = re.sub(_DAY, "@", self.text)

    def take(self, pattern: str) -> re.Match[str] | None:
        """The first match, taken out; None where there is none."""
        found = re.search(pattern, self.text)
        if found is not None:
            self.text = f"{self.text[: found.start()]} {self.text[found.end() :]}"
        return found

    def need(self, pattern: str) -> re.Match[str]:
        """As :meth:`take`, refusing a sentence without it."""
        found = self.take(pattern)
        if found is None:
            raise self.refused("a figure is missing")
        return found

    def day(self) -> date:
        """The next date."""
        if not self.days:
            raise self.refused("a date is missing")
        return self.days.pop(0)

    def says(self, pattern: str) -> bool:
        """Whether the words are in it."""
        return re.search(pattern, self.text) is not None

    def refused(self, why: str) -> NotUnderstoodError:
        """The refusal, naming the sentence."""
        return NotUnderstoodError(f"event {self.written!r} is not understood: {why}")

    def finish(self) -> None:
        """Refuse a sentence of which a date or number was not used."""
        if self.days or re.search(r"\d", self.text):
            raise self.refused(f"{self.text.strip()!r} is left over")


def after(running: Running, event: str, inputs: dict[str, Any]) -> Running:
    """The loan after one event; NotUnderstoodError for a sentence of another kind."""
    sentence = _Sentence(event)
    for key, act in _EVENTS:
        if sentence.says(key):
            changed = act(running, sentence, inputs)
            sentence.finish()
            return changed
    raise sentence.refused("it is none of the known kinds")


def is_re_age(event: str) -> bool:
    """Whether the sentence is about re-ageing."""
    return _Sentence(event).says(_RE_AGE)


def re_age_terms(event: str) -> tuple[date, int, Frequency, date]:
    """Day, number of installments, frequency and first due date of a re-age."""
    sentence = _Sentence(event)
    terms = _terms(sentence)
    _unpaid_positions(sentence)
    sentence.finish()
    return terms


def _terms(sentence: _Sentence) -> tuple[date, int, Frequency, date]:
    on = sentence.day()
    every = sentence.take(r"every (?:\d+ )?[a-z]+")
    often = sentence.take(_OFTEN)
    count = sentence.need(r"(\d+) *(?:equal )?(?:instal|payment|repayment|period|$|,| )")
    sentence.take(r"\b(?:principal|amount)(?: of)? \d[\d.,]*")
    first = sentence.day() if sentence.days else on
    return on, int(count[1]), Frequency.parse((every or often or ["monthly"])[0]), first


def _unpaid_positions(sentence: _Sentence) -> list[int]:
    said = [int(digits) for digits in re.findall(r"(\d+)(?:st|nd|rd|th)\b", sentence.text)]
    sentence.text = re.sub(r"\d+(?:st|nd|rd|th)\b( instal\w+ unpaid \d+ [a-z]+)?", " ", sentence.text)
    sentence.text = re.sub(r"\bunpaid \d+ [a-z]+", " ", sentence.text)
    return said


def _unpaid(running: Running, sentence: _Sentence, inputs: dict[str, Any]) -> set[date]:
    """Installments said to be unpaid by their ordinal; otherwise all that no payment is given for."""
    rows = running.schedule().rows
    said = _unpaid_positions(sentence)
    if said:
        return {rows[position - 1].due_on for position in said}
    paid = {date.fromisoformat(day) for day, _ in inputs.get("paid", [])}
    return {row.due_on for row in rows if row.installment_no} - paid


def _until(running: Running, on: date, dues: set[date]) -> tuple[Running, date, dict[date, tuple[int, int]]]:
    """The loan with those installments unpaid up to a day, and principal and interest of each."""
    late = {due for due in dues if due <= on}
    for due in late:
        running = changes.paid(running, due, on)
    parts = running.parts()
    amounts = {due: parts[running.index_of(due)] for due in late}
    return running, on, {due: (part.principal, part.interest) for due, part in amounts.items()}


def _rate(running: Running, sentence: _Sentence, inputs: dict[str, Any]) -> Running:
    found = sentence.need(r"(?:([\d.]+) ?%? ?(?:->|to) ?)?([\d.]+) ?%")
    if found[1] is not None and Decimal(found[1]) != Decimal(str(inputs.get("annual_rate_pct", 0))):
        raise sentence.refused("it starts from another rate than the loan's")
    keeps = sentence.says(r"(?:emi|instal\w+|payments?) (?:is |are )?(?:kept|unchanged|fixed|the same)")
    return changes.change_rate(running, sentence.day(), Decimal(found[2]) / 100, recompute=not keeps)


def _pause(running: Running, sentence: _Sentence, inputs: dict[str, Any]) -> Running:
    del inputs
    return changes.pause_interest(running, sentence.day(), sentence.day())


def _due(running: Running, sentence: _Sentence, inputs: dict[str, Any]) -> Running:
    del inputs
    return changes.change_due_date(running, sentence.day(), sentence.day())


def _amortise(running: Running, sentence: _Sentence, inputs: dict[str, Any]) -> Running:
    on = sentence.day()
    late, _, unpaid = _until(running, on, _unpaid(running, sentence, inputs))
    return restructuring.re_amortise(late, on, unpaid=unpaid)


def _age(running: Running, sentence: _Sentence, inputs: dict[str, Any]) -> Running:
    said = _unpaid(running, sentence, inputs)
    on, count, frequency, first = _terms(sentence)
    late, _, unpaid = _until(running, on, said)
    return restructuring.re_age(late, on, count, frequency, first, unpaid=unpaid)


def _draw(running: Running, sentence: _Sentence, inputs: dict[str, Any]) -> Running:
    del inputs
    _unpaid_positions(sentence)
    amount = sentence.need(_MONEY)
    return changes.draw_more(running, sentence.day(), cents(number(amount[1])))


def _part(running: Running, sentence: _Sentence, inputs: dict[str, Any]) -> Running:
    del inputs
    keeps = not sentence.says(r"shorten|shorter|(?:emi|instal\w+|payments?) (?:is |are )?(?:kept|unchanged|the same)")
    amount = sentence.need(_MONEY)
    return changes.repay_in_part(running, sentence.day(), cents(number(amount[1])), keep_term=keeps)


def _charge_off(running: Running, sentence: _Sentence, inputs: dict[str, Any]) -> Running:
    del inputs
    on = sentence.day()
    if sentence.says(r"accelerat"):
        return changes.accelerate(running, on)
    if sentence.says(r"(?:zero|no|stop\w*|without)[- ]interest|interest (?:stops|freez\w+|ends)"):
        return changes.pause_interest(running, on + _ONE_DAY, running.periods[-1].due_on)
    return running


_RE_AGE = r"\bre-?ag"
_EVENTS: list[tuple[str, Callable[[Running, _Sentence, dict[str, Any]], Running]]] = [
    (_RE_AGE, _age),
    (r"\bre-?amorti", _amortise),
    (r"charge[ds]?[- ]?off|accelerat", _charge_off),
    (r"\bpaus|holiday", _pause),
    (r"\bdisburs|drawdown|drawn|tranche|top-?up", _draw),
    (r"prepa|early|part(?:ial)?\b|in advance", _part),
    (r"\brate\b|%", _rate),
    (r"\bdue\b|reschedul|moved", _due),
]
