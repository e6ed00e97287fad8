"""Documents that cannot work: each problem with its place, beside a document that can."""

from typing import Any

import msgspec
import pytest

from fraud.rules.translation import canonical_document, differences, validate_mapping
from fraud.rules.translation import document as d
from tests.fraud.rules.translation.sample import document, field


def test_documents_that_work_have_no_problems() -> None:
    assert validate_mapping(document()) == []
    assert validate_mapping(canonical_document()) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (field("shoe_size", "S"), "target-unknown"),
        (field("parties[9].given_name", "S"), "target-unknown"),
        (field("parties[*].given_name", "S"), "target-mixed"),
        (field("reference", ""), "source-missing"),
        (field("reference", "No", {"step": "date", "format": "ymd"}), "step-type"),
        (field("parties[0].birth_date", "No", {"step": "money"}), "step-type"),
        (field("amount", "No", {"step": "phone"}), "step-type"),
        (field("amount", "No", {"step": "money"}, {"step": "trim"}), "step-order"),
        (field("product", "No", {"step": "codes", "codes": {}}), "codes-empty"),
        (field("product", "No", {"step": "codes", "codes": {"X": "mortgage"}}), "codes-unknown"),
        (field("product", "No", {"step": "default", "value": "mortgage"}), "value-unfit"),
        (field("currency", "", {"step": "constant", "value": "dollars"}), "value-unfit"),
        (field("reference", "No", {"step": "trim"}, {"step": "constant", "value": "x"}), "constant-first"),
        (field("parties[2].given_name", "S"), None),
        (field("parties[0].addresses[1].city", "S"), None),
    ],
)
def test_a_field_that_cannot_work_is_named(changed: dict[str, Any], code: str | None) -> None:
    assert {each.code for each in validate_mapping(document([changed]))} == ({code} if code else set())


def test_what_an_application_cannot_be_without_must_be_filled() -> None:
    fields = [
        each for each in document().fields if each.target not in {"amount", "parties[0].bank_account.number"}
    ]

    problems = validate_mapping(msgspec.structs.replace(document(), fields=tuple(fields)))

    assert [each.words for each in problems] == [
        "The field amount has to be filled.",
        "The field parties[].bank_account.number has to be filled.",
    ]


@pytest.mark.parametrize(
    ("layout", "code"),
    [
        ({"kind": "csv", "delimiter": '"'}, "delimiter"),
        ({"kind": "csv", "has_header": False}, "columns-missing"),
        ({"kind": "csv", "columns": ["a", "a"]}, "columns-twice"),
        ({"kind": "csv", "columns": ["a", "b"]}, "source-unknown"),
        ({"kind": "fixed"}, "columns-missing"),
        ({"kind": "xml"}, "record-missing"),
        (
            {
                "kind": "fixed",
                "fixed_columns": [
                    {"name": "a", "start": 1, "width": 9},
                    {"name": "b", "start": 9, "width": 2},
                ],
            },
            "columns-overlap",
        ),
    ],
)
def test_a_layout_that_cannot_be_read_is_named(layout: dict[str, Any], code: str) -> None:
    assert code in {each.code for each in validate_mapping(document(layout=layout))}


def test_a_time_zone_must_exist() -> None:
    assert [each.path for each in validate_mapping(document(time_zone="Mars/Base"))] == ["time_zone"]


@pytest.mark.parametrize(
    "fields",
    [
        [("parties[*].family_name", "people[*].a"), ("parties[*].given_name", "persons[*].b")],
        [("parties[*].family_name", "people[*].a[*]")],
        [("parties[*].family_name", "name")],
        [("parties[*].family_name", "people[*")],
    ],
)
def test_lists_come_from_one_list(fields: list[tuple[str, str]]) -> None:
    kept = [each for each in canonical_document().fields if not each.target.startswith("parties")]
    made = [d.FieldMapping(target=target, source=source) for target, source in fields]
    changed = msgspec.structs.replace(canonical_document(), fields=(*kept, *made))

    assert {each.code for each in validate_mapping(changed)} & {"arrays", "stars", "source-unreadable"}


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b'{"layout":{"kind":"csv"},"code":"import os"}',
        b'{"layout":{"kind":"csv"},"fields":[{"target":"a","steps":[{"step":"eval","value":"1"}]}]}',
        b'{"layout":{"kind":"csv"},"fields":[{"target":"a","steps":['
        + b'{"step":"trim"},' * 8
        + b'{"step":"trim"}]}]}',
        b'{"layout":{"kind":"csv"},"time_zone":"' + b"x" * 300_000 + b'"}',
    ],
)
def test_what_is_no_document_is_refused(text: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        d.from_json(text)


def test_two_documents_are_compared_field_by_field() -> None:
    old = document()
    new = document([field("device_id", "Dev"), field("reference", "Ref")], empty_values=["-"])
    new = msgspec.structs.replace(new, fields=tuple(each for each in new.fields if each.target != "channel"))

    assert [(each.path, each.change) for each in differences(old, new)] == [
        ("empty_values", "changed"),
        ("reference", "changed"),
        ("device_id", "added"),
        ("channel", "removed"),
    ]
    assert differences(old, document()) == []
