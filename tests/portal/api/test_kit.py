"""What every endpoint does with bad requests, and with engines that are gone."""

from typing import Any

import pytest
from django.db import connections
from rest_framework.test import APIClient

from campaigns.models import Redemption
from tests.campaigns.api.conftest import Caller, World

PATH = "/api/v1/redemptions"


def send(caller: Caller, body: Any, content_type: str = "application/json") -> Any:
    return caller.http.generic("POST", PATH, body, content_type=content_type, HTTP_IDEMPOTENCY_KEY="k")


def is_problem(answer: Any, status: int, code: str) -> bool:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer.json()["request_id"] == answer["X-Request-Id"]
    return True


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b'{"code": NaN}',
        b'{"code": "\xff"}',
        b"[]",
        b'"text"',
        b"null",
        b'{"code": "\\u0000"}',
        b'{"code": "\\ud800"}',
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b"\xef\xbb\xbf{}",
        b'{"code": "A"} trailing',
    ],
)
def test_refuses_what_is_not_one_json_object(website: Caller, body: bytes) -> None:
    answer = send(website, body)

    if body:
        is_problem(answer, 400, "malformed-json")
    else:
        is_problem(answer, 422, "invalid")


def test_refuses_a_body_of_ten_megabytes(website: Caller) -> None:
    answer = send(website, b'{"code": "' + b"A" * 10_000_000 + b'"}')

    assert is_problem(answer, 413, "body-too-large")


def test_refuses_a_form(website: Caller) -> None:
    answer = send(website, "code=A", "application/x-www-form-urlencoded")

    assert is_problem(answer, 415, "unsupported-media-type")


def test_refuses_another_method(website: Caller) -> None:
    answer = website.http.delete(PATH)

    assert is_problem(answer, 405, "method-not-allowed")


def test_answers_an_unknown_address_with_a_problem(website: Caller) -> None:
    answer = website.get("nowhere")

    assert is_problem(answer, 404, "not-found")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer nonsense", "Basic dTpw", "Bearer cs_aaaaaaaa_" + "A" * 43]
)
def test_refuses_who_has_no_key(world: World, header: str) -> None:
    http = APIClient(headers={"authorization": header} if header else {})

    answer = http.post(PATH, {}, format="json")

    assert is_problem(answer, 401, "unauthenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_session_opens_nothing(world: World) -> None:
    http = APIClient()
    http.force_login(world.planner)

    answer = http.get("/api/v1/campaigns")

    assert is_problem(answer, 401, "unauthenticated")


def test_names_every_field_that_is_wrong(website: Caller) -> None:
    answer = website.post("redemptions", {"member": 7, "campaign": []})

    assert is_problem(answer, 422, "invalid")
    assert {error["field"] for error in answer.json()["errors"]} == {"code", "member", "campaign"}


@pytest.mark.parametrize("member", [7, 1.5, 12345678901234567890123, True, None])
def test_takes_no_number_for_a_reference(website: Caller, world: World, member: Any) -> None:
    answer = website.redeem(world.code(0), member=member)

    assert is_problem(answer, 422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["member"]


def test_refuses_a_body_without_its_length(website: Caller) -> None:
    answer = website.http.generic(
        "POST", PATH, content_type="application/json", HTTP_TRANSFER_ENCODING="chunked"
    )

    assert is_problem(answer, 411, "length-required")


@pytest.mark.parametrize("address", ["batches/a%00b", "batches?cursor=%00", "campaigns?cursor=%00"])
def test_refuses_an_address_that_no_text_can_hold(website: Caller, address: str) -> None:
    answer = website.http.get(f"/api/v1/{address}")

    assert is_problem(answer, 400, "bad-request")


def test_refuses_a_host_that_is_not_ours_without_a_page(website: Caller) -> None:
    answer = website.http.get("/api/v1/campaigns", headers={"host": "evil.example"})

    assert is_problem(answer, 400, "bad-request")


def test_accepts_whatever_answer_is_asked_for_and_gives_json(website: Caller) -> None:
    answer = website.http.get("/api/v1/campaigns", headers={"accept": "text/html"})

    assert answer["Content-Type"] == "application/json"


def test_answers_503_while_the_database_is_gone_and_recovers(world: World, website: Caller) -> None:
    connection: Any = connections["default"]
    connection.close()
    connection.close_pool()
    port = connection.settings_dict["PORT"]
    connection.settings_dict["PORT"] = "9"
    pool = connection.settings_dict["OPTIONS"]["pool"]
    connection.settings_dict["OPTIONS"]["pool"] = {**pool, "timeout": 0.3}
    try:
        answer = website.redeem("K7QW-M2XF-9RTD")
    finally:
        connection.close_pool()
        connection.settings_dict["PORT"] = port
        connection.settings_dict["OPTIONS"]["pool"] = pool

    assert is_problem(answer, 503, "overloaded")
    assert answer["Retry-After"] == "5"
    assert website.redeem(world.code(0)).status_code == 201
    assert Redemption.objects.count() == 1


def test_answers_an_unforeseen_error_without_its_cause(world: World, website: Caller) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_ledgerentry RENAME TO elsewhere")
    try:
        website.raises = False
        answer = website.redeem(world.code(0), key="once")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO campaigns_ledgerentry")

    assert is_problem(answer, 500, "internal-error")
    assert "elsewhere" not in answer.content.decode()
    assert website.redeem(world.code(0), key="once").status_code == 201
