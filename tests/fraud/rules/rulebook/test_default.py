"""The rulebook that ships: whole, quick, and of a sensible mind."""

from typing import Any

import pytest

from fraud.rules.consortium import Tier
from fraud.rules.decisions import Outcome
from fraud.rules.rulebook import (
    checksum,
    compile_rulebook,
    default_document,
    from_json,
    problems_of,
    to_json,
)
from fraud.rules.signals import facts, own_facts
from tests.fraud.rules.rulebook.test_compiler import hit
from tests.makers_fraud import NOW, canonical

BOOK = compile_rulebook(default_document())


def outcome(own: Any = None, **more: Any) -> Outcome:
    drawn = own_facts(canonical()) | (own or {})
    return BOOK.evaluate(facts(drawn, submitted_at=NOW, **{"hits": ()} | more)).outcome


def test_has_no_problems() -> None:
    assert problems_of(default_document()) == []


def test_comes_back_from_json_as_it_was() -> None:
    again = from_json(to_json(default_document()))

    assert again == default_document()
    assert checksum(again) == checksum(default_document())


def test_an_ordinary_application_is_clear() -> None:
    assert outcome() is Outcome.CLEAR


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"hits": (hit(),)}, Outcome.REFER),
        ({"hits": (hit(tier=Tier.PROBABLE),)}, Outcome.REVIEW),
        ({"hits": (hit(is_disputed=True),)}, Outcome.CLEAR),
        ({"watch_hits": ["known-fraud"]}, Outcome.REFER),
        ({"watch_hits": ["suspect"]}, Outcome.REVIEW),
        ({"velocity": {"sin_birth_dates_differ": 1}}, Outcome.REVIEW),
        ({"velocity": {"sin_birth_dates_differ": 1, "phone_other_sins": 1}}, Outcome.REFER),
        ({"velocity": {"earlier_frauds": 1}}, Outcome.REFER),
        ({"velocity": {"phone_other_sins": 3}}, Outcome.CLEAR),
        ({"velocity": {"phone_other_sins": 6, "device_other_sins": 6}}, Outcome.REFER),
        ({"own": {"phone_province_differs": True}}, Outcome.CLEAR),
        ({"own": {"email_is_disposable": True, "postal_province_differs": True}}, Outcome.REVIEW),
    ],
)
def test_weighs_as_one_would(known: Any, expected: Outcome) -> None:
    assert outcome(**known) is expected
