"""Every version of a schedule says what was agreed and by which rule, and repays all."""

from __future__ import annotations

from functools import cache

import polars as pl

from tests.unit.transforms.outputs import plan_schedule
from tests.unit.transforms.second_cases import CASES, NIGHT
from tests.unit.transforms.second_installment.test_second_installment import books_of
from transforms.loans.product_conventions import ProductConventions
from transforms.servicing.cases import open_requests
from transforms.servicing.previews import previews


@cache
def versions() -> pl.DataFrame:
    b = books_of(NIGHT)
    drafts = previews(b.progress, b.routes, open_requests(b.wishes, NIGHT, b.policy), b.states_in(b.progress), b.policy)
    return plan_schedule(b.plans, b.progress, b.agreed, drafts, ProductConventions(), NIGHT, b.policy)


def of_case(name: str, route: str) -> pl.DataFrame:
    number = next(k for k, c in enumerate(CASES) if (c.name, c.route) == (name, route))
    return versions().filter(plan_id=f"P{number}")


def test_a_plan_has_one_version_in_force_and_every_version_repays_what_was_lent() -> None:
    sums = (
        versions()
        .group_by("plan_id", "version_no")
        .agg(pl.col("principal_cents").sum(), pl.col("balance_cents").last())
    )
    assert (sums["balance_cents"] == 0).all()
    booked = sums.filter(version_no=1)
    assert (booked["principal_cents"] == 1_200_000).all()
    in_force = versions().filter(version_state="in_force").group_by("plan_id").agg(pl.col("version_no").n_unique())
    assert (in_force["version_no"] == 1).all()
    assert in_force.height == versions()["plan_id"].n_unique()


def test_a_wish_is_a_preview_that_nobody_has_agreed_to() -> None:
    rows = of_case("loan, months wished", "term_change")
    draft = rows.filter(version_state="preview")
    assert draft.height == 19  # what was settled before, and eighteen installments
    assert draft["agreed_on"].null_count() == draft.height
    assert draft["rule"][0].startswith("plans.reinstallment_allowed: ")
    assert rows.filter(version_state="in_force")["route"].unique().to_list() == ["booked"]


def test_an_agreed_change_stands_beside_what_it_replaced() -> None:
    rows = of_case("an agreement in May", "art70_restructure")
    states = (
        rows.group_by("version_no").agg(pl.col("version_state").first(), pl.col("route").first()).sort("version_no")
    )
    assert states.rows() == [(1, "superseded", "booked"), (2, "in_force", "art70_restructure")]
    agreed = rows.filter(version_no=2)
    assert agreed["agreed_on"].null_count() == 0
    assert "art. 70" in agreed["rule"][0]


def test_plans_that_owe_nothing_have_no_schedule() -> None:
    assert of_case("settled already", "early_settlement").is_empty()
