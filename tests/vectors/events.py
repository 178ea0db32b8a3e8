"""What happens to a loan, told in short sentences or as objects, read into commands.

A sentence is told apart by its key word; every date and number in it has to be used, or it is refused. Words without
a meaning here are passed over: a sentence read wrongly cannot give the published cents.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.vectors import commands
from tests.vectors.answers import NotUnderstoodError, cents, number
from tests.vectors.keys import REMARKS, plain_key
from transforms.dates.calendar import Frequency

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.vectors.commands import Command
    from transforms.loans.restructuring import AgedInterest, PauseInterest

_DAY = r"\d{4}-\d{2}-\d{2}"
_MONEY = r"(\d[\d,]*(?:\.\d+)?)"
_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "nine": "9", "twelve": "12",
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th", "sixth": "6th",
    "january": "jan", "february": "feb", "march": "mar", "april": "apr", "june": "jun", "july": "jul",
    "august": "aug", "september": "sep", "october": "oct", "november": "nov", "december": "dec",
}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OFTEN = r"(?:bi-?|semi-?)?(?:monthly|weekly|annual\w*)|quarterly|daily|fortnightly|yearly"


class _Sentence:
    """A sentence being read: what has been understood is taken out of it."""

    def __init__(self, text: str) -> None:
        """`text` as written; compared in lower case with plain arrows, numerals and dates."""
        self.written = text
        plain = " ".join(text.lower().replace("_", " ").replace("→", "->").replace("–", "-").split())
        plain = re.sub(rf"\b({'|'.join(_WORDS)})\b", lambda found: _WORDS[found[0]], plain)
        plain = re.sub(r"\b(\d{4})(\d{2})(\d{2})\b", r"\1-\2-\3", plain)
        plain = re.sub(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? ({'|'.join(_MONTHS)}) (\d{{4}})\b", self._iso, plain)
        self.days = [date.fromisoformat(day) for day in re.findall(_DAY, plain)]
        self.text = re.sub(_DAY, "@", plain)

    @staticmethod
    def _iso(found: re.Match[str]) -> str:
        return f"{found[3]}-{_MONTHS.index(found[2]) + 1:02d}-{int(found[1]):02d}"

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


def command_of(event: object) -> Command:
    """The command of one event; NotUnderstoodError for one of another kind."""
    if isinstance(event, dict):
        return _of_object(event)
    sentence = _Sentence(str(event))
    for key, read in _EVENTS:
        if sentence.says(key):
            command = read(sentence)
            sentence.finish()
            return command
    raise sentence.refused("it is none of the known kinds")


def _unpaid(sentence: _Sentence) -> list[int] | None:
    """Installments said to be unpaid by their place; None where the sentence says nothing of it."""
    said = [int(digits) for digits in re.findall(r"(\d+)(?:st|nd|rd|th)\b(?! due)", sentence.text)]
    if not sentence.says(r"unpaid|not (?:been )?paid|overdue|missed|in arrears"):
        said = []
    sentence.text = re.sub(r"\d+(?:st|nd|rd|th)\b( instal\w+ unpaid \d+ [a-z]+)?", " ", sentence.text)
    sentence.text = re.sub(r"\bunpaid \d+ [a-z]+", " ", sentence.text)
    return said or None


def _rate(sentence: _Sentence) -> Command:
    found = sentence.need(r"(?:([\d.]+) ?%? ?(?:->|to) ?)?([\d.]+) ?%")
    keeps = sentence.says(r"(?:emi|instal\w+|payments?) (?:is |are )?(?:kept|unchanged|fixed|the same)")
    before = None if found[1] is None else Decimal(found[1]) / 100
    return commands.ChangeRate(sentence.day(), Decimal(found[2]) / 100, not keeps, before)


def _pause(sentence: _Sentence) -> Command:
    months = sentence.take(r"(\d+)[- ]months?")
    if months is None:
        return commands.PauseInterestDays(sentence.day(), sentence.day())
    return commands.PausePayments(sentence.day(), int(months[1]), _pause_interest(sentence), unpaid=_unpaid(sentence))


def _pause_interest(sentence: _Sentence) -> PauseInterest:
    modes: dict[PauseInterest, str] = {
        "waive": r"waiv|without interest|no interest|interest[- ]free",
        "capitalise": r"capitali[sz]",
        "accrue": r"accru|due after|interest (?:runs|later)",
    }
    said = [mode for mode, words in modes.items() if sentence.says(words)]
    if len(said) != 1:
        raise sentence.refused("it does not say what becomes of the interest")
    return said[0]


def _due(sentence: _Sentence) -> Command:
    return commands.MoveDue(sentence.day(), sentence.day())


def _amortise(sentence: _Sentence) -> Command:
    split = sentence.says(r"interest[- ]split|split|equal amorti[sz]ation")
    waive = sentence.says(r"waiv")
    return commands.ReAmortise(sentence.day(), split, waive, unpaid=_unpaid(sentence))


def _age(sentence: _Sentence) -> Command:
    said, interest = _unpaid(sentence), "runs"
    if sentence.says(r"full interest"):
        interest = "split_all"
    elif sentence.says(r"equal amorti[sz]ation|payable interest|interest (?:is )?split|split"):
        interest = "split"
    on = sentence.day()
    every = sentence.take(r"every (?:\d+ )?[a-z]+")
    often = sentence.take(_OFTEN)
    count = sentence.need(r"(\d+) *(?:equal )?(?:instal|payment|repayment|period|$|,| )")
    sentence.take(r"\b(?:principal|amount)(?: of)? \d[\d.,]*")
    first = sentence.day() if sentence.days else on
    frequency = Frequency.parse((every or often or ["monthly"])[0])
    return commands.ReAge(on, int(count[1]), frequency, first, _aged(interest), unpaid=said)


def _aged(text: str) -> AgedInterest:
    found: dict[str, AgedInterest] = {"runs": "runs", "split": "split", "split_all": "split_all"}
    return found[text]


def _draw(sentence: _Sentence) -> Command:
    _unpaid(sentence)
    amount = sentence.need(_MONEY)
    return commands.Draw(sentence.day(), cents(number(amount[1])), rank=0)


def _part(sentence: _Sentence) -> Command:
    keeps = not sentence.says(r"shorten|shorter|(?:emi|instal\w+|payments?) (?:is |are )?(?:kept|unchanged|the same)")
    amount = sentence.need(_MONEY)
    return commands.Prepay(sentence.day(), cents(number(amount[1])), keeps)


def _pay(sentence: _Sentence) -> Command:
    amount = sentence.need(_MONEY)
    _unpaid(sentence)
    return commands.Pay(sentence.day(), cents(number(amount[1])), rank=1)


def _back(sentence: _Sentence) -> Command:
    which = sentence.take(r"(?:payment|repayment|no\.?|nr\.?|#) ?(?:nr\.?|no\.?|number|#)? ?(\d+)(?![\d.])")
    place = sentence.take(r"(\d+)(?:st|nd|rd|th)\b")
    chosen = int((which or place)[1]) if which or place else None
    first = sentence.says(r"interest(?: is| comes)? first|interest, ?(?:fees?, ?)?principal|interest before")
    amount = sentence.need(_MONEY)
    return commands.TakeBack(sentence.day(), cents(number(amount[1])), chosen, first, rank=1)


def _term(sentence: _Sentence) -> Command:
    said = _unpaid(sentence)
    extra = sentence.take(r"(?:\+ ?|by |extra |additional )(\d+)\b") or sentence.take(
        r"(\d+) (?:extra|additional|more|further)\b"
    )
    if extra is not None:
        return commands.ChangeTerm(sentence.day(), int(extra[1]), unpaid=said)
    total = sentence.need(r"(?:to|over|into) (\d+)\b")
    return commands.ChangeTerm(sentence.day(), None, int(total[1]), unpaid=said)


def _overdue(sentence: _Sentence) -> Command:
    said = _unpaid(sentence)
    return commands.Unpaid(sentence.day(), unpaid=said, rank=3)


def _charge_off(sentence: _Sentence) -> Command:
    on = sentence.day()
    if sentence.says(r"accelerat"):
        return commands.ChargeOff(on, "accelerate")
    if sentence.says(r"(?:zero|no|stop\w*|without)[- ]interest|interest (?:stops|freez\w+|ends)"):
        return commands.ChargeOff(on, "zero_interest")
    return commands.ChargeOff(on)


_EVENTS: list[tuple[str, Callable[[_Sentence], Command]]] = [
    (r"\bre[- ]?ag(?:e|ing)", _age),
    (r"\bre[- ]?amorti", _amortise),
    (r"charge-?back|taken? back|bounced|payment revers", _back),
    (r"charge[ds]?[- ]?off|accelerat|terminat", _charge_off),
    (r"\bpaus|holiday|payment break", _pause),
    (r"\bdisburs|drawdown|drawn|tranche|top-?up", _draw),
    (r"prepa|early|part(?:ial)? (?:re)?payment of principal|part repaid", _part),
    (r"\bextra\b|additional (?:term|instal|period)|more (?:term|instal|period)|\bterm\b|extend|extension", _term),
    (r"\brate\b|%", _rate),
    (r"\bpa(?:id|ys?|yments?)\b|repa(?:id|yments?)|in advance", _pay),
    (r"unpaid|overdue|in arrears", _overdue),
    (r"\bdue\b|reschedul|moved", _due),
]
#: Names in an event object, and the words that say them in a sentence.
_NAMES = {
    "type": "{}", "kind": "{}", "event": "{}", "action": "{}",
    "on": "on {}", "date": "on {}", "from": "from {}", "to": "to {}", "start": "from {}",
    "end": "to {}", "amount": "of {}", "installments": "into {} installments", "n": "into {} installments",
    "number_of_installments": "into {} installments", "every": "every {}", "frequency": "every {}",
    "first_due": "starting {}", "start_date": "starting {}", "first_due_date": "starting {}", "starting": "starting {}",
    "rate_pct": "to {} %", "annual_rate_pct": "to {} %", "new_rate_pct": "to {} %", "interest": "interest {}",
    "interest_handling": "{}", "mode": "{}", "months": "of {} months", "extra_terms": "{} extra installments",
    "extra_installments": "{} extra installments", "payment": "payment nr {}", "order": "{}", "allocation": "{}",
    "recompute": "{}", "old": "from {}", "new": "to {}", "until": "to {}", "new_rate": "to {} %",
    "new_interest_rate": "to {} %", "interest_rate": "to {} %", "interest_rate_pct": "to {} %",
    "reschedule_from_date": "from {}", "adjusted_due_date": "to {}, due date moved", "unpaid": "unpaid {}",
    "every_frequency": "every {}", "re_age_interest_handling": "{}", "reage_interest_handling": "{}",
    "re_amortization_interest_handling": "{}", "reamortization_interest_handling": "{}",
}  # fmt: skip
_ORDER = (
    "on",
    "date",
    "from",
    "old",
    "start",
    "to",
    "until",
    "end",
    "new",
    "first_due",
    "start_date",
    "first_due_date",
    "reschedule_from_date",
    "adjusted_due_date",
)
#: Entries of an event that say nothing about the schedule.
_IGNORED = REMARKS | {"submitted_on", "submitted_on_date", "external_id", "reason"}


def _of_object(event: dict[str, Any]) -> Command:
    """An event as an object, said as a sentence: dates in their order, every entry in words."""
    said = {plain_key(key): value for key, value in event.items() if plain_key(key) not in _IGNORED}
    said = {key: value for key, value in said.items() if value not in (None, "")}
    if "frequency_number" in said and "frequency_type" in said:
        said["every_frequency"] = f"{said.pop('frequency_number')} {str(said.pop('frequency_type')).lower()}"
    unknown = sorted(set(said) - set(_NAMES))
    if unknown:
        raise NotUnderstoodError(f"event {event!r} is not understood: {', '.join(unknown)}")
    if said.get("recompute") is False:
        said["recompute"] = "installments unchanged"
    elif "recompute" in said:
        said["recompute"] = "recomputed"
    keys = sorted(said, key=lambda key: _ORDER.index(key) if key in _ORDER else len(_ORDER))
    return command_of(", ".join(_NAMES[key].format(_in_words(said[key])) for key in keys))


def _in_words(value: object) -> str:
    """A value as words: `dueDateChange` is due date change."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(value))
