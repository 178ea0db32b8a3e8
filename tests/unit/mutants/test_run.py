"""The mutation run on a small tree: an error that a test notices is killed, one that none notices survives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.mutants.mutant import Mutant, Source
from tests.mutants.run import Verdict, drawn, equivalents, mutants_of, room, table
from tests.mutants.selection import is_mirror

ROOT = Path(__file__).parents[3]
MODULE = """
def owed(due: int, paid: int) -> int:
    if paid > due:
        return 0
    return due - paid
"""
TESTS = """
import pytest
from transforms.loans.owed import owed

@pytest.fixture(scope="module")
def part(tmp_path_factory):
    return owed(10, 4)

def test_part_paid(part):
    assert part == 6

def test_that_fails_anyway():
    assert owed(0, 1) == 1
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout with one module, one test, and the mutation run itself."""
    for name, text in {
        "pyproject.toml": "[tool.pytest.ini_options]\n",
        "transforms/__init__.py": "",
        "transforms/loans/__init__.py": "",
        "transforms/loans/owed.py": MODULE,
        "tests/__init__.py": "",
        "tests/unit/__init__.py": "",
        "tests/unit/transforms/__init__.py": "",
        "tests/unit/transforms/loans/__init__.py": "",
        "tests/unit/transforms/loans/test_owed.py": TESTS,
        **{f"tests/mutants/{p.name}": p.read_text() for p in (ROOT / "tests" / "mutants").glob("*.*")},
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(dedent(text))
    (tmp_path / "tests/mutants/equivalent.yaml").write_text("[]")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def test_survivors_are_named_and_the_checkout_is_untouched(tree: Path) -> None:
    command = [sys.executable, "-m", "tests.mutants", "transforms", "--most", "0", "--verbose", "--allow", "60"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "survived  transforms/loans/owed.py:3 [comparison] > → >=" in done.stdout
    assert "killed    transforms/loans/owed.py:5 [arithmetic] - → +" in done.stdout
    assert "by tests/unit/transforms/loans/test_owed.py::test_part_paid" in done.stdout
    assert (
        done.stdout.count("survived  transforms") == 2
    )  # `>` for `>=`, and what is owed where more was paid than was due
    assert "test_owed.py: 2 tests" in done.stderr
    assert "of which 1 fail or skip without any mutant" in done.stderr
    assert (tree / "transforms/loans/owed.py").read_text() == MODULE


def example(outcome: str, path: str = "transforms/loans/owed.py") -> Verdict:
    mutant = Mutant(path, 3, 0, 1, ">", ">=", "comparison", "owed", "if paid > due:")
    return Verdict(mutant, outcome, None, 1, 0.5)


def test_the_table_counts_by_room() -> None:
    lines = table(
        [example("killed"), example("timeout"), example("untested"), example("survived", "warehouse/a.py")]
    ).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["transforms/loans", "3", "2", "1", "33.3%"],
        ["warehouse", "1", "0", "1", "100.0%"],
        ["together", "4", "2", "2", "50.0%"],
    ]


def test_rooms() -> None:
    assert room("warehouse/contracts/credit/plan.yaml") == "warehouse/contracts"
    assert room("quality/intake.py") == "quality"


def test_a_module_has_its_own_test_files() -> None:
    assert is_mirror("tests/unit/quality/test_intake.py", "quality/intake.py")
    assert is_mirror("tests/unit/quality/test_intake_of_late_rows.py", "quality/intake.py")
    assert not is_mirror("tests/unit/quality/test_suite.py", "quality/intake.py")
    assert not is_mirror("tests/unit/warehouse/test_intake.py", "quality/intake.py")


def test_a_draw_stays_the_same_when_other_lines_come(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(MODULE)
    before = drawn("a.py", 7, 2, tmp_path)
    assert before == drawn("a.py", 7, 2, tmp_path)
    assert len(before) == 2
    assert [m.rank(7) for m in before] != [m.rank(8) for m in before]
    path.write_text(f"{MODULE}\n# more\n")
    assert drawn("a.py", 7, 2, tmp_path) == before


def test_a_mutant_keeps_its_place_in_bytes() -> None:
    source = Source("a.py", "利率 = 1\nb = 22\n".encode())
    mutant = source.mutant(source.offset(2, 4), source.offset(2, 6), "23", "figure")
    assert (mutant.line, mutant.before, mutant.text) == (2, "22", "b = 22")
    assert mutant.applied(source.data).decode() == "利率 = 1\nb = 23\n"


def test_every_equivalent_is_still_a_mutant_of_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    known = equivalents()
    monkeypatch.setattr("tests.mutants.run.equivalents", dict)
    for path in {entry[0] for entry in known}:
        made = {(path, m.text, m.before, m.after) for m in mutants_of(path)}
        assert {entry for entry in known if entry[0] == path} <= made
