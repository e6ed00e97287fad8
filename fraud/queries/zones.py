"""The zones in which institutions work, for whoever asks whether people there are at work."""

from collections.abc import Iterable

from fraud.models import Institution


def institution_zones(organizations: Iterable[int]) -> set[str]:
    """Give the zones of those organizations that are institutions."""
    return set(Institution.objects.filter(pk__in=list(organizations)).values_list("time_zone", flat=True))
