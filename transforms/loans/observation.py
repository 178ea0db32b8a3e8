"""Restructured assets under observation: until two payments in a row and a year are kept; a miss restarts it.

Source: 商业银行金融资产风险分类办法 arts 10–23.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl

from transforms.dates.calendar import add_months

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from polars.datatypes import DataType, DataTypeClass

    from transforms.policy.policy import Policy

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
    versions: pl.DataFrame, record: pl.DataFrame, restructured: pl.DataFrame, as_of: date, policy: Policy
) -> pl.DataFrame:
    """One row per restructured plan, columns of `OBSERVED`.

    `versions` are the plans' versions, `record` what fell due under each and when it was settled
    (:mod:`transforms.loans.record`), `restructured` names the versions (plan_id, version_no) that restructured a plan
    because of financial difficulty. `agreement_on` is the day of the latest personalised agreement,
    `agreement_broken_on` the day after the due date on which enough of its payments were unpaid to break it.
    `again_in_observation`: restructured once more before an observation had ended.
    """
    own = versions.join(restructured.select("plan_id").unique(), on="plan_id", how="semi").sort("plan_id", "version_no")
    if own.is_empty():
        return pl.DataFrame(schema=dict(OBSERVED))
    dues: dict[str, list[tuple[int, date, date | None]]] = {}
    fallen = record.filter(pl.col("version_no") > 1).sort("plan_id", "due_on")
    for plan, version, due, settled in fallen.select("plan_id", "version_no", "due_on", "settled_on").iter_rows():
        dues.setdefault(plan, []).append((version, due, settled))
    bent = set(restructured.select("plan_id", "version_no").iter_rows())
    rows = [
        _observed(str(name), mine, dues.get(str(name), []), bent, as_of, policy)
        for (name,), mine in own.group_by("plan_id", maintain_order=True)
    ]
    return pl.DataFrame(rows, schema=dict(OBSERVED))


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
    """The first day on which so many payments in a row were unpaid past their due date."""
    for first, last in zip(dues, dues[unpaid - 1 :], strict=False):
        day = last[1] + timedelta(days=1)
        if day <= as_of and (first[2] is None or first[2] > last[1]):
            return day
    return None
