"""Watch lists of an institution: elements put on them and taken off, as tokens; no value comes here."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from fraud.models import Institution, WatchEntry
from fraud.rules.elements import OWN_KINDS
from fraud.rules.watching import WatchList, WatchReason
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import DomainError, InvalidError, Kind
from portal.core.phrases import Phrase

# As many in one transaction; a longer import is several.
MOST_ADDED = 10_000


class ListedAlreadyError(DomainError):
    """Say that all of it is on the list."""

    kind = Kind.CONFLICT
    code = "listed-already"
    title = Phrase("This is on the list already")


@transaction.atomic(durable=True)
def add_to_watch_list(
    institution: Institution,
    elements: Sequence[tuple[str, bytes]],
    *,
    listed: WatchList,
    reason: WatchReason,
    by: Actor,
    now: datetime,
) -> int:
    """Put elements (kind and token of the institution's own key) on a list; return how many were not there yet.

    :raises InvalidError: none or too many at once, or of a kind that institutions do not keep
    :raises ListedAlreadyError: all of them are on it
    """
    permit(by, Act.WATCH_EDIT, {Institution.KIND: institution.pk})
    if not elements:
        raise InvalidError.of("value", _("This cannot be a value of that kind."))
    if len(elements) > MOST_ADDED:
        raise InvalidError.of("value", _("Add at most 10,000 at once."))
    if any(kind not in OWN_KINDS for kind, _token in elements):
        raise InvalidError.of("kind", _("This kind cannot be watched for."))
    locked(Institution, institution)
    tokens = {token: kind for kind, token in elements}
    known = WatchEntry.objects.filter(token__in=list(tokens), listed=listed).values_list("token", flat=True)
    fresh = tokens.keys() - {bytes(token) for token in known}
    if not fresh:
        raise ListedAlreadyError
    WatchEntry.objects.bulk_create(
        WatchEntry(
            institution=institution,
            listed=listed,
            kind=tokens[token],
            token=token,
            reason=reason,
            added_at=now,
            added_by=by.id,
        )
        for token in sorted(fresh)
    )
    record(by, "watch_list.changed", institution, now=now, listed=str(listed), added=len(fresh))
    return len(fresh)


def unwatch(entries: Sequence[WatchEntry], *, by: Actor, now: datetime) -> None:
    """Take entries off their lists within the transaction of the caller, as when whom they are about is erased."""
    for entry in entries:
        facts = {"listed": entry.listed, "kind": entry.kind, "reason": entry.reason}
        record(by, "watch_entry.removed", entry, now=now, **facts)
    WatchEntry.objects.filter(pk__in=[entry.pk for entry in entries]).delete()


@transaction.atomic(durable=True)
def remove_watch_entry(entry: WatchEntry, *, by: Actor, now: datetime) -> None:
    """Take one entry off its list.

    :raises WatchEntry.DoesNotExist: somebody else has
    """
    permit(by, Act.WATCH_EDIT, entry.place)
    facts = {"listed": entry.listed, "kind": entry.kind, "reason": entry.reason}
    deleted, _rows = WatchEntry.objects.filter(pk=entry.pk).delete()
    if not deleted:
        raise WatchEntry.DoesNotExist
    record(by, "watch_entry.removed", entry, now=now, **facts)
