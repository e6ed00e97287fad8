"""Looking a member up, and showing who it is to somebody who may know; each time leaves an entry in the trail."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Market, Member
from campaigns.operations.redemption import member_reference
from campaigns.queries.members import found_member, opened_reference, visible_member
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.models import Entry
from portal.audit.operations import record, record_reading
from portal.core.db import locked
from portal.core.errors import DomainError, ForbiddenError, InvalidError, Kind, NotFoundError
from portal.core.phrases import Phrase

# More than people ring about, far fewer than trying references out needs; a detector tells of them before.
MOST_LOOK_UPS = 120
LOOK_UPS_SPAN = timedelta(minutes=10)
# The number of a ticket or case, and no word that could be a name.
_CASE = re.compile(r"[A-Za-z]{0,8}[-/#]?[0-9][-/#0-9]{0,23}")
_ID_PREFIX = "mem_"


class RevealReason(StrEnum):
    """Why somebody has to know who a member is; a closed list, so that no name gets into the trail."""

    MEMBER_ASKED = "member-asked"
    COMPLAINT = "complaint"
    FRAUD = "fraud"
    AUTHORITY = "authority"


class TooManyLookUpsError(DomainError):
    """Refuse to go on looking members up as nobody does who answers those that ring."""

    kind = Kind.LIMITED
    code = "too-many-look-ups"
    title = Phrase("Too many members looked up")


@dataclass(frozen=True, slots=True)
class Unknown:
    """Whom a look-up by id did not find, as the subject of its entry."""

    public_id: str = ""


def look_up_member(given: str, *, market: Market | None = None, by: Actor, now: datetime) -> Member:
    """Find a member by public id, or by reference in a market; the look-up is recorded, what was typed is not.

    :raises NotFoundError: there is none within the actor's scope
    :raises InvalidError: no reference, or no market to find one in
    :raises TooManyLookUpsError: the actor has looked up as many as anybody may in a while
    """
    if not by.may(Act.MEMBER_READ):
        raise ForbiddenError(_("Your role does not include this here. An operator can grant it."))
    _check_pace(by, now)
    try:
        member = _found(given.strip(), market, by)
    except NotFoundError:
        record_reading(by, "member.looked_up", market or Unknown(), now=now, found=False)
        raise
    record_reading(by, "member.looked_up", member, now=now, found=True)
    return member


def _check_pace(by: Actor, now: datetime) -> None:
    since = now - LOOK_UPS_SPAN
    lately = Entry.objects.filter(actor_id=by.id, act="member.looked_up", at__gt=since)
    if lately[:MOST_LOOK_UPS].count() == MOST_LOOK_UPS:
        raise TooManyLookUpsError(_("You have looked up many members in a few minutes. Wait a while."))


def _found(given: str, market: Market | None, by: Actor) -> Member:
    if given.startswith(_ID_PREFIX):
        return visible_member(by, Act.MEMBER_READ, given)
    reference = member_reference(given)
    if market is None:
        raise InvalidError.of("market", _("Choose the market that this member belongs to."))
    return found_member(by, Act.MEMBER_READ, market.pk, reference)


@transaction.atomic(durable=True)
def reveal_member(member: Member, *, reason: RevealReason, case: str = "", by: Actor, now: datetime) -> str:
    """Open a member's reference for somebody to read; the trail keeps why, and the number of a *case* if any.

    :raises ForbiddenError: the actor may not see references here
    :raises InvalidError: a case that is no number
    :raises portal.keys.sealed.ErasedError: the member was erased
    """
    permit(by, Act.MEMBER_REVEAL, member.place)
    if case and not _CASE.fullmatch(case):
        raise InvalidError.of("case", _("Enter the number alone, such as T-4711; no names."))
    member = locked(Member, member)
    reference = opened_reference(member)
    record(by, "member.revealed", member, now=now, fields=["reference"], reason=str(reason), case=case)
    return reference
