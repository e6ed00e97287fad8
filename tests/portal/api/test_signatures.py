"""Signed requests at the door: once, lately, by a key of the client, and never a 500 whatever the headers hold."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts.actors import SYSTEM
from portal.accounts.models import Client
from portal.accounts.operations.signing_keys import register_signing_key, revoke_signing_key
from portal.crypto.signatures import public_pem
from tests.campaigns.api.conftest import NOW, Caller, World
from tests.signing import Signer

HOST = "http://testserver"
REDEMPTIONS = f"{HOST}/api/v1/redemptions"
CAMPAIGNS = f"{HOST}/api/v1/campaigns"


@pytest.fixture
def signer(website: Caller) -> Signer:
    """The keys of a client that must sign."""
    made = Signer()
    register_signing_key(website.client, public_pem(made.private.public_key()), by=SYSTEM, now=NOW)
    Client.objects.filter(pk=website.client.pk).update(requires_signature=True)
    return made


def send(caller: Caller, method: str, url: str, headers: dict[str, str], body: bytes = b"") -> Any:
    path = url.removeprefix(HOST)
    return caller.http.generic(method, path, body, content_type="application/json", headers=headers)


def signed(caller: Caller, signer: Signer, method: str = "GET", url: str = CAMPAIGNS, **how: Any) -> Any:
    body = how.pop("body", b"")
    headers = {"Authorization": f"Bearer {caller.secret}"}
    headers |= {"Idempotency-Key": how.pop("key", "one")} if method == "POST" else {}
    return signer.signed(method, url, headers, body, **how)


def redemption(world: World, member: str = "ext:1") -> bytes:
    return json.dumps({"code": world.code(0), "member": member, "campaign": "summer"}).encode()


def refused(answer: Any, words: str) -> bool:
    assert answer.status_code == 401, answer.content
    assert answer.json()["code"] == "signature-refused"
    assert words in answer.json()["detail"]
    assert answer["WWW-Authenticate"].startswith("Bearer")
    return True


def test_a_signed_redemption_passes(world: World, website: Caller, signer: Signer) -> None:
    body = redemption(world)

    answer = send(website, "POST", REDEMPTIONS, signed(website, signer, "POST", REDEMPTIONS, body=body), body)

    assert answer.status_code == 201, answer.content


def test_a_signed_question_passes_with_its_query(website: Caller, signer: Signer) -> None:
    url = f"{CAMPAIGNS}?limit=5"

    assert send(website, "GET", url, signed(website, signer, url=url)).status_code == 200


def test_a_stolen_key_alone_is_nothing(website: Caller, signer: Signer) -> None:
    answer = website.get("campaigns")

    assert refused(answer, "This client signs its requests")


def test_a_body_that_was_changed_on_the_way_is_refused(world: World, website: Caller, signer: Signer) -> None:
    headers = signed(website, signer, "POST", REDEMPTIONS, body=redemption(world))

    answer = send(website, "POST", REDEMPTIONS, headers, redemption(world, "ext:2"))

    assert refused(answer, "Content-Digest does not fit")


def test_a_signature_of_another_address_is_refused(website: Caller, signer: Signer) -> None:
    answer = send(website, "GET", f"{HOST}/api/v1/batches", signed(website, signer))

    assert refused(answer, "does not fit the request")


def test_says_what_a_signature_leaves_out(website: Caller, signer: Signer) -> None:
    answer = send(website, "GET", CAMPAIGNS, signed(website, signer, covered=["@method", "@target-uri"]))

    assert refused(answer, "does not cover: authorization.")


@pytest.mark.parametrize(("minutes", "words"), [(-6, "has expired"), (6, "in the future")])
def test_a_signature_of_another_time_is_refused(
    website: Caller, signer: Signer, minutes: int, words: str
) -> None:
    made = datetime.now(UTC) + timedelta(minutes=minutes)

    assert refused(send(website, "GET", CAMPAIGNS, signed(website, signer, created=made)), words)


def test_a_signature_is_used_once(website: Caller, signer: Signer) -> None:
    headers = signed(website, signer, nonce="n1")
    assert send(website, "GET", CAMPAIGNS, headers).status_code == 200

    assert refused(send(website, "GET", CAMPAIGNS, headers), "used before")
    assert send(website, "GET", CAMPAIGNS, signed(website, signer, nonce="n2")).status_code == 200


def test_a_signature_that_comes_many_times_at_once_passes_once(website: Caller, signer: Signer) -> None:
    headers = signed(website, signer)

    def ask(_number: int) -> int:
        try:
            return int(send(website, "GET", CAMPAIGNS, headers).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        statuses = sorted(threads.map(ask, range(8)))

    assert statuses == [200] + [401] * 7


def test_a_repeated_change_is_signed_anew_and_answered_as_before(
    world: World, website: Caller, signer: Signer
) -> None:
    body = redemption(world)
    answers = [
        send(
            website,
            "POST",
            REDEMPTIONS,
            signed(website, signer, "POST", REDEMPTIONS, body=body, nonce=n),
            body,
        )
        for n in ("n1", "n2")
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


def test_a_revoked_key_signs_nothing(website: Caller, signer: Signer) -> None:
    revoke_signing_key(website.client.signing_keys.get(), by=SYSTEM, now=NOW)

    assert refused(send(website, "GET", CAMPAIGNS, signed(website, signer)), "no live key")


def test_a_key_of_another_client_signs_nothing(world: World, website: Caller, signer: Signer) -> None:
    other, theirs = world.client(name="Another"), Signer()
    register_signing_key(other.client, public_pem(theirs.private.public_key()), by=SYSTEM, now=NOW)

    assert refused(send(website, "GET", CAMPAIGNS, signed(website, theirs)), "no live key")


def test_a_signature_of_a_client_that_need_not_sign_is_checked_all_the_same(
    website: Caller, signer: Signer
) -> None:
    Client.objects.update(requires_signature=False)
    stale = datetime.now(UTC) - timedelta(hours=1)

    assert website.get("campaigns").status_code == 200
    assert send(website, "GET", CAMPAIGNS, signed(website, signer)).status_code == 200
    assert refused(send(website, "GET", CAMPAIGNS, signed(website, signer, created=stale)), "has expired")


def test_a_signature_that_a_proxy_added_is_no_affair_of_ours(website: Caller) -> None:
    answer = send(website, "GET", CAMPAIGNS, {"Signature": "proxy=:AAAA:", "Signature-Input": "proxy=()"})

    assert answer.status_code == 200


def test_no_signature_passes_without_the_memory_of_those_before(
    website: Caller, signer: Signer, settings: Any
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"

    answer = send(website, "GET", CAMPAIGNS, signed(website, signer))

    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
    assert answer["Retry-After"] == "5"


def test_a_body_that_nobody_signs_is_too_large(website: Caller, signer: Signer) -> None:
    body = b'{"code": "' + b"A" * 1_100_000 + b'"}'

    answer = send(website, "POST", REDEMPTIONS, signed(website, signer, "POST", REDEMPTIONS, body=body), body)

    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


# What a server lets through as the value of a header.
VALUE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=80)
NEAR = st.text(st.sampled_from('abc019"@-;=:,.?()+/* \t\\%'), max_size=80)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    inputs=VALUE | NEAR.map("sig1=({})".format), signature=VALUE | NEAR.map("sig1=:{}:".format), digest=VALUE
)
def test_whatever_the_headers_hold_is_refused_in_words(
    website: Caller, signer: Signer, inputs: str, signature: str, digest: str
) -> None:
    headers = {**signed(website, signer), "Content-Digest": digest}
    headers |= {"Signature-Input": inputs, "Signature": signature}

    answer = send(website, "GET", CAMPAIGNS, headers)

    assert answer.status_code in {400, 401}
    assert answer["Content-Type"] == "application/problem+json"
