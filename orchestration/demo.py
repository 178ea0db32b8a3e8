"""`make demo`: simulate a lender, run one night of it through Dagster, print the results and where they are."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING

from rich.table import Table

from orchestration.commands.common import err, out, tell
from orchestration.commands.night import run_with_progress
from orchestration.commands.simulate import show_progress
from orchestration.reports.explain import explain
from orchestration.reports.explain_words import told
from orchestration.reports.report import write_report
from orchestration.reports.summary import night_summary
from warehouse.lake import Lake
from warehouse.settings import Settings
from warehouse.simulator import simulate_feeds

if TYPE_CHECKING:
    from orchestration.reports.summary import NightSummary

NIGHT = date(2026, 3, 31)
CUSTOMERS = 2_000
SEED = 20260331


def main() -> int:
    """Run the demonstration; the exit code is the night's."""
    settings = Settings()
    feeds = settings.feeds_root
    if not (feeds / "answers.json").is_file():
        with err.status("inventing a lender") as status:
            simulate_feeds(CUSTOMERS, NIGHT, NIGHT, SEED, feeds, history_months=12, progress=show_progress(status))
    out.print(f"A lender that does not exist: {CUSTOMERS:,} customers, 12 months of history, deliveries in {feeds}\n")
    outcome = run_with_progress(settings, NIGHT)
    if outcome.exit_code:
        tell(outcome)
        return outcome.exit_code
    summary = night_summary(settings, NIGHT)
    _show(summary)
    out.print("\nOne customer explained (fenqi explain CUSTOMER --language zh says it in Chinese)\n", style="bold")
    out.print(told(explain(settings, _example(settings), NIGHT), "en"), markup=False)
    report = write_report(summary, settings.home / "docs" / "nights")
    out.print("\nWhere things are", style="bold")
    out.print(f"  report of the night   {report}", soft_wrap=True)
    out.print(f"  data docs             {settings.home / 'docs' / 'data_docs' / 'index.html'}", soft_wrap=True)
    out.print(
        f"  tables                FENQI_HOME={settings.home} .venv/bin/fenqi sql 'SHOW ALL TABLES'", soft_wrap=True
    )
    out.print("  Dagster               FENQI_HOME=var/demo make dev", soft_wrap=True)
    return 0


def _show(summary: NightSummary) -> None:
    out.print(f"The night of {summary.business_date} is published", style="bold green")
    for section in summary.sections:
        table = Table(*section.columns, title=section.title, title_justify="left")
        for row in section.rows:
            table.add_row(*row)
        out.print(table)


def _example(settings: Settings) -> str:
    """An eligible customer with offers and the most to explain: the first by token."""
    with Lake.open(settings, read_only=True) as lake:
        row = lake.con.execute(
            "SELECT customer_token::VARCHAR FROM lake.eligibility.customer_eligibility AS e WHERE as_of_date = ? "
            "ORDER BY decision = 'eligible' DESC, len(reasons) DESC, customer_token LIMIT 1",
            [NIGHT],
        ).fetchone()
    return str(row[0]) if row else ""


if __name__ == "__main__":
    sys.exit(main())
