"""The four rooms: who may import whom, who may touch the outside world, how large a module may be, where its test is.

Read from the source text with `ast`; nothing is imported.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "orchestration": {"orchestration", "quality", "transforms", "warehouse"},
    "quality": {"quality", "warehouse"},
    "transforms": {"transforms"},
    "warehouse": {"warehouse"},
}
#: The subjects of `transforms`: each may import itself and those before it, so that there is no circle.
SUBJECTS = (
    *("sql", "reading", "dates", "policy", "windows", "loans", "pricing", "profile", "risk", "decision", "offers"),
    *("second_installment", "disclosure", "compliance", "servicing", "monitoring"),
)
MOST_LINES = 400

#: Packages that belong to one room.
AT_HOME = {
    "dagster": "orchestration",
    "great_expectations": "quality",
    "sqlalchemy": "quality and orchestration",  # Great Expectations' connection; Dagster's event log
    "typer": "orchestration",
}
#: Great Expectations brings pandas; nothing of ours works with either.
NOWHERE = {"pandas", "pyarrow"}
#: What would give a pure function a world: files, processes, the network, a database, the clock, chance.
IMPURE = {
    *("duckdb", "filelock", "glob", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "requests"),
    *("secrets", "shutil", "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time", "urllib"),
}
CLOCKS = {"now", "today", "utcnow", "fromtimestamp"}
#: The configuration is `warehouse.settings`; these hand something over to a program that reads the environment itself.
ENVIRONMENT = {
    "orchestration.commands.dev": "starts Dagster's own program",
    "quality.gx_duckdb": "switches Great Expectations' analytics off before it is imported",
}
#: Calls that do I/O wherever they stand; a module makes none while it is imported.
IO_CALLS = {
    *(
        "open",
        "connect",
        "read_text",
        "read_bytes",
        "write_text",
        "write_bytes",
        "mkdir",
        "unlink",
        "urlopen",
        "socket",
    ),
    *("execute", "run", "Popen", "glob", "rglob", "iterdir", "touch", "load", "read_parquet", "read_csv"),
}
#: Tests that are not of one module or package: what they test instead.
TEST_OF = {
    "transforms/decision/test_contract_rules.py": "the outputs' contracts on what the transforms make",
    "transforms/decision/test_replay.py": "what policy, price and decision answer before and after a rule begins",
    "transforms/profile/test_point_in_time.py": "that no table of the profile knows what came later",
    "warehouse/simulator/test_deliveries.py": "what all modules of the simulator deliver together",
    "warehouse/simulator/test_repeatable.py": "that the same arguments give the same bytes",
}


@dataclass(frozen=True)
class Module:
    """One module of the product."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        return self.name.partition(".")[0]

    def at(self, node: ast.AST, what: str) -> str:
        return f"{self.path.as_posix()}:{getattr(node, 'lineno', 1)}: {what}"


def parsed(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"), str(path)))


Rule = Callable[[Module], list[str]]
MODULES = [parsed(path) for room in MAY_IMPORT for path in sorted((ROOT / room).rglob("*.py"))]


def imports(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Every import, those for types and those inside functions too; a relative one is named by its dots."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, "." * node.level + (node.module or "")


def called(node: ast.Call) -> str:
    """Last part of the name of what is called: `open` of `path.open(...)`."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def upward_imports(module: Module) -> list[str]:
    found = []
    for node, name in imports(module.tree):
        room = name.partition(".")[0]
        if name.startswith("."):
            found.append(module.at(node, f"relative import of {name}"))
        elif room in MAY_IMPORT and room not in MAY_IMPORT[module.room]:
            found.append(module.at(node, f"{module.room} imports {name}"))
        elif room == "tests":
            found.append(module.at(node, "the product imports its tests"))
    return found


def subjects_imported_early(module: Module) -> list[str]:
    """Imports of one subject of `transforms` by another that comes before it, or of one that is not named."""
    subject = module.name.split(".")[1] if module.room == "transforms" and "." in module.name else None
    if subject is None:
        return []
    before = SUBJECTS[: SUBJECTS.index(subject) + 1] if subject in SUBJECTS else ()
    named = ((node, name.split(".")[1]) for node, name in imports(module.tree) if name.startswith("transforms."))
    return [module.at(node, f"{subject} imports {other}") for node, other in named if other not in before]


def strayed_packages(module: Module) -> list[str]:
    found = []
    for node, name in imports(module.tree):
        package = name.partition(".")[0]
        home = "orchestration" if package.startswith("dagster") else AT_HOME.get(package, module.room)
        if package in NOWHERE or module.room not in home.split(" and "):
            found.append(module.at(node, f"imports {name}"))
    return found


def impurities(module: Module) -> list[str]:
    found = [module.at(n, f"imports {name}") for n, name in imports(module.tree) if name.partition(".")[0] in IMPURE]
    calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    return found + [module.at(n, f"calls {called(n)}") for n in calls if called(n) in CLOCKS or is_file_io(called(n))]


def is_file_io(name: str) -> bool:
    """Whether a call of that name reads or writes a file: `open`, or `read_csv` and the like of Polars or a frame."""
    return name == "open" or (
        name.startswith(("read_", "scan_", "write_", "sink_"))
        and name.endswith(("_csv", "_parquet", "_json", "_ndjson", "_ipc", "_excel", "_database", "_delta"))
    )


def environment_reads(module: Module) -> list[str]:
    names = {"environ", "getenv", "environb", "putenv"}
    return [
        module.at(node, "touches the environment")
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Attribute) and node.attr in names)
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and any(a.name in names for a in node.names))
    ]


def run_at_import(tree: ast.Module) -> Iterator[ast.AST]:
    """Every node that runs when the module is imported: bodies of functions and what is only for types do not."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            waiting.extend(node.orelse)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'":
            continue
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting.extend([*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d)])
        elif isinstance(node, ast.Lambda):
            waiting.extend([*node.args.defaults, *(d for d in node.args.kw_defaults if d)])
        else:
            yield node
            waiting.extend(ast.iter_child_nodes(node))


def io_at_import(module: Module) -> list[str]:
    return [
        module.at(node, f"calls {called(node)} when imported")
        for node in run_at_import(module.tree)
        if isinstance(node, ast.Call) and called(node) in IO_CALLS
    ]


def test_there_is_something_to_look_at() -> None:
    assert {m.room for m in MODULES} == set(MAY_IMPORT)


def test_imports_point_one_way() -> None:
    assert [x for m in MODULES for x in upward_imports(m)] == []


def test_subjects_build_on_each_other_in_one_order() -> None:
    assert [x for m in MODULES for x in subjects_imported_early(m)] == []
    assert {m.name.split(".")[1] for m in MODULES if m.name.startswith("transforms.")} == set(SUBJECTS)


def test_a_package_is_used_in_its_own_room_only() -> None:
    assert [x for m in MODULES for x in strayed_packages(m)] == []


def test_transforms_are_pure() -> None:
    assert [x for m in MODULES if m.room == "transforms" for x in impurities(m)] == []


def test_configuration_is_read_in_one_place() -> None:
    assert [x for m in MODULES if m.name not in ENVIRONMENT for x in environment_reads(m)] == []


def test_each_exception_is_still_needed() -> None:
    named = {m.name: m for m in MODULES}
    assert [name for name in ENVIRONMENT if name not in named or not environment_reads(named[name])] == []
    assert [name for name in TEST_OF if not (ROOT / "tests" / "unit" / name).is_file()] == []


def test_importing_a_module_does_no_io() -> None:
    assert [x for m in MODULES for x in io_at_import(m)] == []


def test_no_module_is_too_long() -> None:
    files = [ROOT / m.path for m in MODULES] + sorted((ROOT / "tests").rglob("*.py"))
    lengths = {str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines()) for p in files}
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}


