"""Pages of clients and keys: registering, a key shown once, rotating with an overlap, revoking."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from campaigns.models import Brand, Market
from portal.accounts.models import Client, ClientKey, User
from portal.accounts.roles import ClientKind, Role
from tests import makers
from tests.cast import signed_in


@pytest.fixture
def looker(db: None) -> Browser:
    return signed_in(makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house()))


@pytest.fixture
def filled(mexico: Market, lumo: Brand) -> dict[str, Any]:
    return {
        "name": "Lumo website",
        "kind": "website",
        "acts": ["codes:redeem", "codes:check"],
        "organizations": [mexico.pk, lumo.pk],
    }


@pytest.fixture
def client(mexico: Market, lumo: Brand) -> Client:
    return makers.make_client(ClientKind.WEBSITE, mexico, lumo, name="Lumo website")


def secret_of(answer: Any) -> str:
    return str(answer.context["secret"])


def test_an_operator_registers_a_client(looker: Browser, filled: dict[str, Any]) -> None:
    answer = looker.post("/clients/new/", filled)

    client = Client.objects.get()
    assert answer["Location"] == f"/clients/{client.public_id}/"
    assert client.acts == ["codes:check", "codes:redeem"]
    assert client.organizations.count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"acts": []}, "acts"),
        ({"acts": ["batches:acknowledge"]}, "acts"),
        ({"kind": "printer", "acts": ["batches:read"]}, "organizations"),
        ({"organizations": []}, "organizations"),
    ],
)
def test_a_client_that_would_hold_too_much_or_nothing_is_refused(
    looker: Browser, filled: dict[str, Any], changes: dict[str, Any], field: str
) -> None:
    answer = looker.post("/clients/new/", filled | changes)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Client.objects.exists()


def test_a_name_that_is_taken_is_refused(looker: Browser, filled: dict[str, Any], client: Client) -> None:
    answer = looker.post("/clients/new/", filled)

    assert answer.status_code == 409
    assert "name" in answer.context["form"].errors


def test_a_new_key_is_shown_once_and_opens_the_api(looker: Browser, client: Client) -> None:
    answer = looker.post(f"/clients/{client.public_id}/keys/new/", {"overlap": "168"})

    secret = secret_of(answer)
    assert secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert makers.actor_behind(secret).id == client.public_id
    assert secret not in looker.get(f"/clients/{client.public_id}/").content.decode()


def test_the_older_key_ends_after_the_overlap(looker: Browser, client: Client) -> None:
    looker.post(f"/clients/{client.public_id}/keys/new/", {"overlap": "168"})
    looker.post(f"/clients/{client.public_id}/keys/new/", {"overlap": "24"})

    newer, older = ClientKey.objects.order_by("-pk")
    assert newer.expires_at == newer.created_at + timedelta(days=365)
    assert older.expires_at == newer.created_at + timedelta(hours=24)


def test_a_key_is_revoked_after_asking(looker: Browser, client: Client) -> None:
    looker.post(f"/clients/{client.public_id}/keys/new/", {"overlap": "0"})
    key = ClientKey.objects.get()
    address = f"/clients/{client.public_id}/keys/{key.public_id}/revoke/"

    asked = looker.get(address)
    done = looker.post(address)

    key.refresh_from_db()
    assert f"Revoke the key cs_{key.prefix}" in asked.content.decode()
    assert done.status_code == 302
    assert key.revoked_at is not None


def test_revoking_twice_is_refused(looker: Browser, client: Client) -> None:
    looker.post(f"/clients/{client.public_id}/keys/new/", {"overlap": "0"})
    address = f"/clients/{client.public_id}/keys/{ClientKey.objects.get().public_id}/revoke/"
    looker.post(address)

    assert looker.post(address).status_code == 409


def test_a_key_of_another_client_is_not_found(
    looker: Browser, client: Client, lumo: Brand, mexico: Market
) -> None:
    other = makers.make_client(ClientKind.WEBSITE, mexico, lumo)
    looker.post(f"/clients/{other.public_id}/keys/new/", {"overlap": "0"})
    key = ClientKey.objects.get()

    answer = looker.post(f"/clients/{client.public_id}/keys/{key.public_id}/revoke/")

    assert answer.status_code == 404


def test_a_marketer_sees_clients_and_issues_no_key(mexico: Market, client: Client) -> None:
    browser = signed_in(makers.a_marketer(mexico))

    answer = browser.post(f"/clients/{client.public_id}/keys/new/", {"overlap": "0"})

    assert browser.get(f"/clients/{client.public_id}/").status_code == 200
    assert answer.status_code == 403
    assert not ClientKey.objects.exists()


def test_a_client_of_another_market_is_not_found(canada: Market, client: Client) -> None:
    answer = signed_in(makers.a_marketer(canada)).get(f"/clients/{client.public_id}/")

    assert answer.status_code == 404


@pytest.mark.parametrize("rows", [1, 9])
def test_the_list_of_clients_costs_the_same_however_long(
    looker: Browser, mexico: Market, lumo: Brand, rows: int, django_assert_num_queries: Any
) -> None:
    for _number in range(rows):
        makers.client_with_key(ClientKind.WEBSITE, mexico, lumo)
    looker.get("/clients/")

    with django_assert_num_queries(LIST_QUERIES):
        looker.get("/clients/")


LIST_QUERIES = 8


def test_the_person_who_answers_for_a_client_is_named(looker: Browser, client: Client) -> None:
    page = looker.get(f"/clients/{client.public_id}/").content.decode()

    assert User.objects.get(pk=client.issued_by_id).name in page
