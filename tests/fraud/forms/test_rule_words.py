"""Names of rules: those that ship are said in the reader's language, all others as they were written."""

from django.utils import translation

from fraud.forms.rule_words import rule_name
from fraud.rules.rulebook import default_document


def test_what_somebody_wrote_is_no_text_of_ours_even_where_it_reads_like_one() -> None:
    with translation.override("fr"):
        assert rule_name("Cases") == "Cases"


def test_each_rule_that_ships_keeps_its_name_in_english() -> None:
    names = [rule.name for rule in default_document().rules]

    assert [rule_name(name) for name in names] == names
