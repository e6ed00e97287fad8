"""What a change of the keys to people's secrets seals anew: second factors, and the secrets of single sign-on."""

import base64
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from portal.accounts.models import SingleSignOn
from portal.accounts.operations.second_factors import RECOVERY_SEED, TOTP_SECRET
from portal.accounts.secrets import opened, sealed
from portal.accounts.single_sign_on import secret_of, secret_place
from portal.crypto.keyring import Purpose
from portal.keys.scopes import PLATFORM, scope_keys
from portal.keys.sealed import seal_for_platform
from portal.keys.steps import Renewed, Step, is_under_newest, register_step

# Which part of a factor is sealed, and for which place.
_SEALED = {
    Authenticator.Type.TOTP.value: ("secret", TOTP_SECRET),
    Authenticator.Type.RECOVERY_CODES.value: ("seed", RECOVERY_SEED),
}


def _factors(_purpose: Purpose) -> "QuerySet[Any]":
    rows: QuerySet[Any] = Authenticator.objects.filter(type__in=_SEALED).select_related("user")
    return rows


def _renewed_factor(factor: Any) -> Renewed:
    part, place = _SEALED[factor.type]
    kept, owner = factor.data[part], factor.user.public_id
    if is_under_newest(scope_keys(Purpose.PEOPLE, PLATFORM), base64.b64decode(kept)):
        return None
    anew = sealed(opened(kept, owner=owner, place=place), owner=owner, place=place)
    return {"data": {**factor.data, part: anew}}


def _renewed_secret(single_sign_on: SingleSignOn) -> Renewed:
    if is_under_newest(scope_keys(Purpose.PEOPLE, PLATFORM), single_sign_on.client_secret):
        return None
    place = secret_place(single_sign_on)
    return {"client_secret": seal_for_platform(secret_of(single_sign_on).encode(), place=place)}


def register_steps() -> None:
    """Put both on the list of what a change of keys goes through."""
    people = frozenset({Purpose.PEOPLE})
    register_step(Step("second factors", people, _factors, "pk", "data", _renewed_factor))
    register_step(
        Step(
            "single sign-on",
            people,
            lambda _purpose: SingleSignOn.objects.all(),
            "pk",
            "client_secret",
            _renewed_secret,
        )
    )
