"""`/api/v1/applications`: one application, one decision, for whoever sent it and nobody else."""

import json
import secrets
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from fraud.models import Application, Institution, Screening
from fraud.operations.cases.claiming import claim_case
from fraud.operations.cases.deciding import decide_case
from fraud.operations.cases.opening import reopen_case
from fraud.rules.canonical import to_json
from fraud.rules.cases import Verdict
from portal.accounts.roles import Act, ClientKind, Role
from tests import makers
from tests.makers_fraud import NOW, canonical, make_case, make_institution

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/applications"


@pytest.fixture
def bank() -> Institution:
    return make_institution()


@pytest.fixture
def caller(bank: Institution) -> "Caller":
    return Caller(bank)


@pytest.fixture
def elsewhere() -> Iterator["psycopg.Connection[Any]"]:
    """Another connection to the same database."""
    base = connection.settings_dict
    link = psycopg.connect(
        host=base["HOST"],
        port=base["PORT"],
        dbname=base["NAME"],
        user=base["USER"],
        password=base["PASSWORD"],
    )
    with link:
        yield link


class Caller:
    """An institution's system."""

    def __init__(self, *institutions: Institution, **facts: Any) -> None:
        key = makers.client_with_key(ClientKind.INSTITUTION, *institutions, **facts)[1]
        self.browser = Client(headers={"authorization": f"Bearer {key}"})

    def send(self, document: Any, *, key: str = "", query: str = "") -> Any:
        headers = {"idempotency-key": key or secrets.token_hex(8)}
        return self.browser.post(URL + query, document, content_type="application/json", headers=headers)

    def ask(self, public_id: str) -> Any:
        return self.browser.get(f"{URL}/{public_id}")


def a_document(reference: str = "A-1", **facts: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(to_json(canonical(reference, **facts)))
    return document


def test_answers_an_application_with_a_decision(caller: Caller) -> None:
    answer = caller.send(a_document())

    said = answer.json()
    assert answer.status_code == 201, said
    assert said["id"].startswith("app_")
    assert said["screening"].startswith("scr_")
    assert (said["reference"], said["status"], said["degraded"]) == ("A-1", "decided", True)
    assert said["outcome"] in {"clear", "review", "refer"}
    assert 0 <= said["score"] <= 1000


def test_gives_the_first_answer_to_the_same_facts_under_another_key(caller: Caller) -> None:
    first = caller.send(a_document())

    again = caller.send(a_document())

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert Screening.objects.count() == 1


def test_repeats_its_answer_under_the_same_key(caller: Caller) -> None:
    first = caller.send(a_document(), key="one")

    again = caller.send(a_document(), key="one")

    assert again.status_code == 201
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"


def test_refuses_a_reference_with_other_facts(caller: Caller) -> None:
    caller.send(a_document())

    refused = caller.send(a_document(amount=1))

    assert (refused.status_code, refused.json()["code"]) == (409, "reference-conflict")
    assert Application.objects.count() == 1


def test_names_the_field_that_does_not_fit_with_its_code(caller: Caller) -> None:
    document = a_document()
    document["parties"][0]["birth_date"] = "31/12/1988"

    refused = caller.send(document)

    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["field"], error["code"]) == (
        422,
        "parties.0.birth_date",
        "date-format",
    )
    assert Application.objects.count() == 0


def test_shows_an_application_to_its_institution_and_to_no_other(caller: Caller) -> None:
    public_id = caller.send(a_document()).json()["id"]
    other = Caller(make_institution("bank-b"))

    own, foreign, unknown = caller.ask(public_id), other.ask(public_id), other.ask("app_nothing")

    assert (own.status_code, own.json()["id"]) == (200, public_id)
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert {**foreign.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}


def test_refuses_a_key_that_may_not_send(bank: Institution) -> None:
    caller = Caller(bank, acts=[Act.APPLICATION_READ])

    assert caller.send(a_document()).status_code == 403


def test_says_where_to_ask_when_the_time_budget_is_spent(
    caller: Caller, bank: Institution, elsewhere: "psycopg.Connection[Any]"
) -> None:
    Institution.objects.filter(pk=bank.pk).update(time_budget=300)
    with elsewhere.transaction():
        elsewhere.execute("LOCK TABLE fraud_screening IN EXCLUSIVE MODE")

        late = caller.send(a_document())

    said = late.json()
    assert (late.status_code, said["status"]) == (202, "pending")
    assert late.headers["Location"] == reverse("api-application", args=[said["id"]])
    assert caller.ask(said["id"]).json()["status"] == "pending"


def test_refuses_a_layout_that_nobody_published(caller: Caller) -> None:
    refused = caller.send(a_document(), query="?layout=nothing")

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "layout")


def test_names_every_field_that_does_not_fit(caller: Caller) -> None:
    document = a_document()
    document["parties"][0] |= {"birth_date": "31/12/1988", "national_id": "046454287"}

    errors = caller.send(document).json()["errors"]

    assert {error["code"] for error in errors} >= {"sin-check-digit"}
    assert len(errors) == 2


def test_says_the_verdict_once_the_case_is_decided_and_not_while_it_is_back(
    bank: Institution, caller: Caller
) -> None:
    case = make_case(bank)
    analyst = makers.an_actor("Anil Analyst", Role.ANALYST, bank)
    asked = [caller.ask(case.application.public_id).json()]
    claim_case(case, by=analyst, now=NOW)
    decide_case(case, verdict=Verdict.UNSURE, by=analyst, now=NOW)
    asked.append(caller.ask(case.application.public_id).json())
    reopen_case(case, reason="The branch called back.", by=analyst, now=NOW)

    asked.append(caller.ask(case.application.public_id).json())

    assert [each.get("verdict") for each in asked] == [None, "unsure", None]
    assert [each.get("decided_at") for each in asked] == [None, "2026-03-02T15:00:00Z", None]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("amount", int("9" * 40), id="40 digits"),
        pytest.param("amount", -1, id="less than nothing"),
        pytest.param("submitted_at", "2026-02-31T10:00:00Z", id="a day that never was"),
        pytest.param("reference", "x" * 65, id="too long"),
    ],
)
def test_refuses_what_no_file_may_have_either(caller: Caller, name: str, value: object) -> None:
    document = json.loads(to_json(canonical())) | {name: value}

    answer = caller.send(document)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [name]
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b'{"reference": "A\\u0000B"}',
        b'{"reference": "A\xe9"}',
        "{}".encode("utf-16"),
        b'{"reference": "A',
        b"[" * 50_000,
    ],
)
def test_refuses_a_body_that_is_no_json(caller: Caller, body: bytes) -> None:
    headers = {"idempotency-key": "k"}

    answer = caller.browser.post(URL, body, content_type="application/json", headers=headers)

    assert 400 <= answer.status_code < 500
    assert not Application.objects.exists()


def test_one_key_stands_for_one_layout(caller: Caller) -> None:
    document = a_document()

    first, other, again = (
        caller.send(document, key="key-0001", query=query) for query in ("", "?layout=other", "")
    )

    assert (first.status_code, again.json()) == (201, first.json())
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-mismatch")
