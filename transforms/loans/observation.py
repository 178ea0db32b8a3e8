"""Restructured assets under observation: until two payments in a row and a year are kept; a miss starts it anew.

Source: 商业银行金融资产风险分类办法 arts 10–23.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl

from transforms.loans.allocation import replay
from transforms.loans.calendar import add_months

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from polars.datatypes import DataType, DataTypeClass

    from transforms.eligibility.policy import Policy
    from transforms.loans.versions import Agreements

#: Payments in a row that must be kept, besides the months of the policy.
PERIODS_KEPT = 2

OBSERVED: Mapping[str, DataType | DataTypeClass] = {
    "plan_id": pl.String,
    "restruct_flag": pl.Boolean,
    "restruct_cnt": pl.Int32,
    "obs_from_date": pl.Date,
    "obs_end_date": pl.Date,
    "again_in_observation": pl.Boolean,
    "agreement_on": pl.Date,
    "agreement_broken_on": pl.Date,
}


def observation(
    agreed: Agreements, movements: pl.DataFrame, restructured: pl.DataFrame, as_of: date, policy: Policy
) -> pl.DataFrame:
    """One row per restructured plan, columns of `OBSERVED`.

    `restructured` names the versions (plan_id, version_no) that bent a plan for difficulty. `agreement_on` is the day
    of the latest personalised agreement, `agreement_broken_on` the day after the due date on which as many of its
    payments stood unpaid as break it. `again_in_observation`: restructured once more before an observation had ended.
    """
    plans = restructured["plan_id"].unique()
    versions = agreed.versions.filter(pl.col("plan_id").is_in(plans.implode()))
    if versions.is_empty():
        return pl.DataFrame(schema=dict(OBSERVED))
    installments = _in_force(agreed.installments.filter(pl.col("plan_id").is_in(plans.implode())), versions)
    dues = _settled(installments, agreed.installments, movements, as_of, policy)
    bent = set(restructured.select("plan_id", "version_no").iter_rows())
    rows = [
        _observed(name, own, due, bent, as_of, policy)
        for (name, own), due in zip(
            ((str(k[0]), v) for k, v in versions.sort("version_no").group_by("plan_id", maintain_order=True)),
            (dues.get(str(k[0]), []) for k, _ in versions.sort("version_no").group_by("plan_id", maintain_order=True)),
            strict=True,
        )
    ]
    return pl.DataFrame(rows, schema=dict(OBSERVED))


def _in_force(installments: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    """The installments of each version that fell due while it was in force; what was settled before it is left out."""
    spans = versions.select(
        "plan_id",
        "version_no",
        "effective_on",
        pl.col("effective_on").shift(-1).over("plan_id", order_by="version_no").alias("_until"),
    )
    return installments.join(spans, on=["plan_id", "version_no"]).filter(
        (pl.col("installment_no") > 0)
        & (pl.col("due_on") >= pl.col("effective_on"))
        & (pl.col("_until").is_null() | (pl.col("due_on") < pl.col("_until")))
    )


def _settled(
    counted: pl.DataFrame, installments: pl.DataFrame, movements: pl.DataFrame, as_of: date, policy: Policy
) -> dict[str, list[tuple[int, date, date | None]]]:
    """Per plan, (version, due date, day settled or None) of each installment due by the night, in order."""
    name = pl.col("plan_id") + "#" + pl.col("version_no").cast(pl.String)
    keys = counted.select("plan_id", "version_no").unique().with_columns(_key=name)
    money = movements.filter(pl.col("value_on") <= as_of).join(keys.select("plan_id", "_key"), on="plan_id")
    rows = installments.join(keys, on=["plan_id", "version_no"]).drop("plan_id", "version_no")
    found = replay(
        rows.rename({"_key": "plan_id"}), money.drop("plan_id").rename({"_key": "plan_id"}), [as_of], policy.servicing
    ).settled
    joined = (
        counted.with_columns(_key=name)
        .join(found, left_on=["_key", "due_on"], right_on=["plan_id", "due_on"], how="left")
        .filter(pl.col("due_on") <= as_of, pl.col("principal_cents") + pl.col("interest_cents") > 0)
        .sort("plan_id", "due_on")
    )
    dues: dict[str, list[tuple[int, date, date | None]]] = {}
    for plan, version, due, settled in joined.select("plan_id", "version_no", "due_on", "settled_on").iter_rows():
        dues.setdefault(plan, []).append((version, due, settled))
    return dues


def _observed(
    plan: str,
    versions: pl.DataFrame,
    dues: Sequence[tuple[int, date, date | None]],
    bent: set[tuple[str, int]],
    as_of: date,
    policy: Policy,
) -> dict[str, Any]:
    grace = timedelta(days=policy.servicing.grace_days)
    months = policy.classification.observation_m
    starts = [(v, on) for v, on in versions.select("version_no", "effective_on").iter_rows() if (plan, v) in bent]
    missed = [due for _, due, paid in dues if (due + grace < as_of if paid is None else paid > due + grace)]

    def ended(start: date, until: date) -> tuple[date, date, bool]:
        """From, earliest end, and whether the observation that starts then had ended on a day."""
        since = max([start, *(due for due in missed if start <= due <= until)])
        kept = [due for _, due, _ in dues if since < due <= until]
        end = max([add_months(since, months), *kept[:PERIODS_KEPT]])
        return since, end, end <= until and len(kept) >= PERIODS_KEPT

    again = any(not ended(one, other)[2] for (_, one), (_, other) in pairwise(starts))
    since, end, over = ended(starts[-1][1], as_of)
    agreement = versions.filter(route="art70_restructure")
    agreed_on, broken = None, None
    if agreement.height:
        number, agreed_on = agreement.select("version_no", "effective_on").row(-1)
        broken = _broken([x for x in dues if x[0] >= number], policy.restructure.breaks_after, as_of)
    return {
        "plan_id": plan,
        "restruct_flag": not over,
        "restruct_cnt": len(starts),
        "obs_from_date": since,
        "obs_end_date": end,
        "again_in_observation": again and not over,
        "agreement_on": agreed_on,
        "agreement_broken_on": broken,
    }


def _broken(dues: Sequence[tuple[int, date, date | None]], unpaid: int, as_of: date) -> date | None:
    """The first day on which so many payments in a row stood unpaid past their due date."""
    for first, last in zip(dues, dues[unpaid - 1 :], strict=False):
        day = last[1] + timedelta(days=1)
        if day <= as_of and (first[2] is None or first[2] > last[1]):
            return day
    return None
