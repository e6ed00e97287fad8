"""What changed between two rulebooks, and what a version would have changed."""

from fraud.rules.decisions import Outcome
from fraud.rules.rulebook.differences import Change, differences
from fraud.rules.rulebook.document import Bands
from fraud.rules.rulebook.outcomes import Precision, Shift, counted, precision, shift
from tests.fraud.rules.rulebook.test_compiler import BOX, book, rule


def test_names_what_was_added_removed_and_changed() -> None:
    before = book(rule(name="A"), rule(name="B"), rule(name="C"))
    after = book(rule(name="C", weight=7, when=BOX), rule(name="D"), rule(name="A"))

    found = differences(before, after)

    assert [(each.name, each.change, each.fields) for each in found.rules] == [
        ("B", Change.REMOVED, ()),
        ("C", Change.CHANGED, ("when", "weight")),
        ("D", Change.ADDED, ()),
    ]
    assert found.count == 3


def test_names_bands_and_cap_where_they_differ() -> None:
    before = book(rule())
    after = book(rule(), bands=Bands(review=100, refer=200), consortium_alone=Outcome.REVIEW)

    found = differences(before, after)

    assert found.bands == (before.bands, after.bands)
    assert found.consortium_alone == (Outcome.REFER, Outcome.REVIEW)
    assert differences(before, before).count == 0


def test_adds_up_who_would_be_decided_otherwise() -> None:
    matrix: dict[str, dict[str, int]] = {}
    counted(matrix, "clear", "clear", 90)
    counted(matrix, "clear", "refer", 2)
    counted(matrix, "clear", "refer")
    counted(matrix, "refer", "review", 4)

    assert shift(matrix) == Shift(same=90, graver=3, lighter=4)
    assert shift(matrix).total == 97


def test_measures_referring_by_what_analysts_found() -> None:
    found = precision({"refer": {"fraud": 6, "clear": 2, "unsure": 9}, "clear": {"fraud": 2}})

    assert found == Precision(referred=8, referred_frauds=6, frauds=8)
    assert (found.precision, found.recall) == (0.75, 0.75)
    assert precision({}).precision is None
