"""Policy rules judged over all customers at once: the decision and every reason, each customer's list built once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.policy.sql import basis_points

if TYPE_CHECKING:
    from transforms.policy.policy import Policy

#: Rules per mask column: what fits into the positive half of an int64.
_BITS = 62


def with_basis_points(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """`frame` with the `<fraction>_bp` columns that rules read and that are not there yet (half up, NULL stays)."""
    wanted = {name for rule in policy.rules for name in rule.columns} - set(frame.columns)
    fractions = {name.removesuffix("_bp") for name in wanted if name.endswith("_bp")} & set(frame.columns)
    scaled = {
        basis_points(n): (pl.col(n).cast(pl.Float64) * 10_000 + 0.5).floor().cast(pl.Int64, strict=False)
        for n in sorted(fractions)
    }
    return frame.with_columns(**scaled)


def decided(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """`frame` with `decision` (declined before review before eligible) and `reasons` (codes, sorted, complete).

    `principal_reasons` are those that carry the decision before those that do not, at most as many as the policy says.
    `documents_requested` are those the rules ask for where a person decides: the longer the list of doubts, the more.
    Customers share few combinations of reasons, so rules are packed into bit masks and lists are built per
    combination.
    """
    packs = [policy.rules[i : i + _BITS] for i in range(0, len(policy.rules), _BITS)]
    masks = [f"_mask_{n}" for n in range(len(packs))]
    packed = frame.with_columns(
        pl.sum_horizontal(
            pl.when(rule.condition).then(pl.lit(1 << bit, dtype=pl.Int64)).otherwise(0) for bit, rule in enumerate(pack)
        ).alias(mask)
        for mask, pack in zip(masks, packs, strict=True)
    )
    seen, order = packed.select(masks).unique(), policy.reasons.codes("document")
    combinations = []
    for row in seen.iter_rows():
        fired = [r for mask, pack in zip(row, packs, strict=True) for bit, r in enumerate(pack) if mask >> bit & 1]
        decisions = {r.decision for r in fired}
        decision = next((d for d in ("declined", "review") if d in decisions), "eligible")
        carrying = [r for r in fired if r.decision == decision] + [r for r in fired if r.decision != decision]
        principal = [r.code for r in carrying[: policy.notices.max_reasons]]
        asked = {d for r in fired for d in r.documents} if decision == "review" else set()
        documents = [d for d in order if d in asked]
        combinations.append((*row, decision, [r.code for r in fired], principal, documents))
    codes = pl.List(pl.String)
    answers_of = {"decision": pl.String(), "reasons": codes, "principal_reasons": codes, "documents_requested": codes}
    schema = {**dict.fromkeys(masks, pl.Int64()), **answers_of}
    answers = pl.DataFrame(combinations, schema=schema, orient="row")
    return packed.join(answers, on=masks, how="left", maintain_order="left").drop(masks)
