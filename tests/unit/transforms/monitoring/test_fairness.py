"""Adverse impact by hand, small cells without a verdict, and same inputs, same terms (PIPL art. 24)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from tests.unit.transforms.outputs import fairness
from tests.unit.transforms.support import policy
from transforms.monitoring.fairness import TERMS, age_band, group_outcomes, inputs_and_terms

if TYPE_CHECKING:
    from transforms.policy.sections_monitoring import Monitoring

NIGHT = date(2026, 3, 31)
FIGURES: Monitoring = replace(policy().monitoring, watched_attributes=("sex",), minimum_cell=4, price_tiers=("A", "C"))


def night(people: list[tuple[str | None, str, str]]) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    tokens = [str(n) for n in range(len(people))]
    customers = pl.DataFrame(
        {"customer_token": tokens, "sex": [p[0] for p in people]}, schema_overrides={"sex": pl.String}
    )
    eligibility = pl.DataFrame(
        {"customer_token": tokens, "decision": [p[1] for p in people], "price_grade": [p[2] for p in people]}
    )
    offers = eligibility.filter(pl.col("decision") == "eligible").select("customer_token").head(3)
    return customers, eligibility, pl.concat([offers, offers])


def same() -> pl.DataFrame:
    return pl.DataFrame({"inputs": [1, 2], "terms": [1, 1], "customer_cnt": [3, 1]})


def test_ratios_by_hand() -> None:
    """Women 4 of 5 eligible, men 2 of 5: a ratio of one half; the unknown and the two others are too few."""
    people = [("f", "eligible", "A")] * 4 + [("f", "declined", "G")] + [("m", "eligible", "C")] * 2
    people += [("m", "review", "D")] * 2 + [("m", "declined", "G")] + [("x", "eligible", "A")] * 2
    people += [(None, "declined", "A")] * 6
    found = fairness([group_outcomes(*night(people), FIGURES)], [same()], FIGURES, NIGHT)
    automatic = {r["group_value"]: r for r in found.filter(stage="automatic").iter_rows(named=True)}
    assert automatic["f"]["status"] == "reference"
    assert automatic["m"]["impact_ratio"] == pytest.approx(0.5)
    assert automatic["m"]["status"] == "below_threshold"
    assert automatic["x"]["status"] == "small_cell"
    assert automatic["x"]["impact_ratio"] is None
    assert automatic["unknown"]["status"] == "small_cell"
    kept = {r["group_value"]: r for r in found.filter(stage="not_declined").iter_rows(named=True)}
    assert kept["m"]["impact_ratio"] == pytest.approx(1.0)
    assert kept["m"]["status"] in ("holds", "reference")
    priced = found.filter(stage="priced", tier="A", group_value="f").row(0, named=True)
    assert (priced["group_cnt"], priced["passed_cnt"]) == (4, 4)
    offered = found.filter(stage="offered")
    assert offered["passed_cnt"].sum() == 3


def test_exactly_four_fifths_holds() -> None:
    people = [("f", "eligible", "A")] * 5 + [("m", "eligible", "A")] * 4 + [("m", "declined", "G")]
    found = fairness([group_outcomes(*night(people), FIGURES)], [same()], FIGURES, NIGHT)
    assert found.filter(stage="automatic", group_value="m")["status"].item() == "holds"


def test_a_group_of_just_the_smallest_cell_has_a_verdict_and_one_fewer_has_none() -> None:
    """The cell is four: four men are judged and can be the reference, three women neither."""
    people = [("m", "eligible", "A")] * 3 + [("m", "declined", "G")] + [("f", "eligible", "A")] * 3
    found = fairness([group_outcomes(*night(people), FIGURES)], [same()], FIGURES, NIGHT).filter(stage="automatic")
    verdicts = {r["group_value"]: r for r in found.iter_rows(named=True)}
    assert (verdicts["m"]["status"], verdicts["m"]["impact_ratio"]) == ("reference", 1.0)
    assert (verdicts["f"]["status"], verdicts["f"]["impact_ratio"]) == ("small_cell", None)
    assert verdicts["f"]["reference_group"] == "m"


def test_the_unknown_are_no_reference_however_many_and_a_rate_of_nothing_has_no_ratio() -> None:
    people = [(None, "eligible", "A")] * 9 + [("m", "declined", "G")] * 4
    found = fairness([group_outcomes(*night(people), FIGURES)], [same()], FIGURES, NIGHT).filter(stage="automatic")
    verdicts = {r["group_value"]: r for r in found.iter_rows(named=True)}
    assert verdicts["unknown"]["status"] == "small_cell"
    assert (verdicts["m"]["reference_group"], verdicts["m"]["impact_ratio"]) == ("m", None)


def test_shards_add_up() -> None:
    people = [("f", "eligible", "A"), ("m", "declined", "G"), ("f", "review", "B"), ("m", "eligible", "C")] * 3
    whole = [group_outcomes(*night(people), FIGURES)]
    parts = [group_outcomes(*night(people[:5]), FIGURES), group_outcomes(*night(people[5:]), FIGURES)]
    given_, got = (fairness(p, [same()], FIGURES, NIGHT).filter(pl.col("stage") != "offered") for p in (whole, parts))
    assert got.equals(given_)


def test_same_inputs_with_other_terms_are_found() -> None:
    differing = pl.DataFrame({"inputs": [7, 7, 8], "terms": [1, 2, 1], "customer_cnt": [2, 1, 5]})
    people = [("f", "eligible", "A")] * 4
    row = fairness([group_outcomes(*night(people), FIGURES)], [differing], FIGURES, NIGHT).filter(stage="same_terms")
    assert row.select("group_cnt", "passed_cnt", "status").row(0) == (8, 7, "differs")


def book(limits: list[int]) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Customers alike in every deciding input, with limits as given."""
    count = len(limits)
    tokens = [str(n) for n in range(count)]
    profile = {c: [5] * count for rule in policy().rules for c in rule.columns}
    terms: dict[str, list[Any]] = {name: ["x"] * count for name in TERMS} | {"limit_cents": limits}
    return (
        pl.DataFrame({"customer_token": tokens, **profile, "province_code": tokens}),
        pl.DataFrame({"customer_token": tokens, "score": [700] * count}),
        pl.DataFrame({"customer_token": tokens, **terms}),
    )


def test_what_decides_nothing_is_no_input() -> None:
    """The province differs from customer to customer; terms that differ with it have nothing to rest on."""
    equal = inputs_and_terms(*book([100, 100, 100]), policy())
    assert equal.height == 1
    assert equal["customer_cnt"].item() == 3
    unequal = inputs_and_terms(*book([100, 100, 200]), policy())
    assert unequal["inputs"].n_unique() == 1
    assert unequal.height == 2


def test_age_bands() -> None:
    frame = pl.DataFrame({"age_years": [None, 17, 18, 24, 25, 64, 65, 90]})
    assert frame.select(age_band()).to_series().to_list() == [
        *("unknown", "under 18", "18 to 24", "18 to 24", "25 to 34", "55 to 64", "65 and over", "65 and over"),
    ]
