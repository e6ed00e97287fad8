"""Removing key-encryption keys that wrap nothing any more from the key file; what backups hold is not looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.operations import record
from portal.core.actors import Identity
from portal.core.errors import WrongStateError
from portal.core.keys import write_shares
from portal.crypto.key_file import keys_in, remove_key
from portal.crypto.keyring import KeyFacts, Purpose
from portal.keys.models import SigningKey
from portal.keys.queries import rotations_under_way, wrapping_keys
from portal.keys.signing import SIGNING

# So long whoever wrapped with the key before may take to write down what it wrapped.
SETTLED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one purpose, as the subject of requests and entries."""

    public_id: str


def retirable_keys(purpose: Purpose, *, now: datetime) -> list[KeyFacts]:
    """List the keys of a purpose that can go: all but the newest, if not one of them wraps anything.

    :raises WrongStateError: there are none, one still wraps something, or the newest has only just taken over
    :raises portal.crypto.key_file.KeyFileError: the key file cannot be trusted or understood
    """
    if settings.KEY_PROVIDER != "file":
        raise WrongStateError(_("These keys are in the key service. Disable and delete them there."))
    if rotations_under_way().filter(purpose=purpose).exists():
        raise WrongStateError(_("A change of these keys is under way. Wait for its end."))
    *older, newest = [facts for of, facts in keys_in(settings.KEY_FILE) if of is purpose]
    if not older:
        raise WrongStateError(_("The key file holds one key of this purpose: there is none to remove."))
    if now - datetime.fromisoformat(newest.created_at) < SETTLED:
        raise WrongStateError(
            _("The newest key took over less than an hour ago. Wait until an hour has passed.")
        )
    if purpose in SIGNING and not SigningKey.objects.filter(purpose=purpose).exists():
        raise WrongStateError(_("The first signing key is still to be derived from the oldest key."))
    wrapping = wrapping_keys(purpose)
    if any(facts.id in wrapping for facts in older):
        raise WrongStateError(_("An older key still wraps something. Change the keys of this purpose first."))
    return older


def record_retirement(purpose: Purpose, keys: Sequence[KeyFacts], *, by: Identity, now: datetime) -> None:
    """Write down that keys are removed, within the caller's transaction, before `remove_keys` does it."""
    ids = [facts.id for facts in keys]
    record(by, "key.retired", Keys(str(purpose)), now=now, purpose=str(purpose), keys=ids)


def remove_keys(keys: Sequence[KeyFacts]) -> None:
    """Remove keys from the key file and its shares for good."""
    for facts in keys:
        remove_key(settings.KEY_FILE, facts.id)
    write_shares()


def record_alone(purpose: Purpose, doing: str, *, reason: str, by: Identity, now: datetime) -> None:
    """Write down that somebody acts on keys without a second person, within the caller's transaction.

    A detector of portal.security opens an alert about it.
    """
    subject = Keys(str(purpose))
    record(by, "four_eyes.bypassed", subject, now=now, purpose=str(purpose), doing=doing, reason=reason)


@transaction.atomic(durable=True)
def retire_alone(purpose: Purpose, *, reason: str, by: Identity, now: datetime) -> list[KeyFacts]:
    """Write down that old keys are removed without a second person; `remove_keys` follows.

    :raises WrongStateError: one still wraps something, or there are none
    """
    keys = retirable_keys(purpose, now=now)
    record_alone(purpose, "retirement", reason=reason, by=by, now=now)
    record_retirement(purpose, keys, by=by, now=now)
    return keys
