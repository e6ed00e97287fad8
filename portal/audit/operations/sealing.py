"""The sealer: gives entries and runs their place in the chain, one sealer at a time, a transaction for each batch.

Entries commit out of the order of their ids. Each is sealed as soon as it is seen, once, wherever the chain then is. An
id below the mark is final: no transaction can still bring it, so what turns up there later was put there by hand, is
never sealed, and is found by whoever verifies.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from portal.audit.models import Link, LinkKind, Mark
from portal.audit.queries.canonical import run_body, unsealed
from portal.audit.runs import RunSource
from portal.core.errors import WrongStateError
from portal.core.phrases import Phrase
from portal.crypto.chain import GENESIS, digests

# Entries that one transaction seals, and ids that one run holds.
MOST_ENTRIES = 10_000
MOST_IN_RUN = 5_000
# Runs wait until what is written has come to rest.
RUN_REST = timedelta(minutes=1)
# Any number that no other lock of this database uses: "seal" in ASCII.
_LOCK = 0x7365616C


class SealedElsewhereError(WrongStateError):
    """Refuse to seal while another sealer does; nothing is lost by leaving it to that one."""

    title = Phrase("Another sealer is at work")


@transaction.atomic(durable=True)
def seal_entries(*, now: datetime, most: int = MOST_ENTRIES) -> int:
    """Seal the next entries, and say how many; fewer than *most* means that all are sealed.

    :raises SealedElsewhereError: another sealer is at work
    """
    _be_alone()
    mark = _mark(Mark.ENTRIES)
    drawn = _ids_drawn("audit_entry_id_seq")
    if drawn <= mark.sealed_to:
        return 0
    _settle(mark, drawn, now)
    ids, bodies = unsealed(mark.sealed_to, most)
    position, previous = _head()
    links = digests(previous, [(LinkKind.ENTRY.value, body) for body in bodies])
    _append(position, ids, list(links))
    # Of a full batch only what lies before its end is sealed without a gap.
    mark.sealed_to = min(mark.final_to, ids[-1]) if len(ids) == most else mark.final_to
    mark.save()
    return len(ids)


@transaction.atomic(durable=True)
def seal_run(source: RunSource, *, now: datetime, most: int = MOST_IN_RUN) -> int:
    """Seal the next run of a table's rows, and say how many ids it holds; 0 means that nothing is ready.

    :raises SealedElsewhereError: another sealer is at work
    """
    _be_alone()
    mark = _mark(source.name)
    drawn = _ids_drawn(source.sequence)
    if drawn <= mark.sealed_to:
        return 0
    _settle(mark, drawn, now, rest=RUN_REST)
    first, last = mark.sealed_to + 1, min(mark.final_to, mark.sealed_to + most)
    mark.sealed_to = last
    mark.save()
    if last < first:
        return 0
    body = run_body(source, first, last)
    position, previous = _head()
    (digest,) = digests(previous, [(LinkKind.RUN.value, body.encode())])
    Link.objects.bulk_create([Link(position=position + 1, kind=LinkKind.RUN, body=body, digest=digest)])
    return last - first + 1


def _be_alone() -> None:
    with connection.cursor() as cursor:
        # Held until the transaction ends, however it ends; a session that dies lets go of it.
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise SealedElsewhereError


def _mark(source: str) -> Mark:
    return Mark.objects.filter(pk=source).first() or Mark(source=source)


def _ids_drawn(sequence: str) -> int:
    with connection.cursor() as cursor:
        # Without the right to ask, PostgreSQL answers as if none had been drawn, and nothing would ever be sealed.
        cursor.execute(
            "SELECT has_sequence_privilege(%s, 'USAGE'), coalesce(pg_sequence_last_value(%s::regclass), 0)",
            [sequence, sequence],
        )
        may_ask, drawn = cursor.fetchone()
    if not may_ask:
        raise PermissionError(f"this process may not ask how many ids {sequence} has given out")
    return int(drawn)


def _settle(mark: Mark, drawn: int, now: datetime, *, rest: timedelta = timedelta()) -> None:
    """Note up to which id no transaction can bring another any more, and what to wait for next.

    Whoever draws an id has its transaction's number by then. Our own number is drawn after that, so it is above
    theirs: once the oldest transaction under way is not below it, all of them have ended.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_current_xact_id()::text::bigint, pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        )
        own, oldest = cursor.fetchone()
    since = mark.waiting_since
    # A database that was restored counts its transactions anew.
    if since is not None and mark.waiting_for <= own:
        if oldest < mark.waiting_for or now < since + rest:
            return
        mark.final_to = mark.waiting_to
    mark.waiting_to, mark.waiting_for, mark.waiting_since = drawn, own, now


def _head() -> tuple[int, bytes]:
    last = Link.objects.order_by("-position").values_list("position", "digest").first()
    return (last[0], bytes(last[1])) if last else (0, GENESIS)


def _append(position: int, entries: Sequence[int], links: Sequence[bytes]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO audit_link (position, kind, entry_id, body, digest)
            SELECT %s + place, 'entry', entry_id, '', digest
            FROM unnest(%s::bigint[], %s::bytea[]) WITH ORDINALITY AS sealed(entry_id, digest, place)
            """,
            [position, list(entries), list(links)],
        )
