"""A night under another country's policy, and what readers see of changes and of compliance."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.integration.lab import DATES, Lab

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_night_under_the_american_policy_gives_its_notices_caps_and_reasons(
    first_night: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reg B: thirty days, four reasons; age decides nothing; the actuarial rate within 36 %."""
    lab = first_night.copy(tmp_path / "home")
    monkeypatch.setenv("FENQI_POLICY", "us/bank_card")
    done = lab.night(DATES[0])
    assert done.returncode == 0, done.stderr
    assert [publication for _, publication, *_ in lab.manifests()] == ["first", "restated"]
    rows = lab.query(
        "SELECT decision, len(principal_reasons), notice_due_on, list_contains(reasons, 'over_age'), policy_id "
        "FROM lake.eligibility.customer_eligibility"
    )
    assert len(rows) == 120
    assert {policy for *_, policy in rows} == {"us.bank_card"}
    assert {due for decision, _, due, *_ in rows if decision == "declined"} == {DATES[0] + timedelta(days=30)}
    assert {due for decision, _, due, *_ in rows if decision != "declined"} == {None}
    assert {reasons for decision, reasons, *_ in rows if decision != "eligible"} <= {1, 2, 3, 4}
    assert not any(over_age for *_, over_age, _ in rows)
    (offered,) = lab.query("SELECT count(*), max(apr_simple) <= 0.36 FROM lake.eligibility.installment_offer")
    assert offered[0] > 0
    assert offered[1]
    assert lab.query("SELECT count(*) FROM lake.eligibility.compliance_verdict WHERE NOT passed") == [(0,)]
    cited = dict(
        lab.query("SELECT rule_code, any_value(citation) FROM lake.eligibility.compliance_verdict GROUP BY rule_code")
    )
    assert cited["annual_cost_within_cap"] == "10 USC 987(b) (Military Lending Act), applied to every borrower"
    assert cited["notice_dated"] == "12 CFR 1002.9(a)(1)"
    assert "student_seen_by_a_person" not in cited


def test_every_change_between_published_nights_is_seen_by_readers_and_follows_from_the_nights(forward: Lab) -> None:
    seen = forward.query(
        "SELECT as_of_date, previous_date, count(*), count(*) FILTER (change = 'entered'), "
        "count(*) FILTER (change = 'left'), count(*) FILTER (len(why) = 0 AND change = 'changed') "
        "FROM lake.eligibility.eligibility_change GROUP BY ALL ORDER BY ALL"
    )
    assert [(day, before) for day, before, *_ in seen] == [(DATES[1], DATES[0]), (DATES[2], DATES[1])]
    for day, before, changed, entered, left, _ in seen:
        ((differ, came, went),) = forward.query(
            "SELECT count(*) FILTER ((b.decision, b.limit_cents, b.max_term_m, b.min_rate, b.reasons) IS DISTINCT FROM "
            "(n.decision, n.limit_cents, n.max_term_m, n.min_rate, n.reasons)), "
            "count(*) FILTER (n.decision = 'eligible' AND b.decision IS DISTINCT FROM 'eligible'), "
            "count(*) FILTER (b.decision = 'eligible' AND n.decision IS DISTINCT FROM 'eligible') "
            f"FROM (FROM lake.eligibility.customer_eligibility WHERE as_of_date = DATE '{day}') AS n "
            f"FULL JOIN (FROM lake.eligibility.customer_eligibility WHERE as_of_date = DATE '{before}') AS b "
            "USING (customer_token)"
        )
        assert (changed, entered, left) == (differ, came, went)
    assert sum(changed for _, _, changed, *_ in seen) > 0


def test_every_published_offer_has_a_verdict_for_every_rule_in_force(forward: Lab) -> None:
    ((offers, verdicts, rules, failed),) = forward.query(
        "SELECT count(DISTINCT subject_id), count(*), count(DISTINCT rule_code), count(*) FILTER (NOT passed) "
        f"FROM lake.eligibility.compliance_verdict WHERE subject = 'published_offer' AND as_of_date = DATE '{DATES[2]}'"
    )
    ((published,),) = forward.query(
        f"SELECT count(*) FROM lake.eligibility.installment_offer WHERE as_of_date = DATE '{DATES[2]}'"
    )
    assert (offers, verdicts, failed) == (published, published * rules, 0)
    assert rules >= 10
