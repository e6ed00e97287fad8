"""Every refusal of a rule has its words in French, with its values and its numbers in the reader's way."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import translation

from campaigns.rules.alphabets import CROCKFORD, DIGITS, AlphabetError, check_alphabet
from campaigns.rules.calendar import instant
from campaigns.rules.formats import CodeFormat, FormatError
from campaigns.rules.layout import Column, Kind, RowLayout, Source, check_text
from campaigns.rules.refusals import TOLD, Verdict
from campaigns.rules.rows import Layouter, check_fits
from campaigns.rules.states import BATCH, FILE, BatchState, FileState, in_a_sentence
from portal.core.files import Recipients
from portal.core.language import said
from portal.core.phrases import Phrase, words_of
from portal.core.storage_errors import WORDS

RULES = Path(__file__).resolve().parents[2] / "campaigns" / "rules"
FORMAT = CodeFormat(CROCKFORD, 12, has_check=True)
CODE = Column("code", Source.CODE)
NARROW = RowLayout((CODE, Column("no", Source.CONTROL, width=2)), Kind.FIXED)

REFUSED: dict[str, Callable[[], object]] = {
    "alphabet-size": lambda: check_alphabet("A"),
    "alphabet-repeated": lambda: check_alphabet("ABCa"),
    "alphabet-look-alike": lambda: check_alphabet("01IL"),
    "alphabet-character space": lambda: check_alphabet("A B"),
    "alphabet-character dash": lambda: check_alphabet("A-B"),
    "alphabet-character foreign": lambda: check_alphabet("AÉ"),
    "alphabet-character sign": lambda: check_alphabet("A+"),
    "length-out-of-range": lambda: CodeFormat(DIGITS, 20),
    "length-out-of-range with check": lambda: CodeFormat(DIGITS, 20, has_check=True),
    "space-too-small": lambda: CodeFormat("AB", 8),
    "grouping-invalid": lambda: CodeFormat(DIGITS, 12, (4, 4)),
    "prefix-invalid": lambda: CodeFormat(DIGITS, 12, prefix="TOO-LONG"),
    "code too long": lambda: FORMAT.fold("A" * 100),
    "code of another length": lambda: FORMAT.fold("ABC"),
    "code with another character": lambda: FORMAT.fold("U" * 12),
    "code with an invisible character": lambda: FORMAT.fold("ABC\u200b"),
    "code with a foreign character": lambda: FORMAT.fold("ABCЖ"),
    "code with a wrong check character": lambda: FORMAT.fold("000000000001"),
    "no-such-time": lambda: instant(datetime(2026, 3, 29, 2, 30), "Europe/Paris"),
    "no-such-time ever": lambda: instant(datetime(9999, 12, 31, 23, 30), "America/Montreal"),
    "layout without columns": lambda: RowLayout(()),
    "layout without a code": lambda: RowLayout((Column("no", Source.SERIAL),)),
    "layout with one name twice": lambda: RowLayout((CODE, CODE)),
    "layout that cannot be read": lambda: RowLayout.from_json({"columns": [{"name": "a", "source": "?"}]}),
    "layout without a mark": lambda: RowLayout((CODE,), url_template="https://a.example/"),
    "layout without https": lambda: RowLayout((CODE,), url_template="http://a.example/{code}"),
    "layout with a strange address": lambda: RowLayout((CODE,), url_template="https://a.example/ {code}"),
    "layout with a code for a host": lambda: RowLayout((CODE,), url_template="https://{code}/"),
    "column without a name": lambda: Column("", Source.CODE),
    "column of a strange width": lambda: Column("code", Source.CODE, width=500),
    "column of a strange padding": lambda: Column("code", Source.CODE, pad="ab"),
    "column too narrow": lambda: Layouter(
        RowLayout((Column("code", Source.CODE, width=3),), Kind.FIXED), FORMAT
    ),
    "control number too wide": lambda: check_fits(NARROW, FORMAT, lot="", files=1, rows=1000),
    "lot too long": lambda: check_text("lot", "L" * 61),
    "lot like a formula": lambda: check_text("lot", "=1"),
    "wrong-state of a batch": lambda: BATCH.check(BatchState.PLANNED, BatchState.ACTIVE),
    "wrong-state at the end": lambda: BATCH.check(BatchState.CLOSED, BatchState.ACTIVE),
    "wrong-state of a file": lambda: FILE.check(FileState.WAITING, FileState.FAILED),
    "recipients none": lambda: Recipients.parse([]),
    "recipients too many": lambda: Recipients.parse(["age1"] * 21),
    "recipient that is secret": lambda: Recipients.parse(["AGE-SECRET-KEY-1"]),
    "recipient of ssh": lambda: Recipients.parse(["ssh-ed25519 AAAA"]),
    "recipient that is none": lambda: Recipients.parse(["age1nothing"]),
}


def raised(act: Callable[[], object]) -> Exception:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        act()
    return caught.value


def in_french(spoken: object) -> str:
    with translation.override("fr"):
        return said(spoken)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_refusal_has_its_words_in_french(name: str) -> None:
    error = raised(REFUSED[name])

    french = in_french(error)

    words = words_of(error)
    assert isinstance(words, Phrase)
    assert french not in (str(error), words.template)
    assert "{" not in french.replace("{code}", "")


def test_each_code_of_formats_and_alphabets_is_among_them() -> None:
    source = "".join((RULES / name).read_text() for name in ("alphabets.py", "formats.py"))
    written = set(re.findall(r'"((?:alphabet|length|space|grouping|prefix)-[a-z-]+)"', source))

    errors = [raised(act) for act in REFUSED.values()]
    codes = {error.code for error in errors if isinstance(error, FormatError | AlphabetError)}

    assert codes == written


@pytest.mark.parametrize("state", [*BatchState, *FileState])
def test_a_state_in_a_sentence_is_in_french(state: str) -> None:
    words = in_a_sentence(state)

    assert in_french(words) != words


@pytest.mark.parametrize("template", sorted(WORDS.values()))
def test_what_a_bucket_refuses_has_its_words_in_french(template: str) -> None:
    with translation.override("fr"):
        assert translation.gettext(template) != template


@pytest.mark.parametrize("verdict", sorted(Verdict(found) for found in TOLD))
def test_a_verdict_has_its_words_in_french(verdict: Verdict) -> None:
    told = TOLD[verdict]

    with translation.override("fr"):
        french = [translation.gettext(text) for text in (told.title, told.consumer, told.desk)]

    written = [told.title, told.consumer, told.desk]
    same = [text for text, read in zip(written, french, strict=True) if text == read]
    assert set(same) <= {"{malformed}"}


def test_numbers_are_written_in_the_locale_of_the_reader() -> None:
    error = raised(REFUSED["space-too-small"])

    french = in_french(error)

    assert "1,000,000" in str(error)
    assert re.search("1\\s000\\s000", french)


def test_a_phrase_within_a_phrase_is_said_in_the_same_language() -> None:
    error = raised(REFUSED["wrong-state of a batch"])

    assert str(error) == "It is planned and cannot become active: only approved or cancelled may follow."
    assert in_french(error).startswith("Il est prévu et ne peut pas devenir actif")
    assert "approuvé ou annulé" in in_french(error)
