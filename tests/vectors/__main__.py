"""`python -m tests.vectors FILE.json`: a line per id with expected, got, pass or fail.

Exit code 0 when everything passes, 1 on any fail or any kind that is not known, 2 when the file cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.vectors.runner import outcomes


def main(arguments: list[str] | None = None) -> int:
    """Run the files given and print the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.vectors", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.json", help="vectors in the form of vectors.json")
    failed = run = 0
    for path in parser.parse_args(arguments).files:
        try:
            for name, outcome in outcomes(path):
                run += 1
                failed += not outcome.passed
                verdict = "pass" if outcome.passed else "FAIL"
                sys.stdout.write(f"{verdict}  {name}  expected {outcome.expected}  got {outcome.got}\n")
        except (OSError, ValueError) as error:
            sys.stderr.write(f"{path}: {error}\n")
            return 2
    sys.stdout.write(f"{run - failed} of {run} passed\n")
    return 1 if failed or not run else 0


if __name__ == "__main__":
    sys.exit(main())
