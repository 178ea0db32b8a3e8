"""Our balancing rates against scipy's root finders and pyxirr: how near to the true rate, and how fast.

`python -m tests.benchmarks.roots` draws loans, finds the true monthly rate of some of them with fifty digits, and
prints per way of solving the largest error and the CPU microseconds a loan: one at a time, and many at once. Packages
that are not installed are left out (`pip install pyxirr`; scipy comes with the training extra).
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from transforms.pricing.annual_cost_many import monthly_irr_many
from transforms.pricing.roots import balancing_rate

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Flows = NDArray[np.float64]
    Solver = Callable[[Flows], Any]

LONGEST = 60


def loans(count: int, seed: int) -> Flows:
    """A row a loan: what is received, then a payment a month for 3 to 60 months, zeros after that."""
    rng = np.random.default_rng(seed)
    term = rng.integers(3, LONGEST + 1, count)
    amount = rng.integers(1_000_00, 200_000_00, count).astype(float)
    rate = rng.uniform(0.0, 0.03, count)
    level = np.where(rate > 0, amount * rate / (1 - (1 + rate) ** -term), amount / term)
    paid = np.arange(1, LONGEST + 1)[None, :] <= term[:, None]
    return np.concatenate([amount[:, None], -np.ceil(level)[:, None] * paid], axis=1)


def true_rate(flows: Flows) -> float:
    """The rate to fifty digits, by Newton's steps from what we find."""
    with localcontext() as context:
        context.prec = 50
        amounts = [Decimal(int(flow)) for flow in flows]
        rate = Decimal(balancing_rate(flows.tolist(), range(len(flows))))
        for _ in range(6):
            grown = [(1 + rate) ** -k for k in range(len(amounts))]
            value = sum(a * g for a, g in zip(amounts, grown, strict=True))
            slope = sum(-k * a * g for k, (a, g) in enumerate(zip(amounts, grown, strict=True))) / (1 + rate)
            rate -= value / slope
        return float(rate)


def one_at_a_time() -> dict[str, Solver]:
    """Ways of solving one loan."""
    ways: dict[str, Solver] = {"ours": lambda flows: balancing_rate(flows.tolist(), range(len(flows)))}
    if importlib.util.find_spec("scipy"):
        from scipy.optimize import brentq, newton

        def value(rate: float, flows: Flows, months: Flows) -> float:
            return float(np.dot(flows, np.power(1 + rate, -months)))

        def slope(rate: float, flows: Flows, months: Flows) -> float:
            return float(np.dot(flows * -months, np.power(1 + rate, -months - 1)))

        def bracketed(flows: Flows) -> float:
            arguments = (flows, np.arange(float(len(flows))))
            return float(brentq(value, -0.9, 10.0, args=arguments, xtol=1e-16, rtol=4 * np.finfo(float).eps))

        ways["scipy.optimize.brentq"] = bracketed
        ways["scipy.optimize.newton"] = lambda flows: newton(
            value, 0.01, slope, args=(flows, np.arange(float(len(flows)))), tol=1e-14, maxiter=100
        )
    if importlib.util.find_spec("pyxirr"):
        import pyxirr

        ways["pyxirr.irr"] = pyxirr.irr
    return ways


def many_at_once() -> dict[str, Solver]:
    """Ways of solving a matrix of loans."""
    ways: dict[str, Solver] = {"ours": monthly_irr_many}
    if importlib.util.find_spec("scipy"):
        from scipy.optimize import elementwise, newton

        months = np.arange(LONGEST + 1.0)

        def by_newton(flows: Flows) -> Any:
            def value(rate: Flows) -> Any:
                return (flows * np.power(1 + rate[:, None], -months)).sum(axis=1)

            def slope(rate: Flows) -> Any:
                return (flows * -months * np.power(1 + rate[:, None], -months - 1)).sum(axis=1)

            return newton(value, np.full(len(flows), 0.01), slope, tol=1e-14, maxiter=60)

        def by_brackets(flows: Flows) -> Any:
            def value(rate: Flows, row: Flows) -> Any:
                return (flows[row.astype(int)] * np.power(1 + rate[..., None], -months)).sum(axis=-1)

            rows = np.arange(float(len(flows)))
            bracket = (np.full(len(flows), -0.5), np.full(len(flows), 10.0))
            return elementwise.find_root(value, bracket, args=(rows,), tolerances={"xatol": 1e-16, "xrtol": 1e-15}).x

        ways["scipy.optimize.newton"] = by_newton
        ways["scipy.optimize.elementwise.find_root"] = by_brackets
    if importlib.util.find_spec("pyxirr"):
        import pyxirr

        ways["pyxirr.irr, a loop"] = lambda flows: np.array([pyxirr.irr(row) for row in flows])
    return ways


def timed(solve: Solver, asked: Any) -> tuple[Any, float]:
    """What a way finds, and the least CPU seconds of three tries."""
    spent = []
    for _ in range(3):
        began = time.process_time()
        found = solve(asked)
        spent.append(time.process_time() - began)
    return found, min(spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", type=int, default=300, help="loans solved one at a time")
    parser.add_argument("--many", type=int, nargs="*", default=[2_000, 100_000], help="loans solved at once")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    few = [np.trim_zeros(row, "b") for row in loans(given.few, given.seed)]
    truth = np.array([true_rate(flows) for flows in few])
    print(f"{'loans':>8}  {'way':38} {'largest error':>14} {'CPU us a loan':>14}")
    for name, solve in one_at_a_time().items():
        found, spent = timed(lambda flows, solve=solve: [solve(row) for row in flows], few)
        print(f"{len(few):8,}  {name:38} {np.abs(found - truth).max():14.1e} {spent / len(few) * 1e6:14.1f}")
    for count in given.many:
        asked = loans(count, given.seed)
        exact = np.array([true_rate(np.trim_zeros(row, "b")) for row in asked[: len(few)]])
        for name, solve in many_at_once().items():
            found, spent = timed(solve, asked)
            error = np.abs(np.asarray(found)[: len(exact)] - exact).max()
            print(f"{count:8,}  {name:38} {error:14.1e} {spent / count * 1e6:14.1f}")


if __name__ == "__main__":
    main()
