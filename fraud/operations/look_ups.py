"""Looking applications up by what somebody is known by; the look-up is recorded, what was typed is not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from fraud.models import Application
from fraud.queries.applications_listed import applications_with
from fraud.queries.cases import cases
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.audit.models import Entry
from portal.audit.operations import record_reading
from portal.core.errors import DomainError, ForbiddenError, InvalidError, Kind
from portal.core.phrases import Phrase

# More than one case after another needs, far fewer than trying numbers out; a detector tells of them before.
MOST_LOOK_UPS = 120
LOOK_UPS_SPAN = timedelta(minutes=10)
MOST_FOUND = 50


class TooManySearchesError(DomainError):
    """Refuse to go on looking people up as nobody does who works on cases."""

    kind = Kind.LIMITED
    code = "too-many-look-ups"
    title = Phrase("Too many applicants looked up")


@dataclass(frozen=True, slots=True)
class LookUp:
    """A search for somebody, as the subject of its entry; `public_id` is the case that it is for, if any."""

    public_id: str = ""


def look_up_applications(
    tokens: dict[int, set[bytes]], *, kind: str, case: str = "", by: Actor, now: datetime
) -> list[Application]:
    """Find applications by tokens, given by institution; *case* is the id of the one that this is for.

    :raises InvalidError: there is no such case within the actor's reach
    :raises TooManySearchesError: the actor has looked up as many as anybody may in a while
    """
    if not by.may(Act.APPLICATION_READ):
        raise ForbiddenError(_("Your role does not include this here. An operator can grant it."))
    _check_pace(by, now)
    if case and not (by.may(Act.CASE_READ) and cases(by).filter(public_id=case).exists()):
        raise InvalidError.of("case", _("There is no such case. Leave this empty if there is none."))
    found = list(applications_with(by, tokens)[:MOST_FOUND])
    # Whoever looks without a case is asked for it by a detector.
    record_reading(by, "application.looked_up", LookUp(case), now=now, kind=kind, case=case, found=len(found))
    return found


def _check_pace(by: Actor, now: datetime) -> None:
    since = now - LOOK_UPS_SPAN
    lately = Entry.objects.filter(actor_id=by.id, act="application.looked_up", at__gt=since)
    if lately[:MOST_LOOK_UPS].count() == MOST_LOOK_UPS:
        raise TooManySearchesError(_("You have looked up many applicants in a few minutes. Wait a while."))
