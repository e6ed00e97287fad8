"""Signatures of requests: what fits passes, and every way not to fit has its own fault."""

import base64
import string
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.crypto.http_signatures import (
    SKEW,
    Fault,
    HttpSignatureError,
    SignedRequest,
    Verified,
    verify_request,
)
from tests.signing import USUAL, Signer, digest

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
URL = "https://countersign.example/api/v1/redemptions?x=1"
BODY = b'{"code": "K7QW-M2XF-9RTD"}'
SENT = {"Authorization": "Bearer cs_key", "Idempotency-Key": "one"}
SIGNER = Signer()
KEYS = {SIGNER.key_id: SIGNER.private.public_key()}


def request(body: bytes = BODY, headers: dict[str, str] = SENT, **how: Any) -> SignedRequest:
    how = {"created": NOW, **how}
    return SignedRequest("POST", URL, SIGNER.signed("POST", URL, headers, body, **how), body)


def fault(signed: SignedRequest, now: datetime = NOW) -> Fault:
    with pytest.raises(HttpSignatureError) as refused:
        verify_request(signed, KEYS, now=now)
    return refused.value.fault


def headers_with(signed: SignedRequest, **changes: str) -> SignedRequest:
    names = {name: name.replace("_", "-") for name in changes}
    return replace(signed, headers={**signed.headers, **{names[name]: changes[name] for name in changes}})


def test_a_request_that_is_signed_as_it_must_be_passes() -> None:
    found = verify_request(request(), KEYS, now=NOW)

    assert found == Verified(SIGNER.key_id, found.digest)
    assert len(found.digest) == 32


def test_a_request_without_a_body_needs_no_digest() -> None:
    assert verify_request(request(b"", {"Authorization": "Bearer cs_key"}), KEYS, now=NOW)


def test_the_target_may_be_covered_in_its_parts() -> None:
    covered = [
        "@method",
        "@authority",
        "@path",
        "@query",
        "authorization",
        "idempotency-key",
        "content-digest",
    ]

    assert verify_request(request(covered=covered), KEYS, now=NOW)


def test_a_new_nonce_makes_another_signature_and_nothing_else_does() -> None:
    digests = [verify_request(request(nonce=nonce), KEYS, now=NOW).digest for nonce in ("a", "b", "a")]

    assert digests[0] == digests[2] != digests[1]


@pytest.mark.parametrize("missing", [*USUAL, "idempotency-key", "content-digest"])
def test_refuses_a_signature_that_leaves_something_out(missing: str) -> None:
    whole = [*USUAL, "idempotency-key", "content-digest"]
    signed = request(covered=[name for name in whole if name != missing])

    with pytest.raises(HttpSignatureError) as refused:
        verify_request(signed, KEYS, now=NOW)

    assert (refused.value.fault, refused.value.components) == (Fault.UNCOVERED, (missing,))


@pytest.mark.parametrize("missing", ["@authority", "@path", "@query"])
def test_refuses_a_target_of_which_a_part_is_left_out(missing: str) -> None:
    parts = [name for name in ("@authority", "@path", "@query") if name != missing]
    signed = request(covered=["@method", *parts, "authorization", "idempotency-key", "content-digest"])

    assert fault(signed) is Fault.UNCOVERED


def test_a_component_in_another_form_covers_less() -> None:
    covered = ["@method", "@target-uri", '"authorization";bs', "idempotency-key", "content-digest"]

    assert fault(request(covered=covered)) is Fault.UNCOVERED


@pytest.mark.parametrize(
    "change",
    [
        {"method": "GET"},
        {"url": URL.replace("x=1", "x=2")},
        {"url": URL.replace("countersign", "elsewhere")},
        {"url": URL.replace("https", "http")},
    ],
)
def test_refuses_another_request_than_the_signed_one(change: dict[str, str]) -> None:
    assert fault(replace(request(), **change)) is Fault.WRONG


@pytest.mark.parametrize("change", [{"Authorization": "Bearer cs_other"}, {"Idempotency_Key": "two"}])
def test_refuses_headers_that_were_changed(change: dict[str, str]) -> None:
    assert fault(headers_with(request(), **change)) is Fault.WRONG


def test_refuses_a_body_that_was_changed() -> None:
    assert fault(replace(request(), body=BODY + b" ")) is Fault.BODY


def test_refuses_a_body_and_a_digest_that_were_changed_together() -> None:
    changed = replace(headers_with(request(), Content_Digest=digest(b"{}")), body=b"{}")

    assert fault(changed) is Fault.WRONG


def test_refuses_a_digest_by_a_weak_function() -> None:
    headers = {**SENT, "Content-Digest": "md5=:" + base64.b64encode(bytes(16)).decode() + ":"}

    assert fault(request(headers=headers)) is Fault.BODY


