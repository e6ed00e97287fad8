"""Acts on a batch that ask before they happen: each names what it will do, and to how many codes."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Batch
from campaigns.operations.activation import activate_batch, close_batch, recall_batch
from campaigns.operations.delivery import pause_delivery, resume_delivery, retry_failed
from campaigns.operations.planning import approve_batch, cancel_batch
from campaigns.operations.presses import deliver_test_file
from campaigns.queries.batches import batches, redeemed_count
from portal.accounts.roles import Act
from portal.core import clock
from portal.core.language import grouped, said
from portal.core.storage_errors import StorageError
from portal.web.finding import found
from portal.web.guards import View, require
from portal.web.navigation import Words
from portal.web.pieces import Question, ask
from portal.web.requests import PageRequest


def _asking(
    act: Act, question_of: Callable[[Batch], Question], operation: Callable[..., object], done: Words
) -> View:
    """Make the page of one act: find the batch, ask, carry out, say that it is done."""

    @require(act)
    def view(request: PageRequest, public_id: str) -> HttpResponse:
        batch = found(batches(request.actor, act), public_id)
        question = question_of(batch)

        def carry_out(reason: str) -> HttpResponse:
            given: dict[str, Any] = {"reason": reason} if question.asks_reason else {}
            operation(batch, **given, by=request.actor, now=clock.now())
            messages.success(request, str(done))
            return redirect("batch", public_id)

        return ask(request, question, carry_out)

    return view


def _facts(batch: Batch) -> dict[str, str]:
    return {
        "codes": grouped(batch.quantity),
        "printer": batch.printer.name,
        "campaign": batch.campaign.name,
        "bucket": batch.address,
    }


def _here(batch: Batch) -> str:
    return reverse("batch", args=[batch.public_id])


def _approving(batch: Batch) -> Question:
    facts = {**_facts(batch), "files": grouped(batch.files.count())}
    return Question(
        title=_("Approve %(codes)s codes for %(campaign)s?") % facts,
        sentences=[
            _("%(files)s files are made at once, encrypted for %(printer)s, and put into %(bucket)s.")
            % facts,
            _("Nobody can redeem them before the printer has acknowledged and the batch is activated."),
        ],
        button=_("Approve batch"),
        back_url=_here(batch),
    )


def _cancelling(batch: Batch) -> Question:
    return Question(
        title=_("Cancel this batch of %(codes)s codes?") % _facts(batch),
        sentences=[
            _("Nothing more is made or delivered, and its serials are never used again."),
            _(
                "Files that lie in the printer's bucket already stay there; their codes can never be redeemed."
            ),
        ],
        button=_("Cancel batch"),
        back_url=_here(batch),
        asks_reason=True,
        is_grave=True,
    )


def _pausing(batch: Batch) -> Question:
    return Question(
        title=_("Pause the delivery to %(printer)s?") % _facts(batch),
        sentences=[
            _("Files that are delivered stay. Those under way stop and are made anew when you resume.")
        ],
        button=_("Pause delivery"),
        back_url=_here(batch),
    )


def _resuming(batch: Batch) -> Question:
    return Question(
        title=_("Resume the delivery to %(printer)s?") % _facts(batch),
        sentences=[_("Workers go on with the files that are missing. No code is made twice.")],
        button=_("Resume delivery"),
        back_url=_here(batch),
    )


def _retrying(batch: Batch) -> Question:
    return Question(
        title=_("Try the failed files again?"),
        sentences=[
            _("Workers make the files that failed once more and put them into %(bucket)s.") % _facts(batch),
            _("Do this after what was wrong there has been mended."),
        ],
        button=_("Try again"),
        back_url=_here(batch),
    )


def _activating(batch: Batch) -> Question:
    return Question(
        title=_("Activate %(codes)s codes?") % _facts(batch),
        sentences=[
            _("Every code of this batch can be redeemed at once, as soon as %(campaign)s is open.")
            % _facts(batch),
            _("It cannot be taken back; a recall ends the batch for good."),
        ],
        button=_("Activate batch"),
        back_url=_here(batch),
    )


def _closing(batch: Batch) -> Question:
    return Question(
        title=_("Close this batch?"),
        sentences=[
            _("Its remaining codes can no longer be redeemed: %(count)s of %(codes)s.")
            % {**_facts(batch), "count": grouped(batch.quantity - redeemed_count(batch))},
            _("What was redeemed stays redeemed."),
        ],
        button=_("Close batch"),
        back_url=_here(batch),
        asks_reason=True,
        is_grave=True,
    )


def _recalling(batch: Batch) -> Question:
    return Question(
        title=_("Recall all %(codes)s codes?") % _facts(batch),
        sentences=[
            _(
                "From the next second none of them can be redeemed, wherever they are: %(count)s are not redeemed yet."
            )
            % {"count": grouped(batch.quantity - redeemed_count(batch))},
            _("What was redeemed stays redeemed. A recall cannot be taken back."),
        ],
        button=_("Recall batch"),
        back_url=_here(batch),
        word=_("recall"),
        asks_reason=True,
        is_grave=True,
    )


def _testing(batch: Batch) -> Question:
    return Question(
        title=_("Send a test file to %(printer)s?") % _facts(batch),
        sentences=[
            _("A small file, laid out and encrypted like the real ones, goes to %(bucket)s.") % _facts(batch),
            _("Its codes look real and can never be redeemed: they are for setting up the press."),
        ],
        button=_("Send test file"),
        back_url=_here(batch),
    )


approve = _asking(
    Act.BATCH_APPROVE,
    _approving,
    approve_batch,
    gettext_lazy("The batch was approved. Its files are being made."),
)
cancel = _asking(Act.BATCH_PLAN, _cancelling, cancel_batch, gettext_lazy("The batch was cancelled."))
pause = _asking(Act.BATCH_PLAN, _pausing, pause_delivery, gettext_lazy("The delivery is paused."))
resume = _asking(Act.BATCH_PLAN, _resuming, resume_delivery, gettext_lazy("The delivery goes on."))
retry = _asking(Act.BATCH_PLAN, _retrying, retry_failed, gettext_lazy("The failed files are tried again."))
activate = _asking(
    Act.BATCH_ACTIVATE,
    _activating,
    activate_batch,
    gettext_lazy("The batch is active: its codes can be redeemed."),
)
close = _asking(Act.BATCH_ACTIVATE, _closing, close_batch, gettext_lazy("The batch was closed."))
recall = _asking(
    Act.BATCH_RECALL,
    _recalling,
    recall_batch,
    gettext_lazy("The batch was recalled. None of its codes counts any more."),
)


@require(Act.BATCH_PLAN)
def send_test_file(request: PageRequest, public_id: str) -> HttpResponse:
    """Put a test file into the printer's bucket, after asking; what the bucket refuses is said in words."""
    batch = found(batches(request.actor, Act.BATCH_PLAN), public_id)

    def carry_out(_reason: str) -> HttpResponse:
        try:
            name = deliver_test_file(batch, by=request.actor, now=clock.now())
        except StorageError as error:
            messages.error(
                request, _("The test file was not sent. %(problem)s") % {"problem": said(error.detail)}
            )
        else:
            messages.success(
                request, _("The test file %(name)s lies in the printer's bucket.") % {"name": name}
            )
        return redirect("batch", public_id)

    return ask(request, _testing(batch), carry_out)
