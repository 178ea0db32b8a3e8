"""How well a score learned from stored deliveries ranks the simulator's latent probability of default, out of time.

`python -m tests.benchmarks.learning` invents a lender with quarterly deliveries over two years, lands them, learns from
the quarters with a whole performance window behind them, and judges on the latest of them, on customers not learned
from: the area under the ROC curve of the score, of the latent probability itself (which no score can know: the
ceiling, but for shocks under way, which a score may see), and their ratio; and the slope of calibration.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from orchestration.run.context import RunContext
from orchestration.training.model_training import learn
from orchestration.training.warehouse_training import sampled_nights, task_of
from transforms.risk import measures
from transforms.risk.training.performance import Definition
from warehouse.contract import contract_names
from warehouse.settings import Settings
from warehouse.simulator import simulate_feeds
from warehouse.tokens import token

FIRST, LAST = date(2024, 3, 31), date(2026, 3, 31)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=8_000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--no-challenger", action="store_true", help="leave the gradient-boosted trees out")
    parser.add_argument("--home", type=Path, help="keep the warehouse here; default: a temporary folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fenqi-learning-") as scratch:
        home = arguments.home or Path(scratch)
        found = measure(home, arguments.customers, arguments.seed, challenge=not arguments.no_challenger)
        print(json.dumps(found, indent=1, ensure_ascii=False))


def measure(home: Path, customers: int, seed: int, *, challenge: bool) -> dict[str, Any]:
    settings = Settings(home=home)
    started = time.perf_counter()
    if not (settings.feeds_root / "answers.json").is_file():
        simulate_feeds(customers, FIRST, LAST, seed, settings.feeds_root, cadence="quarterly")
    with RunContext(settings, "landing") as work:
        for feed in contract_names("feed"):
            work.take_in(feed, LAST)
        key = work.keys.token
    print(f"landed after {time.perf_counter() - started:.0f} s", file=sys.stderr)
    definition = Definition()
    sampled = sampled_nights(settings, definition, 3, recompute=True)
    task, source = task_of(sampled, definition, challenge=challenge)
    learned = learn(task)
    paths = learned.write(home / "report", title="Scorecard of a simulated lender", source=source)
    rows = sampled.learned()
    latent = latent_pd(settings.feeds_root, rows, key)
    pds = learned.evaluation.pd
    asked = ~np.isnan(next(iter(pds.values())))
    ceiling = measures.auc(latent[asked], task.outcome[asked])
    models = {}
    for name, pd in pds.items():
        auc = measures.auc(pd[asked], task.outcome[asked])
        models[name] = {
            "auc": round(auc, 4),
            "auc_over_ceiling": round(auc / ceiling, 4),
            "gini_over_ceiling": round((2 * auc - 1) / (2 * ceiling - 1), 4),
            "rank_correlation_with_latent": round(rank_correlation(pd[asked], latent[asked]), 4),
            "calibration_slope": round(learned.evaluation.mean(name, "slope"), 3),
        }
    return {
        "customers": customers,
        "samples": len(task.outcome),
        "bads": int(task.outcome.sum()),
        "judged_out_of_time": {"rows": int(asked.sum()), "bads": int(task.outcome[asked].sum())},
        "latent_probability": {"auc": round(ceiling, 4)},
        **models,
        "seconds": round(time.perf_counter() - started),
        "report": str(paths[0]),
    }


def latent_pd(feeds: Path, rows: pl.DataFrame, key: bytes) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The latent probability of default of each sample's customer."""
    truth = pl.read_parquet(feeds / "truth" / "customer_truth.parquet").select("customer_id", "latent_pd_12m")
    tokens = {token(key, "customer", identifier): pd for identifier, pd in truth.iter_rows()}
    return np.array([tokens[t] for t in rows["customer_token"].to_list()])


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's."""
    ranks = [pl.Series(x).rank().to_numpy() for x in (a, b)]
    return float(np.corrcoef(*ranks)[0, 1])


if __name__ == "__main__":
    main()
