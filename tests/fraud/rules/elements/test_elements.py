"""What an application gives to the consortium and to its institution."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.rules.canonical import Application
from fraud.rules.elements import (
    MOST_OF_PARTY,
    OWN_KINDS,
    REGISTRY_KINDS,
    Element,
    ElementKind,
    own_elements,
    registry_elements,
)
from tests.makers_fraud import canonical, party


def crowd() -> Application:
    """Give an application of six parties, each with as much of everything as fits."""

    def one(number: int) -> dict[str, Any]:
        return party(
            given_name="Chris",
            family_name=f"Tremblay-Gagnon{'abcdef'[number]}",
            national_id="",
            addresses=[
                {"line": f"{number}{other} Main St", "postal_code": f"H2X {other}Y{number}"}
                for other in range(6)
            ],
            phones=[{"number": f"+1514555{number}{other}01"} for other in range(6)],
            emails=[f"g{number}{other}@example.com" for other in range(4)],
            bank_account={"institution": "003", "transit": "01234", "number": f"123456{number}"},
        )

    return canonical(parties=[one(number) for number in range(6)])


def kinds(elements: list[Element]) -> set[ElementKind]:
    return {element.kind for element in elements}


def test_a_whole_application_gives_every_kind() -> None:
    application = canonical()

    assert kinds(registry_elements(application)) == REGISTRY_KINDS
    assert kinds(own_elements(application)) == OWN_KINDS


def test_a_bare_party_gives_nothing() -> None:
    application = canonical(parties=[{"family_name": "Tremblay"}], device_id="", ip_address="")

    assert registry_elements(application) == []
    assert own_elements(application) == []


def test_a_sin_whose_check_digit_fails_is_no_element() -> None:
    application = canonical(parties=[party(national_id="046454287")])

    assert ElementKind.SIN not in kinds(registry_elements(application)) | kinds(own_elements(application))


def test_the_same_person_written_differently_shares_every_element() -> None:
    other = party(
        given_name="TREMBLAY",
        family_name="Genevieve",
        birth_date="1988-09-04",
        addresses=[
            {"line": "5-123 Principale", "city": "Montreal", "province": "QC", "postal_code": "h2x1y4"}
        ],
        emails=["G.Tremblay+credit@Example.com"],
    )

    first = {(each.kind, each.value) for each in registry_elements(canonical())}
    second = {(each.kind, each.value) for each in registry_elements(canonical(parties=[other]))}

    # Swapped names are met by the elements of the whole name.
    swapped = {ElementKind.FAMILY_BIRTH_POSTAL, ElementKind.GIVEN_BIRTH_POSTAL}
    assert {kind for kind, _ in first & second} == REGISTRY_KINDS - swapped


def test_elements_are_bounded_and_told_apart() -> None:
    for elements in (registry_elements(crowd()), own_elements(crowd())):
        per_party = [sum(each.party == number for each in elements) for number in range(6)]

        assert max(per_party) <= MOST_OF_PARTY + 2
        assert len({(each.kind, each.value) for each in elements}) == len(elements)
    assert len(registry_elements(crowd())) <= 6 * MOST_OF_PARTY
    # What is cut off repeats a kind that is there.
    assert kinds(registry_elements(crowd())) == REGISTRY_KINDS - {ElementKind.SIN}


def test_what_two_parties_share_is_counted_once() -> None:
    joint = party(
        role="joint", given_name="Luc", birth_date="1986-01-30", national_id="", emails=["luc@example.com"]
    )

    elements = own_elements(canonical(parties=[party(), joint]))

    assert [each.party for each in elements if each.kind is ElementKind.PHONE] == [0]
    assert [each.party for each in elements if each.kind is ElementKind.NAME_BIRTH] == [0, 1]


@given(
    given_name=st.text(max_size=200),
    family_name=st.text(max_size=200),
    line=st.text(max_size=200),
    postal_code=st.text(max_size=64),
    email=st.text(max_size=200),
    device=st.text(max_size=200),
    address=st.text(max_size=45),
)
def test_whatever_fits_the_schema_has_elements(address: str, device: str, **facts: str) -> None:
    who = party(
        given_name=facts["given_name"],
        family_name=facts["family_name"],
        addresses=[{"line": facts["line"], "postal_code": facts["postal_code"]}],
        emails=[facts["email"]],
    )
    application = canonical(parties=[who], device_id=device, ip_address=address)

    elements = registry_elements(application) + own_elements(application)

    assert all(each.value and each.kind in ElementKind for each in elements)


@pytest.mark.parametrize("sign", ["a", "-", "1", " ", "é", "c p ", "r r ", "apt ", "#", "5-", "0", "st "])
def test_long_lines_take_no_longer_than_others(sign: str) -> None:
    long = (sign * 200)[:200]
    application = canonical(
        parties=[
            party(given_name=long, family_name=long, addresses=[{"line": long, "city": long}], emails=[long])
        ]
    )

    begun = time.process_time()
    registry_elements(application)
    own_elements(application)

    assert time.process_time() - begun < 0.5
