"""Ordering a batch: plan, approve by a second person, or cancel."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Batch, BatchFile, Campaign, Printer
from campaigns.operations.activation import check_activation_time, end_batch, given_reason
from campaigns.operations.approving import BATCH, check_not_ended
from campaigns.operations.campaigns import odds_in_words
from campaigns.operations.moves import move_batch
from campaigns.queries.batches import codes_ordered
from campaigns.queries.codebooks import word_screen
from campaigns.rules.layout import LayoutError, RowLayout, check_text
from campaigns.rules.odds import guess_odds
from campaigns.rules.rows import check_fits
from campaigns.rules.runs import FileRun, plan_files
from campaigns.rules.states import BatchState
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.approvals.models import ApprovalState
from portal.approvals.operations import approve, ask, withdraw
from portal.approvals.queries import request_about
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import DomainError, InvalidError, Kind, WrongStateError
from portal.core.language import grouped, said
from portal.core.phrases import Phrase, words_of

# A batch is approved, watched and recalled as one; a larger order is several.
MOST_CODES = 1_000_000_000
# Each file is a message, a row and an object that somebody has to check.
MOST_FILES = 10_000
S = BatchState


class SpaceExhaustedError(DomainError):
    """Refuse an order that the code space cannot hold."""

    kind = Kind.INVALID
    code = "space-exhausted"
    title = Phrase("The code space is too small for this order")


class GuessOddsError(DomainError):
    """Refuse an order that would make codes too easy to guess."""

    kind = Kind.INVALID
    code = "guess-odds"
    title = Phrase("Codes would be too easy to guess")


class OtherOrderError(DomainError):
    """Refuse a request key that stands for another order of the same planner."""

    kind = Kind.INVALID
    code = "idempotency-mismatch"
    title = Phrase("This Idempotency-Key was used for another order")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked of a printer."""

    printer: Printer
    quantity: int
    lot: str = ""
    activates_at: datetime | None = None
    # Names the request, so that the same one plans no second batch.
    request_key: str = ""


@transaction.atomic(durable=True)
def plan_batch(campaign: Campaign, order: Order, *, by: Actor, now: datetime) -> Batch:
    """Reserve a run of serials for an order; nothing is generated before a second person approves.

    The same request key finds the batch that it planned before.

    :raises OtherOrderError: the request key stands for another order
    :raises InvalidError: a quantity outside 1 to 10^9, or a lot or codes that the printer's layout cannot carry
    :raises WrongStateError: the campaign has ended
    :raises SpaceExhaustedError: fewer serials are left than the order needs
    :raises GuessOddsError: the market's floor would be broken
    """
    permit(by, Act.BATCH_PLAN, campaign.place)
    campaign = locked(Campaign, campaign, "market")
    planned = _planned_before(campaign, order, by)
    if planned is not None:
        return planned
    _check_order(campaign, order, now)
    runs = plan_files(
        campaign.next_serial,
        order.quantity,
        order.printer.rows_per_file,
        word_screen(campaign).hit_probability(),
    )
    serials = runs[-1].first_serial + runs[-1].serials - campaign.next_serial
    _check_space(campaign, order.quantity, serials)
    batch = Batch.objects.create(
        campaign=campaign,
        printer=order.printer,
        quantity=order.quantity,
        first_serial=campaign.next_serial,
        serials=serials,
        lot=order.lot,
        layout=order.printer.layout,
        rows_per_file=order.printer.rows_per_file,
        recipients=order.printer.recipients,
        activates_at=order.activates_at,
        planned_at=now,
        planned_by=by.id,
        planned_by_person=by.person,
        request_key=order.request_key,
    )
    BatchFile.objects.bulk_create(_files(batch, runs), batch_size=1000)
    campaign.next_serial += serials
    campaign.save(update_fields=["next_serial"])
    record(by, "batch.planned", batch, now=now, quantity=order.quantity, printer=order.printer.public_id)
    ask(BATCH, batch, by=by, now=now, place=batch.place, facts=_facts(batch))
    return batch


def _facts(batch: Batch) -> dict[str, str | int]:
    return {
        "codes": batch.quantity,
        "campaign": batch.campaign.name,
        "printer": batch.printer.name,
        "market": batch.campaign.market.name,
    }


