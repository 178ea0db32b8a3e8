"""What the bank's master files say: customers, accounts, consents, and how they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from warehouse.simulator.columns import blank, chosen, days, numbered, texts
from warehouse.simulator.commerce import PROVINCES
from warehouse.simulator.draws import cents, pick
from warehouse.simulator.feeds import simulates
from warehouse.simulator.planting import missing, no_date, unknown
from warehouse.simulator.population import GIG, PAYROLL, RETIRED, SELF_EMPLOYED, STUDENT
from warehouse.simulator.timeline import month_start

if TYPE_CHECKING:
    from warehouse.simulator.draws import Bools, Floats, Ints, Streams
    from warehouse.simulator.population import Population
    from warehouse.simulator.timeline import Timeline

#: Syllables the invented names are put together from; none of them is a common family name.
_FAMILY = ("柘", "岚", "穹", "禾", "汀", "珂", "泊", "苒", "筠", "澍", "杪", "荻")
_GIVEN = ("一", "知", "予", "南", "舟", "星", "言", "青", "禾", "朗", "乐", "安", "宁", "川", "可", "溪")
_EDUCATION = ("primary", "secondary", "vocational", "bachelor", "master", "doctorate")
_EMPLOYMENT = ("employee", "gig", "self_employed", "student", "retired", "unemployed")
_MARITAL = ("single", "married", "divorced", "widowed", "unknown")
_INDUSTRIES = ("manufacturing", "retail", "education", "health", "software", "construction", "transport", "public")
_OCCUPATIONS = ("clerical", "technical", "sales", "production", "service", "manager", "professional")
_PREFERENCES = ("longest_term", "lowest_payment", "soonest_paid", "lowest_total_cost")
SCOPES = ("bank_statement", "ecommerce", "credit_bureau", "data_sharing", "marketing")
_GIVEN_SHARE = (0.96, 0.90, 0.95, 0.62, 0.45)
_PROOFS = ("tax", "social_security", "employer_proof")


@simulates(
    "bank.customer",
    file_format="csv.gz",
    bad_rows=(unknown("employment_type"), no_date("birth_date"), missing("marketing_opt_out")),
)
def customer(streams: Streams, people: Population, timeline: Timeline) -> pl.DataFrame:
    """Customer master: everyone as onboarded, and again in the month something changed."""
    n = people.size
    base = _persons(streams, people, timeline)
    frames = [_working(base, people, people.onboarded, people.base_income, np.zeros(n, bool), np.arange(n))]
    opted = np.zeros(n, bool)
    for month in timeline.months:
        rng = streams.at("change", month)
        u = rng.random((2, n))
        opts = ~opted & (u[0] < 0.002)
        opted |= opts
        moves = people.job_change_month == month
        day = np.maximum(month_start(month) + 1 + (26 * u[1]).astype(np.int64), people.onboarded + 1)
        who = np.flatnonzero((opts | moves) & (day > people.onboarded))
        frames.append(_working(base, people, day, people.income_in(month), opted, who, month=month))
    return pl.concat(frames)


def _persons(streams: Streams, people: Population, timeline: Timeline) -> pl.DataFrame:
    """What does not change about a person."""
    rng, n = streams.at("contact"), people.size
    family, first, second = (np.asarray(pool)[rng.integers(0, len(pool), n)] for pool in (_FAMILY, _GIVEN, _GIVEN))
    age = people.age_days / 365.25
    marital = np.where(age < 27, pick(rng, (0.85, 0.15), n), pick(rng, (0.2, 0.68, 0.08, 0.02, 0.02), n))
    schooling = np.clip(np.round(2.2 + 0.75 * people.ability + 0.7 * rng.standard_normal(n)), 0, 5).astype(np.int64)
    schooling = np.where(people.kind == STUDENT, np.maximum(schooling, 2), schooling)
    number = numbered(people.number)
    stated_rng = streams.at("stated")
    stated = cents(np.round(people.base_income * np.exp(0.06 + 0.16 * stated_rng.standard_normal(n)), -2))
    u = stated_rng.random((6, n))
    proof_share = np.array([0.42, 0.05, 0.20, 0.0, 0.45, 0.0])[people.kind]
    proof = np.where(u[0] < proof_share, np.where(people.kind == RETIRED, 1, (3 * u[1]).astype(np.int64)), -1)
    proved = cents(np.round(people.base_income * (1.0 + 0.02 * (u[2] - 0.5))))
    return pl.DataFrame(
        {
            "customer_id": texts("C", number),
            "full_name": pl.Series(np.char.add(np.char.add(family, first), second)),
            # Region 99 and a last letter other than X: no real identity number looks like this.
            "id_number": texts("9900", number, "000000Z"),
            # Numbers beginning with 100 are not assigned to mobiles.
            "mobile": texts("1000", number),
            "email": texts("c", number, "@example.invalid"),
            "address": texts("示例市虚构路", numbered(1 + people.number % 998, 3), "号"),
            "birth_date": days(people.born_on()),
            "sex": pl.Series(np.array(["F", "M", "U"])[pick(rng, (0.495, 0.495, 0.01), n)]),
            "marital_status": pl.Series(np.array(_MARITAL)[marital]),
            "education_level": pl.Series(np.array(_EDUCATION)[schooling]),
            "is_student": pl.Series(people.kind == STUDENT),
            "occupation_code": pl.Series(np.array(_OCCUPATIONS)[rng.integers(0, len(_OCCUPATIONS), n)]),
            "employment_type": pl.Series(np.array(_EMPLOYMENT)[people.kind]),
            "stated_income_cents": blank(pl.Series(stated), u[3] < 0.12),
            "verified_income_cents": blank(pl.Series(proved), proof < 0),
            "verified_income_source": chosen(_PROOFS, proof, proof < 0),
            "verified_income_on": blank(
                days(np.minimum(people.onboarded, timeline.first_day) - (200 * u[4]).astype(np.int64)), proof < 0
            ),
            "province_code": pl.Series(np.array(PROVINCES)[rng.integers(0, len(PROVINCES), n)]),
            "preferred_language": pl.Series(np.where(u[5] < 0.94, "zh", "en")),
            "stated_preference": chosen(_PREFERENCES, rng.integers(0, 4, n), rng.random(n) < 0.35),
            "marketing_opt_out": pl.Series(rng.random(n) < 0.12),
            "automated_decision_opt_out": pl.Series(rng.random(n) < 0.012),
            "onboarded_on": days(people.onboarded),
        }
    )


def _working(
    base: pl.DataFrame, people: Population, day: Ints, income: Floats, opted: Bools, who: Ints, month: int = 0
) -> pl.DataFrame:
    """Rows of the customers `who` as of `day`; `opted` are those who have since refused marketing."""
    moved = month >= people.job_change_month
    works = np.isin(people.kind, (PAYROLL, GIG, SELF_EMPLOYED))
    employer = np.where(moved, people.next_employer, people.employer)
    since = np.where(moved, month_start(np.minimum(people.job_change_month, 40_000)), people.employed_from)
    unpaid = people.kind != PAYROLL
    industry = np.array(_INDUSTRIES)[employer % len(_INDUSTRIES)]
    # With a new employer the old proof no longer speaks of this income.
    proof = pl.when(pl.Series(~moved))
    proofs = [proof.then(pl.col(c)).alias(c) for c in base.columns if c.startswith("verified_income")]
    raised = np.where(moved, income / people.base_income, 1.0)
    stated = (pl.col("stated_income_cents") * pl.Series(raised) / 10_000.0).round(0).cast(pl.Int64) * 10_000
    frame = base.with_columns(
        (pl.col("marketing_opt_out") | pl.Series(opted)).alias("marketing_opt_out"),
        blank(texts("E", numbered(employer, 5)), unpaid).alias("employer_id"),
        blank(pl.Series(industry), unpaid).alias("industry_code"),
        blank(days(since), ~works).alias("employment_start"),
        *proofs,
        stated.alias("stated_income_cents"),
        days(day).alias("changed_on"),
        pl.Series(day).alias("_arrival"),
    )
    return frame[who]


@simulates("bank.account", file_format="csv.gz", bad_rows=(unknown("account_type"), missing("customer_id")))
def account(people: Population, timeline: Timeline) -> pl.DataFrame:
    """One current account each, a savings account for savers; a few old accounts that were closed."""
    everyone, savers = np.arange(people.size), np.flatnonzero(people.saver)
    old = np.flatnonzero((people.number % 50 == 7) & (people.onboarded < timeline.first_day - 400))
    closed = np.r_[np.zeros(everyone.size + savers.size, bool), np.ones(old.size, bool)]
    who = np.r_[everyone, savers, old]
    letter = np.r_[np.full(everyone.size, "CA"), np.full(savers.size, "SA"), np.full(old.size, "XA")]
    opened = people.onboarded[who]
    closing = opened + 300 + people.number[who] % 60
    changed = np.where(closed, closing, opened)
    kind = np.where(letter == "SA", "savings", "current")
    return pl.DataFrame(
        {
            "account_id": pl.Series(np.char.add(letter, numbered(people.number[who]))),
            "customer_id": texts("C", numbered(people.number[who])),
            "account_type": pl.Series(kind),
            "opened_on": days(opened),
            "closed_on": blank(days(closing), ~closed),
            "status": pl.Series(np.where(closed, "closed", "open")),
            "changed_on": days(changed),
            "_arrival": pl.Series(changed),
        }
    )


@simulates("bank.consent", file_format="csv", bad_rows=(unknown("consent_scope"),))
def consent(streams: Streams, people: Population, timeline: Timeline) -> pl.DataFrame:
    """Consents by scope: most given for good or for years, some expired, some withdrawn, some never given."""
    n, frames = people.size, []
    for scope, (name, share) in enumerate(zip(SCOPES, _GIVEN_SHARE, strict=True)):
        rng = streams.at("consent", scope)
        u = rng.random((6, n))
        granted = people.onboarded
        term = np.where(u[1] < 0.55, 0, np.where(u[1] < 0.58, 365, 365 * 9))
        expires = blank(days(granted + term), term == 0)
        # A withdrawal comes some time in the three years from the beginning of the history.
        day = np.maximum(timeline.first_day + (1100 * u[3]).astype(np.int64), granted + 1)
        withdrawn = u[2] < 0.04
        given = np.flatnonzero(u[0] < share)
        gone = np.flatnonzero((u[0] < share) & withdrawn)
        base = pl.DataFrame(
            {
                "consent_id": texts(f"K{scope}", numbered(people.number)),
                "customer_id": texts("C", numbered(people.number)),
                "consent_scope": pl.Series(np.full(n, name)),
                "granted_on": days(granted),
                "expires_on": expires,
                "withdrawn_on": pl.Series([None] * n, dtype=pl.Date),
                "changed_on": days(granted),
                "_arrival": pl.Series(granted),
            }
        )
        after = base.with_columns(
            days(day).alias("withdrawn_on"), days(day).alias("changed_on"), pl.Series("_arrival", day)
        )
        frames += [base[given], after[gone]]
    return pl.concat(frames)
