"""Verifying the chain against the tables: batch by batch, in constant memory, to the first break."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection

from portal.audit.models import Anchor, Link, Mark
from portal.audit.queries.anchored import anchored_link
from portal.audit.queries.canonical import Sealed, run_body, sealed
from portal.audit.runs import run_sources
from portal.crypto.chain import (
    DIGEST_BYTES,
    GENESIS,
    Break,
    BreakKind,
    ChainError,
    content_digest,
    digests,
    link_digest,
)

BATCH = 5_000


@dataclass(slots=True)
class Checked:
    """How far a verification has come, and what it has seen."""

    first: int
    last: int
    links: int = 0
    runs: int = 0
    anchors: int = 0

    @property
    def total(self) -> int:
        return max(self.last - self.first + 1, 0)


Progress = Callable[[Checked], None]


def verify_chain(
    first: int = 1, last: int | None = None, *, progress: Progress = lambda _checked: None
) -> Checked:
    """Follow the chain from position *first* to *last*, or to its end, and check entries, links, runs and anchors.

    From elsewhere than the beginning, the link before *first* is taken as it stands.

    :raises ChainError: with the first break
    """
    head = Link.objects.order_by("-position").values_list("position", flat=True).first() or 0
    checked = Checked(first, min(last, head) if last else head)
    previous, after = _before(first), first - 1
    while after < checked.last:
        upto = min(after + BATCH, checked.last)
        batch = sealed(after, upto)
        _check_positions(batch, after, upto)
        _check_digests(batch, previous)
        _check_runs(batch, checked)
        _check_anchors(batch, checked)
        previous, after = batch.digests[-DIGEST_BYTES:], upto
        checked.links += len(batch.positions)
        progress(checked)
    if last is None:
        _check_end(head)
    return checked


def unsealed_entry(upto: int) -> tuple[int, int] | None:
    """Find the first entry that was put behind the sealer's back: its id, and the position that it stands before."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT entry.id, coalesce((SELECT min(position) FROM audit_link WHERE entry_id > entry.id), 0)
            FROM audit_entry entry
            WHERE entry.id <= %s
                AND NOT EXISTS (SELECT FROM audit_link link WHERE link.entry_id = entry.id)
            ORDER BY entry.id LIMIT 1
            """,
            [upto],
        )
        found: tuple[int, int] | None = cursor.fetchone()
    return found


def _before(first: int) -> bytes:
    if first <= 1:
        return GENESIS
    digest = Link.objects.filter(position=first - 1).values_list("digest", flat=True).first()
    if digest is None:
        raise ChainError(Break(first - 1, BreakKind.MISSING_LINK, f"position {first - 1}", "no such link"))
    return bytes(digest)


def _check_positions(batch: Sealed, after: int, upto: int) -> None:
    if len(batch.positions) == upto - after:
        return
    there = set(batch.positions)
    wanted = next(at for at in range(after + 1, upto + 1) if at not in there)
    raise ChainError(Break(wanted, BreakKind.MISSING_LINK, f"position {wanted}", "no such link"))


def _check_digests(batch: Sealed, previous: bytes) -> None:
    made = list(digests(previous, zip(batch.kinds, batch.bodies, strict=True)))
    if b"".join(made) == batch.digests:
        return
    stored = [batch.digests[at : at + DIGEST_BYTES] for at in range(0, len(batch.digests), DIGEST_BYTES)]
    place = next(at for at, (one, other) in enumerate(zip(made, stored, strict=True)) if one != other)
    raise ChainError(_diagnosis(batch, stored, place, stored[place - 1] if place else previous, made[place]))


def _diagnosis(batch: Sealed, stored: list[bytes], place: int, previous: bytes, made: bytes) -> Break:
    """Say what happened at the first link that does not fit."""
    position, entry = batch.positions[place], batch.entries[place]
    if entry is not None and not batch.bodies[place]:
        return Break(position, BreakKind.MISSING_ENTRY, f"entry {entry}", "no such entry")
    contents = [content_digest(kind, body) for kind, body in zip(batch.kinds, batch.bodies, strict=True)]
    known = set(stored)
    # Does what another link seals belong here?
    for other, content in enumerate(contents):
        if other != place and link_digest(previous, content) in known:
            return Break(position, BreakKind.REORDERED, _what(batch, other), _what(batch, place))
    is_last = place + 1 == len(stored)
    if not is_last and link_digest(made, contents[place + 1]) == stored[place + 1]:
        # The chain goes on as if the link were what it should be.
        return Break(position, BreakKind.CHANGED_LINK, made.hex(), stored[place].hex())
    return Break(
        position, BreakKind.CHANGED_ENTRY, stored[place].hex(), f"{made.hex()} of {_what(batch, place)}"
    )


def _what(batch: Sealed, place: int) -> str:
    entry = batch.entries[place]
    return f"entry {entry}" if entry is not None else "a run"


def _check_runs(batch: Sealed, checked: Checked) -> None:
    for position, body in _runs(batch):
        facts = json.loads(body)
        source = run_sources().get(facts["source"])
        # A table that is sealed no more can no longer be compared; its link holds all the same.
        if source is None:
            continue
        found = run_body(source, facts["first"], facts["last"])
        checked.runs += 1
        if found != body.decode():
            raise ChainError(Break(position, BreakKind.RUN_DIFFERS, body.decode(), found))


def _runs(batch: Sealed) -> Iterator[tuple[int, bytes]]:
    for position, kind, body in zip(batch.positions, batch.kinds, batch.bodies, strict=True):
        if kind == "run":
            yield position, body


def _check_anchors(batch: Sealed, checked: Checked) -> None:
    first = batch.positions[0]
    for anchor in Anchor.objects.filter(position__range=(first, batch.positions[-1])):
        at = (anchor.position - first) * DIGEST_BYTES
        found = batch.digests[at : at + DIGEST_BYTES].hex()
        position, anchored = anchored_link(anchor.document, anchor.position)
        if (position, anchored) != (anchor.position, found):
            raise ChainError(Break(anchor.position, BreakKind.ANCHOR_MISMATCH, anchored, found))
        checked.anchors += 1


def _check_end(head: int) -> None:
    """See that no link is missing at the end, and that nothing was added behind the sealer's back."""
    anchored = Anchor.objects.order_by("-position").values_list("position", flat=True).first() or 0
    if anchored > head:
        raise ChainError(
            Break(
                head + 1,
                BreakKind.MISSING_LINK,
                f"links to position {anchored}, which is anchored",
                "the end",
            )
        )
    mark = Mark.objects.filter(pk=Mark.ENTRIES).first()
    added = unsealed_entry(mark.sealed_to) if mark else None
    if added is not None:
        entry, position = added
        raise ChainError(
            Break(
                position or head + 1,
                BreakKind.UNSEALED_ENTRY,
                "only entries that were sealed",
                f"entry {entry}",
            )
        )
