"""Reading the trail: of one thing, and as it was sealed."""

from django.db.models import QuerySet

from portal.audit.models import Entry, Link, LinkKind
from portal.audit.operations import Subject


def history(subject: Subject, *others: Subject) -> QuerySet[Entry]:
    """List what happened to one thing, newest first; the caller has already found it within the actor's scope.

    *others*: what belongs to it, and is told with it.
    """
    ids = [str(each.public_id) for each in (subject, *others)]
    return Entry.objects.filter(subject_id__in=ids).order_by("-id")


def sealed_entries(after: int, limit: int) -> QuerySet[Link]:
    """Give the next sealed entries after a position, in the order of the chain: `position`, `entry`, `digest`.

    Positions have gaps, where runs of other tables were sealed.
    """
    rows = Link.objects.filter(position__gt=after, kind=LinkKind.ENTRY).select_related("entry")
    return rows.order_by("position")[:limit]
