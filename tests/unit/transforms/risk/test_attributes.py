"""A score never reads what the policy prohibits, nor what it allows for gates only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.transforms.support import document, policy
from transforms.policy.mistakes import PolicyError
from transforms.risk.attributes import refuse_attributes
from transforms.risk.scorecard import Scorecard, parse_scorecard


def reading(column: str, over: str | None = None) -> Scorecard:
    """The shipped scorecard with a first variable that reads something else."""
    card = parse_scorecard(document("scorecards/expert_v1.toml"), source="expert_v1.toml")
    first, *rest = card.variables
    return replace(card, variables=(replace(first, column=column, over=over), *rest))


def test_the_shipped_scorecard_reads_nothing_barred() -> None:
    refuse_attributes(reading("max_dpd_12m"), policy())


@pytest.mark.parametrize(
    ("column", "over", "said"),
    [
        ("marital_status", None, "attributes.prohibited"),
        ("sex", None, "attributes.prohibited"),
        ("age_years", None, "attributes.gates_only"),
        ("income_cents", "age_years", "attributes.gates_only"),
        ("edu_level", None, "attributes.gates_only"),
    ],
)
def test_a_scorecard_that_reads_a_barred_attribute_is_refused_by_name(column: str, over: str | None, said: str) -> None:
    with pytest.raises(PolicyError, match=said) as refused:
        refuse_attributes(reading(column, over), policy())
    assert repr(over or column) in str(refused.value)
    assert policy().policy_id in str(refused.value)
