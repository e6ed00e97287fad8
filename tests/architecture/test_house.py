"""What every file of the house keeps to: its size, its floor, and words that say what it is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("portal", "campaigns", "fraud", "bench", "bin")
MOST_LINES = 350
PRINTS = ("portal/stack/", "bench/", "bin/")
SHAPELESS = {"utils", "helpers", "common", "misc", "tools"}

FILES = {
    path.relative_to(ROOT).as_posix(): path.read_text()
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
    if not {"migrations", "__pycache__"} & set(path.parts)
}
TREES = {name: ast.parse(text) for name, text in FILES.items()}


def nodes(kind: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    for name, tree in TREES.items():
        yield from ((name, node) for node in ast.walk(tree) if isinstance(node, kind))


def test_no_file_is_over_350_lines() -> None:
    sizes = {name: len(text.splitlines()) for name, text in FILES.items()}

    assert {name: size for name, size in sizes.items() if size > MOST_LINES} == {}


def test_each_module_says_at_its_top_what_it_is_for() -> None:
    sentences = {
        name: (ast.get_docstring(TREES[name]) or "").partition("\n\n")[0]
        for name, text in FILES.items()
        if text.strip()
    }

    assert [name for name, sentence in sentences.items() if not sentence.endswith((".", "?"))] == []


def test_whoever_catches_everything_raises_it_again() -> None:
    handlers = [
        (f"{name}:{node.lineno}", node)
        for name, node in nodes(ast.ExceptHandler)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
    ]

    assert [
        place for place, node in handlers if not any(isinstance(part, ast.Raise) for part in ast.walk(node))
    ] == []


def test_only_what_runs_in_a_terminal_prints() -> None:
    printing = {
        name
        for name, node in nodes(ast.Call)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
    }

    assert [name for name in printing if not name.startswith(PRINTS)] == []


def test_nothing_is_left_for_later() -> None:
    # Written apart, so that this list does not find itself.
    marks = [mark.replace("_", "") for mark in ("TO_DO", "FIX_ME", "XX_X", "NotImplemented_Error")]
    later = re.compile(rf"\b({'|'.join(marks)})\b")

    assert [name for name, text in FILES.items() if later.search(text)] == []


def test_no_module_is_named_after_nothing() -> None:
    assert [name for name in FILES if Path(name).stem in SHAPELESS] == []


def test_imports_point_down_only() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml")) == 0


@pytest.mark.django_db
def test_migrations_are_complete(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("makemigrations", check=True, dry_run=True)

    assert "No changes" in capsys.readouterr().out
