"""Adding, using and removing second factors: authenticator apps, passkeys and recovery codes."""

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts import factors
from portal.accounts.actors import Actor, permit
from portal.accounts.models import User
from portal.accounts.operations.people import AlreadyThereError
from portal.accounts.operations.sessions import end_sessions
from portal.accounts.queries import SECOND_FACTORS, actor_of, must_have_second_factor
from portal.accounts.roles import Act
from portal.accounts.secrets import opened, sealed
from portal.audit.operations import record
from portal.core.db import locked, refusing
from portal.core.errors import InvalidError, WrongStateError

_T = Authenticator.Type
# What can stand alone; recovery codes only replace one of these for once.
FACTORS = SECOND_FACTORS
TOTP_SECRET = "mfa_authenticator.totp"  # noqa: S105 - the place that a secret is bound to
RECOVERY_SEED = "mfa_authenticator.recovery"


@transaction.atomic(durable=True)
def add_totp(user: User, *, secret: str, code: str, by: Actor, now: datetime) -> list[str]:
    """Add an authenticator app that shows its first code; return recovery codes if they are the person's first.

    :raises InvalidError: the code is not the app's
    :raises AlreadyThereError: the person has an app already
    """
    user = locked(User, user)
    step = factors.matching_step(secret, code, now=now)
    if step is None:
        raise InvalidError.of(
            "code", _("This is not the code that the app shows. Check the phone's clock too.")
        )
    kept = {"secret": sealed(secret, owner=user.public_id, place=TOTP_SECRET), "step": step}
    taken = _("There is an authenticator app already. Remove it first.")
    with refusing("unique_authenticator_type", AlreadyThereError(taken, fields={"code": taken})):
        Authenticator.objects.create(user=user, type=_T.TOTP, data=kept, created_at=now)
    record(by, "person.second_factor_added", user, now=now, method=_T.TOTP.value)
    return _first_recovery_codes(user, by=by, now=now)


@transaction.atomic(durable=True)
def add_passkey(user: User, *, name: str, credential: dict[str, Any], by: Actor, now: datetime) -> list[str]:
    """Add a passkey whose registration was checked; return recovery codes if they are the person's first."""
    user = locked(User, user)
    kept = {"name": name, "credential": credential}
    Authenticator.objects.create(user=user, type=_T.WEBAUTHN, data=kept, created_at=now)
    record(by, "person.second_factor_added", user, now=now, method=_T.WEBAUTHN.value)
    return _first_recovery_codes(user, by=by, now=now)


@transaction.atomic(durable=True)
def renew_recovery_codes(user: User, *, by: Actor, now: datetime) -> list[str]:
    """Make new recovery codes in place of the old ones; they exist only in this return value.

    :raises WrongStateError: there is no second factor that they could stand in for
    """
    user = locked(User, user)
    if not Authenticator.objects.filter(user=user, type__in=FACTORS).exists():
        raise WrongStateError(_("Set up a second factor first."))
    Authenticator.objects.filter(user=user, type=_T.RECOVERY_CODES).delete()
    return _first_recovery_codes(user, by=by, now=now)


@transaction.atomic(durable=True)
def remove_second_factor(factor: Authenticator, *, by: Actor, now: datetime) -> User:
    """Remove an app or a passkey; recovery codes go with the last of them.

    An operator may take the last one from somebody who lost it: all sessions end, and the next sign-in asks for a
    new one.

    :raises WrongStateError: the person's own role needs a second factor, and this is the last
    """
    user: User = locked(User, factor.user)
    is_own = by.person == user.public_id
    if not is_own:
        permit(by, Act.PERSON_EDIT, {})
        end_sessions(user)
    factor = locked(Authenticator, factor)
    others = Authenticator.objects.filter(user=user, type__in=FACTORS).exclude(pk=factor.pk)
    if not others.exists():
        if is_own and must_have_second_factor(actor_of(user)):
            raise WrongStateError(
                _("Your role needs a second factor. Add another before you remove this one.")
            )
        Authenticator.objects.filter(user=user, type=_T.RECOVERY_CODES).delete()
    record(by, "person.second_factor_removed", user, now=now, method=factor.type)
    factor.delete()
    return user


@transaction.atomic(durable=True)
def spend_code(user: User, *, code: str, by: Actor, now: datetime) -> Authenticator:
    """Take a code of the person's app, or a recovery code; none is taken twice.

    :raises InvalidError: it is neither, or was used before
    """
    rows = Authenticator.objects.select_for_update().filter(user=user, type__in=(_T.TOTP, _T.RECOVERY_CODES))
    kept = {factor.type: factor for factor in rows.order_by("pk")}
    used = _spend_totp(kept.get(_T.TOTP), user, code, now) or _spend_recovery(
        kept.get(_T.RECOVERY_CODES), user, code
    )
    if used is None:
        raise InvalidError.of("code", _("This code is not right. Take the one that the app shows now."))
    used.last_used_at = now
    used.save(update_fields=["data", "last_used_at"])
    record(by, "person.second_factor_shown", user, now=now, method=used.type)
    return used


def _spend_totp(factor: Authenticator | None, user: User, code: str, now: datetime) -> Authenticator | None:
    if factor is None:
        return None
    secret = opened(factor.data["secret"], owner=user.public_id, place=TOTP_SECRET)
    step = factors.matching_step(secret, code, now=now)
    if step is None:
        return None
    # Whoever looked over a shoulder has the same code for a minute.
    if step <= factor.data.get("step", 0):
        raise InvalidError.of("code", _("This code was used already. Wait for the next one."))
    factor.data["step"] = step
    return factor


def _spend_recovery(factor: Authenticator | None, user: User, code: str) -> Authenticator | None:
    if factor is None:
        return None
    seed = opened(factor.data["seed"], owner=user.public_id, place=RECOVERY_SEED)
    number = factors.matching_recovery_code(seed, code)
    if number is None:
        return None
    if factor.data["used_mask"] >> number & 1:
        raise InvalidError.of("code", _("This recovery code was used already. Take another."))
    factor.data["used_mask"] |= 1 << number
    return factor


def _first_recovery_codes(user: User, *, by: Actor, now: datetime) -> list[str]:
    if Authenticator.objects.filter(user=user, type=_T.RECOVERY_CODES).exists():
        return []
    seed = factors.new_seed()
    kept = {"seed": sealed(seed, owner=user.public_id, place=RECOVERY_SEED), "used_mask": 0}
    Authenticator.objects.create(user=user, type=_T.RECOVERY_CODES, data=kept, created_at=now)
    record(by, "person.recovery_codes_made", user, now=now, count=factors.RECOVERY_CODES)
    return factors.recovery_codes(seed)
