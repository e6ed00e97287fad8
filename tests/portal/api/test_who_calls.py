"""Who may call from where: address lists, wrong keys, disabled clients."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from portal.accounts.actors import SYSTEM
from portal.accounts.models import Client
from portal.accounts.operations.clients import disable_client, enable_client
from portal.accounts.secrets import token
from portal.api.limits import WRONG_KEYS
from portal.audit.models import Entry
from tests.campaigns.api.conftest import NOW, Caller, World

WRONG = "Bearer cs_aaaaaaaa_" + "A" * 43


def ask(caller: Caller, address: str, **more: str) -> Any:
    return caller.http.get("/api/v1/campaigns", REMOTE_ADDR=address, **more)


@pytest.fixture
def at_home(website: Caller) -> Caller:
    """A client that calls from two networks alone."""
    Client.objects.filter(pk=website.client.pk).update(networks=["203.0.113.0/24", "2001:db8::/32"])
    return website


def test_a_client_without_networks_calls_from_everywhere(website: Caller) -> None:
    assert ask(website, "198.51.100.1").status_code == 200


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8::7", "::ffff:203.0.113.7"])
def test_a_client_calls_from_its_networks(at_home: Caller, address: str) -> None:
    assert ask(at_home, address).status_code == 200


@pytest.mark.parametrize("address", ["198.51.100.1", "2001:db9::7", "203.0.114.7", ""])
def test_a_client_is_refused_from_elsewhere(at_home: Caller, address: str) -> None:
    answer = ask(at_home, address)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_forged_header_does_not_bring_a_client_home(at_home: Caller) -> None:
    answer = ask(at_home, "198.51.100.1", HTTP_X_FORWARDED_FOR="203.0.113.7")

    assert answer.status_code == 403


def test_a_proxy_of_ours_says_where_a_client_calls_from(at_home: Caller, settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["198.51.100.0/24"]

    home = ask(at_home, "198.51.100.1", HTTP_X_FORWARDED_FOR="192.0.2.1, 203.0.113.7")
    elsewhere = ask(at_home, "198.51.100.1", HTTP_X_FORWARDED_FOR="203.0.113.7, 192.0.2.1")

    assert (home.status_code, elsewhere.status_code) == (200, 403)


def test_a_redemption_from_elsewhere_is_refused_although_its_key_was_just_seen(
    world: World, at_home: Caller
) -> None:
    body = {"code": world.code(0), "member": "ext:1", "campaign": "summer"}
    first = at_home.post("redemptions", body, REMOTE_ADDR="203.0.113.7")

    answer = at_home.post("redemptions", body, REMOTE_ADDR="198.51.100.1")

    assert (first.status_code, answer.status_code) == (201, 403)


def test_a_refused_address_is_in_the_trail_and_cannot_flood_it(at_home: Caller) -> None:
    for _number in range(3):
        ask(at_home, "198.51.100.1")

    entry = Entry.objects.get(act="client.refused_address")
    assert entry.subject_id == at_home.client.public_id
    assert entry.facts == {"address": token("address", "198.51.100.1")}


def test_a_disabled_client_is_refused_until_it_is_enabled(website: Caller) -> None:
    disable_client(website.client, by=SYSTEM, now=NOW)
    disabled = website.get("campaigns")
    enable_client(website.client, by=SYSTEM, now=NOW)

    assert (disabled.status_code, website.get("campaigns").status_code) == (401, 200)


def wrong(address: str) -> Any:
    return APIClient(headers={"authorization": WRONG}).get("/api/v1/campaigns", REMOTE_ADDR=address)


def test_an_address_that_sends_wrong_keys_must_wait_and_right_keys_pass_from_it(website: Caller) -> None:
    seen = {wrong("203.0.113.7").status_code for _number in range(WRONG_KEYS.most)}

    answer = wrong("203.0.113.7")

    assert seen == {401}
    assert (answer.status_code, answer.json()["code"]) == (429, "rate-limited")
    assert 1 <= int(answer["Retry-After"]) <= WRONG_KEYS.seconds
    assert wrong("203.0.113.8").status_code == 401
    assert ask(website, "203.0.113.7").status_code == 200
