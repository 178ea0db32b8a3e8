"""Every walk-through of `docs/contributing.md`, put into a copy of the project as it stands there and tried out."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from warehouse.lake import Lake
from warehouse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
DAY = date(2026, 3, 31)
FEED, FEATURE, TABLE, RULE, REASON = "A feed", "A feature", "A table", "A rule", "A reason"
PROFILE = "warehouse/contracts/profile/customer_profile.yaml"


def blocks_of(walk: str) -> list[str]:
    """The code blocks of one walk-through that say which file they are of."""
    section = re.search(rf"^## {walk}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section, walk
    return re.findall(r"^```\w+\n((?:# \S+/?\S+\.\w+|--- a/).*?)^```$", section[1], re.MULTILINE | re.DOTALL)


def written(project: Path, block: str) -> str:
    """Put one block where it says; gives the file's path."""
    first, _, text = block.partition("\n")
    if first.startswith("--- a/"):
        path = first.removeprefix("--- a/")
        (project / path).write_text(changed((project / path).read_text(encoding="utf-8"), text), encoding="utf-8")
        return path
    path, _, place = first.removeprefix("# ").partition(", ")
    assert (project / path).exists() == (place == "at the end"), first
    (project / path).parent.mkdir(parents=True, exist_ok=True)
    with (project / path).open("a", encoding="utf-8") as file:
        file.write(text)
    return path


def changed(text: str, difference: str) -> str:
    """A text after a difference whose every piece fits in exactly one place."""
    for piece in difference.split("@@\n")[1:]:
        lines = piece.splitlines(keepends=True)
        before, after = ("".join(line[1:] for line in lines if line[0] in kept) for kept in (" -", " +"))
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


@dataclass(frozen=True)
class Project:
    """A copy of the project, and the files that walk-throughs have made or changed in it."""

    root: Path
    touched: tuple[str, ...]

    @property
    def home(self) -> Path:
        return self.root / "var"

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a module of the copy, with its own home."""
        env = {**os.environ, "FENQI_HOME": str(self.home), "PYTHONWARNINGS": "ignore", "COLUMNS": "200", **environ}
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(
            command, cwd=self.root, env=env, capture_output=True, text=True, check=False, timeout=1800
        )

    def fenqi(self, *arguments: str, **environ: str) -> str:
        """What a command that ends well says."""
        done = self.run("orchestration.cli", *arguments, **environ)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def query(self, text: str) -> list[tuple[Any, ...]]:
        with Lake.open(Settings(home=self.home), read_only=True) as lake:
            return lake.con.execute(text).fetchall()

    def columns(self, contract: str) -> list[str]:
        text = (self.root / contract).read_text(encoding="utf-8")
        return [p["name"] for p in yaml.safe_load(text)["schema"][0]["properties"]]


def copied(place: Path, *walks: str) -> Project:
    shutil.copytree(
        ROOT, place, ignore=lambda folder, names: {n for n in names if Path(folder) == ROOT and n not in KEPT}
    )
    return Project(place, tuple(written(place, block) for walk in walks for block in blocks_of(walk)))


KEPT = {"orchestration", "quality", "transforms", "warehouse", "tests", "docs", "pyproject.toml"}


@pytest.fixture
def following(tmp_path: Path) -> Callable[[str], Project]:
    """A copy in which one walk-through has been followed."""
    return lambda walk: copied(tmp_path / "project", walk)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy in which all have been followed, after a night of a small lender under the page's own policy."""
    project = copied(tmp_path_factory.mktemp("contributing") / "project", FEED, FEATURE, TABLE, RULE, REASON)
    project.fenqi("contract", "write")
    days = ("--from", str(DAY), "--to", str(DAY), "--history-months", "3")
    project.fenqi("simulate-feeds", "--customers", "80", *days, "--out", str(project.home / "feeds"))
    project.fenqi("night", "--date", str(DAY), FENQI_POLICY="my_bank.toml")
    return project


