"""Every function, class and method of the loans and pricing rooms is reached from production code.

By name: a definition counts as reached where its name is used by code that is itself reached, from outside the two
rooms or from what their modules do when they are imported. Tests and the vector runner do not count.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("transforms/loans", "transforms/pricing")
THEIRS = ("tests/", ".")


@dataclass
class Definition:
    """A function, class or method: where it stands, the names its body uses, and the class it belongs to."""

    place: str
    name: str
    uses: set[str] = field(default_factory=set)
    owner: Definition | None = None

    def is_reached(self, names: set[str]) -> bool:
        """Whether code that uses these names reaches it; a method with underscores around it comes with its class."""
        if self.name.startswith("__") and self.name.endswith("__"):
            return self.owner is not None and self.owner.name in names
        return self.name in names


def _names(node: ast.AST) -> set[str]:
    """Names and attributes read in a piece of code, but for a function's own variables; an import uses nothing."""
    parts = list(ast.walk(node))
    attributes = {part.attr for part in parts if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Load)}
    read = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}
    own = {part.arg for part in parts if isinstance(part, ast.arg)}
    own |= {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    return attributes | (read - own if isinstance(node, ast.FunctionDef) else read)


def _collect(module: str, source: str) -> tuple[list[Definition], set[str]]:
    """The definitions of a module, and the names it uses outside of them."""
    found = list[Definition]()

    def walk(body: list[ast.stmt], owner: Definition | None) -> set[str]:
        loose = set[str]()
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                definition = Definition(f"{module}:{node.name}", node.name, owner=owner)
                found.append(definition)
                if isinstance(node, ast.ClassDef):
                    parts = [*node.decorator_list, *node.bases, *node.keywords]
                    definition.uses = walk(node.body, definition).union(*map(_names, parts))
                else:
                    definition.uses = _names(node) - {node.name}
            elif not isinstance(node, ast.Import | ast.ImportFrom):
                loose |= _names(node)
        return loose

    return found, walk(ast.parse(source).body, None)


def _production() -> dict[str, str]:
    """The source of every module outside the tests."""
    paths = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.glob("*/**/*.py"))}
    return {module: path.read_text("utf-8") for module, path in paths.items() if not module.startswith(THEIRS)}


def unreached(sources: dict[str, str]) -> set[str]:
    """Places of the definitions of the two rooms that production code does not reach."""
    definitions, names = list[Definition](), set[str]()
    for module, source in sources.items():
        if module.startswith(ROOMS):
            found, outside = _collect(module, source)
            definitions += found
            names |= outside
        else:
            names |= _names(ast.parse(source))
    waiting = definitions
    while reached := [definition for definition in waiting if definition.is_reached(names)]:
        waiting = [definition for definition in waiting if not definition.is_reached(names)]
        names = names.union(*(definition.uses for definition in reached))
    return {definition.place for definition in waiting}


def test_production_reaches_everything() -> None:
    assert unreached(_production()) == set()


def test_what_only_the_dead_use_is_dead_and_what_the_living_use_is_not() -> None:
    room = (
        "import x\ndef top(n): return helper(n)\ndef helper(top): return top\nclass Kept:\n def lost(self): ...\nKept\n"
    )
    modules = {"transforms/loans/a.py": room, "orchestration/b.py": "from transforms.loans.a import top"}
    place = "transforms/loans/a.py:"
    assert unreached(modules) == {f"{place}top", f"{place}helper", f"{place}lost"}
    modules["orchestration/b.py"] += "\ntop(1)"
    assert unreached(modules) == {f"{place}lost"}
