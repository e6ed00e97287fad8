"""Which kinds of elements there are, and that the consortium gets none that can be tried out alone."""

import pytest
from stdnum import luhn

from fraud.rules.elements.kinds import (
    ATTRIBUTES,
    OWN_KINDS,
    REGISTRY_KINDS,
    STRONG_KINDS,
    Attribute,
    ElementKind,
    are_independent,
    bare,
)
from fraud.rules.elements.sins import check_digit, is_sin

# How many values each can have, in bits, at most: what somebody with the keys would have to try.
BITS = {
    # 30 years carry most applicants, and few names as they sound carry most people.
    Attribute.GIVEN: 7,
    Attribute.FAMILY: 9,
    Attribute.BIRTH: 14,
    Attribute.POSTAL: 19,
    Attribute.CIVIC: 8,
    Attribute.PHONE: 28,
    Attribute.EMAIL: 25,
}
FEWEST_BITS = 28


def test_each_kind_has_attributes_and_a_use() -> None:
    assert set(ATTRIBUTES) == set(ElementKind)
    assert set(ElementKind) == REGISTRY_KINDS | OWN_KINDS


@pytest.mark.parametrize("kind", sorted(REGISTRY_KINDS - STRONG_KINDS))
def test_nothing_of_low_entropy_leaves_for_the_consortium(kind: ElementKind) -> None:
    assert len(ATTRIBUTES[kind]) >= 2
    assert sum(BITS[attribute] for attribute in ATTRIBUTES[kind]) >= FEWEST_BITS


@pytest.mark.parametrize("kind", [ElementKind.PHONE, ElementKind.EMAIL, ElementKind.ADDRESS, ElementKind.IP])
def test_a_single_attribute_stays_with_its_institution(kind: ElementKind) -> None:
    assert kind in OWN_KINDS
    assert kind not in REGISTRY_KINDS


def test_kinds_fit_their_column_and_carry_their_version() -> None:
    assert all(len(kind) <= 24 for kind in ElementKind)
    assert all(kind.endswith(".1") for kind in ElementKind)
    assert bare(ElementKind.NAME_PHONE) == "name-phone"


def test_two_kinds_are_independent_if_each_knows_something_of_its_own() -> None:
    assert are_independent(ElementKind.NAME_BIRTH, ElementKind.NAME_PHONE)
    assert are_independent(ElementKind.BIRTH_EMAIL, ElementKind.BIRTH_PHONE)
    assert not are_independent(ElementKind.NAME_BIRTH, ElementKind.NAME_BIRTH)
    assert not are_independent(ElementKind.SIN, ElementKind.SIN_BIRTH)


def test_twins_and_namesakes_of_one_household_are_two_people() -> None:
    assert not are_independent(ElementKind.FAMILY_BIRTH_POSTAL, ElementKind.BIRTH_PHONE)
    assert not are_independent(ElementKind.NAME_PHONE, ElementKind.NAME_CIVIC_POSTAL)
    assert are_independent(ElementKind.GIVEN_BIRTH_POSTAL, ElementKind.BIRTH_PHONE)
    assert are_independent(ElementKind.NAME_PHONE, ElementKind.NAME_EMAIL)


@pytest.mark.parametrize("sin", ["046454286", "130692544", "900000001"])
def test_a_sin_is_what_its_check_digit_says(sin: str) -> None:
    whole = sin[:8] + check_digit(sin[:8])

    assert is_sin(whole)
    assert luhn.is_valid(whole)


@pytest.mark.parametrize(
    "text", ["046454287", "000000000", "04645428", "0464542860", "04645428x", "", "٠٤٦٤٥٤٢٨٦"]
)
def test_anything_else_is_no_sin(text: str) -> None:
    assert not is_sin(text)
