"""Showing who a member is to somebody who may know it; each time leaves an entry in the trail."""

from datetime import datetime

from django.db import transaction

from campaigns.models import Member
from campaigns.queries.members import opened_reference
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked


@transaction.atomic(durable=True)
def reveal_member(member: Member, *, by: Actor, now: datetime) -> str:
    """Open a member's reference for somebody to read.

    :raises ForbiddenError: the actor may not see references here
    :raises portal.keys.sealed.ErasedError: the member was erased
    """
    permit(by, Act.MEMBER_REVEAL, member.place)
    member = locked(Member, member)
    reference = opened_reference(member)
    record(by, "member.revealed", member, now=now, fields=["reference"])
    return reference
