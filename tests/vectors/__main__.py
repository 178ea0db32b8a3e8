"""`python -m tests.vectors FILE`: published vectors (JSON) or real loans (CSV) against the product.

JSON: a line per id with expected, got, pass or fail. CSV with columns of amount, term, rate and installment, as
Lending Club publishes them: how many installments each rounding mode gives to the cent. Exit code 0 when everything
passes (all loans in one mode), 1 on any fail or any kind that is not known, 2 when a file cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.vectors import loans
from tests.vectors.runner import outcomes


def main(arguments: list[str] | None = None) -> int:
    """Run the files given and print the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.vectors", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="vectors.json, or a CSV of loans")
    failed = run = 0
    for path in parser.parse_args(arguments).files:
        try:
            if path.suffix.lower() == ".csv":
                lines, passed = loans.report(path)
                sys.stdout.write("\n".join(lines) + "\n")
                run, failed = run + 1, failed + (not passed)
                continue
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
