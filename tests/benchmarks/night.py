"""One night at scale beside its floor, both measured in the same run: `make bench`.

The floor is what no implementation can avoid: read the night's feed bytes once, write the night's output bytes once.
Deliveries are simulated first (not measured): `--customers` customers with twelve months behind them; the night
before is run first (not measured), so that the measured night finds history landed, as every night but the first.
Peak memory is that of the night's own process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

NIGHT = date(2026, 3, 31)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--home", type=Path, help="keep the warehouse here; default: a temporary folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fenqi-bench-") as scratch:
        home = arguments.home or Path(scratch)
        print(json.dumps(measure(home, arguments.customers), indent=1))


def measure(home: Path, customers: int) -> dict[str, Any]:
    feeds = home / "feeds"
    before = NIGHT - timedelta(days=1)
    if not (feeds / "answers.json").is_file():
        started = time.perf_counter()
        python = [sys.executable, "-m", "orchestration.cli", "simulate-feeds", "--customers", str(customers)]
        run([*python, "--from", str(before), "--to", str(NIGHT), "--seed", "1", "--out", str(feeds)], home)
        print(f"simulated in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    first = night(home, before)
    measured = night(home, NIGHT)
    floor = floor_seconds(home, feeds)
    return {
        "customers": customers,
        "first_night_with_history": first,
        "night": measured,
        "floor": floor,
        "ratio_wall": round(measured["wall_s"] / floor["wall_s"], 1),
    }


def run(command: list[str], home: Path) -> None:
    subprocess.run(command, check=True, env={**os.environ, "FENQI_HOME": str(home)}, stdout=subprocess.DEVNULL)


def night(home: Path, day: date) -> dict[str, float]:
    """Wall and CPU seconds and peak memory of one night in a process of its own."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    code = (
        "import resource, sys; sys.argv = sys.argv[1:]\n"
        "from orchestration.cli import app\n"
        "try:\n    app()\n"
        "finally:\n    print('peak_kib', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, "fenqi", "night", "--date", str(day), "--json"],
        env={**os.environ, "FENQI_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    wall = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"the night of {day} ended with {done.returncode}:\n{done.stdout}\n{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    peak = int(done.stderr.split("peak_kib")[1].split()[0])
    return {"wall_s": round(wall, 1), "cpu_s": round(cpu, 1), "peak_gib": round(peak / 2**20, 2)}


def floor_seconds(home: Path, feeds: Path) -> dict[str, float]:
    """Read every feed byte of the night, write as many bytes as the night's rows take as Parquet."""
    from warehouse.lake import Lake
    from warehouse.night import output_contracts
    from warehouse.settings import Settings

    files = [p for p in feeds.glob(f"*/*/business_date={NIGHT}/*") if p.is_file()]
    started = time.perf_counter()
    read = sum(len(p.read_bytes()) for p in files)
    reading = time.perf_counter() - started
    with Lake.open(Settings(home=home, feeds=feeds), read_only=True) as lake, tempfile.TemporaryDirectory() as out:
        for contract in output_contracts():
            lake.con.execute(
                f"CREATE TEMP TABLE {contract.table} AS SELECT * FROM lake.{contract.name} WHERE as_of_date = ?",
                [NIGHT],
            )
        started = time.perf_counter()
        for contract in output_contracts():
            target = f"{out}/{contract.table}.parquet"
            lake.con.execute(f"COPY {contract.table} TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
        writing = time.perf_counter() - started
        written = sum(p.stat().st_size for p in Path(out).iterdir())
    return {
        "wall_s": round(reading + writing, 2),
        "read_mib": round(read / 2**20, 1),
        "written_mib": round(written / 2**20, 1),
    }


if __name__ == "__main__":
    main()
