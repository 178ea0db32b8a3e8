"""Mutants of Python code, found by syntax tree and made by replacing the text of one operator, name or figure.

What no data can reach is left alone: annotations, docstrings, decorators, and the arguments in `_NOT_DATA`.
"""

from __future__ import annotations

import ast
import re
import zlib
from typing import TYPE_CHECKING

from tests.mutants.in_sql import is_sql, sql_mutants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mutants.mutant import Mutant, Source

#: Off by one at a boundary, or the opposite where there is no boundary.
_COMPARED = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "==": "!=",
    "!=": "==",
    "in": "not in",
    "not in": "in",
    "is": "is not",
    "is not": "is",
}
_OPERATORS: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "//"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "//"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
}
#: Methods and functions of two kinds that are easily taken for each other.
_PAIRS = (
    *(
        ("min", "max"),
        ("any", "all"),
        ("first", "last"),
        ("head", "tail"),
        ("floor", "ceil"),
        ("gt", "ge"),
        ("lt", "le"),
    ),
    *(("any_horizontal", "all_horizontal"), ("min_horizontal", "max_horizontal"), ("is_null", "is_not_null")),
    *(("arg_min", "arg_max"), ("cum_min", "cum_max")),
)
_TWINS = dict(_PAIRS) | {other: one for one, other in _PAIRS}
#: Steps of a chain without which it still runs.
_STEPS = {"filter", "unique", "fill_null", "drop_nulls", "clip", "abs", "round"}
#: Arguments that guard against mistakes of the programmer or say how, not what.
_NOT_DATA = {"strict", "slots", "frozen", "maintain_order", "encoding", "stacklevel", "exist_ok", "parents", "validate"}


def python_mutants(source: Source) -> Iterator[Mutant]:
    """Every mutant of a module, in order of the file."""
    yield from sorted(_Finder(source).found, key=lambda mutant: (mutant.start, mutant.after))


class _Finder(ast.NodeVisitor):
    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[Mutant] = []
        self.scopes: list[str] = []
        self.visit(ast.parse(source.data))

    def add(self, start: int, end: int, after: str, kind: str) -> None:
        self.found.append(self.source.mutant(start, end, after, kind, ".".join(self.scopes)))

    def start(self, node: ast.expr | ast.stmt) -> int:
        return self.source.offset(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt) -> int:
        return self.source.offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)

    def between(self, left: ast.expr, right: ast.expr, operator: str, after: str, kind: str) -> None:
        """Replace the operator that stands between two expressions."""
        start = self.end(left)
        gap = self.source.data[start : self.start(right)].decode()
        pattern = r"\s+".join(map(re.escape, operator.split()))
        if found := re.search(rf"\b{pattern}\b" if operator[0].isalpha() else pattern, gap):
            start += len(gap[: found.start()].encode())
            self.add(start, start + len(found[0].encode()), after, kind)

    # Where names are made and what is passed over.

    def _inside(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, parts: list[ast.AST]) -> None:
        self.scopes.append(node.name)
        for part in parts:
            self.visit(part)
        for statement in node.body[_has_docstring(node) :]:
            self.visit(statement)
        self.scopes.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._inside(node, [*node.args.defaults, *(d for d in node.args.kw_defaults if d)])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._inside(node, [])

    def visit_Module(self, node: ast.Module) -> None:
        for statement in node.body[_has_docstring(node) :]:
            self.visit(statement)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_If(self, node: ast.If) -> None:
        if "TYPE_CHECKING" not in ast.unparse(node.test):
            self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg not in _NOT_DATA:
            self.visit(node.value)

    # What is replaced.

    def visit_Compare(self, node: ast.Compare) -> None:
        for left, operator, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            sign = _SIGNS[type(operator)]
            self.between(left, right, sign, _COMPARED[sign], "comparison")
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        one, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self.between(left, right, one, other, "and/or")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if type(node.op) in _OPERATORS and not any(map(_is_text_or_type, (node.left, node.right))):
            one, other = _OPERATORS[type(node.op)]
            kind = "and/or" if one in "&|" else "arithmetic"
            self.between(node.left, node.right, one, other, kind)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not | ast.Invert):
            operand = self.source.data[self.start(node) : self.end(node)].decode()
            kept = re.sub(r"^(not\s+|~\s*)", "", operand)
            self.add(self.start(node), self.end(node), kept, "negation dropped")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        name = getattr(function, "attr", getattr(function, "id", ""))
        end = self.end(function)
        if name in _TWINS:
            self.add(end - len(name), end, _TWINS[name], "twin")
        if isinstance(function, ast.Attribute) and name in _STEPS:
            dot = self.source.data.rfind(b".", 0, end - len(name))
            self.add(dot, self.end(node), "", "step dropped")
        if name == "Decimal" and node.args and isinstance(node.args[0], ast.Constant):
            figure = node.args[0]
            if isinstance(figure.value, str) and re.fullmatch(r"[\d.]+", figure.value):
                self.add(self.start(figure), self.end(figure), f'"{_next_decimal(figure.value)}"', "figure")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        start, end, value = self.start(node), self.end(node), node.value
        if isinstance(value, bool):
            self.add(start, end, str(not value), "true/false")
        elif isinstance(value, int):
            up = zlib.crc32(f"{self.source.path} {node.col_offset} {value}".encode()) % 2
            self.add(start, end, str(value + (1 if up or value == 0 else -1)), "figure")
        elif isinstance(value, float):
            self.add(start, end, repr(round(value * 1.1, 9) if value else 0.1), "figure")
        elif isinstance(value, str):
            self._sql(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        # Python 3.11 does not say where the expressions in it stand; the text around them is what is mutated.
        self._sql(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        self.add(self.start(node), self.end(node), "pass", "refusal dropped")

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") != "print":
            self.add(self.start(node), self.end(node), "pass", "call dropped")
        self.generic_visit(node)

    def _sql(self, node: ast.expr) -> None:
        start, end = self.start(node), self.end(node)
        if is_sql(self.source.data[start:end].decode()):
            self.found.extend(sql_mutants(self.source, start, end, ".".join(self.scopes)))


_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}


def _has_docstring(node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    first = node.body[0] if node.body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)


def _is_text_or_type(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr | ast.List | ast.Tuple) or (
        isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, str))
    )


def _next_decimal(text: str) -> str:
    digit = text[-1]
    return text[:-1] + ("8" if digit == "9" else str(int(digit) + 1))
