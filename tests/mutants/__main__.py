"""`python -m tests.mutants [PATH …]`: put small errors into modules and see which of them no test notices.

A mutant is one small error: `<` for `<=`, a condition dropped from a WHERE, a figure off by one. It is *killed* when a
test fails because of it; one that *survived* is a line whose change no test would notice.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.mutants.run import ROOT, Run, changed_modules, drawn, modules, scratch_copy, table

CACHE = ROOT / "build" / "mutants"


def main(arguments: list[str] | None = None) -> int:
    """Run as asked; exit 1 where more than `--allow` percent survived."""
    parser = argparse.ArgumentParser(prog="make mutants ARGS=…", description=__doc__)
    parser.add_argument("paths", nargs="*", help="modules, contracts or folders")
    parser.add_argument("--changed", metavar="BASE", help="modules that differ from a revision, such as main")
    parser.add_argument("--seed", type=int, default=1, help="which mutants are drawn (default 1)")
    parser.add_argument("--most", type=int, default=8, help="at most so many per module (default 8; 0 for all)")
    parser.add_argument(
        "--seconds", type=float, default=8.0, help="CPU seconds of tests per mutant beside the module's own (default 8)"
    )
    parser.add_argument("--allow", type=float, default=100.0, help="percent of survivors above which the exit is 1")
    parser.add_argument("--json", metavar="FILE", help="write every verdict to a file")
    parser.add_argument("--verbose", action="store_true", help="say of killed ones too, and by which test")
    asked = parser.parse_args(arguments)
    paths = modules(asked.paths)
    if asked.changed:
        paths = sorted({*paths, *changed_modules(asked.changed)})
    if not paths:
        parser.error("nothing to mutate: name modules or folders, or --changed BASE")

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    verdicts, begun = [], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fenqi-mutants-") as folder:
        tree = Path(folder).resolve()
        scratch_copy(tree)
        run = Run(tree, CACHE, asked.seconds, say)
        for path in paths:
            for mutant in drawn(path, asked.seed, asked.most or None):
                verdict = run.verdict(mutant)
                verdicts.append(verdict)
                if verdict.survived:
                    print(f"{verdict.outcome:<9} {mutant}\n          {mutant.text}", flush=True)
                elif asked.verbose:
                    print(f"{verdict.outcome:<9} {mutant}\n          by {verdict.by}", flush=True)
    spent = sum(v.seconds for v in verdicts)
    print(f"\n{table(verdicts)}\n\n{spent:.0f} CPU seconds of tests, {time.monotonic() - begun:.0f} by the clock")
    if asked.json:
        Path(asked.json).write_text(json.dumps([asdict(v) for v in verdicts], indent=1), encoding="utf-8")
    return int(100 * sum(v.survived for v in verdicts) > asked.allow * len(verdicts))


if __name__ == "__main__":
    sys.exit(main())
