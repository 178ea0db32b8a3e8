"""Which small errors are put into Python code, and that each is one replacement that still parses."""

from __future__ import annotations

import ast

import pytest

from tests.mutants.in_python import python_mutants
from tests.mutants.mutant import Source


def texts(code: str) -> set[str]:
    """The code with each of its mutants in it."""
    source = Source("transforms/example.py", code.encode())
    return {mutant.applied(source.data).decode() for mutant in python_mutants(source)}


@pytest.mark.parametrize(
    ("code", "mutated"),
    [
        ("late = a <= b\n", {"late = a < b\n"}),
        ("late = a < b\n", {"late = a <= b\n"}),
        ("late = (a) not in (b)\n", {"late = (a) in (b)\n"}),
        ("late = a and b and c\n", {"late = a or b and c\n", "late = a and b or c\n"}),
        ("late = (a > b) & c\n", {"late = (a >= b) & c\n", "late = (a > b) | c\n"}),
        ("late = not a\n", {"late = a\n"}),
        ("late = ~pl.col(x)\n", {"late = pl.col(x)\n"}),
        ("late = True\n", {"late = False\n"}),
        ("owed = min(a, b)\n", {"owed = max(a, b)\n"}),
        ("owed = a // b - c\n", {"owed = a * b - c\n", "owed = a // b + c\n"}),
        ("rows = (a | b).filter(c)\n", {"rows = (a & b).filter(c)\n", "rows = (a | b)\n"}),
        ('rate = Decimal("0.19")\n', {'rate = Decimal("0.18")\n'}),
        ("if a:\n    raise ValueError(a)\n", {"if a:\n    pass\n"}),
        ("check(a)\n", {"pass\n"}),
        ("元 = a < b  # 元 is three bytes long\n", {"元 = a <= b  # 元 is three bytes long\n"}),
    ],
)
def test_each_operator_has_its_errors(code: str, mutated: set[str]) -> None:
    assert texts(code) == mutated


def test_a_figure_is_off_by_one() -> None:
    assert texts("most = 12\n") in ({"most = 11\n"}, {"most = 13\n"})
    assert texts("none = 0\n") == {"none = 1\n"}


@pytest.mark.parametrize(
    "code",
    [
        'def f(a: Literal[1]) -> Optional[2]:\n    """3 < 4 WHERE 5 < 6."""\n    return a\n',
        "if TYPE_CHECKING:\n    from a import b\n",
        "@dataclass(frozen=True)\nclass A:\n    a: int | None\n",
        "pairs = zip(a, b, strict=True)\n",
        'words = "text" + a\n',
    ],
)
def test_what_no_data_reaches_is_left_alone(code: str) -> None:
    assert texts(code) == set()


def test_every_mutant_parses_and_names_its_function() -> None:
    code = 'class A:\n    def f(self, a: int = 1) -> str:\n        return f"SELECT {a} FROM t WHERE x > 1 AND y"\n'
    source = Source("transforms/example.py", code.encode())
    found = list(python_mutants(source))
    assert {mutant.scope for mutant in found} == {"A.f"}
    assert len({ast.dump(ast.parse(mutant.applied(source.data))) for mutant in found}) == len(found) > 4
