"""Changing the keys of a purpose: new ones seal and sign at once, and what the old ones hold is renewed in chunks."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.operations import record
from portal.core.actors import Identity
from portal.core.db import locked, refusing
from portal.core.errors import WrongStateError
from portal.core.jobs import nudge
from portal.crypto.keyring import Purpose
from portal.keys.jobs import Job
from portal.keys.models import Rotation, ScopeKey
from portal.keys.operations.retirement import record_alone
from portal.keys.scopes import add_version, forget_scope, forget_scopes, new_version
from portal.keys.signing import SIGNING, replace_signing_key
from portal.keys.steps import steps_of

CHUNK = 500
# Without their values, tokens cannot be made anew under another key: of these, only the wrapping is renewed.
KEPT_FOR_GOOD = frozenset(
    {Purpose.CAMPAIGN_CODES, Purpose.TOKENS, Purpose.TOKENS_SCREENING, Purpose.TOKENS_REGISTRY}
)
Clock = Callable[[], datetime]


def begin_rotation(purpose: Purpose, *, by: Identity, now: datetime, request: str = "") -> Rotation:
    """Begin to change the keys of a purpose, within the caller's transaction; a worker carries it out.

    *request*: the id of the request by which it was allowed by hand.

    :raises WrongStateError: a change of the same keys is under way
    """
    under_way = WrongStateError(_("A change of these keys is under way already."))
    with refusing("one_rotation_of_a_purpose", under_way), transaction.atomic():
        rotation = Rotation.objects.create(purpose=purpose, started_at=now)
    allowed: dict[str, Any] = {"request": request} if request else {}
    record(by, "rotation.begun", rotation, now=now, purpose=str(purpose), **allowed)
    nudge(Job.RESEAL)
    return rotation


@transaction.atomic(durable=True)
def rotate_alone(purpose: Purpose, *, reason: str, by: Identity, now: datetime) -> Rotation:
    """Begin to change the keys of a purpose without a second person, which opens an alert.

    :raises WrongStateError: a change of the same keys is under way
    """
    record_alone(purpose, "change", reason=reason, by=by, now=now)
    return begin_rotation(purpose, by=by, now=now)


def carry_out_rotation(rotation: Rotation, *, by: Identity, clock: Clock) -> None:
    """Go through everything that the change renews, from where it stands; to be repeated until it is through.

    Each chunk is read and renewed first, since that may ask the key service, and then written in one transaction. A
    kill loses no more than a chunk, and two at once do the same work twice without harm.
    """
    purpose = Purpose(rotation.purpose)
    _make_new_keys(rotation, purpose, by=by, clock=clock)
    # What this process remembers may be from before the new keys were made.
    forget_scopes()
    steps = steps_of(purpose)
    while rotation.finished_at is None and rotation.step < len(steps):
        step = steps[rotation.step]
        rows = step.after(purpose, rotation.cursor, CHUNK)
        renewed = [(row, values) for row in rows if (values := step.renew(row)) is not None]
        cursor = str(getattr(rows[-1], step.key)) if len(rows) == CHUNK else ""
        rotation = note_chunk(rotation, renewed, cursor=cursor, looked_at=len(rows), by=by, now=clock())


@transaction.atomic(durable=True)
def note_chunk(
    rotation: Rotation,
    renewed: list[tuple[Any, Mapping[str, Any]]],
    *,
    cursor: str,
    looked_at: int,
    by: Identity,
    now: datetime,
) -> Rotation:
    """Write one chunk and how far it brought us; an empty *cursor* ends the step, and the last step the rotation."""
    before = (rotation.step, rotation.cursor)
    rotation = locked(Rotation, rotation)
    if rotation.finished_at is not None or (rotation.step, rotation.cursor) != before:
        # Somebody else was faster: what we read is renewed, or will be looked at again.
        return rotation
    steps = steps_of(Purpose(rotation.purpose))
    steps[rotation.step].write(renewed)
    rotation.done, rotation.beat_at, rotation.cursor = rotation.done + looked_at, now, cursor
    if not cursor:
        rotation.step += 1
    if rotation.step >= len(steps):
        rotation.finished_at = now
        record(by, "rotation.finished", rotation, now=now, purpose=rotation.purpose, rows=rotation.done)
    rotation.save(update_fields=["done", "beat_at", "cursor", "step", "finished_at"])
    return rotation


def _make_new_keys(rotation: Rotation, purpose: Purpose, *, by: Identity, clock: Clock) -> None:
    """Give each scope that was there at the start a new version, and signers a new key; what is done stays done."""
    if rotation.step or rotation.cursor:
        return
    if purpose not in KEPT_FOR_GOOD:
        for row in _to_be_replaced(rotation, purpose):
            newer = new_version(purpose, row.scope, row.version + 1)
            _replace_version(row, newer, now=clock())
            forget_scope(purpose, row.scope)
    if purpose in SIGNING:
        _replace_signer(rotation, purpose, now=clock())
    count_work(rotation, by=by, now=clock())


def _to_be_replaced(rotation: Rotation, purpose: Purpose) -> list[ScopeKey]:
    rows = ScopeKey.objects.filter(purpose=purpose, retired_at__isnull=True)
    return list(rows.filter(created_at__lt=rotation.started_at).order_by("pk"))


@transaction.atomic(durable=True)
def _replace_version(row: ScopeKey, newer: ScopeKey, *, now: datetime) -> None:
    row = locked(ScopeKey, row)
    if row.retired_at is not None:
        return
    row.retired_at = now
    row.save(update_fields=["retired_at"])
    add_version(newer)


@transaction.atomic(durable=True)
def _replace_signer(rotation: Rotation, purpose: Purpose, *, now: datetime) -> None:
    if not locked(Rotation, rotation).total:
        replace_signing_key(purpose, now=now)


@transaction.atomic(durable=True)
def count_work(rotation: Rotation, *, by: Identity, now: datetime) -> None:
    """Count what there is to look at, for the progress that people see."""
    purpose = Purpose(rotation.purpose)
    total = sum(step.rows(purpose).count() for step in steps_of(purpose))
    Rotation.objects.filter(pk=rotation.pk).update(total=max(total, 1), beat_at=now)
