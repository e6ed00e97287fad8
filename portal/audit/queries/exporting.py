"""Exporting the chain as lines that outsiders can verify; see portal.crypto.chain for their form."""

import json
from collections.abc import Iterator

from portal.audit.models import Anchor, Link
from portal.audit.queries.canonical import Sealed, sealed
from portal.core.tenancy import EVERYWHERE, acting_within
from portal.crypto.chain import (
    DIGEST_BYTES,
    GENESIS,
    anchor_line,
    content_digest,
    export_line,
    first_line,
    hidden_line,
    last_line,
)

BATCH = 2_000


def export_lines(first: int, last: int, *, within: frozenset[int] | None) -> Iterator[bytes]:
    """Give the export of positions *first* to *last*, in pieces of many lines, with the anchors in between.

    *within*: the organizations whose entries the reader may see, None for all. In the place of others' entries stands
    a digest, so that the chain can still be followed; runs, which have counts of everybody's rows, are hidden too.
    """
    links = anchors = 0
    after = first - 1
    before = (
        Link.objects.filter(position=after).values_list("digest", flat=True).first() if after else GENESIS
    )
    yield first_line(first, bytes(before or GENESIS))
    while after < last:
        # The chain is everybody's: without the others' digests nobody could follow it.
        with acting_within(EVERYWHERE):
            batch = sealed(after, min(after + BATCH, last))
            held = _anchors(batch)
        if not batch.positions:
            break
        yield b"".join(_lines(batch, held, within))
        links += len(batch.positions)
        anchors += len(held)
        after = batch.positions[-1]
    yield last_line(links, anchors)


def _anchors(batch: Sealed) -> dict[int, bytes]:
    if not batch.positions:
        return {}
    rows = Anchor.objects.filter(position__range=(batch.positions[0], batch.positions[-1]))
    return {row.position: anchor_line(row.document, row.signature, row.key_id) for row in rows}


def _lines(batch: Sealed, anchors: dict[int, bytes], within: frozenset[int] | None) -> Iterator[bytes]:
    for place, (position, kind, body) in enumerate(
        zip(batch.positions, batch.kinds, batch.bodies, strict=True)
    ):
        digest = batch.digests[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES]
        if within is None or _is_within(kind, body, within):
            yield export_line(position, kind, digest, body)
        else:
            yield hidden_line(position, kind, digest, content_digest(kind, body))
        if position in anchors:
            yield anchors[position]


def _is_within(kind: str, body: bytes, within: frozenset[int]) -> bool:
    return kind == "entry" and bool(body) and not within.isdisjoint(json.loads(body)["within"])