def _planned_before(campaign: Campaign, order: Order, by: Actor) -> Batch | None:
    if not order.request_key:
        return None
    batch = Batch.objects.filter(planned_by=by.id, request_key=order.request_key).first()
    if batch is None:
        return None
    wanted = (campaign.pk, order.printer.pk, order.quantity, order.lot)
    if wanted != (batch.campaign_id, batch.printer_id, batch.quantity, batch.lot):
        raise OtherOrderError
    return batch


def _check_order(campaign: Campaign, order: Order, now: datetime) -> None:
    if not 1 <= order.quantity <= MOST_CODES:
        raise InvalidError.of("quantity", _("Order between 1 and 1,000,000,000 codes in one batch."))
    if order.quantity > MOST_FILES * order.printer.rows_per_file:
        says = _(
            "This would be more than 10,000 files of %(rows)s codes. Order less, or let the printer take more per file."
        )
        raise InvalidError.of("quantity", says % {"rows": grouped(order.printer.rows_per_file)})
    check_not_ended(campaign, now=now)
    check_activation_time(order.activates_at, campaign, now=now)
    try:
        check_text("lot", order.lot)
    except LayoutError as error:
        raise InvalidError.of("lot", words_of(error)) from error
    try:
        files = -(-order.quantity // order.printer.rows_per_file)
        layout = RowLayout.from_json(order.printer.layout)
        check_fits(layout, campaign.format, lot=order.lot, files=files, rows=order.quantity)
    except LayoutError as error:
        says = _("The printer's row layout does not go with these codes. %(reason)s")
        raise InvalidError.of("printer", says % {"reason": said(error)}) from error


def _check_space(campaign: Campaign, quantity: int, serials: int) -> None:
    code_format = campaign.format
    left = code_format.capacity - campaign.next_serial
    if serials > left:
        says = _("This campaign's format has %(left)s codes left; the order needs %(needed)s.") % {
            "left": grouped(max(left, 0)),
            "needed": grouped(serials),
        }
        raise SpaceExhaustedError(says, fields={"quantity": says})
    live = codes_ordered(campaign) + quantity
    odds, floor = guess_odds(live, code_format.space), campaign.market.guess_odds_floor
    if odds is not None and odds < floor:
        says = odds_in_words(code_format, live, campaign.market)
        raise GuessOddsError(says, fields={"quantity": says})


def _files(batch: Batch, runs: list[FileRun]) -> list[BatchFile]:
    files, first_row = [], 1
    for run in runs:
        files.append(
            BatchFile(
                batch=batch,
                number=run.number,
                rows=run.rows,
                first_serial=run.first_serial,
                serials=run.serials,
                first_row=first_row,
            )
        )
        first_row += run.rows
    return files


@transaction.atomic(durable=True)
def approve_batch(batch: Batch, *, by: Actor, now: datetime) -> Batch:
    """Give the second signature; generation starts at once.

    :raises FourEyesError: the planner approves, under whatever role or key, or the program that planned, for anybody
    :raises WrongStateError: the batch is not PLANNED, or the request for approval has expired
    """
    permit(by, Act.BATCH_APPROVE, batch.place)
    approval = request_about(BATCH, batch)
    if approval is None or approval.state == ApprovalState.APPROVED:
        # It has moved on: say where it stands.
        move_batch(locked(Batch, batch), S.APPROVED)
        raise WrongStateError
    approve(approval, by=by, now=now)
    return Batch.objects.select_related("campaign", "printer").get(pk=batch.pk)


@transaction.atomic(durable=True)
def cancel_batch(batch: Batch, *, reason: str, by: Actor, now: datetime) -> Batch:
    """Give up a batch that is not fully delivered; its serials are never used again.

    :raises InvalidError: no reason
    :raises WrongStateError: it is delivered already, and recalling is the way
    """
    permit(by, Act.BATCH_PLAN, batch.place)
    why = given_reason(reason)
    # Whoever decides holds the request before the batch; so does this.
    withdraw(BATCH, batch, reason=why, by=by, now=now)
    return end_batch(batch, S.CANCELLED, why, "batch.cancelled", by=by, now=now)