def test_every_walk_through_is_tried_and_says_how_many_places_it_touches() -> None:
    rows = re.findall(r"^\| \[(a \w+)\]\(#(a-\w+)\) \|", PAGE, re.MULTILINE)
    assert [name.capitalize() for name, _ in rows] == [FEED, FEATURE, TABLE, RULE, REASON]
    assert [anchor for _, anchor in rows] == [name.replace(" ", "-") for name, _ in rows]
    touched = {walk: len([b for b in blocks_of(walk) if "/test_" not in b.partition("\n")[0]]) for walk in
               (FEED, FEATURE, TABLE, RULE, REASON)}  # fmt: skip
    assert touched == {FEED: 2, FEATURE: 1, TABLE: 3, RULE: 1, REASON: 2}


def test_what_is_on_the_page_is_clean_to_the_linter(tmp_path: Path) -> None:
    project = copied(tmp_path / "project", FEED, FEATURE, TABLE, RULE, REASON)
    for command in (("check",), ("format", "--check")):
        done = project.run("ruff", *command, *(f for f in project.touched if f.endswith(".py")))
        assert done.returncode == 0, done.stdout


def test_a_feed(following: Callable[[str], Project]) -> None:
    project = following(FEED)
    assert project.fenqi("contract", "check", project.touched[0]).startswith("1 contract: good")
    broken = project.root / project.touched[0]
    broken.write_text(broken.read_text(encoding="utf-8").replace("value: overdrawn_on", "value: overdrawn_at"), "utf-8")
    done = project.run("orchestration.cli", "contract", "check", project.touched[0])
    assert done.returncode == 1
    assert "did you mean 'overdrawn_on'" in done.stderr


def test_a_feed_is_simulated_and_taken_in(whole: Project) -> None:
    manifest = whole.home / f"feeds/bank/overdraft/business_date={DAY}/_manifest.json"
    said = json.loads(manifest.read_text(encoding="utf-8"))
    assert said["row_count"] == 8
    assert whole.query("SELECT count(*), sum(overdrawn_cents) FROM lake.bank.overdraft") == [(8, 8_000)]
    delivered = "SELECT accepted_rows FROM lake.control.feed_delivery WHERE feed = 'bank.overdraft'"
    assert whole.query(delivered) == [(8,)]


def test_a_feature(following: Callable[[str], Project]) -> None:
    project = following(FEATURE)
    assert "benefit_cents_3m" not in project.columns(PROFILE)
    said = project.fenqi("contract", "write")
    assert "customer_profile.yaml" in said
    assert "data_dictionary.md" in said
    assert {"benefit_cents_3m", "benefit_cents_12m"} <= set(project.columns(PROFILE))


def test_a_feature_is_counted_and_published(whole: Project) -> None:
    since = "posted_on > DATE '2025-12-31' AND line_type = 'benefit' AND direction = 'credit'"
    lines = f"SELECT customer_token, sum(amount_cents)::BIGINT FROM known WHERE {since} GROUP BY ALL"
    known = "SELECT * FROM lake.bank.bank_transaction UNION ALL BY NAME SELECT * FROM lake.bank.bank_transaction_late"
    counted = dict(whole.query(f"WITH known AS ({known}) {lines}"))
    assert counted
    assert counted == dict(
        whole.query(
            "SELECT customer_token, benefit_cents_3m FROM lake.profile.customer_profile WHERE benefit_cents_3m > 0"
        )
    )


def test_a_table(following: Callable[[str], Project]) -> None:
    project = following(TABLE)
    assert project.fenqi("contract", "check", project.touched[0]).startswith("1 contract: good")
    done = project.run("pytest", "-q", project.touched[-1])
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
    code = (
        "import json; from orchestration.assets.outputs import OUTPUTS\n"
        "asset = next(a for a in OUTPUTS if a.key.path[-1] == 'payment_headroom')\n"
        "print(json.dumps(sorted('.'.join(k.path) for k in asset.asset_deps[asset.key])))"
    )
    (project.root / "asked.py").write_text(code, encoding="utf-8")
    asked = project.run("asked")
    assert json.loads(asked.stdout) == ["eligibility.customer_eligibility", "eligibility.installment_offer"], asked


