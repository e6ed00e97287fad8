"""How long things are kept in one place: asked for by one person, set once a second has approved."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor, OrganizationKind, Place
from portal.accounts.models import Organization
from portal.accounts.roles import Act
from portal.approvals.kinds import ApprovalKind
from portal.approvals.models import Approval
from portal.approvals.operations import ask
from portal.audit.operations import record
from portal.core.errors import InvalidError, WrongStateError
from portal.core.language import grouped
from portal.core.phrases import Phrase, marked
from portal.retention.models import RetentionPeriod
from portal.retention.policies import RetentionPolicy, policy_named
from portal.retention.queries import days_kept


@dataclass(frozen=True, slots=True)
class Period:
    """The period of a policy in one place, as the subject of a request and of the trail."""

    policy: RetentionPolicy
    organization: Organization | None

    @property
    def public_id(self) -> str:
        # The same each time, so that only one change of it is asked for at once.
        where = self.organization.public_id if self.organization else "everywhere"
        return f"per_{hashlib.sha256(f'{self.policy.name}:{where}'.encode()).hexdigest()[:26]}"

    @property
    def place(self) -> Place:
        return place_of(self.organization)


def place_of(organization: Organization | None) -> Place:
    """Say where an organization's things belong; the operator's belong to no place in particular."""
    if organization is None or organization.kind == OrganizationKind.OPERATOR:
        return {}
    return {OrganizationKind(organization.kind): organization.pk}


@transaction.atomic(durable=True)
def ask_for_days(
    policy: RetentionPolicy, *, organization: Organization | None, days: int, by: Actor, now: datetime
) -> Approval:
    """Ask to keep the things of a policy for this many days in one place; a second person approves.

    :raises InvalidError: outside the policy's bounds, or a place that the policy does not tell apart
    :raises WrongStateError: it is kept for so long already
    """
    _check(policy, organization, days)
    before = days_kept(policy, organization)
    if before == days:
        raise WrongStateError(_("This is kept for so many days already."))
    period = Period(policy, organization)
    facts: dict[str, str | int] = {
        "policy": policy.name,
        "what": Phrase(policy.title),
        "where": organization.name if organization else Phrase("everywhere"),
        "organization": organization.pk if organization else 0,
        "days": days,
        "before": before,
    }
    approval = ask(CHANGE, period, by=by, now=now, place=period.place, facts=facts)
    record(by, "period.asked_for", period, now=now, policy=policy.name, days=days)
    return approval


def _check(policy: RetentionPolicy, organization: Organization | None, days: int) -> None:
    if not policy.floor <= days <= policy.ceiling:
        says = _("Choose between %(least)s and %(most)s days.")
        bounds = {"least": grouped(policy.floor), "most": grouped(policy.ceiling)}
        raise InvalidError.of("days", says % bounds)
    kind = organization.kind if organization else None
    if kind is not None and kind != policy.per:
        raise InvalidError.of("organization", _("These are kept equally long everywhere."))


def _set_days(approval: Approval, *, by: Actor, now: datetime) -> None:
    facts = approval.facts
    policy = policy_named(facts["policy"])
    organization = Organization.objects.filter(pk=facts["organization"]).first()
    _check(policy, organization, facts["days"])
    RetentionPeriod.objects.update_or_create(
        policy=policy.name,
        organization=organization,
        defaults={"days": facts["days"], "changed_at": now, "changed_by": by.id},
    )
    period = Period(policy, organization)
    days, before = facts["days"], facts["before"]
    record(by, "period.changed", period, now=now, policy=policy.name, days=days, before=before)


CHANGE = ApprovalKind(
    name="retention change",
    ask_act=Act.RETENTION_EDIT,
    decide_act=Act.RETENTION_EDIT,
    lasts=timedelta(days=14),
    title=marked("{what}: keep for {days} days instead of {before}"),
    sentences=(marked("Where: {where}. It counts from the next run on."),),
    carry_out=_set_days,
)
