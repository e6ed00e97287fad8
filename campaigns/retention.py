"""What campaigns keep for how long, and what is held about the members of a market's programme."""

import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy

from campaigns.models import Batch, Member, Redemption
from campaigns.queries.members import member_token, opened_reference
from portal.accounts.actors import Actor, OrganizationKind
from portal.accounts.models import Organization
from portal.core.phrases import marked
from portal.crypto.tokens import TOKEN_BYTES
from portal.keys.models import SubjectKey
from portal.retention.policies import Action, RetentionPolicy, register
from portal.retention.subjects import Subject, SubjectKind
from portal.retention.subjects import register as register_subjects


def _members() -> "QuerySet[Any]":
    """Give the members that are not erased, with the moment at which each was last heard of."""
    last = Redemption.objects.filter(member=OuterRef("pk")).order_by("-id").values("redeemed_at")[:1]
    there = Member.objects.filter(erased_at=None)
    return there.annotate(last_at=Coalesce(Subquery(last), "created_at"))


def _shred(keys: Sequence[Any], *, by: Actor, now: datetime) -> None:
    for member in Member.objects.select_for_update().filter(pk__in=keys).order_by("pk"):
        forget(member, now=now)


def forget(member: Member, *, now: datetime) -> None:
    """Erase who a member is, within the caller's transaction: codes stay spent, points stay in the ledger."""
    SubjectKey.objects.filter(subject=member.public_id).update(wrapped=None, destroyed_at=now)
    # Nobody's token: the same reference is a new member from now on.
    member.reference_token = secrets.token_bytes(TOKEN_BYTES)
    member.sealed_reference, member.erased_at = None, now
    member.save(update_fields=["reference_token", "sealed_reference", "erased_at"])


def _batches_with_request_keys() -> "QuerySet[Any]":
    return Batch.objects.exclude(request_key="")


POLICIES = (
    RetentionPolicy(
        name="members",
        title=marked("Members"),
        what=marked("Who a member is, from their last redemption; what was redeemed stays, without a name."),
        days=1095,
        floor=180,
        ceiling=3650,
        action=Action.SHRED,
        rows=_members,
        since="last_at",
        per=OrganizationKind.MARKET,
        places={OrganizationKind.MARKET: "market"},
        subject="public_id",
        identity="public_id",
        shred=_shred,
    ),
    RetentionPolicy(
        name="batch-request-keys",
        title=marked("Request keys of batches"),
        what=marked("The key under which a program ordered a batch, from the order; the batch stays."),
        days=90,
        floor=30,
        ceiling=400,
        action=Action.REDACT,
        rows=_batches_with_request_keys,
        since="planned_at",
        places={
            OrganizationKind.MARKET: "campaign__market",
            OrganizationKind.BRAND: "campaign__brand",
            OrganizationKind.PRINTER: "printer",
        },
        identity="public_id",
        blank={"request_key": ""},
    ),
)


def _found(member: Member | None) -> Subject | None:
    if member is None:
        return None
    place = {OrganizationKind.MARKET: member.market_id}
    return Subject(member.public_id, "member", place, is_erased=member.erased_at is not None)


def _find(reference: str, market: Organization | None) -> Subject | None:
    if market is None:
        return None
    token = member_token(market.pk, unicodedata.normalize("NFC", reference.strip()))
    return _found(Member.objects.filter(market_id=market.pk, reference_token=token).first())


def _get(public_id: str) -> Subject | None:
    return _found(Member.objects.filter(public_id=public_id).first())


def _export(subject: Subject) -> dict[str, Any]:
    member = Member.objects.select_related("market").get(public_id=subject.public_id)
    redemptions = member.redemptions.select_related("campaign").order_by("id")
    ledger = member.ledger.order_by("id")
    return {
        "member": {
            "id": member.public_id,
            "market": member.market.name,
            "reference": "" if member.erased_at else opened_reference(member),
            "balance": member.balance,
            "created_at": member.created_at.isoformat(),
        },
        "redemptions": [
            {
                "id": row.public_id,
                "campaign": row.campaign.name,
                "points": row.points,
                "redeemed_at": row.redeemed_at.isoformat(),
            }
            for row in redemptions
        ],
        "points": [
            {"points": row.points, "balance": row.balance_after, "at": row.at.isoformat()} for row in ledger
        ],
    }


def _erase(subject: Subject, *, by: Actor, now: datetime) -> None:
    forget(Member.objects.select_for_update().get(public_id=subject.public_id), now=now)


MEMBERS = SubjectKind(
    name="member",
    title=gettext_lazy("A member of a market's programme"),
    prefix="mem",
    known_by=gettext_lazy("Reference in the brand's own system"),
    find=_find,
    get=_get,
    export=_export,
    erase=_erase,
    per=OrganizationKind.MARKET,
)


def register_all() -> None:
    """Put the domain's policies and members on the lists."""
    register(*POLICIES)
    register_subjects(MEMBERS)
