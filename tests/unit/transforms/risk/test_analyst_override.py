"""Analysts' notes: what counts, how far, how long, and that every note is accounted for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.outputs import analyst_override
from tests.unit.transforms.risk.support import NIGHT, assess, shipped_policy, token
from tests.unit.transforms.support import reasons
from transforms.risk.analyst_override import SCALE, judged_notes, note_notches
from transforms.risk.risk_assessment import GradeInputs

SECTION = shipped_policy(NIGHT).analyst_notes
NOTE: dict[str, Any] = {
    "author_code": "RA01",
    "noted_on": NIGHT - timedelta(days=10),
    "expires_on": NIGHT + timedelta(days=30),
    "opinion": "worse",
    "reason_code": "conduct",
    "status": "active",
}


def notes(*changes: dict[str, Any]) -> pl.DataFrame:
    """A note each of a customer of its own, unless a change says otherwise."""
    rows = [{"note_id": f"N{n}", "customer_token": token(n), "shard": 0, **NOTE, **c} for n, c in enumerate(changes)]
    return pl.DataFrame(rows, schema_overrides={"shard": pl.Int16}, orient="row")


def bureau(count: int, status: str = "fresh") -> pl.DataFrame:
    return pl.DataFrame({"customer_token": [token(n) for n in range(count)], "bureau_status": [status] * count})


def outcomes(*changes: dict[str, Any], section: Any = SECTION, status: str = "fresh") -> list[tuple[str, int]]:
    judged = judged_notes(notes(*changes), bureau(len(changes), status), section, NIGHT).sort("note_id")
    return judged.select("outcome", "notch").rows()


def test_a_note_moves_one_grade_and_no_more() -> None:
    """However far the opinion on the analysts' scale is from the grade."""
    asked = [{"opinion": o, "reason_code": "conduct"} for o in SCALE]
    assert outcomes(*asked) == [("capped", -1), ("applied", -1), ("no_change", 0), ("applied", 1), ("capped", 1)]


def test_social_influence_is_no_ground() -> None:
    """No credit by connections."""
    assert outcomes({"reason_code": "social_influence", "opinion": "better"}) == [("reason_not_accepted", 0)]
    assert "social_influence" not in SECTION.accepted_reasons


def test_a_note_ends_with_its_expiry_or_the_policy_s_longest_or_when_withdrawn() -> None:
    last_day, over = {"expires_on": NIGHT}, {"expires_on": NIGHT - timedelta(days=1)}
    old = {"noted_on": NIGHT - timedelta(days=SECTION.max_days + 1), "expires_on": date(2030, 1, 1)}
    found = outcomes(last_day, over, old, {"status": "withdrawn"})
    assert [o for o, _ in found] == ["applied", "expired", "expired", "withdrawn"]


def test_no_better_grade_by_judgement_without_fresh_credit_information() -> None:
    better = {"opinion": "better", "reason_code": "income_evidence"}
    assert outcomes(better, {}, status="stale") == [("bureau_not_fresh", 0), ("applied", 1)]


def test_the_newest_note_that_counts_stands() -> None:
    """An expired or refused newer note does not shut out an older good one."""
    of_one = {"customer_token": token(0)}
    older, newer = NIGHT - timedelta(days=20), NIGHT - timedelta(days=5)
    found = outcomes(
        {**of_one, "noted_on": older},
        {**of_one, "noted_on": newer, "opinion": "better"},
        {**of_one, "noted_on": NIGHT, "reason_code": "social_influence"},
    )
    assert found == [("superseded", 0), ("applied", -1), ("reason_not_accepted", 0)]


def test_a_policy_without_judgement_refuses_every_note() -> None:
    assert outcomes({}, section=replace(SECTION, accepted=False)) == [("notes_not_accepted", 0)]


def test_the_log_says_what_became_of_every_note() -> None:
    """Grade A has no better one; the note is logged as without room."""
    given_notes = notes({}, {"opinion": "better"}, {"status": "withdrawn"})
    judged = judged_notes(given_notes, bureau(3), SECTION, NIGHT)
    rows = assess({}, {}, {}, inputs=GradeInputs(notches=note_notches(judged)))
    log = analyst_override(judged, pl.DataFrame(rows, infer_schema_length=None), reasons(), NIGHT)
    told = log.sort("note_id").select("outcome", "grade_before", "grade_after", "notch_applied").rows()
    assert told == [
        ("applied", "A", "B", 1),
        ("no_room", "A", "A", 0),
        ("withdrawn", "A", "A", 0),
    ]
    assert log.sort("note_id")["outcome_en"][0] == "The grade was moved as the note asks"


def test_a_lender_without_analysts_has_an_empty_log() -> None:
    """The feed is optional."""
    judged = judged_notes(notes({}).clear(), bureau(1), SECTION, NIGHT)
    assessment = pl.DataFrame(assess({}), infer_schema_length=None)
    assert note_notches(judged).is_empty()
    assert analyst_override(judged, assessment, reasons(), NIGHT).is_empty()


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "customer_token": st.sampled_from([token(0), token(1)]),
                "opinion": st.sampled_from(sorted(SCALE)),
                "reason_code": st.sampled_from(["conduct", "social_influence", "other"]),
                "noted_on": st.dates(date(2025, 6, 1), NIGHT),
                "expires_on": st.dates(date(2025, 12, 1), date(2026, 12, 1)),
                "status": st.sampled_from(["active", "withdrawn"]),
            }
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=40, deadline=None)
def test_at_most_one_note_counts_and_never_beyond_the_notch(changes: list[dict[str, Any]]) -> None:
    judged = judged_notes(notes(*changes), bureau(2), SECTION, NIGHT)
    counted = note_notches(judged)
    assert judged.height == len(changes)
    assert counted["customer_token"].is_unique().all()
    assert counted["note_notch"].abs().max() in (None, 1)
    assert judged.filter(pl.col("notch") != 0, pl.col("stands_until") < NIGHT).is_empty()
