"""The zones in which markets work, for whoever asks whether people there are at work."""

from collections.abc import Iterable

from campaigns.models import Market


def market_zones(organizations: Iterable[int]) -> set[str]:
    """Give the zones of those organizations that are markets."""
    return set(Market.objects.filter(pk__in=list(organizations)).values_list("time_zone", flat=True))