def test_unit_tests_mirror_the_rooms() -> None:
    """`tests/unit/a/b/test_c.py` or `test_c_in_some_respect.py` tests the module or package `a/b/c`."""
    unit = ROOT / "tests" / "unit"
    astray = []
    for path in sorted(p for room in MAY_IMPORT for p in (unit / room).rglob("test_*.py")):
        place = path.relative_to(unit)
        if place.as_posix() not in TEST_OF and not subjects_of(ROOT / place.parent, path.stem.removeprefix("test_")):
            astray.append(place.as_posix())
    assert astray == []


def subjects_of(folder: Path, name: str) -> list[Path]:
    """Modules and packages of `folder` that a test called `name` can be of."""
    there = [p for p in folder.glob("*") if p.suffix == ".py" or (p / "__init__.py").is_file()]
    return [p for p in there if name == p.stem or name.startswith(f"{p.stem}_")]


@pytest.mark.parametrize(
    ("rule", "name", "source"),
    [
        (upward_imports, "transforms.a", "from warehouse.lake import Lake"),
        (upward_imports, "warehouse.a", "import quality.results"),
        (upward_imports, "warehouse.a", "def f():\n  from orchestration import cli"),
        (upward_imports, "quality.a", "from transforms import risk"),
        (upward_imports, "quality.a", "from .suite import x"),
        (subjects_imported_early, "transforms.policy.a", "from transforms.loans.plan import Plan"),
        (subjects_imported_early, "transforms.risk.a", "if TYPE_CHECKING:\n  from transforms.decision.facts import x"),
        (subjects_imported_early, "transforms.unnamed.a", "from transforms.dates.calendar import x"),
        (strayed_packages, "transforms.a", "import dagster as dg"),
        (strayed_packages, "quality.a", "from dagster_shared import x"),
        (strayed_packages, "warehouse.a", "import pandas as pd"),
        (impurities, "transforms.a", "import duckdb"),
        (impurities, "transforms.a", "from pathlib import Path"),
        (impurities, "transforms.a", "x = open('f')"),
        (impurities, "transforms.a", "def f():\n  return pl.scan_parquet('f')"),
        (impurities, "transforms.a", "def f():\n  return datetime.now(UTC)"),
        (impurities, "transforms.a", "def f():\n  return date.today()"),
        (environment_reads, "quality.a", "import os\nos.environ['X']"),
        (environment_reads, "quality.a", "from os import getenv"),
        (io_at_import, "warehouse.a", "con = duckdb.connect()"),
        (io_at_import, "warehouse.a", "class A:\n  text = Path('f').read_text()"),
        (io_at_import, "warehouse.a", "def f(x=open('f')):\n  pass"),
    ],
)
def test_each_rule_finds_what_it_forbids(rule: Rule, name: str, source: str) -> None:
    assert rule(Module(name, Path("made_up.py"), ast.parse(source)))


@pytest.mark.parametrize(
    ("rule", "name", "source"),
    [
        (upward_imports, "orchestration.a", "from transforms.risk import x\nimport quality, warehouse"),
        (subjects_imported_early, "transforms.loans.a", "from transforms.policy.policy import Policy"),
        (subjects_imported_early, "orchestration.a", "from transforms.loans.plan import Plan"),
        (impurities, "transforms.a", "import polars as pl\nfrom datetime import date"),
        (io_at_import, "warehouse.a", "def f():\n  return open('f')"),
        (io_at_import, "warehouse.a", "if TYPE_CHECKING:\n  x = open('f')"),
    ],
)
def test_each_rule_lets_the_rest_be(rule: Rule, name: str, source: str) -> None:
    assert rule(Module(name, Path("made_up.py"), ast.parse(source))) == []
