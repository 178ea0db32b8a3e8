"""A challenger is scored beside the champion and decides nothing; a promotion counts from its date.

One warehouse goes through it all: an expert's card is registered and watched for a night, then a card learned from
stored nights is promoted and decides the next, the expert's still watching.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl
import pytest

from orchestration.reports.explain import explain
from orchestration.reports.explain_words import told
from orchestration.run.context import RunContext
from orchestration.training.model_training import learn
from orchestration.training.warehouse_training import Sampled, recomputed, task_of
from tests.integration.lab import DATES
from transforms.risk.training.candidates import with_ratios
from transforms.risk.training.performance import BAD, GOOD, Definition
from warehouse.reference import REFERENCE

if TYPE_CHECKING:
    from pathlib import Path

    from orchestration.training.model_training import Learned
    from tests.integration.lab import Lab

KNOWN = "SELECT model_version, role, decided_by FROM lake.reference.model WHERE as_of_date = DATE '{}' ORDER BY 1"
WHO = ("--by", "Li Wei", "--reason", "ranks better out of time")


@pytest.fixture(scope="module")
def lab(first_night: Lab, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A warehouse after its first night, with an expert's second card that starts from twenty points fewer."""
    lab = first_night.copy(tmp_path_factory.mktemp("models") / "home")
    shipped = (REFERENCE / "scorecards" / "expert_v1.toml").read_text(encoding="utf-8")
    card = shipped.replace('version = "expert_v1"', 'version = "second"').replace(
        "base_points = 470", "base_points = 450"
    )
    folder = tmp_path_factory.mktemp("second")
    (folder / "scorecard.toml").write_text(card, encoding="utf-8")
    done = lab.fenqi("model", "register", str(folder), "--from", str(DATES[0]), *WHO)
    assert done.returncode == 1
    assert "is published" in done.stderr
    done = lab.fenqi("model", "register", str(folder), "--from", str(DATES[1]), *WHO)
    assert done.returncode == 0, done.stderr
    return lab


@pytest.fixture(scope="module")
def trained(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Learned]:
    """A card learned from the first night's customers, had those with most debt service and least savings gone bad."""
    pytest.importorskip("lightgbm", reason="the train extra is not installed (make train-extra)")
    with RunContext(lab.settings, "training") as work:
        profile = recomputed(work, DATES[0])
        body = work.rulebooks.models.document(work.rulebooks.models.models_on(DATES[0])["expert_v1"]).body
    worry = pl.col("champion_pd_12m").rank("ordinal") + pl.col("customer_token").rank("ordinal") / 4
    rows = profile.with_columns(outcome=pl.when(worry > worry.quantile(0.6)).then(pl.lit(BAD)).otherwise(pl.lit(GOOD)))
    task, source = task_of(Sampled(rows, [DATES[0]], DATES[0], body, recomputed=True), Definition(), challenge=False)
    folder = tmp_path_factory.mktemp("trained")
    learned = learn(task)
    learned.write(folder, title="Scorecard of stored nights", source=source)
    return folder, learned


def test_a_challenger_is_scored_and_decides_nothing(lab: Lab, forward: Lab) -> None:
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
    assert lab.query(KNOWN.format(DATES[1])) == [
        ("expert_v1", "champion", "configuration"),
        ("second", "challenger", "Li Wei"),
    ]


def test_a_learned_card_decides_from_the_date_it_is_promoted(lab: Lab, trained: tuple[Path, Learned]) -> None:
    folder, learned = trained
    done = lab.fenqi("model", "register", str(folder), "--from", str(DATES[2]), *WHO)
    assert done.returncode == 0, done.stderr
    version = next(p.name for p in (lab.home / "models").iterdir() if p.name.startswith("fitted_"))
    done = lab.fenqi("model", "promote", version, "--from", str(DATES[2]), *WHO)
    assert done.returncode == 0, done.stderr
    done = lab.night(DATES[2])
    assert done.returncode == 0, done.stderr

    assert lab.query(KNOWN.format(DATES[2])) == [
        ("expert_v1", "retired", "Li Wei"),
        (version, "champion", "Li Wei"),
        ("second", "challenger", "Li Wei"),
    ]
    of_night = f"WHERE as_of_date = DATE '{DATES[2]}'"
    assert lab.query(f"SELECT DISTINCT model_version FROM lake.risk.risk_assessment {of_night}") == [(version,)]
    assert lab.query(f"SELECT DISTINCT model_version FROM lake.risk.challenger_score {of_night}") == [("second",)]
    assert lab.query(
        f"SELECT DISTINCT model_version FROM lake.risk.risk_assessment WHERE as_of_date = '{DATES[1]}'"
    ) == [("expert_v1",)]
    published = lab.query(f"SELECT count(*) FROM lake.eligibility.customer_eligibility {of_night}")
    with RunContext(lab.settings, "training") as work:
        profile = work.lake.frame(f"SELECT * FROM lake.profile.customer_profile {of_night} ORDER BY customer_token")
        scored = work.lake.frame(
            f"SELECT customer_token, score FROM lake.risk.risk_assessment {of_night} ORDER BY customer_token"
        )
    assert published == [(profile.height,)]
    expected = learned.card.score(with_ratios(profile)[0]).clip(300, 850)
    assert scored["score"].to_list() == expected.tolist(), "the night scores as the training did"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_learned_card_explains_itself(lab: Lab, trained: tuple[Path, Learned], language: str) -> None:
    """The reasons are those of its own points, in the customer's words, and add up to the score."""
    (who,) = lab.query(
        f"SELECT customer_token::VARCHAR FROM lake.risk.risk_reason WHERE as_of_date = DATE '{DATES[2]}' "
        "ORDER BY points_below DESC, customer_token LIMIT 1"
    )
    found = explain(lab.settings, who[0], DATES[2])
    card = trained[1].card
    total = card.base_points + sum(p["points"] for p in found.points)
    assert min(max(total, 300), 850) == found.risk["score"]
    assert len(found.points) == len(card.variables)
    text = told(found, language)  # type: ignore[arg-type]  # one of the two
    assert f"{found.risk['score']} {'分' if language == 'zh' else 'points'}" in text
    assert len(found.risk_reasons) >= 2
    lacking = sorted((p["reference_points"] - p["points"] for p in found.points), reverse=True)
    assert [r["points_below"] for r in found.risk_reasons] == lacking[: len(found.risk_reasons)]
    for reason in found.risk_reasons:
        words = reason[f"reason_{language}"]
        assert words in text
        assert bool(re.search("[一-鿿]", words)) == (language == "zh")


def test_features_recomputed_for_an_earlier_date_are_those_published_on_it(forward: Lab, tmp_path: Path) -> None:
    """Training may see nothing that was not known: by the night after, nothing of the night before has changed."""
    lab = forward.copy(tmp_path / "home")
    with RunContext(lab.settings, "training") as work:
        again = recomputed(work, DATES[1])
        published = work.lake.frame(
            "SELECT p.*, r.pd_12m AS champion_pd_12m FROM lake.profile.customer_profile p "
            "JOIN lake.risk.risk_assessment r USING (as_of_date, customer_token) "
            f"WHERE as_of_date = DATE '{DATES[1]}' ORDER BY customer_token"
        )
    assert published.height > 0
    assert again.select(published.columns).rows() == published.rows()
