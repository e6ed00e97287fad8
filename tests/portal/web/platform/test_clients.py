"""Pages of clients and keys: registering, a key shown once, rotating with an overlap, revoking."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from campaigns.models import Brand, Market
from portal.accounts.models import Client, ClientKey, User
from portal.accounts.roles import ClientKind, Role
from portal.crypto.signatures import private_key, public_pem
from tests import makers
from tests.cast import signed_in

KEY = {"acts": ["codes:redeem"], "life": "365"}


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
    answer = looker.post(f"/clients/{client.public_id}/keys/new/", {**KEY, "overlap": "168"})

    secret = secret_of(answer)
    assert secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert makers.actor_behind(secret).id == client.public_id
    assert secret not in looker.get(f"/clients/{client.public_id}/").content.decode()


def test_the_older_key_ends_after_the_overlap(looker: Browser, client: Client) -> None:
    looker.post(f"/clients/{client.public_id}/keys/new/", {**KEY, "overlap": "168"})
    looker.post(f"/clients/{client.public_id}/keys/new/", {**KEY, "overlap": "24"})

    newer, older = ClientKey.objects.order_by("-pk")
    assert newer.expires_at == newer.created_at + timedelta(days=365)
    assert older.expires_at == newer.created_at + timedelta(hours=24)


def test_a_key_is_revoked_after_asking(looker: Browser, client: Client) -> None:
    looker.post(f"/clients/{client.public_id}/keys/new/", {**KEY, "overlap": "0"})
    key = ClientKey.objects.get()
    address = f"/clients/{client.public_id}/keys/{key.public_id}/revoke/"

    asked = looker.get(address)
    done = looker.post(address)

    key.refresh_from_db()
    assert f"Revoke the key cs_{key.prefix}" in asked.content.decode()
    assert done.status_code == 302
    assert key.revoked_at is not None


def test_revoking_twice_is_refused(looker: Browser, client: Client) -> None:
    looker.post(f"/clients/{client.public_id}/keys/new/", {**KEY, "overlap": "0"})
    address = f"/clients/{client.public_id}/keys/{ClientKey.objects.get().public_id}/revoke/"
    looker.post(address)

    assert looker.post(address).status_code == 409


def test_a_key_of_another_client_is_not_found(
    looker: Browser, client: Client, lumo: Brand, mexico: Market
) -> None:
    other = makers.make_client(ClientKind.WEBSITE, mexico, lumo)
    looker.post(f"/clients/{other.public_id}/keys/new/", {**KEY, "overlap": "0"})
    key = ClientKey.objects.get()

    answer = looker.post(f"/clients/{client.public_id}/keys/{key.public_id}/revoke/")

    assert answer.status_code == 404


def test_a_marketer_sees_clients_and_issues_no_key(mexico: Market, client: Client) -> None:
    browser = signed_in(makers.a_marketer(mexico))

    answer = browser.post(f"/clients/{client.public_id}/keys/new/", {**KEY, "overlap": "0"})

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


LIST_QUERIES = 10


# ── Keys that end, and their successors ──────────────────────────────────────────────────────────────────


def issued(looker: Browser, client: Client, **changes: Any) -> ClientKey:
    looker.post(f"/clients/{client.public_id}/keys/new/", {**KEY, "overlap": "keep", **changes})
    return ClientKey.objects.latest("pk")


def page(looker: Browser, client: Client) -> str:
    return looker.get(f"/clients/{client.public_id}/").content.decode()


def test_a_key_holds_the_scopes_and_the_life_that_were_chosen(looker: Browser, client: Client) -> None:
    key = issued(looker, client, acts=["codes:check"], life="90")

    assert key.acts == ["codes:check"]
    assert key.expires_at == key.created_at + timedelta(days=90)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"acts": []}, "acts"),
        ({"acts": ["batches:acknowledge"]}, "acts"),
        ({"life": "3650"}, "life"),
        ({"life": ""}, "life"),
        ({"overlap": "1000"}, "overlap"),
    ],
)
def test_a_key_that_could_do_nothing_or_too_much_is_refused(
    looker: Browser, client: Client, changes: dict[str, Any], field: str
) -> None:
    filled = {**KEY, "overlap": "keep", **changes}

    answer = looker.post(f"/clients/{client.public_id}/keys/new/", filled)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not ClientKey.objects.exists()


def test_no_longer_life_is_offered_than_keys_may_have(looker: Browser, client: Client, settings: Any) -> None:
    settings.CLIENT_KEY_MOST_DAYS = 90

    form = looker.get(f"/clients/{client.public_id}/keys/new/").context["form"]

    assert [days for days, _name in form.fields["life"].choices] == [30, 90]


def test_a_key_is_replaced_by_one_click_and_counts_down(looker: Browser, client: Client) -> None:
    old = issued(looker, client)

    answer = looker.post(f"/clients/{client.public_id}/keys/{old.public_id}/rotate/")

    secret = secret_of(answer)
    assert makers.actor_behind(secret, now=old.created_at).id == client.public_id
    assert "no-store" in answer["Cache-Control"]
    assert f"cs_{old.prefix}" in answer.content.decode()
    assert secret not in page(looker, client)
    assert "in 7 days" in page(looker, client) or "in 6 days" in page(looker, client)


def test_looking_at_the_address_of_a_replacement_replaces_nothing(looker: Browser, client: Client) -> None:
    old = issued(looker, client)

    answer = looker.get(f"/clients/{client.public_id}/keys/{old.public_id}/rotate/")

    assert (answer.status_code, ClientKey.objects.count()) == (302, 1)


def test_a_key_that_ends_soon_says_so(looker: Browser, client: Client) -> None:
    issued(looker, client, life="180")
    assert "Ends soon" not in page(looker, client)

    issued(looker, client, life="30")

    assert "Ends soon" in page(looker, client)


# ── How a client calls ───────────────────────────────────────────────────────────────────────────────────


def test_an_operator_changes_how_a_client_calls(looker: Browser, client: Client) -> None:
    filled = {"requests_per_minute": "1,200", "networks": "203.0.113.0/24\r\n\r\n2001:db8::/32 "}

    answer = looker.post(f"/clients/{client.public_id}/change/", filled)

    client.refresh_from_db()
    assert answer.status_code == 302
    assert (client.requests_per_minute, client.networks) == (1200, ["203.0.113.0/24", "2001:db8::/32"])
    assert "2001:db8::/32" in page(looker, client)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"requests_per_minute": "0"}, "requests_per_minute"),
        ({"networks": "the office"}, "networks"),
        ({"requires_signature": "on"}, "requires_signature"),
    ],
)
def test_what_a_client_could_not_keep_to_is_refused(
    looker: Browser, client: Client, changes: dict[str, str], field: str
) -> None:
    filled = {"requests_per_minute": "600", "networks": "", **changes}

    answer = looker.post(f"/clients/{client.public_id}/change/", filled)

    assert answer.status_code in {409, 422}
    assert field in answer.context["form"].errors


def test_a_client_is_disabled_and_enabled_after_asking(looker: Browser, client: Client) -> None:
    here = f"/clients/{client.public_id}"
    asked = looker.get(f"{here}/disable/").content.decode()
    looker.post(f"{here}/disable/")
    disabled = page(looker, client)
    looker.post(f"{here}/enable/")

    assert "Disable Lumo website?" in asked
    assert "state-failed" in disabled
    assert f"{here}/keys/new/" not in disabled
    client.refresh_from_db()
    assert client.disabled_at is None


# ── Signing keys ─────────────────────────────────────────────────────────────────────────────────────────

PEM = public_pem(private_key(bytes(32)).public_key())


def test_a_signing_key_is_registered_and_revoked_after_asking(looker: Browser, client: Client) -> None:
    here = f"/clients/{client.public_id}"
    looker.post(f"{here}/signing/new/", {"public_key": PEM})
    key = client.signing_keys.get()
    shown = page(looker, client)
    address = f"{here}/signing/{key.public_id}/revoke/"
    asked = looker.get(address).content.decode()

    looker.post(address)

    key.refresh_from_db()
    assert key.key_id in shown
    assert key.key_id in asked
    assert key.revoked_at is not None


def test_the_last_key_of_a_client_that_must_sign_is_revoked_with_a_warning(
    looker: Browser, client: Client
) -> None:
    here = f"/clients/{client.public_id}"
    looker.post(f"{here}/signing/new/", {"public_key": PEM})
    looker.post(f"{here}/change/", {"requests_per_minute": "600", "requires_signature": "on"})

    asked = looker.get(f"{here}/signing/{client.signing_keys.get().public_id}/revoke/").content.decode()

    assert "nothing it sends passes" in asked


def test_what_is_no_key_is_refused_beside_its_field(looker: Browser, client: Client) -> None:
    answer = looker.post(f"/clients/{client.public_id}/signing/new/", {"public_key": "nonsense"})

    assert answer.status_code == 422
    assert "public_key" in answer.context["form"].errors


def test_a_signing_key_of_another_client_is_not_found(
    looker: Browser, client: Client, lumo: Brand, mexico: Market
) -> None:
    other = makers.make_client(ClientKind.WEBSITE, mexico, lumo)
    looker.post(f"/clients/{other.public_id}/signing/new/", {"public_key": PEM})
    key = other.signing_keys.get()

    answer = looker.post(f"/clients/{client.public_id}/signing/{key.public_id}/revoke/")

    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["change/", "disable/", "enable/", "signing/new/", "keys/new/"])
def test_a_marketer_changes_nothing_about_a_client(mexico: Market, client: Client, path: str) -> None:
    answer = signed_in(makers.a_marketer(mexico)).post(f"/clients/{client.public_id}/{path}")

    assert answer.status_code == 403


def test_the_person_who_answers_for_a_client_is_named(looker: Browser, client: Client) -> None:
    page = looker.get(f"/clients/{client.public_id}/").content.decode()

    assert User.objects.get(pk=client.issued_by_id).name in page
