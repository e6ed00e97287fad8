"""Manifests' signatures: RFC 8032's own vector, and every way in which one can fail to fit."""

import base64

import pytest

from portal.crypto.signatures import (
    SignatureError,
    key_id,
    private_key,
    public_from_pem,
    public_pem,
    sign,
    verify,
)

SEED = bytes(range(32))
MANIFEST = b'{"format": 1, "quantity": 1000000}'


def test_signs_as_rfc_8032_does():
    # RFC 8032, section 7.1, test 2.
    private = private_key(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))

    signature = sign(private, b"\x72")

    assert base64.b64decode(signature).hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_accepts_its_own_signature():
    private = private_key(SEED)

    verify(private.public_key(), sign(private, MANIFEST), MANIFEST)


def test_accepts_a_signature_read_from_a_file_with_a_line_end():
    private = private_key(SEED)

    verify(private.public_key(), sign(private, MANIFEST).encode() + b"\n", MANIFEST)


@pytest.mark.parametrize(
    "spoil", [lambda m: m + b" ", lambda m: m.replace(b"1000000", b"1000001"), lambda m: b""]
)
def test_refuses_a_changed_manifest(spoil):
    private = private_key(SEED)
    signature = sign(private, MANIFEST)

    with pytest.raises(SignatureError):
        verify(private.public_key(), signature, spoil(MANIFEST))


def test_refuses_another_key():
    signature = sign(private_key(SEED), MANIFEST)

    with pytest.raises(SignatureError):
        verify(private_key(SEED[::-1]).public_key(), signature, MANIFEST)


@pytest.mark.parametrize("signature", ["", "not base64", "AAAA", "é", "A" * 88])
def test_refuses_what_is_no_signature(signature):
    public = private_key(SEED).public_key()

    with pytest.raises(SignatureError):
        verify(public, signature, MANIFEST)


def test_a_public_key_survives_its_pem():
    public = private_key(SEED).public_key()

    again = public_from_pem(public_pem(public))

    assert key_id(again) == key_id(public)
    assert len(key_id(public)) == 16


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "no key",
        # A P-256 key in place of an Ed25519 one.
        (
            "-----BEGIN PUBLIC KEY-----\n"
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n"
            "6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n"
            "-----END PUBLIC KEY-----\n"
        ),
    ],
)
def test_refuses_what_is_no_ed25519_key(pem):
    with pytest.raises(SignatureError):
        public_from_pem(pem)
