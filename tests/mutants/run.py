"""The mutation run: mutants drawn, each put into a scratch copy of the tree, its tests run, the verdict kept."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.mutants.coverage import CoverageMap
from tests.mutants.forked import load_libraries, pytest_in_child
from tests.mutants.in_contracts import contract_mutants
from tests.mutants.in_python import python_mutants
from tests.mutants.mutant import Mutant, Source
from tests.mutants.selection import tests_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pytest

ROOT = Path(__file__).parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent.yaml")
_TESTS_FAILED, _NO_TESTS = 1, 5


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: `killed` (by the test named), `timeout`, `survived`, or `untested`: nothing runs it.

    A mutant that cannot be imported is killed by its import. Only the last two are survivors.
    """

    mutant: Mutant
    outcome: str
    by: str | None
    tests: int
    seconds: float

    @property
    def survived(self) -> bool:
        return self.outcome in ("survived", "untested")


@dataclass(eq=False)  # pytest keeps plugins in sets
class FirstFailure:
    """A pytest plugin that writes down which test failed."""

    written: dict[str, Any] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.written.setdefault("by", report.nodeid)


def modules(paths: Iterable[str], root: Path = ROOT) -> list[str]:
    """The modules and contracts under some paths, relative to the root, in order."""
    found = set[str]()
    for path in paths:
        at = root / path
        if not at.exists():
            raise FileNotFoundError(f"{path} is neither a file nor a folder of {root}")
        files = [at] if at.is_file() else [*at.rglob("*.py"), *at.rglob("*.yaml")]
        found |= {f.relative_to(root).as_posix() for f in files if f.name != "__init__.py"}
    return sorted(f for f in found if f.endswith(".py") or "/contracts/" in f)


def changed_modules(base: str, root: Path = ROOT) -> list[str]:
    """Modules and contracts that differ from a revision, those not committed too."""
    command = ["git", "-C", str(root), "diff", "--name-only", "--diff-filter=d", base, "--"]
    rooms = ["transforms", "quality", "warehouse", "orchestration"]
    lines = subprocess.run([*command, *rooms], check=True, capture_output=True, text=True).stdout.splitlines()
    return [x for x in lines if x.endswith(".py") or (x.endswith(".yaml") and "/contracts/" in x)]


def mutants_of(path: str, root: Path = ROOT) -> list[Mutant]:
    """Every mutant of one module or contract but those known to change nothing."""
    source = Source(path, (root / path).read_bytes())
    made = python_mutants(source) if path.endswith(".py") else contract_mutants(source)
    known = equivalents()
    return [mutant for mutant in made if (path, mutant.text, mutant.before, mutant.after) not in known]


def equivalents() -> dict[tuple[str, str, str, str], str]:
    """(path, text of the line, before, after) → why that mutant computes the same."""
    entries = yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8")) or []
    return {(e["path"], e["line"], e["before"], e["after"]): e["why"] for e in entries}


def drawn(path: str, seed: int, most: int | None, root: Path = ROOT) -> list[Mutant]:
    """At most `most` mutants of a module, the same for the same seed whatever else changes in the file."""
    ranked = sorted(mutants_of(path, root), key=lambda mutant: mutant.rank(seed))
    return sorted(ranked[:most], key=lambda mutant: (mutant.start, mutant.after))


def scratch_copy(tree: Path, root: Path = ROOT) -> None:
    """The files of the checkout as they stand, without what git ignores."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0"):
        source = root / name
        if name and source.is_file() and not source.is_symlink():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, tree / name)


class Run:
    """Mutants tried one after the other on one scratch tree."""

    def __init__(self, tree: Path, cache: Path, budget: float, say: Callable[[str], None]) -> None:
        load_libraries()
        self.tree = tree
        self.budget = budget
        self.known = CoverageMap(tree, cache / "map.json", say)
        self._kept = cache / "killed.json"
        self._killed: dict[str, str] = json.loads(self._kept.read_text()) if self._kept.exists() else {}

    def verdict(self, mutant: Mutant) -> Verdict:
        """Try one mutant, unless the test that killed it before is unchanged, and so is the module."""
        tests = tests_for(mutant, self.known, self.budget)
        if not tests:
            return Verdict(mutant, "untested", None, 0, 0.0)
        source = (self.tree / mutant.path).read_bytes()
        key = hashlib.sha256(f"{mutant.name} {mutant.start}".encode() + source).hexdigest()[:24]
        by = self._killed.get(key, "")
        file, _, digest = by.rpartition("@")
        if file and (self.tree / (name := file.partition("::")[0])).exists() and self.known.digest(name) == digest:
            return Verdict(mutant, "killed", file, len(tests), 0.0)
        expected = sum(test.seconds for test in tests)
        with _mutated(self.tree / mutant.path, source, mutant.applied(source)):
            limit = 4 * expected + 10
            ended = pytest_in_child(self.tree, ["-x", *(t.nodeid for t in tests)], FirstFailure(), limit)
        found = ended.written.get("by")
        outcome = "timeout" if ended.code is None else "survived" if ended.code == 0 else "killed"
        if outcome == "killed":
            if ended.code == _TESTS_FAILED and found:
                self._killed[key] = f"{found}@{self.known.digest(found.partition('::')[0])}"
                self._kept.write_text(json.dumps(self._killed))
            elif ended.code == _NO_TESTS:
                outcome = "untested"
        return Verdict(mutant, outcome, found, len(tests), ended.seconds)


class _mutated:  # noqa: N801 - a context manager used as a verb
    """The file with other bytes for a while; its compiled form is thrown away before and after."""

    def __init__(self, path: Path, source: bytes, mutated: bytes) -> None:
        self.path, self.source, self.mutated = path, source, mutated

    def _write(self, data: bytes) -> None:
        for compiled in (self.path.parent / "__pycache__").glob(f"{self.path.stem}.*.pyc"):
            compiled.unlink()
        self.path.write_bytes(data)

    def __enter__(self) -> None:
        self._write(self.mutated)

    def __exit__(self, *_: object) -> None:
        self._write(self.source)


def room(path: str) -> str:
    """The room of a module, with its subject in `transforms`."""
    parts = Path(path).parts
    return "/".join(parts[:2]) if parts[0] == "transforms" or "contracts" in parts[:2] else parts[0]


def table(verdicts: Sequence[Verdict]) -> str:
    """Mutants, killed, survived and the share that survived, by room and together."""
    rows: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        rows.setdefault(room(verdict.mutant.path), []).append(verdict)
    lines = [f"{'room':<30}{'mutants':>8}{'killed':>8}{'survived':>10}{'share':>8}"]
    for name, group in [*sorted(rows.items()), ("together", list(verdicts))]:
        left = sum(v.survived for v in group)
        lines.append(f"{name:<30}{len(group):>8}{len(group) - left:>8}{left:>10}{left / max(1, len(group)):>8.1%}")
    return "\n".join(lines)
