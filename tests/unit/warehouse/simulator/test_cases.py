"""Hardship cases and change requests as the simulated lender's customers open them."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import polars as pl

from warehouse.contract import load_contract
from warehouse.simulator import bureau, cases, feeds_plans, plans, repayments
from warehouse.simulator.draws import Streams
from warehouse.simulator.latent import latent
from warehouse.simulator.population import population
from warehouse.simulator.timeline import timeline


@cache
def opened(end: date = date(2026, 4, 30)) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """(hardship, service, plans) of 2,000 customers."""
    line, streams = timeline(date(2026, 1, 31), end, 12, "monthly"), Streams(5, 0)
    people = population(streams, np.arange(1, 2001), line, employers=10)
    burden = bureau.burden(people, bureau.accounts(streams, people, line))
    hidden = latent(streams, people, line, burden, shocks=True)
    booked = plans.plans(streams, people, line, hidden, np.zeros((6, 1), np.int64))
    served = repayments.service(streams, line, hidden, booked)
    return (
        cases.hardship_case(streams, people, line, hidden, booked),
        cases.service_case(streams, people, line, hidden, booked),
        feeds_plans.installment_plan(people, line, booked, served),
    )


def test_only_customers_with_a_plan_open_cases_and_name_their_own_plans() -> None:
    hardship, service, booked = opened()
    for told in (hardship, service):
        assert told.height > 20
        assert set(told["customer_id"]) <= set(booked["customer_id"])
    wishes = service.filter(pl.col("kind") == "change_request")
    assert wishes.join(booked, on=["plan_id", "customer_id"], how="anti").is_empty()


def test_an_acceptance_follows_its_request_with_the_same_terms() -> None:
    service = opened()[1]
    requests = service.filter(pl.col("kind") == "change_request").select(
        pl.col("case_id").alias("refers_to"), "plan_id", "route", "due_day", pl.col("opened_on").alias("asked_on")
    )
    taken = service.filter(pl.col("kind") == "acceptance")
    both = taken.join(requests, on=["refers_to", "plan_id", "route", "due_day"])
    assert both.height == taken.height > 0
    assert (both["opened_on"] > both["asked_on"]).all()


def test_cases_have_the_contracts_columns_and_nothing_of_the_evidence_but_its_status() -> None:
    for name, told in zip(("credit.hardship_case", "credit.service_case"), opened(), strict=False):
        delivered = {c.name for c in load_contract(name).delivered}
        assert set(told.columns) - {"_arrival"} == delivered
    assert set(opened()[0]["cause"]) == {"income_loss", "medical", "other"}


def test_a_longer_simulation_changes_no_earlier_case() -> None:
    for short, longer in zip(opened(date(2026, 3, 31))[:2], opened()[:2], strict=True):
        assert short.join(longer, on=short.columns, how="anti", nulls_equal=True).is_empty()
