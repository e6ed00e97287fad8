"""Reading the trail of one thing."""

from django.db.models import QuerySet

from portal.audit.models import Entry
from portal.audit.operations import Subject


def history(subject: Subject) -> QuerySet[Entry]:
    """List what happened to one thing, newest first; the caller has already found it within the actor's scope."""
    return Entry.objects.filter(subject_id=str(subject.public_id)).order_by("-id")
