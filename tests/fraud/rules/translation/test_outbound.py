"""Canonical applications to other systems and back: what goes out by a mapping comes in by one unchanged."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.rules.canonical import Application
from fraud.rules.translation import MappingError, compile_mapping, compile_outbound
from fraud.rules.translation import document as d
from tests.fraud.rules.translation.sample import field
from tests.makers_fraud import canonical, party

CASE_FIELDS = [
    field("Case Ref", "reference"),
    field("Type", "product", {"step": "codes", "codes": {"credit-card": "CC", "loan": "LN"}}),
    field("Amount", "amount", {"step": "money", "decimal": ","}),
    field("Received", "submitted_at", {"step": "date", "format": "dmy-time"}),
    field("Surname", "parties[0].family_name", {"step": "case", "to": "upper"}),
    field("Born", "parties[0].birth_date", {"step": "date", "format": "yyyymmdd"}),
    field("Phone", "parties[0].phones[0].number", {"step": "phone"}),
    field("Joint", "parties[1].family_name", {"step": "default", "value": "none"}),
    field("System", "", {"step": "constant", "value": "countersign"}),
]
BACK = [
    field("reference", "Case Ref"),
    field("product", "Type", {"step": "codes", "codes": {"CC": "credit-card", "LN": "loan"}}),
    field("amount", "Amount", {"step": "money", "decimal": ","}),
    field("submitted_at", "Received", {"step": "date", "format": "dmy-time"}),
    field("parties[0].family_name", "Surname"),
    field("parties[0].birth_date", "Born", {"step": "date", "format": "yyyymmdd"}),
    field("parties[0].phones[0].number", "Phone", {"step": "phone"}),
]


def made(
    fields: list[dict[str, Any]], kind: str = "csv", direction: str = "case-system"
) -> d.MappingDocument:
    return d.from_builtins(
        {"layout": {"kind": kind}, "direction": direction, "time_zone": "America/Toronto", "fields": fields}
    )


def test_an_application_is_written_as_the_other_system_takes_it() -> None:
    record = compile_outbound(made(CASE_FIELDS)).write(canonical()).record

    assert record == {
        "Case Ref": "A-1",
        "Type": "CC",
        "Amount": "5000,00",
        "Received": "02/03/2026 09:59:00",
        "Surname": "TREMBLAY",
        "Born": "19880409",
        "Phone": "5145550123",
        "Joint": "none",
        "System": "countersign",
    }


def test_trees_and_lists_are_written_too() -> None:
    fields = [
        field("case.ref", "reference"),
        field("case.people[*].name", "parties[*].family_name"),
        field("case.people[*].born", "parties[*].birth_date"),
        field("case.people[*].phones[*]", "parties[*].phones[*].number"),
    ]
    second = party(family_name="Roy", birth_date=None, phones=[])

    record = compile_outbound(made(fields, "json")).write(canonical(parties=[party(), second])).record

    assert record == {
        "case": {
            "ref": "A-1",
            "people": (
                {"name": "Tremblay", "born": "1988-04-09", "phones": ("+15145550123",)},
                {"name": "Roy"},
            ),
        }
    }


def test_what_the_other_system_does_not_know_is_a_fault() -> None:
    written = compile_outbound(made(CASE_FIELDS)).write(canonical(product="line-of-credit"))

    assert [(each.field, each.code, each.source) for each in written.faults] == [
        ("Type", "not-in-list", "product")
    ]
    assert written.record is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ([field("a", "no_such_field")], "source-unknown"),
        ([field("a", "reference"), field("a", "product")], "target-twice"),
    ],
)
def test_an_outbound_document_is_checked(fields: list[dict[str, Any]], code: str) -> None:
    with pytest.raises(MappingError) as refused:
        compile_outbound(made(fields))

    assert [each.code for each in refused.value.problems] == [code]


def test_an_inbound_document_writes_nothing() -> None:
    with pytest.raises(MappingError):
        compile_outbound(made(BACK, direction="inbound"))


OUT, IN = compile_outbound(made(CASE_FIELDS)), compile_mapping(made(BACK, direction="inbound"))


@settings(max_examples=100, deadline=400)
@given(
    st.builds(
        canonical,
        reference=st.text("ABC-123", min_size=1, max_size=20),
        amount=st.integers(0, 10**15),
        product=st.sampled_from(["credit-card", "loan"]),
        submitted_at=st.datetimes()
        .filter(lambda at: 1990 < at.year < 2190)
        .map(lambda at: f"{at:%Y-%m-%dT%H:%M:%S}Z"),
    )
)
def test_what_goes_out_comes_back(application: Application) -> None:
    record = OUT.write(application).record
    again = IN.translate(record)

    assert again.faults == ()
    assert again.application.amount == application.amount
    assert again.application.reference == application.reference
    assert again.application.product is application.product
