"""First drafts from samples: by names in two languages and by what the columns hold."""

from typing import Any

import msgspec
import pytest

from fraud.rules.translation import compile_mapping, propose, validate_mapping
from fraud.rules.translation import document as d
from tests.fraud.rules.translation.sample import ROW
from tests.makers_fraud import canonical

CSV = d.Layout(kind=d.Kind.CSV)
JSON = d.Layout(kind=d.Kind.JSON)
ENGLISH = {
    "Application Number": "X1",
    "Product Type": "Credit Card",
    "Requested Amount": "12,500.00",
    "Application Date": "2026-03-01",
    "Applicant Name": "Tremblay, Anne",
    "Date of Birth": "1980-01-31",
    "Social Insurance #": "046-454-286",
    "Street No": "12",
    "Street": "Main St",
    "Apt": "4",
    "Postal": "M5V 2T6",
    "Home Phone": "416-555-0100",
    "Cell Phone": "647-555-0199",
    "Monthly Income": "5200",
    "Co-Applicant Last Name": "Roy",
    "Previous Address": "9 King St",
    "Loyalty tier": "gold",
}
NESTED = {
    "appId": "9",
    "productCode": "CC",
    "requestedAmount": 1200.5,
    "createdAt": "2026-03-02T10:00:00Z",
    "applicants": [
        {"name": {"first": "Ann", "last": "Roy"}, "sin": "046454286", "address": {"street": "1 Main"}},
        {"name": {"first": "Bo", "last": "Roy"}, "contact": {"email": "x@y.ca", "mobile": "5145550000"}},
    ],
}


def proposed(record: dict[str, Any], layout: d.Layout) -> dict[str, str]:
    return {each.target: each.source for each in propose([record], layout).fields}


def test_a_french_layout_is_recognised() -> None:
    rows = [ROW | {"Courriel": "a@b.ca"}, ROW | {"Naissance": "23/04/1990", "Tel2": "5145550111"}]

    proposal = propose(rows, CSV, time_zone="America/Toronto")

    assert validate_mapping(proposal.document) == []
    assert compile_mapping(proposal.document).translate(ROW).application.reference == "A-77"
    found = {each.target: each.source for each in proposal.fields}
    assert found["parties[0].birth_date"] == "Naissance"
    assert found["parties[1].family_name"] == "Co-nom"


def test_an_english_layout_gives_an_application() -> None:
    proposal = propose([ENGLISH], CSV)

    application = compile_mapping(proposal.document).translate(ENGLISH).application
    assert (application.main.given_name, application.main.family_name) == ("Anne", "Tremblay")
    assert application.main.income == 6_240_000
    assert [(each.kind, each.line) for each in application.main.addresses] == [
        ("current", "12 Main St 4"),
        ("previous", "9 King St"),
    ]
    assert [each.kind for each in application.main.phones] == ["home", "mobile"]
    assert [each.role for each in application.parties] == ["main", "joint"]
    assert proposal.unused == ("Loyalty tier",)


def test_a_tree_is_proposed_by_its_lists() -> None:
    proposal = propose([NESTED], JSON)

    application = compile_mapping(proposal.document).translate(NESTED).application
    assert [each.given_name for each in application.parties] == ["Ann", "Bo"]
    assert application.parties[1].phones[0].number == "+15145550000"
    assert application.amount == 120_050


def test_canonical_json_is_taken_as_it_is() -> None:
    record = msgspec.to_builtins(canonical())

    proposal = propose([record], JSON)

    assert compile_mapping(proposal.document).translate(record).application == canonical()


def test_contents_tell_what_a_name_does_not() -> None:
    assert proposed({"c1": "046454286", "c2": "a@b.ca", "c3": "H2X 1Y4"}, CSV) == {
        "parties[0].national_id": "c1",
        "parties[0].emails[0]": "c2",
        "parties[0].addresses[0].postal_code": "c3",
    }


def test_a_name_is_doubted_where_the_contents_say_otherwise() -> None:
    assert proposed({"SIN": "046454286"}, CSV) == {"parties[0].national_id": "SIN"}
    assert proposed({"SIN": "gluttony"}, CSV) == {}


def test_days_that_could_be_months_leave_a_doubt() -> None:
    (sure,) = propose([{"DOB": "31/01/1990"}], CSV).fields
    (doubtful,) = propose([{"DOB": "03/04/1990"}], CSV).fields

    assert (sure.confidence, doubtful.confidence) == (1.0, 0.9)


@pytest.mark.parametrize("records", [[], [{}], [{"": ""}], [{"a": None}], [{"\x00": "\x00"}]])
def test_nothing_gives_nothing(records: list[dict[str, Any]]) -> None:
    assert propose(records, CSV).fields == ()
    assert propose(records, JSON).fields == ()
