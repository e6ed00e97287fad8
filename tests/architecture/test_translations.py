"""French is complete: every text is translated, none is doubtful, and what is read is what was written."""

import ast
import gettext
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "locale" / "fr" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")


def entries() -> list[dict[str, str]]:
    """Read the .po file: one dictionary of keywords to text for each entry, with its flags."""
    found = []
    for block in re.split(r"\n\s*\n", (FOLDER / "django.po").read_text()):
        entry: dict[str, str] = {}
        keyword = ""
        for line in block.splitlines():
            if line.startswith("#,"):
                entry["flags"] = line
            elif line.startswith("#"):
                continue
            elif line.startswith('"'):
                entry[keyword] += ast.literal_eval(line)
            elif line.strip():
                keyword, _space, text = line.partition(" ")
                entry[keyword] = ast.literal_eval(text)
        if entry.get("msgid"):
            found.append(entry)
    return found


ENTRIES = entries()


def translations(entry: dict[str, str]) -> list[str]:
    return [text for keyword, text in entry.items() if keyword.startswith("msgstr")]


def original(entry: dict[str, str], keyword: str) -> str:
    """What a translation says again: of several forms the later ones stand for the plural."""
    is_plural = keyword.startswith("msgstr[") and keyword != "msgstr[0]"
    return entry["msgid_plural"] if is_plural else entry["msgid"]


def test_each_text_is_translated() -> None:
    missing = [entry["msgid"] for entry in ENTRIES if not all(translations(entry))]

    assert missing == []


def test_no_translation_is_doubtful() -> None:
    doubtful = [entry["msgid"] for entry in ENTRIES if "fuzzy" in entry.get("flags", "")]

    assert doubtful == []


def test_each_translation_keeps_its_placeholders() -> None:
    differing = [
        entry["msgid"]
        for entry in ENTRIES
        for keyword, text in entry.items()
        if keyword.startswith("msgstr")
        and set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(original(entry, keyword)))
    ]

    assert differing == []


def test_the_compiled_file_holds_what_the_written_one_says() -> None:
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    for entry in ENTRIES:
        context = entry.get("msgctxt")
        if "msgid_plural" in entry:
            read = compiled.ngettext(entry["msgid"], entry["msgid_plural"], 5)
            written = entry["msgstr[1]"]
        else:
            read = compiled.pgettext(context, entry["msgid"]) if context else compiled.gettext(entry["msgid"])
            written = entry["msgstr"]
        assert read == written


def texts_in_templates() -> set[str]:
    pattern = re.compile(r"\{%\s*translate\s+\"((?:[^\"\\]|\\.)*)\"")
    files = (ROOT / "templates").rglob("*.html")
    return {text for path in files for text in pattern.findall(path.read_text())}


@pytest.mark.parametrize("text", sorted(texts_in_templates()))
def test_each_text_of_the_templates_is_in_the_list(text: str) -> None:
    assert text in {entry["msgid"] for entry in ENTRIES}


MARKERS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
MARKERS |= {"Phrase", "marked"}
# Said to whoever runs the program or reads its log, in English.
# The last is no error but a finding of Django's system checks, which operators read.
PLAIN = {"BadRequest", "CommandError", "RuntimeError", "TypeError", "ValueError", "LookupError", "Error"}


def texts_in_code() -> set[str]:
    found = set()
    for folder in ("portal", "campaigns", "fraud"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKERS:
                    place = 1 if node.func.id.startswith("pgettext") else 0
                    text = node.args[place] if len(node.args) > place else None
                    if isinstance(text, ast.Constant) and isinstance(text.value, str):
                        found.add(text.value)
    return found


def test_each_text_of_the_code_is_in_the_list() -> None:
    missing = texts_in_code() - {entry["msgid"] for entry in ENTRIES}

    assert missing == set()


def raised_in_english(path: Path) -> list[str]:
    """Find the errors of a file that are made of a plain sentence, which nobody could translate."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = (
            node.func.value if isinstance(node.func, ast.Attribute) and node.func.attr == "of" else node.func
        )
        if not isinstance(name, ast.Name) or not name.id.endswith("Error") or name.id in PLAIN:
            continue
        sentences = [
            part
            for part in node.args
            if isinstance(part, ast.JoinedStr)
            or (isinstance(part, ast.Constant) and isinstance(part.value, str) and " " in part.value)
        ]
        found += [f"{path.relative_to(ROOT)}:{part.lineno}" for part in sentences]
    return found


def test_no_error_is_raised_with_words_in_english_alone() -> None:
    rooms = ("portal/accounts", "portal/api", "portal/core", "portal/web", "campaigns", "fraud")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py") if "management" not in path.parts]

    found = [line for path in files for line in raised_in_english(path)]

    assert found == []


def test_no_title_of_an_error_is_in_english_alone() -> None:
    pattern = re.compile(r'^    title(?:: str)? = "', re.MULTILINE)
    files = [path for room in ("portal", "campaigns", "fraud") for path in (ROOT / room).rglob("*.py")]

    assert [str(path) for path in files if pattern.search(path.read_text())] == []
