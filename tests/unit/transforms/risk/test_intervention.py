"""Interventions: every cause its rung, the strictest stands, done where the books show it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.outputs import intervention
from tests.unit.transforms.risk.support import NIGHT, profile, shipped_policy, token
from tests.unit.transforms.support import reasons
from transforms.risk.intervention import LADDER

SECTION = shipped_policy(NIGHT).interventions


def acted(
    *changes: dict[str, Any], action: str = "none", fall: int = 0, alert: int | None = None
) -> list[dict[str, Any]]:
    """What is done about customers with these facts, an over-indebtedness action, a fall of score, an alert."""
    who = [token(n) for n in range(len(changes))]
    columns = {"line_frozen": pl.Boolean}
    known = profile(*({k: v for k, v in c.items() if k not in columns} for c in changes)).with_columns(
        line_frozen=pl.Series([c.get("line_frozen", False) for c in changes], dtype=pl.Boolean)
    )
    assessment = pl.DataFrame(
        {"customer_token": who, "score": 600, "earlier_score": 600 + fall, "over_debt_action": action}
    )
    fired = [] if alert is None else [(w, alert) for w in who]
    alerts = pl.DataFrame(fired, schema={"customer_token": pl.String, "alert_score": pl.Int32}, orient="row")
    return intervention(known, assessment, alerts, SECTION, reasons(), NIGHT).to_dicts()


@pytest.mark.parametrize(
    ("dpd", "action"),
    [(0, None), (1, "message"), (3, "message"), (4, "call"), (29, "call"), (30, "hardship_offer"), (90, "manual")],
)
def test_days_past_due_climb_the_ladder(dpd: int, action: str | None) -> None:
    """Message, call, offer of hardship relief, then a person: each from the policy's days on, inclusive."""
    wanted = [] if action is None else [action]
    for column in ("current_dpd", "own_dpd"):
        assert [r["action"] for r in acted({column: dpd})] == wanted


def test_every_cause_is_named_and_the_strictest_acts() -> None:
    (row,) = acted({"current_dpd": 5}, action="stop", fall=60, alert=60)
    assert row["causes"] == ["payment_overdue", "score_fallen", "over_indebted", "unusual_lines"]
    assert (row["action"], row["severity"], row["adverse_notice"]) == ("cut_unused_limit", 4, True)
    assert row["reason_en"].startswith("The unused part of the line is cut: a payment is overdue, ")
    assert row["reason_zh"].startswith("下调未使用额度:还款已逾期、")


def test_a_gentle_segment_gets_a_message_where_others_get_a_call() -> None:
    plain, gentle = acted({"current_dpd": 5}, {"current_dpd": 5, "behaviour_segment": "transactor"})
    assert (plain["action"], gentle["action"], gentle["severity"]) == ("call", "message", 1)


def test_what_the_books_show_done_is_done() -> None:
    frozen, free = acted({"line_frozen": True}, {}, action="stop")
    assert (frozen["outcome"], free["outcome"]) == ("done", "open")


def test_suspicious_lines_go_to_a_person_at_once() -> None:
    (row,) = acted({}, alert=80)
    assert (row["action"], row["due_on"]) == ("manual", NIGHT + timedelta(days=SECTION.urgent_due_days))
    assert row["expires_on"] == NIGHT + timedelta(days=SECTION.expiry_days)


def test_a_small_fall_or_nothing_unused_cuts_no_line() -> None:
    assert acted({}, fall=59) == []
    assert acted({"line_cents": 300_000}, fall=60) == []
    cut, full = {"line_cents": 300_001, "line_used_cents": 300_000}, {"line_cents": 300_000, "line_used_cents": 300_000}
    assert [row["action"] for row in acted(cut, full, fall=60)] == ["cut_unused_limit"]


def test_the_frame_is_what_the_contract_says() -> None:
    assert list(LADDER)[-1] == "manual"
