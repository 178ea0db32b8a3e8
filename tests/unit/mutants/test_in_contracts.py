"""Which rules of a contract are dropped."""

from __future__ import annotations

from tests.mutants.in_contracts import contract_mutants
from tests.mutants.mutant import Source

CONTRACT = """schema:
  - name: plan
    properties:
      - name: plan_id
        required: true
        logicalTypeOptions: {minimum: 1}
    quality:
      - name: paid_is_owed
        type: sql
        mustBe: 0
        query: SELECT 1
      - name: other
        mustBe: 0
"""


def test_each_rule_is_dropped_by_itself() -> None:
    source = Source("warehouse/contracts/credit/plan.yaml", CONTRACT.encode())
    dropped = [mutant.before.split()[0:3] for mutant in contract_mutants(source)]
    assert dropped == [
        ["required:", "true"],
        ["logicalTypeOptions:", "{minimum:", "1}"],
        ["-", "name:", "paid_is_owed"],
        ["-", "name:", "other"],
    ]
    left = [mutant.applied(source.data).decode() for mutant in contract_mutants(source)]
    assert "query: SELECT 1" not in left[2]
    assert "name: other" in left[2]
