"""A small lender and its warehouses: feeds simulated once, nights run by the real command, tables compared by row."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from warehouse.contract import load_contract
from warehouse.lake import Lake
from warehouse.night import output_contracts
from warehouse.settings import Settings
from warehouse.simulator import simulate_feeds

if TYPE_CHECKING:
    from pathlib import Path

#: Three business dates over the end of a month, so that the last night reads month tiles.
DATES = [date(2026, 3, 30), date(2026, 3, 31), date(2026, 4, 1)]
TOKEN_KEY = "5eed" * 16


@dataclass(frozen=True)
class Lab:
    """One warehouse with its own deliveries under `home`."""

    home: Path

    @classmethod
    def of(cls, home: Path, feeds: Path) -> Lab:
        """A new warehouse with a copy of the deliveries; every lab has the same token key, so tokens compare."""
        shutil.copytree(feeds, home / "feeds", dirs_exist_ok=True)
        (home / "keys").mkdir()
        (home / "keys" / "token.key").write_text(TOKEN_KEY, encoding="ascii")
        return cls(home)

    def copy(self, home: Path) -> Lab:
        """The same warehouse, apart."""
        shutil.copytree(self.home, home)
        return Lab(home)

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home)

    @property
    def feeds(self) -> Path:
        return self.home / "feeds"

    def start(self, *arguments: str, **environ: str) -> subprocess.Popen[str]:
        """Start `fenqi` in a process of its own."""
        usual = {name: value for name, value in os.environ.items() if name != "POLARS_MAX_THREADS"}
        environment = {**usual, "FENQI_HOME": str(self.home), "PYTHONWARNINGS": "ignore", **environ}
        return subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def fenqi(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run `fenqi` to its end."""
        process = self.start(*arguments, **environ)
        out, err = process.communicate(timeout=1800)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def night(self, day: date) -> subprocess.CompletedProcess[str]:
        return self.fenqi("night", "--date", str(day))

    def query(self, text: str) -> list[tuple[Any, ...]]:
        with Lake.open(self.settings, read_only=True) as lake:
            return lake.con.execute(text).fetchall()

    def manifests(self) -> list[tuple[Any, ...]]:
        """(business date, publication, inputs digest, outputs digest), oldest first."""
        return self.query(
            "SELECT business_date, publication, inputs_digest, outputs_digest FROM lake.control.run_manifest "
            "ORDER BY manifest_no"
        )

    def tables(self, day: date) -> dict[str, list[tuple[Any, ...]]]:
        """Every output of a night, row by row, in order of its key."""
        result = {}
        for contract in output_contracts():
            key = ", ".join(f'"{c}"' for c in contract.lake_key)
            columns = ", ".join(f'"{c}"' for c, _ in load_contract(contract.name).lake_columns())
            where = f"WHERE as_of_date = DATE '{day}'"
            result[contract.name] = self.query(f"SELECT {columns} FROM lake.{contract.name} {where} ORDER BY {key}")
        return result


def small_lender(out: Path) -> Path:
    """The deliveries of 120 customers with four months behind them."""
    simulate_feeds(120, DATES[0], DATES[-1], 7, out, history_months=4)
    return out
