"""Addresses as they are written in Canada, read into the same parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.rules.canonical import Address
from fraud.rules.elements.addresses import address_key, civic_key, postal_key, read_line


@pytest.mark.parametrize(
    "line",
    [
        "5-123 Main St",
        "#5 - 123 Main Street",
        "5 - 123 MAIN ST.",
        "123 Main St Apt 5",
        "123 Main Street, #5",
        "123 Main St., Unit 5",
        "Apt 5, 123 Main St",
        "Apt. 5-123 Main St",
        "123 Main St apt5",
        "123, rue Main, app. 5",
        "123 rue Main appartement 5",
        "123 rue Main, app. no 05",
    ],
)
def test_a_unit_is_found_wherever_it_stands(line: str) -> None:
    place = read_line(line)

    assert (place.civic, place.unit, place.street) == ("123", "5", "main")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("55 Bloor St W", "55 Bloor Street West"),
        ("55 rue Sherbrooke O.", "55 Sherbrooke St. W."),
        ("900 boul. René-Lévesque Ouest", "900 Rene Levesque Blvd W"),
        ("456 1st Ave", "456 First Avenue"),
        ("456 1re Avenue", "456, première avenue"),
        ("12 rue de l'Église", "12 Église"),
        ("77 St-Denis", "77 rue Saint-Denis"),
        ("77 Ste-Catherine E", "77 rue Sainte-Catherine Est"),
        ("8 place du Marché", "8, Pl. du Marche"),
    ],
)
def test_a_street_is_the_same_in_either_language(one: str, other: str) -> None:
    assert read_line(one) == read_line(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("55 Bloor St W", "55 Bloor St E"),
        ("55 Bloor St W", "57 Bloor St W"),
        ("5-55 Bloor St W", "6-55 Bloor St W"),
        ("55 Bloor St W", "55 Queen St W"),
        ("123 Main St", "123A Main St"),
    ],
)
def test_other_places_stay_apart(one: str, other: str) -> None:
    assert read_line(one) != read_line(other)


@pytest.mark.parametrize(
    "line", ["PO Box 123", "P.O. Box 123, Stn Main", "C.P. 123", "CP 123", "Case postale 123", "P O BOX #123"]
)
def test_a_post_office_box_stands_for_a_number(line: str) -> None:
    assert civic_key(Address(line=line)) == "box 123"


@pytest.mark.parametrize("line", ["RR 2", "R.R. #2", "Rural Route 2", "RR2", "Route rurale 2"])
def test_a_rural_route_stands_for_a_number(line: str) -> None:
    assert civic_key(Address(line=line)) == "rr 2"


@pytest.mark.parametrize(
    "text", ["H2X 1Y4", "h2x1y4", "H2X-1Y4", "H2X lY4".upper().replace("L", "1"), "H2X IY4"]
)
def test_a_postal_code_is_six_signs(text: str) -> None:
    assert postal_key(text) == "H2X1Y4"


def test_other_countries_keep_their_postal_codes() -> None:
    assert postal_key("10118-0110") == "101180110"
    assert postal_key("") == ""


def test_an_address_without_postal_code_needs_street_and_city() -> None:
    with_city = Address(line="5-123 Main St", city="Montréal")

    assert address_key(with_city) == "123|5|main|montreal"
    assert address_key(Address(line="5-123 Main St")) == ""
    assert address_key(Address(line="Main St", city="Montréal")) == ""


@given(st.text(max_size=200))
def test_any_line_can_be_read(line: str) -> None:
    read_line(line)
    postal_key(line)
