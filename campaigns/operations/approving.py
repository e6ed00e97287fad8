"""The second signature on a batch: what it is asked for, and what happens once it is given or refused."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from campaigns.jobs import Job
from campaigns.models import Batch, Campaign
from campaigns.operations.activation import end_batch
from campaigns.operations.moves import move_batch
from campaigns.rules.calendar import Phase, phase
from campaigns.rules.states import BatchState
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.approvals.kinds import ApprovalKind
from portal.approvals.models import Approval
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import WrongStateError
from portal.core.jobs import nudge_each
from portal.core.phrases import marked


def _begin(approval: Approval, *, by: Actor, now: datetime) -> None:
    """Let the workers begin: generation starts at once."""
    batch = locked(Batch, Batch.objects.get(public_id=approval.subject_id), "campaign", "printer")
    move_batch(batch, BatchState.APPROVED)
    # It may have ended while the request waited.
    check_not_ended(batch.campaign, now=now)
    batch.approved_at, batch.approved_by = now, by.id
    batch.save(update_fields=["state", "approved_at", "approved_by"])
    record(by, "batch.approved", batch, now=now)
    nudge_each(Job.GENERATE_FILE, file_id=batch.files.order_by("number").values_list("pk", flat=True))


def check_not_ended(campaign: Campaign, *, now: datetime) -> None:
    """Pass a campaign whose codes can still be redeemed.

    :raises WrongStateError: it has ended
    """
    if phase(campaign.opens_at, campaign.closes_at, campaign.paused_at, now) is Phase.ENDED:
        raise WrongStateError(_("The campaign has ended; codes ordered now could never be redeemed."))


def _give_up(approval: Approval, *, by: Actor, now: datetime) -> None:
    batch = Batch.objects.select_related("campaign").get(public_id=approval.subject_id)
    end_batch(batch, BatchState.CANCELLED, approval.reason, "batch.cancelled", by=by, now=now)


BATCH = ApprovalKind(
    name="batch",
    ask_act=Act.BATCH_PLAN,
    decide_act=Act.BATCH_APPROVE,
    # A plan reserves serials and counts towards the guess odds; one that nobody wants should not for long.
    lasts=timedelta(days=14),
    title=marked("Approve {codes} codes for {campaign}"),
    sentences=(marked("To be printed by {printer} for {market}."),),
    page="batch",
    yours=marked("You planned this batch. Somebody else has to approve it."),
    expired=marked("The request for approval has expired. Ask for it again, or cancel the batch."),
    carry_out=_begin,
    refused=_give_up,
)
