"""Contributions on their way to the registry."""

from datetime import datetime

from django.db.models import Q, QuerySet

from fraud.models import Contribution
from fraud.rules.cases import ContributionState


def contributions_to_send(*, now: datetime) -> QuerySet[Contribution]:
    """List what the registry has not been told yet, or is told again now, the oldest first."""
    due = Q(retry_at=None) | Q(retry_at__lte=now)
    rows = Contribution.objects.filter(
        due,
        state__in=[
            ContributionState.WAITING,
            ContributionState.CORRECTING,
            ContributionState.RETRACTING,
        ],
    )
    return rows.select_related("institution", "case__application__institution").order_by("pk")