def test_refuses_a_key_of_somebody_else() -> None:
    other = Signer()
    signed = SignedRequest("POST", URL, other.signed("POST", URL, SENT, BODY, created=NOW), BODY)
    pretending = other.signed("POST", URL, SENT, BODY, created=NOW, key_id=SIGNER.key_id)

    assert fault(signed) is Fault.UNKNOWN_KEY
    assert fault(replace(signed, headers=pretending)) is Fault.WRONG


@pytest.mark.parametrize(
    ("made", "found"),
    [
        (NOW - SKEW - timedelta(seconds=1), Fault.LATE),
        (NOW + SKEW + timedelta(seconds=1), Fault.EARLY),
    ],
)
def test_refuses_a_signature_of_another_time(made: datetime, found: Fault) -> None:
    assert fault(request(created=made)) is found


@pytest.mark.parametrize("made", [NOW - SKEW, NOW + SKEW])
def test_clocks_may_be_five_minutes_apart(made: datetime) -> None:
    assert verify_request(request(created=made), KEYS, now=NOW)


def test_a_signature_ends_when_its_maker_says() -> None:
    signed = request(expires=NOW + timedelta(seconds=10))

    assert verify_request(signed, KEYS, now=NOW + timedelta(seconds=10))
    assert fault(signed, NOW + timedelta(seconds=11)) is Fault.LATE


def test_refuses_two_signatures() -> None:
    once = request()
    twice = SIGNER.signed(
        "POST", URL, dict(once.headers), BODY, created=NOW, label="sig2", append_if_signature_exists=True
    )

    assert fault(replace(once, headers=twice)) is Fault.SEVERAL


@pytest.mark.parametrize("missing", ["Signature", "Signature-Input"])
def test_refuses_a_request_without_a_signature(missing: str) -> None:
    signed = request()
    left = {name: value for name, value in signed.headers.items() if name != missing}

    assert fault(replace(signed, headers=left)) is Fault.MISSING


def test_refuses_another_algorithm() -> None:
    signed = request()
    changed = signed.headers["Signature-Input"].replace('alg="ed25519"', 'alg="hmac-sha256"')

    assert fault(headers_with(signed, Signature_Input=changed)) is Fault.MALFORMED


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("created=", "made="),
        lambda text: text.replace("created=", 'created="') + '"',
        lambda text: text.replace(f"created={int(NOW.timestamp())}", "created=?1"),
        lambda text: text.replace("created=", "created=9"),
        lambda text: text.replace('keyid="', 'kid="'),
        lambda text: text.replace('("@method"', '("@method" "@method"'),
        lambda text: text.replace("@method", "@status"),
        lambda text: text.replace("sig1=", "sig2="),
        lambda text: text.replace("(", ""),
        lambda text: text + ", " + text,
        lambda text: "",
        lambda text: "sig1=1",
        lambda text: text * 2,
    ],
)
def test_refuses_parameters_that_were_tampered_with(spoil: Any) -> None:
    signed = request()
    spoilt = spoil(signed.headers["Signature-Input"])

    with pytest.raises(HttpSignatureError):
        verify_request(headers_with(signed, Signature_Input=spoilt), KEYS, now=NOW)


@pytest.mark.parametrize(
    "spoilt", ["", "sig1=::", "sig1=:AAAA:", 'sig1="text"', "sig1", "sig1=?1", "sig2=:AAAA:"]
)
def test_refuses_what_is_no_signature(spoilt: str) -> None:
    with pytest.raises(HttpSignatureError):
        verify_request(headers_with(request(), Signature=spoilt), KEYS, now=NOW)


ODD = st.text(st.characters(max_codepoint=0xFF), max_size=60)
# Close to what is read, so that more than the first step of reading is tried.
NEAR = st.text(
    st.sampled_from(string.ascii_lowercase + '0123456789"@-;=:,.?()+/* \t\r\n\\%\xe9'), max_size=80
)


@given(
    inputs=ODD | NEAR.map("sig1=({})".format),
    signature=ODD | NEAR.map("sig1=:{}:".format),
    body_digest=ODD | NEAR,
)
def test_whatever_the_headers_hold_is_refused_in_words(inputs: str, signature: str, body_digest: str) -> None:
    signed = headers_with(request(), Signature_Input=inputs, Signature=signature, Content_Digest=body_digest)

    assert fault(signed) in Fault


@given(
    name=st.sampled_from(["Signature-Input", "Signature", "Content-Digest", "Authorization"]),
    where=st.integers(0, 400),
    letter=st.characters(max_codepoint=0x17F),
)
def test_one_letter_changed_anywhere_is_refused_or_changes_nothing(
    name: str, where: int, letter: str
) -> None:
    signed = request()
    text = signed.headers[name]
    place = where % len(text)
    changed = replace(signed, headers={**signed.headers, name: text[:place] + letter + text[place + 1 :]})

    # The last letter of base64 has bits that say nothing: still the same signature, and not a second one.
    with suppress(HttpSignatureError):
        assert verify_request(changed, KEYS, now=NOW) == verify_request(signed, KEYS, now=NOW)
