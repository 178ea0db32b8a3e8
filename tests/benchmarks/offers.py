"""Rate card, eligibility, offers and disclosure for many customers, beside writing the same rows and beside pandas.

    python -m tests.benchmarks.offers [--customers 1000000] [--shards 64] [--pandas-customers 20000]

Profiles and risk assessments are made in bulk, a shard at a time and outside what is measured; each way runs in a
process of its own, so that peak memory is its own. Ways:

* `night`: what the night does, shard by shard: rate card once, then eligibility, offers, disclosure, each written as
  Parquet (zstd) by DuckDB, which writes the lake.
* `floor`: reads the rows the night wrote back, shard by shard, and writes them again the same way; the reading is not
  counted. What any implementation pays.
* `pandas`: the offers from the same eligibility rows in pandas and numpy, fewer of them; amounts, payments, scores are
  held against ours. Its seconds per million customers stand beside `offers` of the night.

CPU seconds are user and system time of the process, over all threads, of the parts named.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb
import numpy as np
import polars as pl

from tests.unit.transforms import support as s
from warehouse.frames import register

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
TABLES = ("customer_eligibility", "installment_offer", "offer_disclosure")
_MERCHANTS = (("appliance", "0.06"), ("education", "0.03"), ("medical", "0.06"), ("travel", "0.02"), ("car", "0.03"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--shards", type=int, default=64)
    parser.add_argument("--pandas-customers", type=int, default=20_000)
    parser.add_argument("--way", choices=("night", "floor", "pandas"), help="one way, in this process; for the driver")
    parser.add_argument("--out", type=Path, help="folder of the rows written; default: a temporary one")
    given = parser.parse_args()
    if given.way:
        ways = {"night": night, "floor": floor, "pandas": in_pandas}
        customers = given.pandas_customers if given.way == "pandas" else given.customers
        print(json.dumps(ways[given.way](customers, given.shards, given.out)))
        return
    with tempfile.TemporaryDirectory(prefix="fenqi-offers-") as scratch:
        out = given.out or Path(scratch)
        found = {way: run(way, given, out) for way in ("night", "floor", "pandas")}
    found["ratio_cpu"] = round(found["night"]["cpu_s"] / found["floor"]["cpu_s"], 2)
    found["ratio_wall"] = round(found["night"]["wall_s"] / found["floor"]["wall_s"], 2)
    print(json.dumps(found, indent=1))


def run(way: str, given: argparse.Namespace, out: Path) -> dict[str, Any]:
    """One way in a process of its own."""
    arguments = ["--customers", given.customers, "--shards", given.shards, "--pandas-customers", given.pandas_customers]
    command = [sys.executable, "-m", "tests.benchmarks.offers", "--way", way, "--out", out, *arguments]
    done = subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


class Meter:
    """CPU and wall seconds of what is measured, by part."""

    def __init__(self) -> None:
        self.cpu: dict[str, float] = {}
        self.wall = 0.0

    def __call__(self, part: str, work: Callable[[], T]) -> T:
        """Do `work` and add what it took to `part`."""
        before, started = _cpu(), time.perf_counter()
        done = work()
        self.cpu[part] = self.cpu.get(part, 0.0) + _cpu() - before
        self.wall += time.perf_counter() - started
        return done

    def told(self, rows: dict[str, int], size: int = 0) -> dict[str, Any]:
        """Everything measured; memory is the process's peak."""
        return {
            "rows": rows,
            "cpu_s": round(sum(self.cpu.values()), 1),
            "wall_s": round(self.wall, 1),
            "cpu_parts": {part: round(seconds, 1) for part, seconds in self.cpu.items()},
            "peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
            "written_mib": round(size / 2**20),
        }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def customers(shard: int, count: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """(profile, risk, stability) of a shard: nine in ten eligible, incomes log-normal, every grade."""
    rng = np.random.default_rng([20260310, shard])
    income = rng.lognormal(13.9, 0.5, count).astype(np.int64)
    debt = (income * rng.random(count) * 0.3).astype(np.int64)
    flow = income - debt - np.maximum(150_000, income * 3 // 10)
    grades = np.array(list("ABCDEF"))[rng.choice(6, count, p=(0.2, 0.25, 0.25, 0.15, 0.1, 0.05))]
    segments = np.array(["standard", "transactor", "revolver"])[rng.choice(3, count, p=(0.5, 0.3, 0.2))]
    wishes = np.array(["longest_term", "lowest_payment", "soonest_paid", "lowest_total_cost", ""])
    own = {
        "customer_token": pl.Series([f"{shard:08x}-0000-4000-8000-{n:012x}" for n in range(count)]),
        "shard": pl.Series(np.full(count, shard), dtype=pl.Int16),
        "income_cents": income,
        "debt_service_cents": debt,
        "dsr": debt / income,
        "debt_balance_cents": debt * 20,
        "free_cash_flow_cents": flow,
        "behaviour_segment": segments,
        "stated_preference": wishes[rng.integers(0, 5, count)],
        "risk_grade": grades,
        "score": rng.integers(520, 800, count),
        "pd_12m": np.clip(rng.lognormal(-4, 0.6, count), 0.001, 0.15),
    }

    def frame(schema: dict[str, Any]) -> pl.DataFrame:
        columns = {
            name: own.get(name, pl.repeat(s.GOOD_CUSTOMER.get(name), count, dtype=dtype, eager=True))
            for name, dtype in schema.items()
        }
        return pl.DataFrame(columns).cast(schema)

    profile = frame(s.PROFILE).with_columns(pl.col("stated_preference").replace("", None))
    stability = pl.DataFrame(
        {
            "customer_token": own["customer_token"],
            "income_cv": np.clip(rng.lognormal(-1.6, 0.6, count), 0.0, 1.5),
            "balance_min_cents_3m": (income * rng.lognormal(0.5, 0.8, count)).astype(np.int64),
        }
    )
    return profile, frame(s.RISK), stability


def _merchants() -> pl.DataFrame:
    return s.merchants(*((f"m{n}", category, "active", share) for n, (category, share) in enumerate(_MERCHANTS)))


def write(folder: Path, table: str, shard: int, frame: pl.DataFrame) -> int:
    """Write a shard as the lake's files are written; gives the bytes."""
    target = folder / table / f"{shard:04}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        register(con, "rows", frame)
        con.execute(f"COPY rows TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    return target.stat().st_size


def night(count: int, shards: int, out: Path) -> dict[str, Any]:
    from tests.unit.transforms.outputs import customer_eligibility, installment_offer, offer_disclosure
    from transforms.pricing.rate_card import rate_card

    policy, catalogue = s.policy(), s.catalogue()
    sold, sellers, asked = catalogue.under(policy), _merchants(), s.requests().clear()
    meter, rows, size = Meter(), dict.fromkeys(TABLES, 0), 0
    card = meter("rate_card", lambda: rate_card(policy, sold, s.NIGHT))
    for shard in range(shards):
        profile, risk, stability = customers(shard, count // shards)
        known = {"stability": stability}
        eligible = meter(
            "eligibility",
            lambda p=profile, r=risk, k=known: customer_eligibility(p, r, policy, card, s.NIGHT, products=sold, **k),
        )
        offers = meter(
            "offers",
            lambda e=eligible, k=known: installment_offer(e, card, catalogue, asked, sellers, s.NIGHT, policy, **k),
        )
        disclosed = meter("disclosure", lambda o=offers: offer_disclosure(o, sold, policy))
        for table, frame in zip(TABLES, (eligible, offers, disclosed), strict=True):
            size += meter("write", lambda t=table, f=frame, n=shard: write(out / "night", t, n, f))
            rows[table] += len(frame)
    return meter.told({"rate_card": len(card), **rows}, size)


def floor(count: int, shards: int, out: Path) -> dict[str, Any]:
    meter, rows, size = Meter(), dict.fromkeys(TABLES, 0), 0
    for table in TABLES:
        for file in sorted((out / "night" / table).glob("*.parquet")):
            frame = pl.read_parquet(file)
            shard = int(file.stem)
            size += meter("write", lambda t=table, f=frame, n=shard: write(out / "floor", t, n, f))
            rows[table] += len(frame)
    return meter.told(rows, size)


def in_pandas(count: int, shards: int, out: Path) -> dict[str, Any]:
    """Offers only, from eligibility rows made by ours, unmeasured; refuses a figure that is not ours."""
    import pandas as pd

    from tests.benchmarks.offers_in_pandas import offers_of
    from tests.unit.transforms.outputs import customer_eligibility, installment_offer
    from transforms.offers.cells import sold_cells
    from transforms.offers.providers import judged_merchants, paying_merchants

    policy, catalogue, card, sellers = s.policy(), s.catalogue(), s.rate_card(), _merchants()
    sold = catalogue.under(policy)
    profile, risk, known = customers(0, count)
    eligible = customer_eligibility(profile, risk, policy, card, s.NIGHT, products=sold, stability=known)
    given = [
        eligible.join(known, on="customer_token", how="left"),
        sold_cells(card, sold, policy),
        paying_merchants(judged_merchants(sellers, catalogue, s.NIGHT)),
    ]
    people, cells, paying = (pd.DataFrame({c: f[c].to_list() for c in f.columns}) for f in given)
    meter = Meter()
    made = meter("offers", lambda: offers_of(people, cells, paying, policy, s.NIGHT))
    ours = installment_offer(eligible, card, catalogue, s.requests().clear(), sellers, s.NIGHT, policy, stability=known)
    ours_rows = ours.sort("customer_token", "rank").select("amount_cents", "payment_cents", "rank_score").rows()
    theirs = list(made[["amount_cents", "payment_cents", "rank_score"]].itertuples(index=False, name=None))
    if ours_rows != theirs:
        raise SystemExit("pandas and the night do not make the same offers")
    meter("write", lambda: made.drop(columns=["cap"]).to_pickle(out / "pandas.pickle"))
    told = meter.told({"installment_offer": len(made)}, (out / "pandas.pickle").stat().st_size)
    return {"customers": count, **told, "cpu_s_per_million": round(told["cpu_parts"]["offers"] * 1e6 / count)}


if __name__ == "__main__":
    main()
