"""The windowed features by pandas or by PySpark, from the plain files: `… pandas|pyspark FOLDER NIGHT` prints JSON.

Both read the twelve months that the windows reach into and group by customer and segment, then by customer: what
someone who knows the library would write. The declarations are the product's own; their conditions, SQL texts, run
as they are in Spark and are respelled for pandas.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transforms.sql import literal
from transforms.windows.features import EVENT_DATE, features_of, windows_of
from transforms.windows.windows import full_window_sql, window_starts

if TYPE_CHECKING:
    from collections.abc import Callable


def pandas_windows(folder: Path, as_of: date) -> int:
    """Rows of the finished tables."""
    import pandas as pd

    made = 0
    for source in EVENT_DATE:
        event, starts = EVENT_DATE[source], window_starts(source, as_of)
        files = sorted((folder / source).glob("*.parquet"))
        columns = [c for c in pd.read_parquet(files[0]).columns if c != "feed_date"]
        within = [("feed_date", "<=", as_of), (event, "<=", as_of), (event, ">", starts[-1])]
        rows = pd.concat([pd.read_parquet(f, columns=columns, filters=within) for f in files], ignore_index=True)
        for column in columns:
            if rows[column].dtype == object and column != event:
                rows[column] = rows[column].astype("category")
        days = pd.to_datetime(rows[event])
        segment = sum((days <= pd.Timestamp(start)).astype("int8") for start in starts[:-1])
        partial = pd.DataFrame(
            {f.name: _masked(rows, f.where, f.value) for f in features_of(source)},
        )
        keys = [rows["customer_token"], pd.Series(segment, name="segment")]
        kinds = {"sum": "sum", "count": "sum", "min": "min", "max": "max"}
        grouped = partial.groupby(keys, observed=True).agg({f.name: kinds[f.aggregation] for f in features_of(source)})
        wide = grouped.unstack("segment")  # noqa: PD010 - there is one row per customer and segment already
        numbers = {w: n for n, w in enumerate(windows_of(source))}
        table = {}
        for f in features_of(source):
            for w in f.windows:
                inside = [(f.name, k) for k in range(numbers[w] + 1) if (f.name, k) in wide.columns]
                table[f.column(w)] = getattr(wide[inside], kinds[f.aggregation])(axis=1)
        made += len(pd.DataFrame(table))
    return made


def _masked(rows: Any, where: str, value: str) -> Any:
    """The value where the condition holds, else nothing."""
    if value == "1":
        return 1 if where == "true" else rows.eval(_respelled(where)).astype("int64")
    return rows[value] if where == "true" else rows[value].where(rows.eval(_respelled(where)), 0)


def _respelled(where: str) -> str:
    text = re.sub(r"\s=\s", " == ", where).replace("<>", "!=")
    for word in ("NOT IN", "IN", "AND", "OR"):
        text = re.sub(rf"\b{word}\b", word.lower(), text)
    return text


def pyspark_windows(folder: Path, as_of: date) -> int:
    """Rows of the finished tables."""
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "8g")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.sql.ansi.doubleQuotedIdentifiers", "true")
        .getOrCreate()
    )
    made = 0
    for source in EVENT_DATE:
        spark.read.parquet(str(folder / source)).createOrReplaceTempView("event_row")
        by_then = f"feed_date <= {literal(as_of)} AND {EVENT_DATE[source]} <= {literal(as_of)}"
        windows = spark.sql(full_window_sql(source, f"(SELECT * FROM event_row WHERE {by_then})", as_of))
        windows.write.mode("overwrite").format("noop").save()
        made += 1
    spark.stop()
    return made


RIVALS: dict[str, Callable[[Path, date], int]] = {"pandas": pandas_windows, "pyspark": pyspark_windows}


def main() -> None:
    name, folder, as_of = sys.argv[1], Path(sys.argv[2]), date.fromisoformat(sys.argv[3])
    started = time.perf_counter()
    RIVALS[name](folder, as_of)
    wall = time.perf_counter() - started
    answer = {"wall_s": round(wall, 1)}
    if name == "pandas":  # Spark works in a process of its own, which this one does not see
        answer["peak_gib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
