"""M75, M80: a challenger is scored beside the champion and decides nothing; a promotion counts from its date."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from orchestration.warehouse_training import recomputed
from orchestration.work import Work
from tests.integration.lab import DATES
from warehouse.reference import REFERENCE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.lab import Lab

WHO = ("--by", "Li Wei", "--reason", "ranks better out of time")


def test_a_challenger_is_scored_and_decides_nothing(first_night: Lab, forward: Lab, tmp_path: Path) -> None:
    lab = first_night.copy(tmp_path / "home")
    shipped = (REFERENCE / "scorecards" / "expert_v1.toml").read_text(encoding="utf-8")
    card = shipped.replace('version = "expert_v1"', 'version = "second"').replace(
        "base_points = 470", "base_points = 450"
    )
    folder = tmp_path / "trained"
    folder.mkdir()
    (folder / "scorecard.toml").write_text(card, encoding="utf-8")

    done = lab.fenqi("model", "register", str(folder), "--from", str(DATES[0]), *WHO)
    assert done.returncode == 1
    assert "is published" in done.stderr
    for decision in (
        ("register", str(folder), "--from", str(DATES[1])),
        ("promote", "second", "--from", str(DATES[2])),
    ):
        done = lab.fenqi("model", *decision, *WHO)
        assert done.returncode == 0, done.stderr
    done = lab.night(DATES[1])
    assert done.returncode == 0, done.stderr

    decided, undisturbed = lab.tables(DATES[1]), forward.tables(DATES[1])
    assert {name for name in decided if decided[name] != undisturbed[name]} == {
        "reference.model",
        "risk.challenger_score",
    }
    customers = len(decided["risk.risk_assessment"])
    # Twenty points fewer to start from, but for who is at an end of the scale.
    twenty_less = "score = champion_score - 20 OR score = 300 OR champion_score = 850"
    assert lab.query(
        f"SELECT count(*), count(*) FILTER ({twenty_less}), max(champion_score - score), min(model_version) "
        f"FROM lake.risk.challenger_score WHERE as_of_date = DATE '{DATES[1]}'"
    ) == [(customers, customers, 20, "second")]
    assert forward.tables(DATES[1])["risk.challenger_score"] == []

    known = "SELECT model_version, role, decided_by FROM lake.reference.model WHERE as_of_date = DATE '{}' ORDER BY 1"
    assert lab.query(known.format(DATES[1])) == [
        ("expert_v1", "champion", "configuration"),
        ("second", "challenger", "Li Wei"),
    ]
    listed = json.loads(lab.fenqi("model", "list", "--date", str(DATES[2]), "--json").stdout)
    assert [(m["model_version"], m["role"]) for m in listed] == [("second", "champion"), ("expert_v1", "retired")]


def test_features_recomputed_for_an_earlier_date_are_those_published_on_it(forward: Lab, tmp_path: Path) -> None:
    """Training may see nothing that was not known: by the night after, nothing of the night before has changed."""
    lab = forward.copy(tmp_path / "home")
    with Work(lab.settings, "training") as work:
        again = recomputed(work, DATES[1])
        published = work.lake.frame(
            "SELECT p.*, r.pd_12m AS champion_pd_12m FROM lake.profile.customer_profile p "
            "JOIN lake.risk.risk_assessment r USING (as_of_date, customer_token) "
            f"WHERE as_of_date = DATE '{DATES[1]}' ORDER BY customer_token"
        )
    assert published.height > 0
    assert again.select(published.columns).rows() == published.rows()
