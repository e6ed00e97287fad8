"""The API's own description: the document, and the page that shows it."""

import re
from typing import Any

import pytest
from django.test import Client

from campaigns.rules.refusals import TOLD


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = Client().get("/api/v1/openapi.json").json()
    return found


def test_every_endpoint_of_the_contract_is_described(document: dict[str, Any]) -> None:
    promised = {
        "/api/v1/redemptions",
        "/api/v1/codes/check",
        "/api/v1/batches",
        "/api/v1/batches/{public_id}",
        *(
            f"/api/v1/batches/{{public_id}}/{verb}"
            for verb in ("approve", "acknowledge", "activate", "recall")
        ),
    }

    assert promised <= set(document["paths"])


def test_every_change_asks_for_its_key(document: dict[str, Any]) -> None:
    changes = {
        path: {parameter["name"] for parameter in operations["post"].get("parameters", [])}
        for path, operations in document["paths"].items()
        if "post" in operations and path != "/api/v1/codes/check"
    }

    assert len(changes) > 5
    assert all("Idempotency-Key" in names for names in changes.values())


def test_every_refusal_of_a_code_has_an_example(document: dict[str, Any]) -> None:
    responses = document["paths"]["/api/v1/redemptions"]["post"]["responses"].values()
    shown = {
        example["value"]["code"]
        for response in responses
        for content in response.get("content", {}).values()
        for example in content.get("examples", {}).values()
        if "code" in example.get("value", {})
    }

    assert {told.code for told in TOLD.values()} <= shown
    assert {"member-limit", "locked-out", "rate-limited", "idempotency-mismatch", "overloaded"} <= shown


def test_keys_are_described_as_a_bearer_scheme_and_signatures_beside_it(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]

    assert schemes["client key"]["scheme"] == "bearer"
    assert (schemes["signature"]["in"], schemes["signature"]["name"]) == ("header", "Signature")
    assert all(
        operation["security"] == [{"client key": []}, {"client key": [], "signature": []}]
        for operations in document["paths"].values()
        for operation in operations.values()
    )


def test_the_page_that_shows_it_needs_nothing_inline() -> None:
    page = Client().get("/api/docs/")

    text = page.content.decode()
    assert page.status_code == 200
    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|style=", text)
    assert "unsafe-inline" not in page["Content-Security-Policy"]


def test_the_script_of_the_page_comes_from_an_address_of_its_own() -> None:
    script = Client().get("/api/docs/?script=")

    assert script["Content-Type"].startswith("application/javascript")
    assert b"SwaggerUIBundle" in script.content
