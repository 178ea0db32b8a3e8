"""One small error: where it stands, what it replaces, and what it is called in a report."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A replacement of the bytes `start`..`end` of the file `path` (relative to the root) by `after`.

    `scope` is the qualified name of the function it lies in, empty at the level of the module. `kind` is the operator
    that made it.
    """

    path: str
    line: int
    start: int
    end: int
    before: str
    after: str
    kind: str
    scope: str
    text: str

    def applied(self, source: bytes) -> bytes:
        """The source with the error in it."""
        return source[: self.start] + self.after.encode() + source[self.end :]

    @property
    def name(self) -> str:
        """What stays the same when lines above it come and go: file, function, line's text, and the replacement."""
        return f"{self.path} | {self.scope} | {self.text} | {self.kind} | {self.before} | {self.after}"

    def rank(self, seed: int) -> str:
        """Its place in a draw by `seed`: another line in the file does not change which mutants are drawn."""
        return hashlib.sha256(f"{seed} {self.name} {self.line}".encode()).hexdigest()

    def __str__(self) -> str:
        """`file:line [kind] before → after`, whitespace folded."""
        return f"{self.path}:{self.line} [{self.kind}] {_folded(self.before)} → {_folded(self.after) or '(nothing)'}"


def _folded(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 90 else f"{text[:44]} … {text[-43:]}"


class Source:
    """A file's bytes, and the mutants made of them."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data
        self._starts = [0]
        for line in data.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def offset(self, line: int, column: int) -> int:
        """Byte offset of a line (from 1) and a column in bytes (from 0), as `ast` counts them."""
        return self._starts[line - 1] + column

    def line_of(self, offset: int) -> int:
        """The line (from 1) in which a byte lies."""
        return self.data.count(b"\n", 0, offset) + 1

    def mutant(self, start: int, end: int, after: str, kind: str, scope: str = "") -> Mutant:
        """The replacement of the bytes `start`..`end` by `after`."""
        line = self.line_of(start)
        text = self.data[self._starts[line - 1] : self._starts[line]].decode().strip()
        before = self.data[start:end].decode()
        return Mutant(self.path, line, start, end, before, after, kind, scope, text)
