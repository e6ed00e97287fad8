"""Tiers, weights, and what of a match may be told."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.rules.consortium import FraudType, Hit, RecordRole, Tier
from fraud.rules.fraud_types import KEPT, expires_on, month_of, months_after
from fraud.rules.matching import HUB, MOST_HITS, Found, Known, agreeing, band, hits, tiers, weight

KINDS = [
    *("sin.1", "account.1", "name-birth.1", "family-birth-postal.1", "name-phone.1"),
    *("name-email.1", "name-civic-postal.1"),
]


@pytest.mark.parametrize(
    ("shared", "tier"),
    [
        ({"sin.1"}, Tier.STRONG),
        ({"account.1"}, Tier.STRONG),
        ({"name-birth.1", "name-phone.1"}, Tier.PROBABLE),
        ({"name-birth.1", "name-civic-postal.1"}, Tier.PROBABLE),
        ({"name-birth.1", "family-birth-postal.1"}, Tier.PROBABLE),
        # What no consortium has, and what nobody has heard of.
        ({"phone.1", "email.1", "sin.99"}, None),
        ({"name-birth.1"}, Tier.WEAK),
        (set(), None),
    ],
)
def test_one_strong_kind_or_two_independent_composites_are_a_match(shared, tier) -> None:
    assert tiers(shared) is tier


def test_common_tokens_weigh_less() -> None:
    kinds = {"name-birth.1", "name-phone.1"}

    assert tiers(kinds, dict.fromkeys(kinds, 4)) is Tier.PROBABLE
    assert tiers(kinds, dict.fromkeys(kinds, 10)) is Tier.WEAK
    assert tiers({*kinds, "name-email.1"}, dict.fromkeys({*kinds, "name-email.1"}, 10)) is Tier.PROBABLE


def test_a_token_that_everybody_shares_says_nothing() -> None:
    assert tiers({"sin.1"}, {"sin.1": HUB}) is Tier.STRONG
    assert tiers({"sin.1"}, {"sin.1": HUB + 1}) is None
    assert tiers({"name-birth.1", "name-phone.1"}, {"name-phone.1": HUB + 1}) is Tier.WEAK


@given(st.integers(1, HUB))
def test_weight_falls_from_one_and_never_below_nothing(records: int) -> None:
    assert 0 < weight(records) <= 1
    assert weight(records) >= weight(records + 1)


@given(st.sets(st.sampled_from(KINDS)), st.sampled_from(KINDS))
def test_more_in_common_is_never_less_sure(shared: set[str], more: str) -> None:
    order = [None, Tier.WEAK, Tier.PROBABLE, Tier.STRONG]

    assert order.index(tiers(shared | {more})) >= order.index(tiers(shared))


def test_two_people_of_one_application_are_not_added_up() -> None:
    apart = [Found(7, "name-birth.1", 0, 1), Found(7, "name-phone.1", 1, 1)]
    together = [Found(7, "name-birth.1", 1, 1), Found(7, "name-phone.1", 1, 1)]

    assert agreeing(apart) == {}
    assert agreeing(together) == {7: (Tier.PROBABLE, frozenset({"name-birth.1", "name-phone.1"}))}


def test_two_readings_of_one_element_count_once() -> None:
    assert agreeing([Found(7, "name-birth.1", 0, 1), Found(7, "name-birth.1", 0, 1)]) == {}


def record(contributor: int, month: str = "2026-01", **facts) -> Known:
    return Known(FraudType.MONEY_MULE, RecordRole.MULE, month, contributor, **facts)


def test_records_of_one_fraud_are_told_as_one_hit() -> None:
    matches = {
        1: (Tier.PROBABLE, frozenset({"name-birth.1", "name-phone.1"})),
        2: (Tier.STRONG, frozenset({"sin.1"})),
    }

    told = hits(matches, {1: record(10), 2: record(20, "2025-03", is_disputed=True)}, asking=30)

    assert told == (
        Hit(
            tier=Tier.STRONG,
            kinds=("name-birth", "name-phone", "sin"),
            fraud_type=FraudType.MONEY_MULE,
            role=RecordRole.MULE,
            month="2026-01",
            members="1-2",
        ),
    )


def test_a_members_own_record_is_told_as_its_own() -> None:
    matches = {1: (Tier.STRONG, frozenset({"sin.1"}))}

    assert hits(matches, {1: record(10)}, asking=10)[0].is_own
    assert not hits(matches, {1: record(10)}, asking=11)[0].is_own


def test_what_is_gone_is_not_told() -> None:
    assert hits({1: (Tier.STRONG, frozenset({"sin.1"}))}, {}, asking=1) == ()


def test_no_more_is_told_than_has_room() -> None:
    known = {
        number: Known(fraud_type, role, "2026-01", 1)
        for number, (fraud_type, role) in enumerate((f, r) for f in FraudType for r in RecordRole)
    }

    assert (
        len(hits({each: (Tier.STRONG, frozenset({"sin.1"})) for each in known}, known, asking=2)) == MOST_HITS
    )


@pytest.mark.parametrize(
    ("members", "words"), [(1, "1-2"), (2, "1-2"), (3, "3-5"), (5, "3-5"), (6, "6+"), (90, "6+")]
)
def test_members_are_told_in_bands(members, words) -> None:
    assert band(members) == words


def test_each_fraud_type_says_how_long_it_is_kept() -> None:
    assert set(KEPT) == set(FraudType)
    assert expires_on(FraudType.MONEY_MULE, RecordRole.MULE, "2026-11") == date(2030, 11, 1)
    assert expires_on(FraudType.MONEY_MULE, RecordRole.VICTIM, "2026-11") == date(2028, 11, 1)


def test_months_are_counted_over_the_turn_of_a_year() -> None:
    assert months_after(date(2026, 1, 31), -1) == date(2025, 12, 1)
    assert month_of(date(2026, 3, 2)) == "2026-03"
