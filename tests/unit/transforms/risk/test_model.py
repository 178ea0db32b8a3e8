"""Which model decides on a date follows from the journal alone; decisions have authors and reasons."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.unit.transforms.outputs import model_rows
from transforms.risk.model import Model, ModelError, champion, decision, models_on

SHIPPED = Model("expert", "champion", "e" * 64, "judgement", date(1970, 1, 1), "configuration", "none", shipped=True)
REGISTRATION = {"digest": "f" * 64, "trained_on": "nights", "metrics": {"auc": 0.8, "train_rows": 100}}
MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


def decide(events: list[dict[str, Any]], event: Any, version: str, since: date, **given: Any) -> list[dict[str, Any]]:
    told = {"by": "Li", "reason": "better", **given}
    registration = REGISTRATION if event == "registered" else None
    made = decision(events, SHIPPED, event=event, version=version, since=since, registration=registration, **told)
    return [*events, made]


def journal() -> list[dict[str, Any]]:
    return decide(decide([], "registered", "fitted", MAY), "promoted", "fitted", JULY)


def roles(events: list[dict[str, Any]], day: date) -> dict[str, str]:
    return {v: m.role for v, m in models_on(events, SHIPPED, day).items()}


def test_a_date_knows_the_decisions_up_to_it() -> None:
    events = journal()
    assert roles(events, date(2026, 4, 30)) == {"expert": "champion"}
    assert roles(events, MAY) == roles(events, JUNE) == {"expert": "champion", "fitted": "challenger"}
    assert roles(events, JULY) == {"expert": "retired", "fitted": "champion"}
    retired = models_on(events, SHIPPED, JULY)["expert"]
    assert retired.reason == "fitted promoted: better"


def test_there_is_one_champion_after_any_decisions() -> None:
    events = decide(decide(journal(), "registered", "third", JUNE), "promoted", "expert", date(2026, 8, 1))
    for day in (MAY, JUNE, JULY, date(2026, 9, 1)):
        assert list(roles(events, day).values()).count("champion") == 1
    assert champion(models_on(events, SHIPPED, date(2026, 9, 1))).version == "expert"
    assert roles(decide(events, "retired", "third", JULY), JULY)["third"] == "retired"


@pytest.mark.parametrize(
    ("event", "version", "since", "given", "said"),
    [
        ("promoted", "unknown", JUNE, {}, "not registered by 2026-06-01; there are: expert, fitted"),
        ("promoted", "fitted", date(2026, 4, 1), {}, "not registered by 2026-04-01"),
        ("promoted", "fitted", JULY, {}, "the champion on 2026-07-01 already"),
        ("registered", "fitted", JUNE, {}, "registered already"),
        ("registered", "expert", JUNE, {}, "registered already"),
        ("retired", "expert", JUNE, {}, "is the champion: promote another"),
        ("retired", "expert", JULY, {}, "is retired already"),
        ("promoted", "fitted", JUNE, {"reason": "  "}, "who decides, and why"),
        ("promoted", "fitted", JUNE, {"by": ""}, "who decides, and why"),
    ],
)
def test_a_decision_that_does_not_follow_is_refused(
    event: str, version: str, since: date, given: dict[str, str], said: str
) -> None:
    with pytest.raises(ModelError, match=said):
        decide(journal(), event, version, since, **given)


def test_the_table_says_what_each_model_is() -> None:
    rows = model_rows(models_on(journal(), SHIPPED, JULY), JULY)
    assert rows["role"].to_list() == ["champion", "retired"]
    assert rows["auc"].to_list() == [0.8, None]
    assert rows["train_rows"].to_list() == [100, None]
    assert rows["effective_from"].to_list() == [JULY, JULY]
    assert model_rows(models_on([], SHIPPED, JULY), JULY)["effective_from"].to_list() == [None]
