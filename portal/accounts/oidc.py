"""OpenID Connect, the code flow: what is asked of a provider, and what its answer must be before it is believed.

OpenID Connect Core 1.0 with PKCE (RFC 7636), state, nonce, and the issuer in the answer (RFC 9207). Knows providers
and tokens, no people; nothing of an answer is believed before its signature holds.
"""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from math import isfinite
from typing import Any
from urllib.parse import urlencode

import jwt
import orjson
from django.utils.translation import gettext as _

from portal.core.addresses import check_outside, fetch
from portal.core.errors import DomainError, Kind, UnavailableError
from portal.core.phrases import Phrase

# Seconds by which a provider's clock may differ from ours.
SKEW = 60
# Signatures with the provider's own key only: a shared secret or none at all proves nothing.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
_LONGEST = 20_000


class SignOnError(DomainError):
    """Refuse a sign-in by an organization's provider; `reason` is for logs, and names no person."""

    kind = Kind.FORBIDDEN
    code = "sign-on-failed"
    title = Phrase("Your organization's sign-in did not work")

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(
            detail
            or _(
                "The answer of your organization's sign-in could not be believed. "
                "Try again; if it stays so, tell an operator."
            )
        )
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as it describes itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    takes_secret_in_body: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """The secrets of one try, kept in the browser that began it."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Attempt":
        """Make 256 random bits for each."""
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(32))


def discover(issuer: str) -> Provider:
    """Ask a provider where things are.

    :raises SignOnError: it does not answer, or describes somebody else
    :raises portal.core.addresses.OutsideError: an address leads into a private network
    """
    told = _json("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    ends = [told.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if told.get("issuer") != issuer:
        raise SignOnError(
            "issuer-of-discovery", _("The provider calls itself by another name than the issuer.")
        )
    if not all(isinstance(end, str) for end in ends):
        raise SignOnError("discovery")
    authorization, token, keys = (check_outside(str(end)) for end in ends)
    ways = told.get("token_endpoint_auth_methods_supported")
    in_body = isinstance(ways, list) and "client_secret_basic" not in ways
    return Provider(issuer, authorization, token, keys, takes_secret_in_body=in_body)


def authorization_url(
    provider: Provider, attempt: Attempt, *, client_id: str, return_url: str, hint: str
) -> str:
    """Write the address to which the browser goes; `hint` is the address that the person typed."""
    challenge = urlsafe_b64encode(sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": return_url,
        "scope": "openid email profile",
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "login_hint": hint,
    }
    joint = "&" if "?" in provider.authorization_endpoint else "?"
    return f"{provider.authorization_endpoint}{joint}{urlencode(asked)}"


def exchanged(
    provider: Provider, attempt: Attempt, code: str, *, client_id: str, secret: str, return_url: str
) -> str:
    """Give a code to the provider for its ID token.

    :raises SignOnError: it does not answer, or without one
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": return_url,
        "code_verifier": attempt.verifier,
        "client_id": client_id,
    }
    more: dict[str, Any] = {"auth": (client_id, secret)}
    if provider.takes_secret_in_body:
        form["client_secret"], more = secret, {}
    token = _json("POST", provider.token_endpoint, data=form, **more).get("id_token")
    if not isinstance(token, str) or len(token) > _LONGEST:
        raise SignOnError("no-id-token")
    return token


def verified_claims(
    provider: Provider, attempt: Attempt, token: str, *, client_id: str, now: datetime
) -> dict[str, Any]:
    """Read an ID token that this provider signed, for us, for this try, just now.

    :raises SignOnError: any of it is not so
    """
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key_for(provider, token),
            algorithms=ALGORITHMS,
            audience=client_id,
            issuer=provider.issuer,
            # Times are judged below, by the clock that everything else goes by.
            options={
                "require": ["exp", "iat", "sub", "aud", "iss"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.PyJWTError as error:
        reason = f"token-{type(error).__name__}"
        raise SignOnError(reason) from error
    _check_times(claims, now)
    parties = claims["aud"]
    if isinstance(parties, list) and len(parties) > 1 and claims.get("azp") != client_id:
        raise SignOnError("authorized-party")
    if not compare_digest(str(claims.get("nonce", "")).encode(), attempt.nonce.encode()):
        raise SignOnError("nonce")
    return claims


def _check_times(claims: dict[str, Any], now: datetime) -> None:
    moments = [claims["exp"], claims["iat"], claims.get("nbf", claims["iat"])]
    if not all(isinstance(moment, int | float) and isfinite(moment) for moment in moments):
        raise SignOnError("times")
    ends, made, begins = moments
    if now.timestamp() >= ends + SKEW:
        raise SignOnError("expired", _("The answer of your organization's sign-in came too late. Try again."))
    if max(made, begins) > now.timestamp() + SKEW:
        raise SignOnError(
            "clock", _("The clock of your organization's sign-in is ahead of ours. Tell an operator.")
        )


def _key_for(provider: Provider, token: str) -> jwt.PyJWK:
    """Fetch the provider's keys, and choose the one that the token names.

    :raises jwt.PyJWTError: the token cannot be read, or names no key of the provider
    """
    listed = _json("GET", provider.jwks_uri).get("keys")
    if not isinstance(listed, list) or not all(isinstance(key, dict) for key in listed):
        raise SignOnError("keys")
    keys = jwt.PyJWKSet(listed).keys
    named = jwt.get_unverified_header(token).get("kid")
    fitting = [key for key in keys if key.public_key_use in {None, "sig"} and named in {None, key.key_id}]
    if len(fitting) != 1:
        raise jwt.InvalidKeyError("no-such-key")
    return fitting[0]


def _json(method: str, url: str, **more: Any) -> dict[str, Any]:
    try:
        told = orjson.loads(fetch(method, url, headers={"Accept": "application/json"}, **more))
    except UnavailableError as error:
        raise SignOnError(
            "unavailable",
            _("Your organization's sign-in does not answer, or refuses us. Try again in a moment."),
        ) from error
    except orjson.JSONDecodeError as error:
        raise SignOnError("no-json") from error
    if not isinstance(told, dict):
        raise SignOnError("no-object")
    return told
