"""What a night's windowed features cost with tiles and checkpoints: `make bench-profile`, or this with arguments.

Typed facts are made in bulk (see `bulk_facts`), then every figure is taken in a process of its own, on the same
machine in the same run, and set against another:

a. a night at 24 months of history against the same night at 3 months;
b. a night at 24 months, with an eighth of its checkpoint, against the same features recomputed from 12 months of
   rows by a two-level group-by, once from the lake and once from plain Parquet. The checkpoint is made from the one
   before, as in a warehouse that runs every night; what the first one costs, from all rows, is reported too;
c. pandas and PySpark (local) from the same plain files, where `--rivals` names a Python that has them;
d. nights in shuffled order on an empty cache against the sum of as many recomputes, their tables compared.

What is measured is every windowed feature that is declared (all sources, all windows), from "what does this night
know" to the finished table per source, in the night's own groups of shards. The rest of the wide profile is not in it.
Each figure is the best of `--rounds` by each clock. Ratios are given by both; the verdicts are by CPU seconds, which
other work on the machine and the number of its cores change least, or by wall seconds with `--by wall`. Lakes once made
are used again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.bulk_facts import make_lake, plain_files
from transforms.windows.checkpoints import NIGHTS
from transforms.windows.features import FEATURES
from warehouse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

#: The last night of the backfill and the night compared; its checkpoint is five days before it, as on average.
NIGHT = date(2026, 3, 27)
_LONG, _SHORT = 24, 3
_BACKFILL = 30
#: Memory for DuckDB: what a night and a checkpoint are given so that their processes stay within 3 and 5 GB.
_NIGHT_MEMORY, _CHECKPOINT_MEMORY, _RECOMPUTE_MEMORY = "2GB", "4GB", "8GB"


@dataclass
class Report:
    """Figures as they come, on standard error; all of them at the end."""

    by: str
    figures: dict[str, Any] = field(default_factory=dict)
    verdicts: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, value: Any) -> None:
        self.figures[name] = value
        print(f"{name}: {json.dumps({k: v for k, v in value.items() if k != 'digests'})}", file=sys.stderr)

    def bound(self, name: str, value: float, limit: float) -> None:
        self.verdicts[name] = {"value": round(value, 3), "limit": limit, "holds": value <= limit}
        print(f"{name}: {value:.3f}, limit {limit}", file=sys.stderr)

    def ratio(self, name: str, one: Callable[[str], float], other: Callable[[str], float], limit: float) -> None:
        """What one costs of the other, each a function of the clock; the verdict is by the clock chosen."""
        by = {clock: one(clock) / other(clock) for clock in ("wall", "cpu")}
        self.bound(name, by[self.by], limit)
        self.verdicts[name] |= {f"by_{clock}": round(value, 3) for clock, value in by.items()}

    def seconds(self, name: str) -> Callable[[str], float]:
        return lambda clock: float(self.figures[name][f"{clock}_s"])

    def same(self, name: str, one: Any, other: Any) -> None:
        self.verdicts[name] = {"holds": one == other}
        print(f"{name}: {one == other}", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000, help="100000 is the small variant")
    parser.add_argument(
        "--home", type=Path, default=Path("var/bench-profile"), help="where the lakes are made and kept"
    )
    parser.add_argument("--shards-at-once", type=int, default=8, help="of 8 in memory together, FENQI_SHARDS_AT_ONCE")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--by", choices=("wall", "cpu"), default="cpu")
    parser.add_argument("--recomputes", type=int, default=3, help="nights of the backfill that are recomputed")
    parser.add_argument("--rivals", type=Path, help="a Python with pandas, pyarrow and pyspark")
    arguments = parser.parse_args()
    home = (arguments.home / f"{arguments.customers}").absolute()
    at_once = arguments.shards_at_once
    lakes = {months: Settings(home=home / f"{months}m", shards_at_once=at_once) for months in (_SHORT, _LONG)}
    for months, settings in lakes.items():
        make_lake(settings, arguments.customers, months, NIGHT)
    plain_files(lakes[_LONG], home / "plain", NIGHT)
    report = Report(arguments.by)
    measure(report, lakes, home / "plain", arguments)
    rivals(report, home / "plain", arguments.rivals)
    print(json.dumps({"customers": arguments.customers, "columns": _columns(), **_shown(report)}, indent=1))


def measure(report: Report, lakes: dict[int, Settings], plain: Path, arguments: argparse.Namespace) -> None:
    """Everything but the rivals."""
    rounds = arguments.rounds
    before = NIGHT - timedelta(days=NIGHTS)
    for months, settings in lakes.items():
        ask(settings, "emptied", before, _NIGHT_MEMORY)
        report.add(f"first_checkpoint_{months}m", ask(settings, "checkpoint", before, _CHECKPOINT_MEMORY))
        report.add(f"checkpoint_{months}m", ask(settings, "checkpoint", NIGHT, _CHECKPOINT_MEMORY))
    # Alternating, so that whatever else the machine does falls on both.
    nights: dict[int, list[dict[str, Any]]] = {months: [] for months in lakes}
    for _ in range(rounds):
        for months, settings in lakes.items():
            nights[months].append(ask(settings, "night", NIGHT, _NIGHT_MEMORY))
    for months, answers in nights.items():
        report.add(f"night_{months}m", _best(answers))
    report.ratio("a_night_24m_over_3m", report.seconds("night_24m"), report.seconds("night_3m"), 1.1)
    long = lakes[_LONG]
    report.add("recompute_lake", _best([ask(long, "full", NIGHT, _RECOMPUTE_MEMORY) for _ in range(rounds)]))
    report.add(
        "recompute_plain",
        _best([ask(long, "plain", NIGHT, _RECOMPUTE_MEMORY, plain=str(plain)) for _ in range(rounds)]),
    )

    def shared(clock: str) -> float:
        return report.seconds("night_24m")(clock) + report.seconds("checkpoint_24m")(clock) / NIGHTS

    limit = 0.25 if arguments.customers >= 1_000_000 else 0.4
    report.ratio("b_night_over_recompute_lake", shared, report.seconds("recompute_lake"), limit)
    report.ratio("b_night_over_recompute_plain", shared, report.seconds("recompute_plain"), limit)
    report.same("b_same_tables", report.figures["night_24m"]["digests"], report.figures["recompute_lake"]["digests"])
    report.bound("peak_gib_night", report.figures["night_24m"]["peak_gib"], 3)
    peaks = [report.figures[f"{what}_24m"]["peak_gib"] for what in ("checkpoint", "first_checkpoint")]
    report.bound("peak_gib_checkpoint", max(peaks), 5)
    backfill(report, long, arguments.recomputes)


def backfill(report: Report, settings: Settings, recomputes: int) -> None:
    """Thirty nights in two orders, each from an empty cache; some of them, spread evenly, recomputed and compared."""
    for name, seed in (("backfill", 1), ("backfill_other_order", 2)):
        more = {"nights": _BACKFILL, "seed": seed}
        report.add(name, ask(settings, "backfill", NIGHT, _CHECKPOINT_MEMORY, more=more))
    first = report.figures["backfill"]["digests"]
    report.same("d_same_tables_in_either_order", first, report.figures["backfill_other_order"]["digests"])
    days = [NIGHT - timedelta(days=n * _BACKFILL // recomputes) for n in range(recomputes)]
    answers = {str(day): ask(settings, "full", day, _RECOMPUTE_MEMORY) for day in days}
    report.same(
        f"d_same_tables_as_{recomputes}_recomputes",
        {day: first[day] for day in answers},
        {day: answer["digests"] for day, answer in answers.items()},
    )

    def all_of_them(clock: str) -> float:
        return float(sum(a[f"{clock}_s"] for a in answers.values())) / recomputes * _BACKFILL

    report.add("recomputes", {"nights": recomputes, **{f"thirty_{c}_s": all_of_them(c) for c in ("wall", "cpu")}})
    report.ratio("d_backfill_over_recomputes", report.seconds("backfill"), all_of_them, 0.35)


def rivals(report: Report, plain: Path, python: Path | None) -> None:
    """The same features by pandas and PySpark from the plain files; reported, without a bound."""
    for name in ("pandas", "pyspark") if python else ():
        command = [str(python), "-W", "ignore", "-m", "tests.benchmarks.profile_rivals", name, str(plain), str(NIGHT)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            report.add(f"c_{name}", {"failed": done.stderr.strip().splitlines()[-1:]})
        else:
            report.add(f"c_{name}", json.loads(done.stdout.splitlines()[-1]))


def ask(settings: Settings, what: str, as_of: date, memory: str, **more: Any) -> dict[str, Any]:
    """One answer of the worker."""
    question = {"home": str(settings.home), "what": what, "as_of": str(as_of), "memory": memory}
    question |= {"shards_at_once": settings.shards_at_once, **more}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.profile_worker", json.dumps(question)],
        capture_output=True,
        text=True,
        check=False,
        env={k: v for k, v in os.environ.items() if not k.startswith("FENQI_")},
    )
    if done.returncode:
        raise SystemExit(f"{what} of {as_of} failed:\n{done.stderr[-3000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _best(answers: list[dict[str, Any]]) -> dict[str, Any]:
    """The least seconds by each clock, with the highest peak of all."""
    least = {clock: min(float(answer[clock]) for answer in answers) for clock in ("wall_s", "cpu_s")}
    return {**answers[0], **least, "peak_gib": max(float(answer["peak_gib"]) for answer in answers)}


def _columns() -> int:
    return sum(len(f.windows) for f in FEATURES)


def _shown(report: Report) -> dict[str, Any]:
    figures = {n: {k: v for k, v in f.items() if k != "digests"} for n, f in report.figures.items()}
    return {"figures": figures, "verdicts": report.verdicts}


if __name__ == "__main__":
    main()
