"""Anchors: the head of the chain, signed, and put where whoever rules the database does not reach."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from portal.audit.models import Anchor, Link
from portal.audit.signing import signer
from portal.core.actors import Identity
from portal.core.errors import WrongStateError
from portal.core.phrases import Phrase
from portal.core.storage import Bucket
from portal.core.storage_errors import ObjectExistsError
from portal.crypto.chain import anchor_line

# A new anchor once so many links or so much time lie behind the last one, and anything was sealed since.
ANCHOR_LINKS = 10_000
ANCHOR_EVERY = timedelta(minutes=5)
FORMAT = 1
MOST_AT_ONCE = 100
LARGEST = 10_000

Clock = Callable[[], datetime]


class NothingToAnchorError(WrongStateError):
    """Refuse an anchor while the last one still holds enough of the chain."""

    title = Phrase("Nothing to anchor yet")


class AnchorConflictError(WrongStateError):
    """Refuse to go on when another anchor lies in the bucket under this position."""

    title = Phrase("Another anchor lies in the bucket")


def anchor_head(*, by: Identity, clock: Clock) -> Anchor:
    """Sign the head of the chain as it is now; the signature is made outside any transaction.

    :raises NothingToAnchorError: nothing was sealed since the last anchor, or too little for a new one
    """
    now = clock()
    head = Link.objects.order_by("-position").values_list("position", "digest").first()
    last = Anchor.objects.order_by("-position").first()
    if head is None or not _is_due(head[0], last, now):
        raise NothingToAnchorError
    key = signer().key_id()
    document = _document(head[0], bytes(head[1]), key, now)
    signature = signer().sign(document.encode())
    if signer().key_id() != key:
        # The key was replaced in between; the next round signs with the new one.
        raise NothingToAnchorError
    return _keep(head[0], document, signature, key, now=now)


def _is_due(head: int, last: Anchor | None, now: datetime) -> bool:
    if last is None:
        return True
    behind = head - last.position
    return behind >= ANCHOR_LINKS or (behind > 0 and now >= last.made_at + ANCHOR_EVERY)


def _document(position: int, digest: bytes, key: str, now: datetime) -> str:
    made_at = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    facts = {"format": FORMAT, "position": position, "digest": digest.hex(), "made_at": made_at}
    return json.dumps(facts | {"key_id": key}, separators=(",", ":"))


@transaction.atomic(durable=True)
def _keep(position: int, document: str, signature: str, key: str, *, now: datetime) -> Anchor:
    # Two at once sign the same link; the first is kept.
    facts = {"made_at": now, "document": document, "signature": signature, "key_id": key}
    anchor, _made = Anchor.objects.get_or_create(position=position, defaults=facts)
    return anchor


def put_anchors(*, by: Identity, clock: Clock) -> int:
    """Put the anchors that are not in their bucket yet, the oldest first, and say how many.

    :raises AnchorConflictError: another object lies there under the same name
    :raises portal.core.storage_errors.StorageError: the store refuses or fails; sealing goes on without it
    """
    bucket = trail_bucket()
    if bucket is None:
        return 0
    waiting = list(Anchor.objects.filter(put_at=None).order_by("position")[:MOST_AT_ONCE])
    for anchor in waiting:
        now = clock()
        kept_until = now + timedelta(days=settings.TRAIL_LOCK_DAYS) if settings.TRAIL_LOCK_DAYS else None
        content = anchor_object(anchor)
        try:
            bucket.put(anchor_key(anchor), content, "application/json", if_absent=True, keep_until=kept_until)
        except ObjectExistsError:
            # Put by a run that did not live to say so, or by somebody else.
            if bucket.get(anchor_key(anchor), LARGEST) != content:
                raise AnchorConflictError(
                    Phrase("{where} holds another anchor.", where=bucket.address(anchor_key(anchor)))
                ) from None
        _note_put(anchor, now=now)
    return len(waiting)


@transaction.atomic(durable=True)
def _note_put(anchor: Anchor, *, now: datetime) -> None:
    Anchor.objects.filter(pk=anchor.pk).update(put_at=now)


def trail_bucket() -> Bucket | None:
    """Give the bucket of anchors, or None where the settings name none."""
    return Bucket(settings.TRAIL_BUCKET, prefix="anchors") if settings.TRAIL_BUCKET else None


def anchor_key(anchor: Anchor) -> str:
    """Name an anchor's object so that listing gives the order of the chain."""
    return f"{anchor.position:020d}.json"


def anchor_object(anchor: Anchor) -> bytes:
    """Write an anchor as it lies in the bucket: one line of JSON, the same as in an export."""
    return anchor_line(anchor.document, anchor.signature, anchor.key_id)
