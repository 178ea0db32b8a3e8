"""One state of a plan: every reader of a night says the same of each plan, and a quote paid settles it to the cent."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.unit.transforms.loans.books import PLAN, PLAN_TYPES, REPAYMENT_TYPES
from tests.unit.transforms.loans.cases import accepted, cases, hardship
from tests.unit.transforms.loans.test_versions import LOOSE
from tests.unit.transforms.outputs import debt_ledger, plan_progress, second_installment
from tests.unit.transforms.second_installment.test_second_installment import DECIDED, OFFERED, PROFILE, RATES
from tests.unit.transforms.support import reasons, token
from transforms.dates.business_days import parse_calendar
from transforms.loans.plan import Plan, RepayMethod
from transforms.loans.positions import plan_positions, play
from transforms.loans.product_conventions import ProductConventions
from transforms.loans.schedule import build_schedule
from transforms.loans.states import LoanStates
from transforms.loans.versions import plan_versions
from transforms.monitoring.portfolio import class_counts
from transforms.policy.conventions import Conventions
from transforms.profile.own_credit import plan_columns
from transforms.profile.parameters import ProfileParameters

if TYPE_CHECKING:
    from transforms.loans.version_tables import Versions

START = date(2025, 1, 1)
NIGHTS = (date(2025, 4, 18), date(2025, 6, 18), date(2025, 8, 1), date(2025, 12, 24), date(2026, 6, 30))
#: A product whose due dates stay where they fall, and those whose due dates roll over closed days.
ROLLS = {"car": "none", "rolls": "following", "rolls_back": "preceding", "rolls_within": "modified_following"}
KINDS = dict.fromkeys(ROLLS, "consumption_loan")
#: Weekends are closed, and two weeks around each new year and in June.
_CLOSED = [[date(y, m, d), date(y, m, d) + timedelta(days=13)] for y in (2025, 2026) for m, d in ((1, 28), (6, 9))]
_NOTICE = {"published_on": date(2024, 1, 1), "citation": "test", "closed": _CLOSED, "open": [date(2025, 3, 8)]}
KNOWN = ProductConventions(
    START,
    {name: ((START, Conventions(due_date_roll=roll, calendar="long")),) for name, roll in ROLLS.items()},
    {"long": parse_calendar({"calendar_id": "long", "notice": [_NOTICE]}, source="test")},
)

#: (days after START, wait to the first due date, principal, rate in ppm, term, method, product).
PLANS = st.tuples(
    st.integers(0, 59),
    st.integers(10, 50),
    st.integers(60_000, 3_000_000),
    st.sampled_from([0, 36_000, 120_000, 236_500]),
    st.integers(2, 14),
    st.sampled_from(["ANNUITY", "ANNUITY", "EQ_PRIN", "INT_FIRST", "FLAT", "BALLOON"]),
    st.sampled_from(["car", "car", "rolls", "rolls", "rolls_back", "rolls_within"]),
)
#: (days after the start, share of a due payment in percent, how).
MONEY = st.lists(
    st.tuples(
        st.integers(5, 420),
        st.sampled_from([30, 99, 100, 100, 100, 101, 250, 700]),
        st.sampled_from(
            ["payment", "payment", "payment", "late_known", "reversed", "reversed_twice", "waiver", "early_settlement"]
        ),
    ),
    max_size=9,
)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(
            [
                {"route": "term_change", "term_m": 20},
                {"route": "payment_holiday", "pause_m": 2, "interest_mode": "accrue"},
                {"route": "payment_holiday", "pause_m": 3, "interest_mode": "capitalise"},
                {"route": "payment_holiday", "pause_m": 1, "interest_mode": "waive"},
                {"route": "due_date_change", "due_day": 25},
                {"route": "rate_review", "annual_rate": Decimal("0.02")},
                {"route": "art70_restructure", "term_m": 30, "waived_cents": 3_000, "annual_rate": Decimal("0.01")},
                {"route": "art70_restructure", "term_m": 24, "down_payment_cents": 10_000},
            ]
        ),
        st.integers(20, 300),
        st.booleans(),
    ),
    max_size=3,
)
PEOPLE = st.lists(st.tuples(PLANS, MONEY, CHANGES), min_size=3, max_size=6)


def plan_rows(people: list[Any]) -> pl.DataFrame:
    """A plan a person, two persons a customer."""
    rows = []
    for n, ((days, wait, cents, ppm, term, method, product), _, _) in enumerate(people):
        started, rate = START + timedelta(days=days), Decimal(ppm) / 1_000_000
        named = "INTEREST_FREE" if ppm == 0 and method in ("ANNUITY", "FLAT", "BALLOON") else method
        level = Plan(cents, rate, term, started, RepayMethod("ANNUITY" if named == "BALLOON" else named))
        asked = build_schedule(level).payment_cents
        rows.append(
            {
                **PLAN,
                "plan_id": f"P{n}",
                "customer_token": token(n // 2),
                "product_code": product,
                "principal_cents": cents,
                "annual_rate": rate,
                "term_m": term,
                "repay_method": named,
                "installment_cents": asked * 7 // 10 if named == "BALLOON" else asked,
                "started_on": started,
                "first_due_on": started + timedelta(days=wait),
                "changed_on": started,
                "feed_date": started,
            }
        )
    return pl.DataFrame(rows, schema={c: PLAN_TYPES[c] for c in PLAN}, orient="row")


def money_rows(plans: pl.DataFrame, people: list[Any]) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    for plan, (_, moves, _) in zip(plans.iter_rows(named=True), people, strict=True):
        for k, (days, share, how) in enumerate(moves):
            on, cents = plan["started_on"] + timedelta(days=days), max(plan["installment_cents"] * share // 100, 1)
            kind = how if how in ("waiver", "early_settlement") else "payment"
            known = on + timedelta(days=20 * (how == "late_known"))
            row = {"repayment_id": f"{plan['plan_id']}-{k}", "plan_id": plan["plan_id"], "kind": kind}
            rows.append({**row, "reverses_id": None, "received_on": known, "value_on": on, "amount_cents": cents})
            for again in range({"reversed": 1, "reversed_twice": 2}.get(how, 0)):
                back = on + timedelta(days=4 * (again + 1))
                taken = {"repayment_id": f"{row['repayment_id']}{'B' * (again + 1)}", "kind": "reversal"}
                named = f"{row['repayment_id']}{'B' * again}"
                rows.append(
                    {**row, **taken, "reverses_id": named, "received_on": back, "value_on": back, "amount_cents": cents}
                )
    return pl.DataFrame(rows, schema=REPAYMENT_TYPES, orient="row")


def case_rows(plans: pl.DataFrame, people: list[Any]) -> pl.DataFrame:
    rows = []
    for plan, (_, _, changes) in zip(plans.iter_rows(named=True), people, strict=True):
        on = plan["started_on"]
        about = {"plan_id": plan["plan_id"], "customer_token": plan["customer_token"]}
        for k, (terms, days, undone) in enumerate(changes):
            on += timedelta(days=days)
            names = {f"{c}{k}": f"{c}{k}-{plan['plan_id']}" for c in "QA"}
            for row in accepted(**terms, asked=on, on=on, number=k):
                refers = {"refers_to": names[row["refers_to"]]} if "refers_to" in row else {}
                rows.append({**row, **about, **refers, "case_id": names[row["case_id"]]})
            if undone:
                undo = {"case_id": f"U{k}-{plan['plan_id']}", "kind": "undo", "refers_to": names[f"A{k}"]}
                rows.append({**undo, **about, "opened_on": on + timedelta(days=3)})
    return cases(*rows)


CREDIT: dict[str, Any] = {
    **dict.fromkeys(("customer_token", "credit_account_token", "account_kind", "status", "lender_code"), pl.String),
    **dict.fromkeys(("balance_cents", "credit_limit_cents", "monthly_payment_cents", "overdue_cents"), pl.Int64),
    "shard": pl.Int16,
    "is_own": pl.Boolean,
    "dpd": pl.Int32,
    "opened_on": pl.Date,
    "reported_on": pl.Date,
}
NO_BUREAU = {
    "credit_latest": pl.DataFrame(schema=CREDIT),
    "consent": pl.DataFrame(schema={"customer_token": pl.String, "consent_credit_bureau": pl.Boolean}),
}


def quotes(progress: pl.DataFrame, agreed: Versions, plans: pl.DataFrame, night: date) -> dict[str, int]:
    """What settles each plan on a night, by `eligibility.second_installment`."""
    people = progress["customer_token"].unique().sort().to_list()
    usual = {"income_cents": 1_000_000, "debt_service_cents": 0, "free_cash_flow_cents": 0, "balance_avg_cents_3m": 0}
    salary = dict.fromkeys(("salary_now_cents", "salary_before_cents"), 1_000_000)
    profile = pl.DataFrame(
        [{"customer_token": p, **usual, **salary, "income_source": "payroll"} for p in people], schema_overrides=PROFILE
    )
    decision = pl.DataFrame(
        [
            {"customer_token": p, "decision": "eligible", "reasons": [], "limit_cents": 0, "price_grade": "B"}
            for p in people
        ],
        schema=DECIDED,
    )
    states = LoanStates(plans, progress, agreed, KNOWN, night)
    routes = second_installment(
        progress,
        profile,
        decision,
        pl.DataFrame(schema=OFFERED),
        RATES,
        hardship(),
        agreed,
        cases(),
        KINDS,
        states,
        night,
        LOOSE.in_force(night),
        reasons(night),
    )
    return dict(routes.filter("eligible", route="early_settlement").select("plan_id", "amount_cents").iter_rows())


@settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(PEOPLE)
def test_every_reader_says_the_same_on_every_night_and_a_quote_paid_settles_the_plan(people: list[Any]) -> None:
    plans, policy_of = plan_rows(people), LOOSE.in_force
    money, told = money_rows(plans, people), case_rows(plans, people)
    for night in NIGHTS:
        known = plans.filter(pl.col("started_on") <= night)
        received, asked = money.filter(pl.col("received_on") <= night), told.filter(pl.col("opened_on") <= night)
        agreed = plan_versions(known, received, asked, LOOSE, KINDS, night, KNOWN)
        progress = plan_progress(known, received, agreed, hardship(), night, policy_of(night), KNOWN)
        _agree(progress, known, received, agreed, night)
        amounts = quotes(progress, agreed, known, night)
        assert set(amounts) == set(progress.filter(pl.col("outstanding_cents") > 0)["plan_id"])
        # What is paid on the day of a change comes before it, so it is not what the changed plan's quote says.
        today = agreed.versions.filter(effective_on=night)["plan_id"].to_list()
        _settled_by({p: c for p, c in amounts.items() if p not in today}, known, received, asked, night)


def _agree(progress: pl.DataFrame, plans: pl.DataFrame, money: pl.DataFrame, agreed: Versions, night: date) -> None:
    """Progress, ledger, profile and portfolio say the same of each plan."""
    owing = progress.filter(pl.col("open_cents") > 0).sort("plan_id")
    ledger = debt_ledger(NO_BUREAU, progress, night, ProfileParameters()).sort("debt_id")
    names = {"plan_id": "debt_id", "outstanding_cents": "balance_cents", "arrears_cents": "overdue_cents", "dpd": "dpd"}
    names |= {"monthly_payment_cents": "monthly_service_cents"}
    assert owing.select(list(names)).rows() == ledger.select(list(names.values())).rows()
    stood = plan_positions(play(plans, money, [night], LOOSE.in_force(night), agreed, KNOWN)).sort("plan_id")
    same = ["plan_id", "outstanding_cents", "arrears_cents", "dpd", "own_dpd", "open_cents", "own_max_dpd"]
    assert stood.select(same).rows() == progress.sort("plan_id").select(same).rows()
    profile = {row["customer_token"]: row for row in plan_columns(progress, night).iter_rows(named=True)}
    for (who,), rows in progress.group_by("customer_token"):
        said, total = profile[str(who)], rows["total_cents"].sum()
        assert said["plan_outstanding_cents"] == rows["outstanding_cents"].sum()
        assert said["plan_arrears_cents"] == rows["arrears_cents"].sum()
        assert said["on_time_payment_cnt"] == rows["on_time_streak_cnt"].sum()
        assert said["own_dpd"] == rows["own_dpd"].max()
        assert said["plan_paid_bp"] == (total - rows["open_cents"].sum()) * 10_000 // total
    counted = class_counts(progress, night).filter(segment="all", measure="five_class")
    assert counted["amount_cents"].sum() == progress["outstanding_cents"].sum()
    for row in progress.iter_rows(named=True):
        assert row["paid_cents"] + row["waived_cents"] + row["open_cents"] == row["total_cents"] + row["overpaid_cents"]
        assert row["on_time_streak_cnt"] <= row["on_time_cnt"] <= row["due_cnt"]
        assert (row["open_cents"] == 0) <= (row["outstanding_cents"] == row["arrears_cents"] == row["own_dpd"] == 0)


def _settled_by(
    amounts: dict[str, int], plans: pl.DataFrame, money: pl.DataFrame, asked: pl.DataFrame, night: date
) -> None:
    """Who pays what was quoted owes nothing from then on, and has paid no cent too much."""
    usual = {"kind": "early_settlement", "reverses_id": None, "received_on": night, "value_on": night}
    paid = [{**usual, "repayment_id": f"Z{p}", "plan_id": p, "amount_cents": cents} for p, cents in amounts.items()]
    both = pl.concat(
        [money, pl.DataFrame([p for p in paid if p["amount_cents"]], schema=REPAYMENT_TYPES, orient="row")]
    )
    policy = LOOSE.in_force(night)
    agreed = plan_versions(plans, money, asked, LOOSE, KINDS, night, KNOWN)
    before = plan_progress(plans, money, agreed, hardship(), night, policy, KNOWN)
    agreed = plan_versions(plans, both, asked, LOOSE, KINDS, night, KNOWN)
    after = plan_progress(plans, both, agreed, hardship(), night, policy, KNOWN)
    overpaid = dict(before.select("plan_id", "overpaid_cents").iter_rows())
    for row in after.filter(pl.col("plan_id").is_in([p["plan_id"] for p in paid if p["amount_cents"]])).iter_rows(
        named=True
    ):
        assert (row["open_cents"], row["outstanding_cents"]) == (0, 0), row
        assert row["overpaid_cents"] == overpaid[row["plan_id"]], row
