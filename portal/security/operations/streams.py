"""Sending sealed entries to a sink: in the order of the chain, each at least once, from where it left off."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor
from portal.audit.models import Link
from portal.audit.operations import record
from portal.audit.queries import sealed_entries
from portal.core.db import locked
from portal.core.errors import WrongStateError
from portal.core.phrases import Phrase
from portal.core.streams import Line, StreamError, name_of, sink_at
from portal.security.models import StreamCursor
from portal.security.ocsf import line_of

# How many entries go at once, and for how long one run goes on before the sealer gets its turn.
CHUNK = 500
SPELL = timedelta(seconds=4)
# Longer than the longest that a sink may take over one chunk.
LEASE = timedelta(seconds=90)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)

_MOVED = ["position", "sent_at", "held_until", "failed_at", "next_try_at", "tries", "problem"]


def send_events(address: str, *, by: Actor, clock: Callable[[], datetime]) -> int:
    """Send what a sink has not had yet, for a while; return how many events it took.

    :raises WrongStateError: another worker sends, or the sink failed a moment ago
    """
    cursor = claim_stream(name_of(address), by=by, now=clock())
    sink, ends_at, sent = sink_at(address), clock() + SPELL, 0
    while clock() < ends_at and (links := list(sealed_entries(after=cursor.position, limit=CHUNK))):
        try:
            sink.send([_line(link) for link in links if link.entry is not None])
        except StreamError as error:
            taken = _taken(links, error.taken)
            fail_stream(cursor, taken=taken, problem=error.problem, by=by, now=clock())
            return sent + error.taken
        cursor = move_stream(cursor, position=links[-1].position, by=by, now=clock())
        sent += len(links)
    release_stream(cursor)
    return sent


def _line(link: Link) -> Line:
    assert link.entry is not None
    text = line_of(link.entry, position=link.position, digest=bytes(link.digest))
    return Line(link.entry.at, text)


def _taken(links: Sequence[Link], count: int) -> int:
    """Tell the position of the last entry that a sink took, 0 when it took none.

    An entry that is gone from its table was not sent; the verification of the trail reports it.
    """
    sent = [link.position for link in links if link.entry is not None]
    return sent[count - 1] if count else 0


def pause_after(tries: int) -> timedelta:
    """Tell how long to wait after so many failures in a row: twice as long each time, five minutes at most."""
    times: int = 2 ** min(tries - 1, 10)
    return min(FIRST_PAUSE * times, LONGEST_PAUSE)


@transaction.atomic(durable=True)
def claim_stream(name: str, *, by: Actor, now: datetime) -> StreamCursor:
    """Take a sink's cursor, so that nobody else sends meanwhile.

    :raises WrongStateError: somebody has it, or it is not time to try again
    """
    row, _is_new = StreamCursor.objects.get_or_create(name=name)
    cursor = locked(StreamCursor, row)
    if cursor.held_until and now < cursor.held_until:
        raise WrongStateError(_("Another worker sends to this stream just now."))
    if cursor.next_try_at and now < cursor.next_try_at:
        raise WrongStateError(_("This stream failed a moment ago and is tried again later."))
    cursor.held_until = now + LEASE
    cursor.save(update_fields=["held_until"])
    return cursor


@transaction.atomic(durable=True)
def move_stream(cursor: StreamCursor, *, position: int, by: Actor, now: datetime) -> StreamCursor:
    """Move a cursor on to what its sink has taken; a sink that had failed works again."""
    cursor = locked(StreamCursor, cursor)
    had_failed = cursor.failed_at is not None
    cursor.position, cursor.sent_at, cursor.held_until = max(position, cursor.position), now, now + LEASE
    cursor.failed_at, cursor.next_try_at, cursor.tries, cursor.problem = None, None, 0, ""
    cursor.save(update_fields=_MOVED)
    if had_failed:
        record(by, "stream.resumed", cursor, now=now, position=cursor.position)
    return cursor


@transaction.atomic(durable=True)
def fail_stream(
    cursor: StreamCursor, *, taken: int, problem: Phrase, by: Actor, now: datetime
) -> StreamCursor:
    """Keep what a sink took before it failed, why it failed, and when to try again."""
    cursor = locked(StreamCursor, cursor)
    is_first = cursor.failed_at is None
    cursor.position = max(taken, cursor.position)
    cursor.failed_at, cursor.tries = cursor.failed_at or now, cursor.tries + 1
    cursor.next_try_at, cursor.problem, cursor.held_until = now + pause_after(cursor.tries), problem, None
    cursor.save(update_fields=_MOVED)
    if is_first:
        record(by, "stream.failed", cursor, now=now, position=cursor.position)
    return cursor


@transaction.atomic(durable=True)
def release_stream(cursor: StreamCursor) -> None:
    """Let go of a cursor."""
    StreamCursor.objects.filter(pk=cursor.pk).update(held_until=None)
