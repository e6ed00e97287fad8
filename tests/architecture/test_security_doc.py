"""docs/security.md answers each requirement of ASVS 5.0.0, levels 1 and 2, and every test that it names exists."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "security.md").read_text()
ASVS = json.loads((ROOT / "tests" / "vectors" / "asvs-5.0.0.json").read_text())
# Number, requirement, state, how, shown by.
ROWS = [
    [cell.strip() for cell in line.strip("| ").split(" | ")]
    for line in DOCUMENT.splitlines()
    if re.match(r"\| \d+\.\d+\.\d+ \|", line)
]
STATES = {"met", "met in part", "not met", "does not apply"}
PLACES = (
    "tests/",
    "portal/",
    "campaigns/",
    "fraud/",
    "docs/",
    "templates/",
    "static/",
    "bin/",
    "bench/",
    "locale/",
)
PATHS = sorted({path for path in re.findall(r"`([^`\s]+)`", DOCUMENT) if path.startswith(PLACES)})


@cache
def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_standard_has_as_many_requirements_as_it_says() -> None:
    assert (len(ASVS["level_1"]), len(ASVS["level_2"])) == (70, 183)


def test_each_requirement_is_answered_once_and_in_order() -> None:
    wanted = sorted(
        ASVS["level_1"] + ASVS["level_2"], key=lambda number: [int(part) for part in number.split(".")]
    )

    assert [row[0] for row in ROWS] == wanted


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_answer_says_how_it_stands(row: list[str]) -> None:
    _number, requirement, state, how, _shown = row

    assert state in STATES
    assert requirement
    assert how
    assert len(requirement) < 160, "in our own few words"


@pytest.mark.parametrize("row", [row for row in ROWS if row[2].startswith("met")], ids=lambda row: row[0])
def test_what_is_met_is_shown(row: list[str]) -> None:
    assert re.search(r"`(tests|docs|portal|campaigns|bin|static)/", " ".join(row[3:]))


@pytest.mark.parametrize("path", PATHS)
def test_each_file_and_each_test_that_is_named_exists(path: str) -> None:
    file, _, name = path.partition("::")

    assert (ROOT / file).exists()
    assert not name or name in functions(ROOT / file)


def test_the_summary_counts_what_the_tables_say() -> None:
    def counted() -> Iterator[str]:
        for state in ("met", "met in part", "not met", "does not apply"):
            yield f"| {state} | {sum(row[2] == state for row in ROWS)} |"

    assert [line for line in counted() if line not in DOCUMENT] == []
