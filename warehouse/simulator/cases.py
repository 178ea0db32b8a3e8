"""Cases customers open with the lender: hardship when a shock comes, wishes about their plans, complaints, questions.

Everything is drawn by the customer's number and the month, so a longer simulation changes no earlier case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from warehouse.simulator.columns import CUSTOMER_ID, chosen, days, padded, text_of
from warehouse.simulator.draws import luck
from warehouse.simulator.feeds import simulates
from warehouse.simulator.feeds_plans import PLAN_ID
from warehouse.simulator.latent import DEFAULTED, MEDICAL, PAYS
from warehouse.simulator.planting import unknown
from warehouse.simulator.timeline import day_in_month

if TYPE_CHECKING:
    from warehouse.simulator.draws import Bools, Ints, Streams
    from warehouse.simulator.latent import Latent
    from warehouse.simulator.plans import Plans
    from warehouse.simulator.population import Population
    from warehouse.simulator.timeline import Timeline

_CAUSES = ("income_loss", "medical")
_EVIDENCE = ("requested", "received", "verified", "rejected")
_FILES, _EVIDENCE_DAYS = 0.45, 7
#: Of those who stop paying though no shock has hit them, whose debts have simply become too much.
_FILES_OVERBURDENED = 0.3
_ASKS_A_MONTH = 0.02
_KINDS = ("change_request", "complaint", "enquiry")
_CHANNELS = ("app", "phone", "branch", "online_chat", "letter")
_LANGUAGES = ("zh", "en", "other")
_ACCEPTS_AFTER, _MOVED_DAYS, _ANSWERED_AFTER = 3, 5, 6


@simulates("credit.hardship_case", file_format="csv", bad_rows=(unknown("evid_status"),))
def hardship_case(
    streams: Streams, people: Population, timeline: Timeline, hidden: Latent, booked: Plans
) -> pl.DataFrame:
    """Cases of customers with a plan whom a shock hits: opened that month, evidence a week later, closed at its end.

    Some who stop paying without a shock open one the month after, of another cause; it is closed when they pay again.
    """
    frames = [_overburdened(streams, people, timeline, hidden, booked)]
    for month in timeline.months:
        k = month - timeline.latent_months.start
        rng = streams.at("hardship", month)
        u = rng.random((5, people.size))
        begins = (hidden.shock[k] > 0) & (hidden.shock[k - 1] == 0)
        who = np.flatnonzero(begins & _has_plan(people, booked, month) & (u[0] < _FILES))
        day = day_in_month(month, 1 + (25 * u[1][who]).astype(np.int64))
        later = hidden.shock[k:, who] == 0
        over = np.where(later.any(axis=0), later.argmax(axis=0), len(timeline.latent_months))
        resumes = day_in_month(month + np.minimum(over, 12), np.ones(who.size, np.int64))
        # What the customer expects, which is not what will be.
        expects = day_in_month(month + 1 + (5 * u[4][who]).astype(np.int64), np.ones(who.size, np.int64))
        evidence = 1 + np.searchsorted([0.55, 0.9], u[2][who])
        frames += _states(
            people.number[who],
            month,
            chosen(_CAUSES, (hidden.shock[k][who] == MEDICAL).astype(np.int64)),
            willing=u[3][who] < 0.9,
            evidence=evidence,
            opened=day,
            expects=days(expects),
            closed=np.maximum(resumes, day + _EVIDENCE_DAYS + 1),
        )
    frame = pl.concat(frames).filter(pl.col("_arrival") <= timeline.last_day)
    return frame.select(
        text_of("H", padded("_number", 7), padded("_month", 5)).alias("case_id"),
        CUSTOMER_ID.alias("customer_id"),
        pl.lit(None, pl.String).alias("plan_id"),
        pl.exclude("_number", "_month"),
    )


def _overburdened(
    streams: Streams, people: Population, timeline: Timeline, hidden: Latent, booked: Plans
) -> pl.DataFrame:
    """The three states of cases of those who stop paying without a shock; empty where a month begins with one."""
    frames = []
    for month in timeline.months:
        k = month - timeline.latent_months.start
        stops = (hidden.state[k - 1] == DEFAULTED) & (hidden.state[k - 2] != DEFAULTED)
        calm = (hidden.shock[k] == 0) & (hidden.shock[k - 1] == 0)
        files, when, shows = (luck(streams.seed + 7 + n, people.number, np.full(people.size, month)) for n in range(3))
        who = np.flatnonzero(stops & calm & _has_plan(people, booked, month) & (files < _FILES_OVERBURDENED))
        day = day_in_month(month, 1 + (25 * when[who]).astype(np.int64))
        later = hidden.state[k:, who] != DEFAULTED
        over = np.where(later.any(axis=0), later.argmax(axis=0), len(timeline.latent_months))
        ends = np.maximum(day_in_month(month + np.minimum(over, 24), np.ones(who.size, np.int64)), day + 8)
        shown = 1 + np.searchsorted([0.55, 0.9], shows[who])
        frames += _states(
            people.number[who],
            month,
            pl.Series(["other"] * who.size, dtype=pl.String),
            willing=files[who] < 0.9 * _FILES_OVERBURDENED,
            evidence=shown,
            opened=day,
            expects=pl.Series([None] * who.size, dtype=pl.Date),
            closed=ends,
        )
    return pl.concat(frames)


def _states(
    number: Ints,
    month: int,
    cause: pl.Series,
    *,
    willing: Bools,
    evidence: Ints,
    opened: Ints,
    expects: pl.Series,
    closed: Ints,
) -> list[pl.DataFrame]:
    """The three states of a month's cases: opened without evidence, with what came of it, closed."""
    none_yet = np.zeros(number.size, np.int64)
    return [
        pl.DataFrame(
            {
                "_number": number,
                "_month": np.full(number.size, month),
                "cause": cause,
                "evid_status": chosen(_EVIDENCE, shown),
                "willing_to_pay": willing,
                "opened_on": days(opened),
                "expected_resume_on": expects,
                "status": pl.Series([status] * number.size, dtype=pl.String),
                "changed_on": days(changed_on),
                "_arrival": changed_on,
            }
        )
        for changed_on, shown, status in (
            (opened, none_yet, "open"),
            (opened + _EVIDENCE_DAYS, evidence, "open"),
            (closed, evidence, "closed"),
        )
    ]


