"""Showing who applied to somebody who may know; each time leaves an entry in the trail."""

from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _

from fraud.models import Application
from fraud.queries.applicants import opened_application
from fraud.rules.canonical import Party
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.errors import InvalidError


class RevealReason(StrEnum):
    """Why somebody has to know who applied; a closed list, so that no name gets into the trail."""

    CASE = "case"
    CALL_BACK = "call-back"
    VICTIM = "victim"
    AUTHORITY = "authority"


@transaction.atomic(durable=True)
def reveal_party(
    application: Application, party: int, *, reason: RevealReason, by: Actor, now: datetime
) -> Party:
    """Open one party of an application for somebody to read; the trail keeps who, why, which party and which fields.

    :raises ForbiddenError: the actor may not see who applied here
    :raises InvalidError: there is no such party
    :raises portal.keys.sealed.ErasedError: the applicant was erased
    """
    permit(by, Act.APPLICANT_REVEAL, application.place)
    parties = opened_application(application).parties
    if not 0 <= party < len(parties):
        raise InvalidError.of("party", _("There is no such person in this application."))
    found = parties[party]
    fields = [name for name in found.__struct_fields__ if getattr(found, name)]
    record(by, "application.revealed", application, now=now, party=party, fields=fields, reason=str(reason))
    return found
