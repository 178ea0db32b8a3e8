"""The documents are true: what they name exists, what they count adds up, their pictures show the code as it is."""

from __future__ import annotations

import ast
import re
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import pytest
import typer.main

from orchestration.cli import app
from tests.unit.test_architecture import MAY_IMPORT, SUBJECTS
from tests.unit.transforms.support import policy
from warehouse.contract import contract_names, load_contract

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
WRITTEN = [
    ROOT / "README.md",
    *(p for p in sorted(DOCS.rglob("*.md")) if p.name != "data_dictionary.md"),
    *sorted((ROOT / "warehouse").rglob("*.md")),
]
PICTURES = sorted((DOCS / "pictures").glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"
#: Named by a page as what is not there yet: the walk-throughs make them, an adapter of one's own has them.
MADE_BY_THE_READER = {"overdrafts.py", "my_bank.toml", "adapter.toml"}
ROLES = ("feed", "output", "control", "view")
PATH = re.compile(rf"`((?:{'|'.join([*MAY_IMPORT, 'docs', 'tests'])})/[\w./-]*)`")


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def shown(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def columns() -> dict[str, set[str]]:
    """Table → its columns, as delivered and as they lie in the lake."""
    names = [name for role in ROLES for name in contract_names(role)]
    return {
        n: {c.name for c in load_contract(n).columns} | {c for c, _ in load_contract(n).lake_columns()} for n in names
    }


@cache
def defined(path: Path) -> set[str]:
    """Functions, classes and constants that a module defines."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    named = {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    return named | {t.id for n in nodes if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made of them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def drawn(picture: str) -> list[ET.Element]:
    """The texts of a picture."""
    return list(ET.parse(DOCS / "pictures" / picture).getroot().iter(f"{SVG}text"))  # noqa: S314 - our own file


def rows_of(page: str) -> list[list[str]]:
    """The cells of every table row of a page, headings left out."""
    lines = re.findall(r"^\| (.*) \|$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE)
    return [[cell.strip() for cell in line.split(" | ")] for line in lines if not line.startswith(("---", "# "))]


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    linked = {(DOCS / target).resolve() for target in re.findall(r"\]\(([^)#]+)\)", index)}
    pages = {*DOCS.glob("*.md"), *(ROOT / "warehouse").rglob("*.md"), DOCS / "decisions" / "README.md"}
    assert linked == pages - {DOCS / "README.md"}


def test_links_to_headings_lead_somewhere() -> None:
    broken = []
    for page in WRITTEN:
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
            if anchor not in anchors((page.parent / target) if target else page):
                broken.append(f"{shown(page)}: {target}#{anchor}")
    assert broken == []


def test_files_that_pages_name_exist() -> None:
    everywhere = {p.name for room in (*MAY_IMPORT, "tests") for p in (ROOT / room).rglob("*.*")}
    missing = []
    for page in WRITTEN:
        text = prose(page)
        missing += [f"{shown(page)}: {p}" for p in PATH.findall(text) if not (ROOT / p).exists()]
        bare = set(re.findall(r"`(\w+\.(?:py|toml))`", text)) - MADE_BY_THE_READER
        missing += [f"{shown(page)}: {name}" for name in bare - everywhere - {"pyproject.toml"}]
    assert missing == []


def test_modules_and_functions_that_pages_name_exist() -> None:
    missing = []
    for page in WRITTEN:
        for name in re.findall(rf"`((?:{'|'.join(MAY_IMPORT)})(?:\.\w+)+)`", prose(page)):
            if name in columns() or name.rpartition(".")[0] in columns() or (ROOT / name).exists():
                continue
            module, _, last = name.rpartition(".")
            path = ROOT / f"{module.replace('.', '/')}.py"
            found = (ROOT / name.replace(".", "/")).is_dir() or (ROOT / f"{name.replace('.', '/')}.py").exists()
            if not found and not (path.exists() and last in defined(path)):
                missing.append(f"{shown(page)}: {name}")
    assert missing == []


def test_tables_and_columns_that_pages_name_exist() -> None:
    schemas = "|".join(sorted({name.partition(".")[0] for name in columns()}))
    made, figures = {"bank.overdraft"}, set(policy().figures)  # a figure of the policy may look like a table
    named = {
        (shown(page), *found)
        for page in WRITTEN
        for found in re.findall(rf"`((?:{schemas})\.[a-z]\w*)(?:\.(\w+))?`", prose(page))
    }
    assert len(named) > 100
    unknown = {n for n in named if n[1] not in columns() or (n[2] and n[2] not in columns()[n[1]])}
    assert [n for n in sorted(unknown) if n[1] not in made | figures] == []


def test_commands_that_pages_name_exist() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    named = {c for page in WRITTEN for c in re.findall(r"\bfenqi ([a-z][a-z-]+)", page.read_text(encoding="utf-8"))}
    assert named - set(commands) == set()
    assert set(commands) - named == set()


def test_the_readme_is_short_and_leads_on_call_engineers_on_in_one_hop() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 150
    (row,) = [line for line in text.splitlines() if line.startswith("| on call")]
    assert "(docs/operations.md)" in row


def test_one_column_is_followed_through_files_and_functions_that_exist() -> None:
    rows = [row for row in rows_of("follow_one_column.md") if row[0].isdigit()]
    files = [row[1].strip("`") for row in rows]
    assert [int(row[0]) for row in rows] == list(range(1, len(rows) + 1))
    assert len(set(files)) == len(files) == 15
    assert "15 files" in prose(DOCS / "follow_one_column.md")
    for file, look_at in zip(files, (row[2] for row in rows), strict=True):
        names = set(re.findall(r"`(\w+)(?:\(\))?`", look_at))
        path = ROOT / file
        table = ".".join(path.with_suffix("").parts[-2:])
        assert names, file
        assert names <= (columns()[table] if path.suffix == ".yaml" else defined(path)), file


def test_the_side_roads_of_the_column_exist() -> None:
    for cells in (row for row in rows_of("follow_one_column.md") if len(row) == 2):
        for file, name in re.findall(r"`([\w/]+\.py)`: `(\w+)\(\)`", cells[1]):
            assert name in defined(ROOT / file), file


def test_between_contract_and_transforms_no_file_names_the_column_followed() -> None:
    for file in ("quality/intake.py", "warehouse/landing.py"):
        assert file in prose(DOCS / "follow_one_column.md")
        assert "amount_cents" not in (ROOT / file).read_text(encoding="utf-8")


def test_a_term_of_the_glossary_is_in_both_languages_and_in_a_column() -> None:
    rows = [row for row in rows_of("glossary.md") if row[0] != "term"]
    assert len(rows) > 60
    terms = [row[0] for row in rows]
    assert sorted(set(terms)) == sorted(terms)
    for english, chinese, meaning, where in rows:
        assert not re.search(r"[\u4e00-\u9fff]", english + meaning), english
        assert re.search(r"[\u4e00-\u9fff]", chinese), english
        assert where == "–" or re.fullmatch(r"`\w+\.\w+\.\w+`", where), english


@pytest.mark.parametrize("picture", PICTURES, ids=lambda p: p.stem)
def test_a_picture_stands_on_its_own_and_names_what_exists(picture: Path) -> None:
    text = picture.read_text(encoding="utf-8")
    assert "<title " in text
    assert re.findall(r"(?:href|src|url)\s*[=(]\s*[\"']?(?!#)", text) == []
    assert any(f"(pictures/{picture.name})" in page.read_text(encoding="utf-8") for page in WRITTEN)
    words = " ".join(e.text or "" for e in drawn(picture.name))
    assert [p for p in re.findall(rf"\b((?:{'|'.join(MAY_IMPORT)})/[\w./]*)", words) if not (ROOT / p).exists()] == []


def test_the_picture_of_the_rooms_has_the_subjects_in_their_order() -> None:
    texts = drawn("rooms.svg")
    assert tuple(e.text for e in texts if e.get("class") == "subject") == SUBJECTS
    assert {e.text for e in texts if "h" in str(e.get("class")).split()} == set(MAY_IMPORT)


def test_the_picture_of_the_night_has_the_groups_of_tables_in_their_order() -> None:
    tree = ast.parse((ROOT / "orchestration" / "assets" / "tables.py").read_text(encoding="utf-8"))
    (tables,) = [n for n in tree.body if isinstance(n, ast.AnnAssign) and ast.unparse(n.target) == "TABLES"]
    groups = [ast.unparse(n).removeprefix("*").replace("_", " ").lower() for n in tables.value.elts]  # type: ignore[union-attr]
    words = [re.fullmatch(r"(\d+) ([a-z ]+),?.*", e.text or "") for e in drawn("night.svg")]
    assert [m[2] for m in sorted((m for m in words if m), key=lambda m: int(m[1]))] == ["feeds", *groups, "publication"]
