"""Taking the trail away: asked for by one, allowed by another, then downloaded by whoever asked, for a week."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor, OrganizationKind, Place
from portal.accounts.roles import Act
from portal.approvals.kinds import ApprovalKind
from portal.approvals.models import Approval, ApprovalState
from portal.approvals.operations import ask
from portal.audit.operations import record
from portal.audit.queries.health import last_position
from portal.core.errors import InvalidError
from portal.core.ids import new_id
from portal.core.phrases import marked

DOWNLOADABLE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class TrailExport:
    """A stretch of the trail on its way out, as the subject of entries."""

    public_id: str


def _allow(approval: Approval, *, by: Actor, now: datetime) -> None:
    """Note that it may be taken away; it is put together while it is downloaded."""
    export = TrailExport(approval.subject_id)
    record(
        by,
        "trail.export_allowed",
        export,
        now=now,
        **{name: approval.facts[name] for name in ("first", "last")},
    )


TRAIL_EXPORT = ApprovalKind(
    name="trail export",
    ask_act=Act.TRAIL_EXPORT,
    decide_act=Act.REQUEST_DECIDE,
    lasts=timedelta(days=7),
    title=marked("Export positions {first} to {last} of the trail"),
    sentences=(marked("Whoever asked can then download the export for a week."),),
    page="trail-export",
    carry_out=_allow,
)


@transaction.atomic(durable=True)
def ask_for_export(first: int, last: int | None, *, by: Actor, now: datetime) -> Approval:
    """Ask to take positions *first* to *last* of the trail away, or all to its present end.

    :raises InvalidError: there are no such positions
    :raises ForbiddenError: the actor may not take the trail away
    """
    head = last_position()
    last = head if last is None else last
    if not 1 <= first <= head:
        raise InvalidError.of("first", _("The trail has positions 1 to %(last)s.") % {"last": head})
    if not first <= last <= head:
        raise InvalidError.of("last", _("Choose a position from the first one to %(last)s.") % {"last": head})
    facts = {"first": first, "last": last}
    return ask(TRAIL_EXPORT, TrailExport(new_id("exp")), by=by, now=now, place=_place(by), facts=facts)


def may_download(approval: Approval, actor: Actor, *, now: datetime) -> bool:
    """Say whether the actor may download this export now."""
    is_fresh = approval.decided_at is not None and now < approval.decided_at + DOWNLOADABLE
    is_own = approval.asked_by == actor.id and actor.may(Act.TRAIL_EXPORT)
    return approval.state == ApprovalState.APPROVED and is_fresh and is_own


def _place(by: Actor) -> Place:
    """Where the request belongs: nowhere in particular, or with one organization of whoever reads only theirs."""
    grants = [grant for grant in by.grants if Act.TRAIL_EXPORT in grant.acts]
    if not grants or any(not grant.within for grant in grants):
        return {}
    return {OrganizationKind(kind): min(ids) for kind, ids in grants[0].within.items()}
