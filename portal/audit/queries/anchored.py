"""Verifying anchors: their signatures, and what lies in their bucket against the chain as it is now."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portal.audit.models import Anchor, Link
from portal.audit.operations.anchoring import LARGEST, anchor_key, trail_bucket
from portal.audit.signing import signer
from portal.core.storage import Bucket
from portal.crypto.chain import Break, BreakKind, ChainError
from portal.crypto.signatures import SignatureError, public_from_pem, verify

MOST_OBJECTS = 1_000_000


@dataclass(slots=True)
class AnchorsChecked:
    """How many anchors were seen, in the table and in the bucket, and how many signatures were checked."""

    kept: int = 0
    put: int = 0
    signatures: int = 0


def verify_anchors(*, in_bucket: bool = True, newest: int = 0) -> AnchorsChecked:
    """Check every anchor, or the *newest* few, against the chain and the keys that may sign.

    Whoever rules the database can write links and anchors anew, but neither sign them nor change the bucket.

    :raises ChainError: with the first anchor that does not fit
    :raises portal.core.storage_errors.StorageError: the store refuses or does not answer
    """
    checked, keys = AnchorsChecked(), signer().public_keys()
    told = []
    for anchor in _kept(newest):
        checked.signatures += _check(anchor.document, anchor.signature, anchor.key_id, keys)
        checked.kept += 1
        if anchor.put_at is not None:
            told.append(anchor)
    bucket = trail_bucket() if in_bucket else None
    if bucket is None:
        return checked
    names = [listed.key for listed in bucket.list(limit=MOST_OBJECTS)]
    _check_presence(told, set(names))
    for line in _put(bucket, names[-newest:]):
        fields = _fields(line)
        checked.signatures += _check(fields["document"], fields["signature"], fields["key_id"], keys)
        checked.put += 1
    return checked


def anchored_link(document: str, position: int = 0) -> tuple[int, str]:
    """Read which link an anchor holds: its position and digest; *position* is where the anchor says that it stands.

    :raises ChainError: this is no document of an anchor
    """
    try:
        facts: dict[str, Any] = json.loads(document)
        return int(facts["position"]), str(facts["digest"])
    except (ValueError, KeyError, TypeError):
        raise ChainError(Break(position, BreakKind.ANCHOR_MISMATCH, "an anchor", document[:60])) from None


def _kept(newest: int) -> Iterator[Anchor]:
    rows = Anchor.objects.order_by("-position")
    yield from rows[:newest] if newest else rows.iterator(1000)


def _check_presence(told: list[Anchor], names: set[str]) -> None:
    """See that every anchor that was put outside lies there: without it, only the database speaks for itself."""
    for anchor in told:
        if anchor_key(anchor) not in names:
            missing = f"{anchor_key(anchor)} in the bucket"
            raise ChainError(Break(anchor.position, BreakKind.ANCHOR_MISMATCH, missing, "no such object"))


def _put(bucket: Bucket, names: list[str]) -> Iterator[bytes]:
    for name in names:
        content = bucket.get(name, LARGEST)
        if content is not None:
            yield content


def _fields(line: bytes) -> dict[str, str]:
    try:
        fields: dict[str, str] = json.loads(line)
        return {name: str(fields[name]) for name in ("document", "signature", "key_id")}
    except (ValueError, KeyError, TypeError):
        found = line[:60].decode(errors="replace")
        raise ChainError(Break(0, BreakKind.ANCHOR_MISMATCH, "an anchor", found)) from None


def _check(document: str, signature: str, key: str, keys: Mapping[str, str]) -> int:
    """Check one anchor; give how many signatures that were."""
    position, anchored = anchored_link(document)
    if keys:
        _check_signature(position, document, signature, keys.get(key, ""))
    link = Link.objects.filter(position=position).values_list("digest", flat=True).first()
    if link is None:
        raise ChainError(Break(position, BreakKind.MISSING_LINK, f"link {anchored}", "no such link"))
    if bytes(link).hex() != anchored:
        raise ChainError(Break(position, BreakKind.ANCHOR_MISMATCH, anchored, bytes(link).hex()))
    return 1 if keys else 0


def _check_signature(position: int, document: str, signature: str, pem: str) -> None:
    try:
        verify(public_from_pem(pem), signature, document.encode())
    except SignatureError as error:
        raise ChainError(
            Break(position, BreakKind.BAD_SIGNATURE, "a signature by a key of ours", str(error))
        ) from None
