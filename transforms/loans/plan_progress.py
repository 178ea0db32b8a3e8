"""State of every own plan: allocation, ageing, five-category class, agreed changes, and the bureau report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.loans.booked import with_due_days
from transforms.loans.interest import late_interest
from transforms.loans.observation import observation
from transforms.loans.positions import OWES_NOTHING, plan_positions, play
from transforms.loans.prepayments import PREPAID
from transforms.loans.product_conventions import ProductConventions
from transforms.loans.record import paid_off, payment_record
from transforms.loans.rules import class_name, class_place
from transforms.loans.states import booked_loan, loan_state
from transforms.loans.version_tables import RELIEF

if TYPE_CHECKING:
    from datetime import date

    from transforms.loans.positions import Played
    from transforms.loans.version_tables import Versions
    from transforms.policy.policy import Policy

#: Codes of the bureau's special transactions (特殊交易类型).
_EXTENSION, _SETTLED_EARLY, _WAIVER, _PERSONALISED, _DEFERRAL = 1, 5, 11, 14, 16
_DAYS_A_MONTH = 365.25 / 12
#: Counts and flags of what nothing is known of.
_NIL = ("due_cnt", "on_time_cnt", "on_time_streak_cnt", "postdated_cents", "deferred_interest_cents", "restruct_cnt")


def plan_progress(
    installment_plan_known: pl.DataFrame,
    repayment_known: pl.DataFrame,
    plan_versions: Versions,
    hardship_case_latest: pl.DataFrame,
    as_of: date,
    policy: Policy,
    conventions: ProductConventions | None = None,
    books_agreement: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """`servicing.plan_progress`: one row per plan started by `as_of`.

    `installment_plan_known` (all changes) and `repayment_known` are rows of the credit feeds as the night knows them,
    `plan_versions` what :func:`transforms.loans.versions.plan_versions` makes of them for the same date,
    `hardship_case_latest` the latest rows of `credit.hardship_case`, `books_agreement` (plan_id, books_agreement) what
    a reconciliation with the books found. `as_of` may lie before the night: what had happened by then counts, as the
    night knows it.

    A plan under observation is at least 关注, one restructured again within it at least 次级; days past due by the
    lender's own count can only make it worse. `paid_share_bp` is of all that the plan costs by the schedule in force.
    `on_time_streak_cnt` are installments of the plan paid within their grace since the customer last missed one of any
    plan; they add up over a customer's plans.

    Late interest is what the contract lets the lender charge by the night, at the policy's rate on overdue principal.
    It is not part of any other amount: it is owed once the lender's books charge it, no repayment is allocated to it,
    and a new schedule does not take it over. Interest on unpaid interest is none of it.
    """
    known = conventions or ProductConventions()
    played = play(installment_plan_known, repayment_known, [as_of], policy, plan_versions, known)
    positions = plan_positions(played)
    terms = with_due_days(played.latest, known)
    booked = terms.select(
        *("plan_id", "customer_token", "shard", "product_code", "plan_seq", "principal_cents", "repay_method"),
        pl.col("due_day").alias("_due_day"),
        pl.col("annual_rate").alias("_rate"),
    )
    record = payment_record(played, as_of, policy.servicing.grace_days)
    late = played.moved.filter(pl.col("moved_cents") > 0, pl.col("moved_dpd") > policy.servicing.grace_days)
    bent = restructuring_versions(
        plan_versions.versions, late, booked, hardship_case_latest.filter(pl.col("opened_on") <= as_of)
    )
    observed = observation(plan_versions.versions, record, bent, as_of, policy)
    broken = (
        installment_plan_known.filter(status="broken")
        .group_by("plan_id")
        .agg(pl.col("changed_on").min().alias("_broken_on"))
    )
    joined = positions.join(booked, on="plan_id")
    for more in (
        _agreed_terms(plan_versions.versions),
        _schedule_in_force(played, positions),
        _spread(played, positions),
    ):
        joined = joined.join(more, on=["plan_id", "version_no"], how="left")
    for more in (
        _on_time(record, joined.select("plan_id", "customer_token", "status")),
        observed,
        broken.filter(pl.col("_broken_on") <= as_of),
        _special_transactions(plan_versions.versions, played.movements, as_of),
        _postdated(played.movements, as_of),
        paid_off(played, as_of),
    ):
        joined = joined.join(more, on="plan_id", how="left")
    stated = (
        pl.DataFrame(schema={"plan_id": pl.String, "books_agreement": pl.String})
        if books_agreement is None
        else books_agreement
    )
    joined = _with_use(joined.join(stated, on="plan_id", how="left"), terms, plan_versions, known)
    return _published(joined, policy)


def _published(joined: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    waiver = pl.col("_agreed_waiver").fill_null(0)
    floor = (
        pl.when(pl.col("again_in_observation")).then(2).when(pl.col("restruct_flag")).then(1).otherwise(0).fill_null(0)
    )
    place = pl.max_horizontal(class_place(pl.col("own_dpd"), policy.classification).cast(pl.Int32), floor)
    owed = ~pl.col("status").is_in(OWES_NOTHING)
    under_observation = pl.col("restruct_flag").fill_null(value=False) & owed
    settled_early = pl.when((pl.col("status") == "settled") & pl.col("_early")).then([_SETTLED_EARLY]).otherwise([])
    waived = joined.with_columns(
        *(pl.col(c).fill_null(0) for c in _NIL),
        waived_cents=pl.col("waived_cents") + waiver,
        total_cents=pl.col("total_cents") + waiver,
        due_cents=pl.col("due_cents") + waiver,
    )
    coming = pl.coalesce("_spread_cents", "next_due_cents")
    payment = pl.when(pl.col("coming_cnt") > 0).then(coming).otherwise(pl.col("_last_payment").fill_null(0))
    return waived.with_columns(
        due_day=pl.coalesce("_agreed_due_day", "_due_day"),
        annual_rate=pl.coalesce("_agreed_rate", pl.col("_rate").cast(pl.Float64)),
        interest_from=pl.coalesce("_starts_on", "previous_due_on", "started_on"),
        late_interest_cents=pl.when(owed).then(late_interest(policy.default_costs)).otherwise(0),
        deferred_interest_cents=pl.when(owed).then("deferred_interest_cents").otherwise(0),
        negative_amortisation=pl.col("negative_amortisation").fill_null(value=False) & owed,
        next_is_regular=pl.col("next_is_regular").fill_null(value=False) & (pl.col("deferred_interest_cents") == 0),
        paid_share_bp=_share(pl.col("total_cents") - pl.col("open_cents"), pl.col("total_cents")),
        monthly_payment_cents=pl.min_horizontal(payment, "open_cents"),
        five_class=class_name(pl.when(owed).then(place).otherwise(0)),
        restruct_flag=under_observation,
        collection_stopped=(
            pl.col("agreement_on").is_not_null() & pl.col("agreement_broken_on").is_null() & owed
        ).fill_null(value=False),
        plan_break_date=pl.coalesce("agreement_broken_on", "_broken_on"),
        spec_tran_types=pl.concat_list(pl.col("_codes").fill_null([]), settled_early),
    ).sort("customer_token", "plan_id")


def restructuring_versions(
    versions: pl.DataFrame, late: pl.DataFrame, plans: pl.DataFrame, hardship: pl.DataFrame
) -> pl.DataFrame:
    """Versions (plan_id, version_no) agreed because the customer was in difficulty.

    Relief always is; another change is where it is among those that found the plan `late`, beyond its grace, and moved
    arrears; one of the term also where a case of hardship was open. Settling everything at once changes no terms.
    """
    cases = hardship.select("customer_token", "opened_on", pl.col("plan_id").alias("_of_plan"))
    of_case = (
        versions.filter(pl.col("route") == "term_change")
        .join(plans.select("plan_id", "customer_token"), on="plan_id")
        .join(cases, on="customer_token")
        .filter(
            (pl.col("opened_on") <= pl.col("agreed_on"))
            & (pl.col("_of_plan").fill_null(pl.col("plan_id")) == pl.col("plan_id"))
        )
    )
    no_terms = pl.col("route").is_in(["early_settlement", PREPAID])
    key = ["plan_id", "version_no"]
    moved = versions.filter(~no_terms).join(late, on=key, how="semi")
    bent = pl.concat([versions.filter(pl.col("route").is_in(RELIEF)), moved])
    return pl.concat([bent.select(key), of_case.select(key)]).unique()


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Basis points, rounded down; a plan that costs nothing is paid."""
    share = pl.max_horizontal(part, pl.lit(0, pl.Int64)) * 10_000 // pl.max_horizontal(whole, pl.lit(1, pl.Int64))
    return pl.when(whole > 0).then(share.clip(0, 10_000)).otherwise(10_000)