@simulates("credit.service_case", file_format="csv", bad_rows=(unknown("channel"),))
def service_case(
    streams: Streams, people: Population, timeline: Timeline, hidden: Latent, booked: Plans
) -> pl.DataFrame:
    """Wishes, complaints and questions, the latter answered; some who ask for another due date accept it days later."""
    frames = []
    for month in timeline.months:
        k = month - timeline.latent_months.start
        u = np.ones((7, booked.customer.size))
        known = booked.known_in(month)
        u[:, :known] = streams.at("service", month).random((7, known))
        age = month - booked.start_month
        running = (age >= 1) & (age < booked.term) & (booked.cancelled == 0)
        plan = np.flatnonzero(running & (u[0] < _ASKS_A_MONTH))
        day = day_in_month(month, 1 + (20 * u[1][plan]).astype(np.int64))
        kind = np.searchsorted([0.5, 0.7], u[2][plan])
        route = np.where(kind == 0, np.searchsorted([0.6, 0.8], u[3][plan]), -1)
        # A later day of the month, so that payments on the old one are early, never late.
        later = np.minimum(booked.anchor[plan] + _MOVED_DAYS, 28)
        asked = _cases(people, booked, plan, month, (day, kind, route, later, u[4:6][:, plan]), accepts=False)
        sound = (hidden.state[k][booked.customer[plan]] == PAYS) & (booked.anchor[plan] < later)
        takes = (kind == 0) & (route == 0) & sound & (u[6][plan] < 0.5)
        some = (day[takes] + _ACCEPTS_AFTER, kind[takes], route[takes], later[takes], u[4:6][:, plan[takes]])
        answered = asked.filter(pl.col("kind") != "change_request").with_columns(
            pl.col("opened_on").dt.offset_by(f"{_ANSWERED_AFTER}d").alias("changed_on"),
            pl.lit("closed").alias("status"),
            pl.col("_arrival") + _ANSWERED_AFTER,
        )
        frames += [asked, answered, _cases(people, booked, plan[takes], month, some, accepts=True)]
    return pl.concat(frames).filter(pl.col("_arrival") <= timeline.last_day)


def _has_plan(people: Population, booked: Plans, month: int) -> Bools:
    age = month - booked.start_month
    running = (age >= 1) & (age <= booked.term) & (booked.cancelled == 0)
    return np.asarray(np.bincount(booked.customer[running], minlength=people.size) > 0)


def _cases(
    people: Population,
    booked: Plans,
    plan: Ints,
    month: int,
    asked: tuple[Ints, Ints, Ints, Ints, np.typing.NDArray[np.float64]],
    *,
    accepts: bool,
) -> pl.DataFrame:
    day, kind, route, later, u = asked
    routes = ("due_date_change", "early_settlement", "rate_review")
    frame = pl.DataFrame(
        {
            "_number": people.number[booked.customer[plan]],
            "_seq": booked.seq[plan],
            "_month": np.full(plan.size, month),
            "_about": kind == 0,
            "kind": ["acceptance"] * plan.size if accepts else chosen(_KINDS, kind),
            "route": chosen(routes, route, route < 0),
            "_day": np.where(route == 0, later, -1).astype(np.int32),
            "channel": chosen(_CHANNELS, (5 * u[0]).astype(np.int64)),
            "language": chosen(_LANGUAGES, np.searchsorted([0.93, 0.99], u[1])),
            "vulnerable": (u[0] * 97) % 1 < 0.05,
            "opened_on": days(day),
            "_arrival": day,
        },
        schema_overrides={"kind": pl.String, "route": pl.String, "_about": pl.Boolean, "vulnerable": pl.Boolean},
    )
    request = text_of("S", padded("_number", 7), padded("_seq", 2), padded("_month", 5))
    plan_id = pl.when("_about").then(PLAN_ID)
    number, rate = pl.lit(None, pl.Int32), pl.lit(None, pl.Decimal(9, 6))
    return frame.select(
        text_of(request, "A").alias("case_id") if accepts else request.alias("case_id"),
        CUSTOMER_ID.alias("customer_id"),
        plan_id.alias("plan_id"),
        "kind",
        "route",
        (request if accepts else pl.lit(None, pl.String)).alias("refers_to"),
        "opened_on",
        pl.lit(None, pl.Date).alias("effective_on"),
        number.alias("term_m"),
        pl.when(pl.col("_day") > 0).then("_day").alias("due_day"),
        number.alias("pause_m"),
        pl.lit(None, pl.String).alias("interest_mode"),
        rate.alias("annual_rate"),
        pl.lit(None, pl.Int64).alias("down_payment_cents"),
        pl.lit(None, pl.Int64).alias("waived_cents"),
        "channel",
        "language",
        "vulnerable",
        pl.lit("closed" if accepts else "open").alias("status"),
        pl.col("opened_on").alias("changed_on"),
        "_arrival",
    )
