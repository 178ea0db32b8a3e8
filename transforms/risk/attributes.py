"""What a policy lets a score read: a prohibited attribute never, one for gates only in rules and not in points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.policy.mistakes import PolicyError
from transforms.policy.sql import basis_points

if TYPE_CHECKING:
    from transforms.policy.policy import Policy
    from transforms.risk.scorecard import Scorecard


def refuse_attributes(scorecard: Scorecard, policy: Policy) -> None:
    """PolicyError where `scorecard` reads what `policy` prohibits or allows for gates only, naming policy and source.

    Rules are checked against the prohibited ones when the policy is loaded (:mod:`transforms.policy.rules`).
    """
    read = {v.column for v in scorecard.variables} | {v.over for v in scorecard.variables if v.over is not None}
    mistakes = []
    for figure, names in (("prohibited", policy.attributes.prohibited), ("gates_only", policy.attributes.gates_only)):
        citation = policy.figures[f"attributes.{figure}"].citation
        barred = {*names, *map(basis_points, names)}
        mistakes += [
            f"scorecard {scorecard.version} reads {name!r}, which {policy.policy_id} {policy.version} names in"
            f" attributes.{figure} ({citation}): train or choose one without it"
            for name in sorted(read & barred)
        ]
    if mistakes:
        raise PolicyError(*mistakes)
