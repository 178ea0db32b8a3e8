"""Importing the whole product, in a process of its own: nothing is written or connected to, no thread is left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("orchestration", "quality", "transforms", "warehouse")

_PROGRAM = """
import importlib, json, os, sys, threading

did = []

def watch(event, args):
    if event == "open":
        path, _, flags = args
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and path != os.devnull:
            did.append(f"write {path}")
    elif event in ("socket.connect", "socket.bind", "os.mkdir", "sqlite3.connect"):
        did.append(f"{event} {args[-1]}")

sys.addaudithook(watch)
threads = threading.active_count()
for name in sys.argv[1:]:
    importlib.import_module(name)
left = threading.active_count() - threads
print(json.dumps({"did": did, "threads": left, "heavy": "great_expectations" in sys.modules}))
"""


def module_names() -> list[str]:
    """Every module but scripts and the one that stands for Great Expectations."""
    paths = [p.relative_to(ROOT) for room in ROOMS for p in sorted((ROOT / room).rglob("*.py"))]
    names = [".".join(p.with_suffix("").parts).removesuffix(".__init__") for p in paths if p.name != "__main__.py"]
    return [n for n in names if n != "quality.gx_duckdb"]


def imported(names: list[str], home: Path) -> dict[str, object]:
    environment = os.environ | {"FENQI_HOME": str(home / "home"), "HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-B", "-c", _PROGRAM, *names],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_importing_everything_leaves_the_world_alone_and_great_expectations_out(tmp_path: Path) -> None:
    """Great Expectations takes seconds to import, so only a check that is due may do it."""
    found = imported(module_names(), tmp_path)
    assert found == {"did": [], "threads": 0, "heavy": False}
    assert list(tmp_path.iterdir()) == []