def _agreed_terms(versions: pl.DataFrame) -> pl.DataFrame:
    """Rate, due day and waivers to date of each later version."""
    return versions.select(
        *("plan_id", "version_no", pl.col("annual_rate").alias("_agreed_rate")),
        pl.col("due_day").alias("_agreed_due_day"),
        pl.col("waived_cents").cum_sum().over("plan_id", order_by="version_no").alias("_agreed_waiver"),
    )


def _schedule_in_force(played: Played, positions: pl.DataFrame) -> pl.DataFrame:
    """Per version: its last payment, its next installment, and accrued interest not yet charged by an installment."""
    when = positions.select("plan_id", "version_no", "as_of_date")
    rows = played.installments.join(when, on=["plan_id", "version_no"]).filter(pl.col("installment_no") > 0)
    payment = pl.sum_horizontal("principal_cents", "interest_cents", "fee_cents")
    passed = pl.col("due_on") <= pl.col("as_of_date")
    regular = pl.col("regular") & (pl.col("brought_cents") == 0)
    return rows.group_by("plan_id", "version_no").agg(
        _last_payment=payment.sort_by("due_on").last(),
        deferred_interest_cents=pl.col("waiting_cents").filter(passed).sort_by(pl.col("due_on").filter(passed)).last(),
        negative_amortisation=(pl.col("waiting_cents") > 0).any(),
        next_is_regular=regular.filter(~passed).sort_by(pl.col("due_on").filter(~passed)).first(),
        _starts_on=pl.col("starts_on").filter(~passed).sort_by(pl.col("due_on").filter(~passed)).first(),
        _varies=(pl.col("daily_denominator") == 0).filter(~passed).sort_by(pl.col("due_on").filter(~passed)).first(),
    )


