"""What a newcomer relies on: the lock is whole and names no registry, each documented command and setting exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".sql", ".json", ".csv", ".html", ".j2", ".txt"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> dict[str, set[str]]:
    """Package → versions: more than one where they differ by Python version."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==([^\s;]+)", LOCK, re.MULTILINE):
        found.setdefault(canonical(name), set()).add(version)
    return found


def test_the_lock_pins_what_the_project_asks_for() -> None:
    asked = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["dev"]]
    for requirement in asked:
        name, operator, version = re.fullmatch(r"([\w.-]+)(==|>=)([\w.]+)", requirement).groups()  # type: ignore[union-attr]
        assert canonical(name) in locked()
        if operator == "==":
            assert locked()[canonical(name)] == {version}


def test_every_locked_package_has_hashes() -> None:
    entries = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert entries
    assert [e.splitlines()[0] for e in entries if "--hash=sha256:" not in e] == []


def test_the_lock_names_no_registry_and_no_machine() -> None:
    lines = [line for line in LOCK.splitlines() if not line.lstrip().startswith("--hash")]
    assert [line for line in lines if re.search(r"://|--\w|\s@\s|^/|file:|=/", line)] == []


def test_no_package_brings_pyarrow() -> None:
    assert "pyarrow" not in locked()


def test_every_make_target_says_what_it_does() -> None:
    targets = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split())  # type: ignore[index]
    assert {"demo", "test", "dev", "check", "bench", "apt-deps"} <= targets
    assert set(re.findall(r"^([a-z-]+):.*## \S", MAKEFILE, re.MULTILINE)) == targets


def test_documents_name_only_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", MAKEFILE, re.MULTILINE))
    documents = [ROOT / "README.md", ROOT / "requirements.lock", ROOT / ".ci" / "run", *(ROOT / "docs").rglob("*.md")]
    for document in documents:
        text = document.read_text(encoding="utf-8")
        assert set(re.findall(r"(?:^|`)make ([a-z][a-z-]*)", text, re.MULTILINE)) <= targets, document


def test_links_between_documents_lead_somewhere() -> None:
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "warehouse").rglob("*.md")]
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]
    assert broken == []


def test_the_workspace_loads_the_module_that_dg_checks() -> None:
    workspace = (ROOT / "workspace.yaml").read_text(encoding="utf-8")
    project = PROJECT["tool"]["dg"]["project"]
    assert re.findall(r"module_name: (\S+)", workspace) == [project["code_location_target_module"]]
    assert re.findall(r"location_name: (\S+)", workspace) == [project["code_location_name"]]


def test_continuous_integration_prepares_checks_and_ends_with_the_tests() -> None:
    commands = [
        line for line in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines() if line.startswith("make ")
    ]
    assert commands == ["make apt-deps", "make check", "make test"]


def test_no_text_refers_to_a_row_of_a_document_that_readers_do_not_have() -> None:
    """Rows of planning documents are said in words; M and two digits is how they would be numbered."""
    rooms = ("orchestration", "quality", "transforms", "warehouse", "tests", "docs")
    texts = [ROOT / "README.md", ROOT / "pyproject.toml", ROOT / "Makefile"] + [
        path for room in rooms for path in (ROOT / room).rglob("*") if path.suffix in TEXT
    ]
    assert len(texts) > len(rooms) + 3
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in texts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(r"\bM\d{2}\b", line)
    ]
    assert found == []
