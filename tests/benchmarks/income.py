"""How near the income estimate comes to what simulated customers earn, by source and by band of confidence.

    python -m tests.benchmarks.income [--customers N] [--seed S] [--date D] [--silent] [--nameless]

Reads the simulator's bank lines as landing would (text → line type, nothing else kept) and runs the reductions and
`profile.income_estimate` on them; the truth is the regular monthly income of the customer in the month of the night.
Proofs and statements of income are left out, so that the bank lines have to say it all; consents are taken as given.
`--silent` blanks every text and code, so that only payer, day and amount are left; `--nameless` takes the payers away.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from tests.unit.transforms.outputs import income_estimate
from transforms.profile.income_lines import income_lines
from warehouse.frames import fetch
from warehouse.line_rules import line_type_sql, load_line_rules
from warehouse.registry import Relations
from warehouse.simulator.simulate import simulate_feeds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--date", type=date.fromisoformat, default=date(2026, 3, 31))
    parser.add_argument("--silent", action="store_true")
    parser.add_argument("--nameless", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fenqi-income-") as folder:
        simulate_feeds(arguments.customers, arguments.date, arguments.date, arguments.seed, Path(folder))
        judged = judge(Path(folder), arguments.date, silent=arguments.silent, nameless=arguments.nameless)
    with pl.Config(tbl_rows=60, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
        print(by(judged, "income_kind"))
        print(by(judged.filter("is_payroll"), "income_source", "payroll_basis"))
        print(by(judged.filter("is_payroll"), "band"))
        print(by(judged.filter("is_payroll"), "is_payroll"))


def judge(feeds: Path, day: date, *, silent: bool = False, nameless: bool = False) -> pl.DataFrame:
    """One row per customer: the estimate beside the truth; `is_payroll`: paid wages this month and the one before."""
    con = duckdb.connect()
    files = f"read_parquet('{feeds}/bank/bank_transaction/*/*.parquet', hive_partitioning = false)"
    blanked = ["NULL AS description", "NULL AS bank_code", "NULL AS mcc"] * silent + [
        "NULL AS counterparty_id"
    ] * nameless
    source = f"(SELECT * REPLACE ({', '.join(blanked)}) FROM {files})" if blanked else files
    con.execute(
        "CREATE TABLE line AS SELECT transaction_id, md5(customer_id)::UUID AS customer_token, customer_id, "
        "md5(account_id)::UUID AS account_token, md5(counterparty_id)::UUID AS counterparty_token, posted_on, "
        f"direction, amount_cents, channel, bank_code, {line_type_sql(load_line_rules())} AS line_type FROM {source} "
        f"QUALIFY row_number() OVER (PARTITION BY transaction_id) = 1"
    )
    con.execute("CREATE TABLE account AS SELECT DISTINCT customer_token, account_token FROM line")
    truth = fetch(
        con,
        "SELECT t.*, md5(t.customer_id)::UUID AS customer_token, m.regular_income_cents, b.received_income_cents, "
        "m.shock_kind AS now, b.shock_kind AS before FROM "
        f"'{feeds}/truth/customer_truth.parquet' AS t JOIN '{feeds}/truth/customer_month_truth.parquet' AS m "
        f"ON m.customer_id = t.customer_id AND m.month = DATE '{day.replace(day=1)}' "
        f"JOIN '{feeds}/truth/customer_month_truth.parquet' AS b ON b.customer_id = t.customer_id "
        f"AND b.month = DATE '{day.replace(day=1)}' - INTERVAL 1 MONTH",
    )
    people = truth.select(
        "customer_token",
        shard=pl.lit(0, pl.Int16),
        employment_type=pl.lit(None, pl.String),
        stated_income_cents=pl.lit(None, pl.Int64),
        verified_income_cents=pl.lit(None, pl.Int64),
        verified_income_source=pl.lit(None, pl.String),
        verified_income_on=pl.lit(None, pl.Date),
    )
    frames = {
        "customer": people,
        "consent": people.select("customer_token", consent_bank_statement=pl.lit(value=True)),
        "income_lines": fetch(con, income_lines(Relations("line", None), Relations("account", None), day)),
    }
    estimate = income_estimate(frames, day)
    off = (pl.col("income_cents") / pl.col("regular_income_cents") - 1).abs()
    well = (pl.col("now") != "job_loss") & (pl.col("before") != "job_loss")
    return estimate.join(truth, on="customer_token").with_columns(
        off=off,
        within=(off <= 0.05).fill_null(value=False),
        is_payroll=(pl.col("income_kind") == "payroll") & well,
        band=pl.when(pl.col("income_confidence") >= 0.75)
        .then(pl.lit("1 high"))
        .when(pl.col("income_confidence") >= 0.5)
        .then(pl.lit("2 medium"))
        .otherwise(pl.lit("3 low")),
    )


def by(judged: pl.DataFrame, *columns: str) -> pl.DataFrame:
    return (
        judged.group_by(columns)
        .agg(
            customers=pl.len(),
            within_5_percent=pl.col("within").mean().round(4),
            none=(pl.col("income_cents").is_null()).mean().round(4),
            median_off=pl.col("off").median().round(4),
            p95_off=pl.col("off").quantile(0.95).round(3),
            confidence=pl.col("income_confidence").mean().round(3),
        )
        .sort(columns)
    )


if __name__ == "__main__":
    main()