def _spread(played: Played, positions: pl.DataFrame) -> pl.DataFrame:
    """Monthly cost (`_spread_cents`) of a plan whose next installment is due months after the one before it.

    That is its share of each of these months, or that of the installment which follows where this is more.
    """
    of = ("plan_id", "version_no")
    when = positions.select(*of, "next_due_on")
    rows = (
        played.installments.join(when, on=of)
        .filter(pl.col("installment_no") > 0)
        .with_columns(
            _payment=pl.sum_horizontal("principal_cents", "interest_cents", "fee_cents"),
            _began=pl.col("starts_on").min().over(of),
        )
        .filter(pl.col("_payment") > 0)
    )
    since = pl.col("due_on").shift(1).over(of, order_by="due_on").fill_null(pl.col("_began"))
    months = ((pl.col("due_on") - since).dt.total_days() / _DAYS_A_MONTH).round().clip(1).cast(pl.Int64)
    coming = (
        rows.with_columns(_months=months)
        .filter(pl.col("due_on") >= pl.col("next_due_on"))
        .sort("due_on")
        .group_by(of)
        .agg(pl.col("_payment", "_months").head(2))
        .filter(pl.col("_months").list.first() > 1)
        .explode("_payment", "_months")
    )
    share = -(-pl.col("_payment") // pl.col("_months"))
    return coming.group_by(of).agg(_spread_cents=share.max())


def _with_use(
    joined: pl.DataFrame, terms: pl.DataFrame, agreed: Versions, conventions: ProductConventions
) -> pl.DataFrame:
    """Interest earned and not earned yet; by the loan itself where the next installment does not earn evenly."""
    rows = []
    uneven = joined.filter("_varies", pl.col("open_cents") > 0, pl.col("coming_cnt") > 0)
    booked = {row["plan_id"]: row for row in terms.join(uneven, on="plan_id", how="semi").iter_rows(named=True)}
    for row in uneven.iter_rows(named=True):
        plan = row["plan_id"]
        loan, due_day = agreed.loans.get(plan) or booked_loan(booked[plan], conventions)
        state = loan_state(plan, loan, row, row["as_of_date"], due_day)
        rows.append((plan, state.earned_cents, state.unearned_cents))
    schema = {"plan_id": pl.String, "earned_cents": pl.Int64, "unearned_cents": pl.Int64}
    earned = pl.DataFrame(rows, schema=schema, orient="row")
    return joined.with_columns(unearned_cents=pl.lit(0, pl.Int64)).update(earned, on="plan_id")


def _on_time(record: pl.DataFrame, plans: pl.DataFrame) -> pl.DataFrame:
    """Per plan installments judged, on time, and on time since the customer last missed one; cancelled plans apart."""
    judged = record.filter("judged").join(plans, on="plan_id")
    missed = (
        judged.filter(~pl.col("on_time") & (pl.col("status") != "cancelled"))
        .group_by("customer_token")
        .agg(pl.col("due_on").max().alias("_missed_on"))
    )
    since = pl.col("_missed_on").is_null() | (pl.col("due_on") > pl.col("_missed_on"))
    return (
        judged.join(missed, on="customer_token", how="left")
        .group_by("plan_id")
        .agg(
            due_cnt=pl.len(),
            on_time_cnt=pl.col("on_time").sum(),
            on_time_streak_cnt=(pl.col("on_time") & since & (pl.col("status") != "cancelled")).sum(),
        )
    )


def _postdated(movements: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Money received that counts from a later day only."""
    later = movements.filter((pl.col("value_on") > as_of) & (pl.col("kind") != "waiver"))
    return later.group_by("plan_id").agg(postdated_cents=pl.col("amount_cents").sum())


def _special_transactions(versions: pl.DataFrame, movements: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Per plan the codes of what happened to it, and whether it was settled early."""
    longer = (pl.col("route") == "term_change") & (pl.col("total_cost_diff_cents") > 0)
    of_versions = versions.select(
        "plan_id",
        pl.when(pl.col("route") == "art70_restructure")
        .then(_PERSONALISED)
        .when(pl.col("route") == "payment_holiday")
        .then(_DEFERRAL)
        .when(longer)
        .then(_EXTENSION)
        .alias("code"),
    )
    agreed_waivers = versions.filter(pl.col("waived_cents") > 0).select("plan_id", pl.lit(_WAIVER).alias("code"))
    known = movements.filter(pl.col("value_on") <= as_of)
    booked_waivers = known.filter(kind="waiver").select("plan_id", pl.lit(_WAIVER).alias("code"))
    early = known.filter(kind="early_settlement").select("plan_id").unique().with_columns(_early=pl.lit(value=True))
    codes = (
        pl.concat([of_versions, agreed_waivers, booked_waivers], how="vertical_relaxed")
        .drop_nulls("code")
        .group_by("plan_id")
        .agg(pl.col("code").unique().sort().alias("_codes"))
    )
    return codes.join(early, on="plan_id", how="full", coalesce=True)
