"""Figures of the policy on running plans stay within the clock and the calendar."""

from __future__ import annotations

import pytest

from tests.unit.transforms.support import document
from transforms.policy.mistakes import verdict
from transforms.policy.sections_servicing import Changes, Contact

SHIPPED = document()["version"][0]
_BOUNDED = [
    (Contact, "contact", "quiet_from_h", 0, 24),
    (Contact, "contact", "quiet_to_h", 0, 24),
    (Changes, "changes", "last_due_day", 1, 31),
]


@pytest.mark.parametrize(("kind", "section", "field", "least", "most"), _BOUNDED)
def test_an_hour_is_of_the_clock_and_a_day_of_a_month(
    kind: type, section: str, field: str, least: int, most: int
) -> None:
    raw = {k: v["value"] if isinstance(v, dict) else v for k, v in SHIPPED[section].items()}
    for good in (least, most):
        assert verdict(kind, {**raw, field: good})[1] == []
    said = [verdict(kind, {**raw, field: bad})[1][0].text for bad in (least - 1, most + 1)]
    assert said[1] == f"{field} must be at most {most}, got {most + 1}"
    assert said[0].startswith(f"{field} must be at least ")
