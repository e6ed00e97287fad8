"""Which entries of watch lists are about whom."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q

from fraud.models import Application, FraudElement, WatchEntry
from fraud.rules.elements import PLACE_KINDS


def watched_of(applications: Sequence[Application]) -> list[WatchEntry]:
    """List the entries that are about the person of these applications, all of one institution.

    What is somebody's own, such as a number or a name, is theirs; a place that others of the institution's applicants
    share stays watched for. Asked before the applications are erased, as nothing finds their elements afterwards.
    """
    tokens = list(
        FraudElement.objects.filter(application__in=applications).values_list("token", flat=True).distinct()
    )
    others = FraudElement.objects.filter(token=OuterRef("token")).exclude(application__in=applications)
    own = ~Q(kind__in=sorted(map(str, PLACE_KINDS))) | ~Exists(others)
    return list(WatchEntry.objects.filter(own, token__in=tokens).order_by("pk"))
