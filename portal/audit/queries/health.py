"""How the chain is: how far it is sealed, anchored and verified."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from portal.audit.models import Anchor, Entry, Link, Mark, Verification


@dataclass(frozen=True, slots=True)
class ChainHealth:
    """The chain as of now; *waiting* counts entries that are not sealed yet, *since* is when the oldest was written."""

    position: int
    digest: str
    waiting: int
    since: datetime | None
    anchor: Anchor | None
    anchors_waiting: int
    verification: Verification | None


def chain_health() -> ChainHealth:
    """Look at the chain in six small queries."""
    head = Link.objects.order_by("-position").first()
    mark = Mark.objects.filter(pk=Mark.ENTRIES).first()
    waiting, since = _waiting(mark.sealed_to if mark else 0)
    return ChainHealth(
        position=head.position if head else 0,
        digest=bytes(head.digest).hex() if head else "",
        waiting=waiting,
        since=since,
        anchor=Anchor.objects.order_by("-position").first(),
        anchors_waiting=Anchor.objects.filter(put_at=None).count(),
        verification=Verification.objects.order_by("-pk").first(),
    )


def _waiting(sealed_to: int) -> tuple[int, datetime | None]:
    """Count what lies behind the mark without a link: everybody's, though only as far as the reader sees."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), min(at) FROM audit_entry entry
            WHERE entry.id > %s AND NOT EXISTS (
                SELECT FROM audit_link link WHERE link.entry_id = entry.id AND link.entry_id > %s
            )
            """,
            [sealed_to, sealed_to],
        )
        count, since = cursor.fetchone()
    return int(count), since


def last_position() -> int:
    """Give the position of the head, 0 while nothing is sealed."""
    return Link.objects.order_by("-position").values_list("position", flat=True).first() or 0


def anchored_at(entry: Entry) -> int | None:
    """Give the position of the first anchor that holds an entry's link, None while there is none."""
    link = Link.objects.filter(entry=entry).values_list("position", flat=True).first()
    if link is None:
        return None
    anchors = Anchor.objects.filter(position__gte=link).order_by("position")
    return anchors.values_list("position", flat=True).first()
