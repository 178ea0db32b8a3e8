"""Which tests a mutant meets, in which order."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

#: CPU seconds for a module's own tests, whatever is left for others: what they do not notice is what is asked.
OWN_SECONDS = 30.0

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.mutants.coverage import CoverageMap, Test
    from tests.mutants.mutant import Mutant


def is_mirror(file: str, module: str) -> bool:
    """Whether a test file is the module's own: `tests/unit/<folder>/test_<module>[_respect].py`."""
    own, test = PurePosixPath(module), PurePosixPath(file)
    stem = f"test_{own.stem}"
    return test.parent == PurePosixPath("tests/unit") / own.parent and (
        test.stem == stem or test.stem.startswith(f"{stem}_")
    )


def tests_for(mutant: Mutant, known: CoverageMap, budget: float) -> list[Test]:
    """The tests that can notice a mutant: the module's own, then the cheapest files, within `budget` CPU seconds.

    Those are the tests that call its function, then the others of their files (a cache may hide the call); for a line
    outside of functions, or a function that no test calls by the map, the module's own test files and whatever calls
    into its module.
    """
    module = mutant.path
    tests = known.tests_of(known.files_of(module) if module.endswith(".py") else files_about(module, known))
    called = [test for test in tests if f"{module}:{mutant.scope}" in test.calls]
    if not called or not mutant.scope:
        called = [t for t in tests if is_mirror(t.file, module) or any(c.startswith(f"{module}:") for c in t.calls)]
    if not called:
        called = [test for test in tests if module in known.imports.direct.get(test.file, ())] or (
            tests if not module.endswith(".py") else []
        )
    files = {test.file for test in called}
    beside = [test for test in tests if test.file in files and test not in called]
    return _affordable([called, beside], module, budget)


def files_about(contract: str, known: CoverageMap) -> list[str]:
    """Test files for a contract: those on contracts, and those that name its table."""
    table = PurePosixPath(contract).stem
    general = ("tests/unit/warehouse/test_contract.py", "tests/unit/transforms/decision/test_contract_rules.py")
    return [f for f in known.files if f in general or table in (known.tree / f).read_text()]


def _affordable(tiers: Sequence[Sequence[Test]], module: str, budget: float) -> list[Test]:
    """The module's own tests, then the others, tier by tier, as far as each part's seconds go; files in one piece."""
    kept: list[Test] = []
    left = {True: OWN_SECONDS, False: budget}
    for tests in tiers:
        cost: dict[str, float] = {}
        for test in tests:
            cost[test.file] = cost.get(test.file, 0.0) + test.seconds
        for test in sorted(tests, key=lambda t: (not is_mirror(t.file, module), cost[t.file], t.file, t.seconds)):
            own = is_mirror(test.file, module)
            if test.seconds <= left[own] or not kept:
                kept.append(test)
                left[own] -= test.seconds
    order = {file: place for place, file in enumerate(dict.fromkeys(test.file for test in kept))}
    return sorted(kept, key=lambda test: order[test.file])