def test_a_table_is_published_with_the_others(whole: Project) -> None:
    headroom = (
        "SELECT customer_token, any_value(max_payment_cents) - max(greatest(payment_cents, last_payment_cents)) "
        "FROM lake.eligibility.installment_offer JOIN lake.eligibility.customer_eligibility "
        "USING (as_of_date, customer_token) GROUP BY customer_token ORDER BY customer_token"
    )
    published = "SELECT customer_token, headroom_cents FROM lake.eligibility.payment_headroom ORDER BY customer_token"
    assert whole.query(published) == whole.query(headroom) != []
    (outputs,) = whole.query("SELECT outputs FROM lake.control.run_manifest")[0]
    assert "eligibility.payment_headroom" in outputs
    (checked,) = whole.query(
        "SELECT passed FROM lake.control.check_result "
        "WHERE table_name = 'eligibility.payment_headroom' AND rule_code = 'no_offer_too_dear'"
    )
    assert checked == (True,)


def test_a_rule(following: Callable[[str], Project]) -> None:
    project = following(RULE)
    assert project.fenqi("policy", "check", "my_bank.toml").startswith("my_bank.toml: good")
    file = project.root / "my_bank.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("gambling_share_12m_bp", "gambling_share_21m_bp"), "utf-8")
    done = project.run("orchestration.cli", "policy", "check", "my_bank.toml")
    assert done.returncode == 1
    assert "gambling_share_12m" in done.stderr


def test_a_rule_decides_the_night_with_its_words(whole: Project) -> None:
    fired = whole.query(
        "SELECT list_contains(reasons, 'gambling_share'), count(*), bool_and(decision <> 'eligible') "
        "FROM lake.eligibility.customer_eligibility JOIN lake.profile.customer_profile USING (customer_token) "
        "WHERE round(gambling_share_12m * 10000) > 1000 GROUP BY 1"
    )
    assert [(row[0], row[2]) for row in fired] == [(True, True)]
    words = tomllib.loads((whole.root / "my_bank.toml").read_text(encoding="utf-8"))["reason"][0]
    told = "SELECT reason_en, reason_zh, citation FROM lake.reference.reason WHERE code = 'gambling_share'"
    assert whole.query(told) == [(words["en"], words["zh"], "lender's own rule")]


def test_a_reason(following: Callable[[str], Project]) -> None:
    project = following(REASON)
    held = project.run("pytest", "-q", "tests/unit/transforms/policy/test_reasons_used.py")
    assert held.returncode == 0, held.stdout
    for file in project.touched:
        apart = (ROOT / file).read_text(encoding="utf-8")
        both = (project.root / file).read_text(encoding="utf-8")
        (project.root / file).write_text(apart, encoding="utf-8")
        assert project.run("pytest", "-q", "tests/unit/transforms/policy/test_reasons_used.py").returncode == 1
        (project.root / file).write_text(both, encoding="utf-8")


def test_a_reason_is_published_and_told(whole: Project) -> None:
    ((english, chinese),) = whole.query(
        "SELECT reason_en, reason_zh FROM lake.reference.reason WHERE code = 'pay_overdue'"
    )
    raised = whole.query(
        "SELECT DISTINCT text_en, text_zh FROM lake.profile.risk_point WHERE risk_code = 'pay_overdue'"
    )
    assert raised == [(english, chinese)]
    overdue = "SELECT count(*) FROM lake.profile.customer_profile WHERE salary_due_by < as_of_date"
    assert whole.query(overdue) == whole.query(
        "SELECT count(*) FROM lake.profile.risk_point WHERE risk_code = 'pay_overdue'"
    )
