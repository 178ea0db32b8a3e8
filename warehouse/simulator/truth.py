"""What really was: latent variables and outcomes, for tests and model reports; the product never reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from warehouse.simulator.columns import CUSTOMER_ID, chosen, days, padded, text_of
from warehouse.simulator.latent import SHOCKS, STATES
from warehouse.simulator.population import CARD_TYPES, HOMES, KINDS
from warehouse.simulator.timeline import month_number, month_start

if TYPE_CHECKING:
    from warehouse.simulator.draws import Bools, Floats, Ints
    from warehouse.simulator.income import Income
    from warehouse.simulator.latent import Latent
    from warehouse.simulator.plans import Plans
    from warehouse.simulator.population import Population
    from warehouse.simulator.repayments import Servicing
    from warehouse.simulator.timeline import Timeline

CUSTOMER, CUSTOMER_MONTH, PLAN_MONTH = "customer_truth", "customer_month_truth", "plan_month_truth"


def tables(
    people: Population,
    timeline: Timeline,
    hidden: Latent,
    earned: Income,
    burden: Floats,
    booked: Plans,
    served: Servicing,
) -> dict[str, pl.DataFrame]:
    """The truth tables of one block."""
    return {
        CUSTOMER: _customers(people, timeline, hidden, burden),
        CUSTOMER_MONTH: _months(people, timeline, hidden, earned),
        PLAN_MONTH: _plans(people, timeline, booked, served),
    }


def _customers(people: Population, timeline: Timeline, hidden: Latent, burden: Floats) -> pl.DataFrame:
    """One row per customer; income, shock and default are counted from the first day of history on."""
    first = timeline.months.start - timeline.latent_months.start
    defaulted = hidden.defaulted_month(first)
    stood = hidden.streak[first - 1] >= 3
    shocked = hidden.shock[first:] > 0
    any_shock: Bools = np.asarray(shocked.any(axis=0))
    begins = shocked.argmax(axis=0)
    rest = np.arange(shocked.shape[0])[:, None] >= begins
    over = rest & ~shocked
    ends = np.where(np.asarray(over.any(axis=0)), over.argmax(axis=0), shocked.shape[0])
    kind = hidden.shock[first:][begins, np.arange(people.size)]
    frame = pl.DataFrame(
        {
            "_number": people.number,
            "ability": people.ability,
            "willingness": people.willingness,
            "thrift": people.thrift,
            "income_kind": chosen(KINDS, people.kind),
            "true_monthly_income_cents": np.rint(100 * people.income_in(month_number(timeline.start))).astype(np.int64),
            "income_noise": people.income_noise,
            "bonus_months": people.bonus_months,
            "home": chosen(HOMES, people.home),
            "segment": chosen(
                (*CARD_TYPES, "thin_file"), np.where(people.thin_file, len(CARD_TYPES), people.card_type)
            ),
            "is_gambler": people.gambler,
            "debt_burden": burden,
            "latent_pd_12m": hidden.pd_12m,
            "monthly_hazard": hidden.hazard,
            "shock_kind": chosen(SHOCKS, np.where(any_shock, kind, 0)),
            "shock_from": _month_day(timeline.months.start + begins, any_shock, 0),
            "shock_to": _month_day(timeline.months.start + ends, any_shock, -1),
            "in_default_before": stood,
            "defaulted_on": _month_day(timeline.latent_months.start + defaulted + 1, defaulted >= 0, -1),
            "onboarded_on": days(people.onboarded),
        }
    )
    return frame.select(CUSTOMER_ID.alias("customer_id"), pl.exclude("_number"))


def _month_day(month: Ints, there: Bools, shift: int) -> pl.Series:
    day = days(month_start(month) + shift)
    return pl.select(pl.when(pl.Series(there)).then(day)).to_series()


def _months(people: Population, timeline: Timeline, hidden: Latent, earned: Income) -> pl.DataFrame:
    """One row per customer and month: true income, shock, state of payment, and the draw that decided it.

    A default is entered where `default_draw < default_hazard`: with relief that lowers the hazard, or without shocks,
    the same draw decides again.
    """
    frames = []
    for k, month in enumerate(timeline.months):
        i = month - timeline.latent_months.start
        frames.append(
            pl.DataFrame(
                {
                    "_number": people.number,
                    "month": days(np.full(people.size, int(month_start(month)))),
                    "regular_income_cents": earned.regular[k],
                    "received_income_cents": earned.received[k],
                    "shock_kind": chosen(SHOCKS, hidden.shock[i]),
                    "payment_state": chosen(STATES, hidden.state[i]),
                    "missed_in_a_row": hidden.streak[i].astype(np.int16),
                    "default_hazard": hidden.hazard_month[i],
                    "default_draw": hidden.draw[i],
                }
            )
        )
    return pl.concat(frames).select(CUSTOMER_ID.alias("customer_id"), pl.exclude("_number"))


def _plans(people: Population, timeline: Timeline, booked: Plans, served: Servicing) -> pl.DataFrame:
    """One row per plan and month with something to pay: arrears before, what fell due, whether it was missed."""
    frames = []
    for k, month in enumerate(timeline.months):
        plan = np.flatnonzero(served.due[k] + served.owed[k])
        frames.append(
            pl.DataFrame(
                {
                    "_number": people.number[booked.customer[plan]],
                    "_seq": booked.seq[plan],
                    "month": days(np.full(plan.size, int(month_start(month)))),
                    "installment_no": (month - booked.start_month[plan]).astype(np.int32),
                    "owed_before_cents": served.owed[k][plan],
                    "due_cents": served.due[k][plan],
                    "missed": served.missed[k][plan],
                }
            )
        )
    return pl.concat(frames).select(
        text_of("P", padded("_number", 7), padded("_seq", 2)).alias("plan_id"),
        CUSTOMER_ID.alias("customer_id"),
        pl.exclude("_number", "_seq"),
    )
