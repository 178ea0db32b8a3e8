"""What the simulated lender's data say hangs together, and with the truth."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from warehouse.simulator import bureau
from warehouse.simulator.draws import Streams
from warehouse.simulator.latent import latent
from warehouse.simulator.population import population
from warehouse.simulator.timeline import timeline

if TYPE_CHECKING:
    from tests.unit.warehouse.simulator.small_lender import SmallLender

SIGNED = pl.when(pl.col("direction") == "credit").then("amount_cents").otherwise(-pl.col("amount_cents"))


def _ordered(lender: SmallLender) -> pl.DataFrame:
    lines = lender.accepted["bank.bank_transaction"].sort("account_id", "posted_at", "transaction_id")
    return lines.with_columns(SIGNED.alias("signed"))


def test_balances_roll_forward_from_line_to_line(lender: SmallLender) -> None:
    """Lines still on their way at the end leave the only gaps."""
    lines = _ordered(lender).with_columns(
        (pl.col("balance_after_cents") - pl.col("balance_after_cents").shift().over("account_id")).alias("step")
    )
    steps = lines.filter(pl.col("step").is_not_null())
    unequal = steps.filter(pl.col("step") != pl.col("signed")).height
    assert unequal <= 0.02 * steps.height
    last = lines.filter(pl.col("posted_on") < date(2026, 1, 15))
    assert last.filter(pl.col("step") != pl.col("signed")).height <= 0.001 * last.height


def test_struck_balances_are_the_last_lines_balance(lender: SmallLender) -> None:
    day = date(2026, 1, 14)
    lines = _ordered(lender).filter(pl.col("posted_on") <= day).group_by("account_id").last()
    struck = lender.accepted["bank.account_balance"].filter(balance_date=day)
    both = struck.join(lines, on="account_id")
    assert both.height > 30
    assert (both["balance_cents"] == both["balance_after_cents"]).mean() > 0.98


def test_wages_add_up_to_true_income(lender: SmallLender) -> None:
    """Over the full months of history, for who earns a wage, kept a job and got no bonus in between."""
    people = lender.truth("customer_truth").filter(
        (pl.col("income_kind") == "payroll")
        & (pl.col("shock_kind") != "job_loss")
        & (pl.col("onboarded_on") < date(2025, 12, 1))
    )
    months = lender.truth("customer_month_truth").join(people, on="customer_id")
    true = months.filter(pl.col("month") == date(2025, 12, 1)).select("customer_id", "regular_income_cents")
    wages = (
        lender.accepted["bank.bank_transaction"]
        .filter(
            pl.col("counterparty_id").str.starts_with("EM")
            & (pl.col("posted_on") >= date(2025, 12, 3))
            & (pl.col("posted_on") < date(2026, 1, 3))
            & ~pl.col("description").is_in(["年终奖"])
        )
        .group_by("customer_id")
        .agg(pl.col("amount_cents").sum().alias("wages"))
    )
    both = true.join(wages, on="customer_id").join(people.select("customer_id", "income_noise"), on="customer_id")
    off = (both["wages"] / both["regular_income_cents"] - 1).abs()
    fixed = both["income_noise"] == 0
    assert both.height > 150
    assert (off.filter(fixed) < 0.001).mean() > 0.93
    assert (off.filter(~fixed) < 0.25).mean() > 0.90


def test_plans_are_paid_as_scheduled_where_all_goes_well(lender: SmallLender) -> None:
    """A plan settled at its term has received its principal and the interest of its installments."""
    plans = lender.accepted["credit.installment_plan"].filter(
        (pl.col("status") == "settled") & (pl.col("repay_method") == "ANNUITY")
    )
    paid = (
        lender.accepted["credit.repayment"]
        .with_columns(
            pl.when(pl.col("kind") == "reversal")
            .then(-pl.col("amount_cents"))
            .when(pl.col("kind") == "failed_debit")
            .then(0)
            .otherwise("amount_cents")
            .alias("paid"),
            (pl.col("kind") == "early_settlement").alias("early"),
        )
        .group_by("plan_id")
        .agg(pl.col("paid").sum(), pl.col("early").any())
    )
    both = plans.join(paid, on="plan_id").filter(~pl.col("early"))
    owed = both["installment_cents"] * both["term_m"]
    assert both.height > 10
    # The last installment takes the rounding: at most half a cent of interest a month.
    assert ((both["paid"] - owed).abs() <= both["term_m"] + 1).mean() > 0.95


def _hidden(seed: int, *, shocks: bool = True):
    line = timeline(date(2026, 3, 2), date(2027, 3, 2), 12, "monthly")
    streams = Streams(seed, 0)
    people = population(streams, np.arange(1, 8001), line, 250)
    burden = bureau.burden(people, bureau.accounts(streams, people, line))
    return line, people, latent(streams, people, line, burden, shocks=shocks)


def test_latent_probability_ranks_and_matches_what_happens() -> None:
    """The latent probability is the ceiling of any score; it is near what comes true, on average."""
    line, _, hidden = _hidden(5)
    first = len(line.latent_months) - 13
    good_so_far = (hidden.state[: first + 1] < 3).all(axis=0)
    later = (hidden.state[first + 1 :] == 3).any(axis=0)[good_so_far]
    pd = hidden.pd_12m[good_so_far]
    rank = np.empty(pd.size)
    rank[np.argsort(pd)] = np.arange(1, pd.size + 1)
    bad = later.sum()
    auc = (rank[later].sum() - bad * (bad + 1) / 2) / (bad * (pd.size - bad))
    assert auc > 0.72
    assert 0.8 < later.mean() / pd.mean() < 1.25


def test_without_shocks_the_same_people_live_on() -> None:
    """A counterfactual shares its draws: nobody defaults without shocks who would not have with them."""
    _, people, hidden = _hidden(5)
    _, same, calm = _hidden(5, shocks=False)
    assert np.array_equal(people.base_income, same.base_income)
    assert not calm.shock.any()
    assert hidden.shock.any()
    first = (hidden.state == 3).argmax(axis=0)
    calm_first = (calm.state == 3).argmax(axis=0)
    fell = (calm.state == 3).any(axis=0)
    assert (hidden.state == 3).any(axis=0)[fell].all()
    assert (first[fell] <= calm_first[fell]).all()
    assert (hidden.state == 3).any(axis=0).sum() > fell.sum()


def test_who_is_worse_underneath_looks_worse(lender: SmallLender) -> None:
    """The observable traces of ability and willingness point the right way."""
    worse = pl.col("latent_pd_12m") > pl.col("latent_pd_12m").median()
    truth = lender.truth("customer_truth").with_columns(worse.alias("worse"))
    cards = lender.accepted["credit.card_statement"].join(truth, on="customer_id")
    full = cards.group_by("worse").agg((pl.col("paid_cents") >= pl.col("statement_balance_cents")).mean().alias("x"))
    asked = lender.accepted["credit.credit_inquiry"].join(truth, on="customer_id").group_by("worse").len("x")
    by = {name: dict(frame.select("worse", "x").iter_rows()) for name, frame in (("full", full), ("asked", asked))}
    assert by["full"][False] > by["full"][True]
    assert by["asked"][False] < by["asked"][True]
