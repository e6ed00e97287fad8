"""Quotas that operators want, told to the registry, and where each member stands, asked of it."""

from collections.abc import Callable
from datetime import datetime

from fraud.models import Contribution, Institution, Standing
from fraud.operations.standings import keep_standing, note_quota_told
from fraud.rules.cases import ContributionState
from fraud.rules.standing import MemberQuota
from fraud.screening.consortium import NoAnswerError, Registry, registry
from portal.accounts.actors import Actor

Clock = Callable[[], datetime]
_REGISTERED = [ContributionState.REGISTERED, ContributionState.CORRECTING]


def keep_standings(*, by: Actor, clock: Clock) -> int:
    """Tell of new quotas, and keep what the registry says of each member; return how many it knows."""
    service = registry()
    if service is None:
        return 0
    try:
        _tell_quotas(service, clock)
        said = {each.institution: each for each in service.members()}
    except NoAnswerError:
        return 0
    for institution in Institution.objects.filter(public_id__in=list(said)).order_by("pk"):
        records = Contribution.objects.filter(institution=institution, state__in=_REGISTERED).count()
        keep_standing(institution, said[institution.public_id], records=records, now=clock())
    return len(said)


def _tell_quotas(service: Registry, clock: Clock) -> None:
    for standing in Standing.objects.filter(is_quota_told=False).select_related("institution").order_by("pk"):
        wanted = standing.wanted_quota
        service.set_quota(MemberQuota(institution=standing.institution.public_id, quota=wanted))
        note_quota_told(standing, quota=wanted, now=clock())
