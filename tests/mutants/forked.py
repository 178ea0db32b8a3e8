"""Pytest in a forked child: the libraries are loaded once, our modules anew in each child.

A mutant needs a fresh import of the module it is in, and of nothing else; a process of its own would spend most of its
time importing Polars, DuckDB and pydantic.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

OURS = ("orchestration", "quality", "transforms", "warehouse", "tests")
_LIBRARIES = ("polars", "duckdb", "numpy", "hypothesis", "yaml", "pydantic_settings", "open_data_contract_standard")
#: A child that waits instead of computing is stopped at this multiple of its limit.
_PATIENCE = 6
#: Exit code of a child in which pytest itself could not run; pytest's own end at 5.
_BROKEN = 70
_ARGUMENTS = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore::pytest.PytestAssertRewriteWarning")


@dataclass(frozen=True)
class Ended:
    """How a child ended: pytest's exit code (None where it was stopped) and what its plugin wrote."""

    code: int | None
    written: dict[str, Any]
    seconds: float


def load_libraries() -> None:
    """Import what every test needs and no test changes."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    for name in _LIBRARIES:
        importlib.import_module(name)


def pytest_in_child(tree: Path, arguments: Sequence[str], plugin: Any, limit: float) -> Ended:
    """Run pytest on `tree` in a child that may use `limit` CPU seconds; `plugin.written` comes back."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        _be_child(tree, arguments, plugin, limit, write)
    os.close(write)
    text, stopped = _read(read, child, limit * _PATIENCE + 5)
    _, status = os.waitpid(child, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) and not stopped else None
    if code == _BROKEN:
        raise RuntimeError("pytest could not run on the scratch tree: its words stand above")
    return Ended(code, json.loads(text) if text and code is not None else {}, seconds)


def _read(pipe: int, child: int, patience: float) -> tuple[str, bool]:
    """All the child writes, and whether it had to be killed since it was not done in time."""
    parts, end = [], time.monotonic() + patience
    with os.fdopen(pipe, "rb", buffering=0) as stream:
        while True:
            ready, _, _ = select.select([stream], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                os.kill(child, signal.SIGKILL)
                return "", True
            if not (part := stream.read(1 << 16)):
                return b"".join(parts).decode(), False
            parts.append(part)


def _be_child(tree: Path, arguments: Sequence[str], plugin: Any, limit: float, write: int) -> None:
    code, words = _BROKEN, os.dup(2)
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = int(used.ru_utime + used.ru_stime + limit) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
        os.chdir(tree)
        for name in [n for n in sys.modules if n.partition(".")[0] in OURS]:
            del sys.modules[name]
        here = Path(__file__).parents[2]
        sys.path[:] = [str(tree), *(p for p in sys.path if p and Path(p).resolve() != here)]
        code = int(pytest.main([*_ARGUMENTS, *arguments], plugins=[plugin]))
        with os.fdopen(write, "wb") as stream:
            stream.write(json.dumps(plugin.written).encode())
    except BaseException:
        os.write(words, traceback.format_exc().encode())
        raise
    finally:
        os._exit(code)
