"""Where each institution stands in the consortium: what the registry says, and the quota that an operator wants."""

from datetime import datetime

from django.db import transaction

from fraud.jobs import Job
from fraud.models import Institution, Standing
from fraud.rules.standing import MOST_QUOTA, MemberStanding
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import InvalidError
from portal.core.jobs import nudge
from portal.core.phrases import Phrase


@transaction.atomic(durable=True)
def want_quota(institution: Institution, *, quota: int | None, by: Actor, now: datetime) -> Standing:
    """Let an institution ask about so many applications in a day, or about as many as everybody (None).

    The registry is told in a moment.

    :raises InvalidError: no number that anybody could need
    """
    permit(by, Act.INSTITUTION_EDIT, {Institution.KIND: institution.pk})
    if quota is not None and not 0 <= quota <= MOST_QUOTA:
        raise InvalidError.of("quota", Phrase("Give a number of applications from 0 to 1,000,000,000."))
    institution = locked(Institution, institution)
    standing, _is_new = Standing.objects.update_or_create(
        institution=institution, defaults={"wanted_quota": quota, "is_quota_told": False}
    )
    record(by, "standing.changed", institution, now=now, quota="" if quota is None else quota)
    nudge(Job.KEEP_STANDINGS)
    return standing


@transaction.atomic(durable=True)
def note_quota_told(standing: Standing, *, quota: int | None, now: datetime) -> bool:
    """Note that the registry has this quota; False where another is wanted by now."""
    return bool(
        Standing.objects.filter(pk=standing.pk, wanted_quota=quota).update(is_quota_told=True)
        if quota is not None
        else Standing.objects.filter(pk=standing.pk, wanted_quota=None).update(is_quota_told=True)
    )


@transaction.atomic(durable=True)
def keep_standing(institution: Institution, said: MemberStanding, *, records: int, now: datetime) -> Standing:
    """Keep what the registry says of a member; *records*: for which it answers."""
    facts = {"quota": said.quota, "asked_today": said.asked_today, "asked": said.asked, "given": said.given}
    defaults = facts | {"records": records, "heard_at": now}
    standing, _is_new = Standing.objects.update_or_create(institution=institution, defaults=defaults)
    return standing
