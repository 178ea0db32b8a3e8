"""Which test calls which function: the map by which a mutant meets only the tests that can notice it.

Each test file runs once, in a child of its own so that nothing another file has cached hides a call. The map is kept
in `build/mutants/` by the digest of each test file; a function that is newer than the map falls back to the tests that
call anything in its module.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.mutants.forked import OURS, pytest_in_child

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from pathlib import Path
    from types import CodeType, FrameType

#: CPU seconds after which a test file is left out of the map: it is a night, not a unit test.
MOST_SECONDS = 40.0


@dataclass(eq=False)  # pytest keeps plugins in sets
class Calls:
    """A pytest plugin that notes, per test, CPU seconds, whether it passed, and the functions of ours it called.

    What is called before the first test (imports) or by a fixture that several tests share counts for every test of
    the file.
    """

    root: str
    written: dict[str, Any] = field(default_factory=lambda: {"": {"calls": []}})
    _seen: set[CodeType] = field(default_factory=set)
    _started: float = 0.0

    def _trace(self, frame: FrameType, event: str, argument: object) -> None:
        self._seen.add(frame.f_code)

    def pytest_sessionstart(self) -> None:
        sys.settrace(self._trace)
        threading.settrace(self._trace)

    def pytest_collection_finish(self) -> None:
        self.written[""]["calls"] = self._taken()

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
        before, self._seen = self._seen, set()
        try:
            return (yield)
        finally:
            if fixturedef.scope != "function":
                shared = self.written[""]
                shared["calls"] = sorted({*shared["calls"], *self._taken()})
            self._seen |= before

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._started = time.process_time()
        self.written[nodeid] = {"passed": True, "calls": [], "seconds": 0.0}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome != "passed":
            self.written[report.nodeid]["passed"] = False

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.written[nodeid]["calls"] = self._taken()
        self.written[nodeid]["seconds"] = round(time.process_time() - self._started, 3)

    def _taken(self) -> list[str]:
        codes, self._seen = self._seen, set()
        return sorted({name for code in codes if (name := self._named(code))})

    def _named(self, code: CodeType) -> str | None:
        """`path:function` of one of ours; a lambda or comprehension is the function it stands in."""
        path = code.co_filename
        if not path.startswith(self.root):
            return None
        path = path[len(self.root) :].lstrip("/")
        if path.partition("/")[0] not in OURS[:-1]:
            return None
        parts = [p for p in code.co_qualname.split(".") if not p.startswith("<")]
        return f"{path}:{'.'.join(parts)}"


@dataclass(frozen=True)
class Test:
    """One test that passes on the unchanged tree."""

    nodeid: str
    seconds: float
    calls: frozenset[str]

    @property
    def file(self) -> str:
        return self.nodeid.partition("::")[0]


class CoverageMap:
    """The tests of the unit suite with what they call; built for the test files that are asked for, and kept."""

    def __init__(self, tree: Path, cache: Path, say: Callable[[str], None]) -> None:
        self.tree = tree
        self.cache = cache
        self.say = say
        self.known: dict[str, Any] = json.loads(cache.read_text()) if cache.exists() else {}
        self.imports = _Imports(tree)
        self.files = sorted(p.relative_to(tree).as_posix() for p in (tree / "tests" / "unit").rglob("test_*.py"))

    def files_of(self, module: str) -> list[str]:
        """Test files that import a module, directly or through others."""
        return [file for file in self.files if module in self.imports.reached(file)]

    def tests_of(self, files: Iterable[str]) -> list[Test]:
        """The passing tests of some files, with what they call; runs the files that are not in the map yet."""
        found = []
        for file in files:
            entry = self._entry(file)
            shared = set(entry["tests"].get("", {}).get("calls", ()))
            found += [
                Test(nodeid, test["seconds"], frozenset(shared.union(test["calls"])))
                for nodeid, test in entry["tests"].items()
                if nodeid and test["passed"]
            ]
        return found

    def digest(self, file: str) -> str:
        return hashlib.sha256((self.tree / file).read_bytes()).hexdigest()[:16]

    def _entry(self, file: str) -> dict[str, Any]:
        digest = self.digest(file)
        entry = self.known.get(file)
        if entry is None or entry["digest"] != digest:
            ended = pytest_in_child(self.tree, [file], Calls(str(self.tree)), MOST_SECONDS)
            entry = self.known[file] = {"digest": digest, "tests": ended.written}
            tests = [test for nodeid, test in ended.written.items() if nodeid]
            failed = sum(not test["passed"] for test in tests)
            words = f", of which {failed} fail or skip without any mutant and are left out" if failed else ""
            stopped = f"; stopped after {MOST_SECONDS:.0f}, left out" if ended.code is None else ""
            self.say(f"map: {file}: {len(tests)} tests in {ended.seconds:.1f} CPU s{words}{stopped}")
            self.cache.parent.mkdir(parents=True, exist_ok=True)
            self.cache.write_text(json.dumps(self.known))
        return entry


class _Imports:
    """What each file of the tree imports, read from its text."""

    def __init__(self, tree: Path) -> None:
        self.direct: dict[str, set[str]] = {}
        paths = [p for room in OURS for p in (tree / room).rglob("*.py")]
        names = {_dotted(p.relative_to(tree)): p.relative_to(tree).as_posix() for p in paths}
        for path in paths:
            found = set[str]()
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.Import):
                    found |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            self.direct[path.relative_to(tree).as_posix()] = {names[name] for name in found if name in names}

    def reached(self, file: str) -> set[str]:
        reached, waiting = set[str](), [file]
        while waiting:
            for other in self.direct.get(waiting.pop(), set()) - reached:
                reached.add(other)
                waiting.append(other)
        return reached


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
