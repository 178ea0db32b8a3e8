"""A rule that could not be judged, or that nobody would, is said in its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.warehouse.new_feed import TEXT, assert_said

if TYPE_CHECKING:
    from pathlib import Path

#: What is changed into what, which line the mistake is in (by what stands there), what is said of it.
MISTAKES = {
    "enum's type": (
        "{minimum: 0, maximum: 1}",
        "{minimum: 0}\n        enum: [{value: x}]",
        "enum: [{value: x}]",
        "an enum lists texts",
    ),
    "enum of no text": ("{value: card}", "{value: no}", "enum:", "False is no text; in quotes it would be one"),
    "enum twice": ("{value: transfer}", "{value: card}", "enum:", "'card' is listed twice"),
    "option": (
        "maxLength: 8",
        "maxLenght: 8",
        "maxLenght",
        "no rule follows from 'maxLenght'; did you mean 'maxLength'?",
    ),
    "option's value": ("maxLength: 8", "maxLength: eight", "maxLength", "must be a whole number, not 'eight'"),
    "bound's type": ("maxLength: 8", "minimum: 8", "minimum: 8", "minimum is for numbers; the column is VARCHAR"),
    "bound's value": ("{minimum: 1}", "{minimum: one}", "minimum: one", "minimum must be a number, not 'one'"),
    "bounds": ("{minimum: 0, maximum: 1}", "{minimum: 2, maximum: 1}", "{minimum: 2", "is above the maximum"),
    "length's type": ("{minimum: 1}", "{maxLength: 1}", "{maxLength: 1}", "maxLength is for VARCHAR"),
    "rule's name": ("- name: rate_of_large_ones", "- name: rateOfLargeOnes", "rateOfLargeOnes", "a code is snake_case"),
    "rule's words": (
        "        description: a large overdraft has a rate\n",
        "",
        "- name: rate_of",
        "needs a description",
    ),
    "rule's type": ("        type: sql\n", "        type: custom\n", "type: custom", "type must be sql, not 'custom'"),
    "severity": ("severity: error", "severity: err", "severity: err", "severity must be error or warning, not 'err'"),
    "allowed": ("mustBe: 0", "mustBe: 3", "mustBe: 3", "says what is allowed"),
    "rule twice": (
        "name: not_all_on_one_day",
        "name: rate_of_large_ones",
        "rate_of_large_ones\n        type: sql\n        description: overdrafts",
        "is there already",
    ),
    "placeholder": (
        "THEN 1 ELSE 0 END FROM {object}",
        "THEN 1 ELSE 0 END FROM {Object}",
        "query: >-\n          SELECT CASE",
        "{Object} is neither",
    ),
}


@pytest.mark.parametrize(("old", "new", "at", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_rule(tmp_path: Path, old: str, new: str, at: str, said: str) -> None:
    assert_said(tmp_path, TEXT, (old, new), at, said)
