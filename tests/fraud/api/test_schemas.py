"""The published schema: open to everybody, and true of what is taken and refused."""

import json

import jsonschema
import msgspec
import pytest
from django.test import Client

from fraud.rules.canonical import to_json
from tests.makers_fraud import canonical, party

ADDRESS = "/api/v1/schemas/application.json"


@pytest.fixture
def schema(client: Client) -> dict[str, object]:
    return dict(client.get(ADDRESS).json())


def test_a_stranger_can_read_the_schema(client: Client) -> None:
    answer = client.get(ADDRESS)

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/schema+json"
    assert answer.json()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_what_is_taken_passes_the_schema(schema: dict[str, object]) -> None:
    jsonschema.validate(json.loads(to_json(canonical())), schema)


def test_what_is_refused_does_not_pass_it(schema: dict[str, object]) -> None:
    record = msgspec.to_builtins(canonical())

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(record | {"parties": [party(national_id="12")]}, schema)
