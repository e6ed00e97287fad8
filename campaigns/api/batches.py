"""`/api/v1/batches`: order codes and follow them to the printer."""

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Batch, BatchFile, Campaign, Printer
from campaigns.operations.delivery import file_name
from campaigns.operations.planning import Order, plan_batch
from campaigns.queries.batches import batches, files, progress
from campaigns.queries.campaigns import campaigns
from campaigns.queries.parties import printers
from campaigns.rules.states import BatchState, FileState
from portal.accounts.roles import Act
from portal.api.fields import MomentField, TextField, WholeField
from portal.api.idempotency import idempotent, key_of
from portal.api.pages import PAGE, page_of
from portal.api.schema import (
    FORBIDDEN,
    IDEMPOTENCY_KEY,
    INVALID,
    NOT_FOUND,
    WRONG_STATE,
    Refusal,
    refusals,
)
from portal.api.views import ApiView, found
from portal.core import clock
from portal.core.errors import InvalidError
from portal.core.language import said

# Named in the settings, so that the document calls them by their names.
BATCH_STATES = [(state.value, state.value) for state in BatchState]
FILE_STATES = [(state.value, state.value) for state in FileState]
_PLAN_REFUSALS = (
    FORBIDDEN,
    WRONG_STATE,
    Refusal(422, "guess-odds", "Codes would be too easy to guess"),
    Refusal(422, "space-exhausted", "The code space is too small for this order"),
)


class BatchInput(serializers.Serializer[Any]):
    """An order of codes."""

    campaign = TextField(max_length=48, help_text="The campaign's id.")
    printer = TextField(max_length=48, help_text="The printer's id.")
    quantity = WholeField(help_text="1 to 1,000,000,000.")
    lot = TextField(max_length=32, required=False, default="", allow_blank=True)
    activates_at = MomentField(
        required=False,
        default=None,
        allow_null=True,
        help_text="When it becomes active by itself once acknowledged.",
    )


class BatchSummary(serializers.Serializer[Any]):
    """A batch in a list."""

    id = serializers.CharField()
    campaign = serializers.CharField()
    printer = serializers.CharField()
    state = serializers.ChoiceField(BATCH_STATES)
    quantity = serializers.IntegerField()
    lot = serializers.CharField()
    planned_at = serializers.DateTimeField()
    approved_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    activates_at = serializers.DateTimeField(allow_null=True)
    activated_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField()


class BatchProgress(serializers.Serializer[Any]):
    """How far the delivery is."""

    files_done = serializers.IntegerField()
    files = serializers.IntegerField()
    files_failed = serializers.IntegerField()
    codes_done = serializers.IntegerField()
    codes = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True, help_text="Codes a second.")
    seconds_left = serializers.FloatField(allow_null=True)
    heard_at = serializers.DateTimeField(allow_null=True, help_text="The last sign of life of a worker.")


class DeliveredFile(serializers.Serializer[Any]):
    """One file of a batch."""

    name = serializers.CharField()
    state = serializers.ChoiceField(FILE_STATES)
    rows = serializers.IntegerField()
    rows_done = serializers.IntegerField()
    bytes = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField(help_text="Of the encrypted file, as it lies in the bucket.")
    problem = serializers.CharField(help_text="What went wrong at last, in words.")


class Difference(serializers.Serializer[Any]):
    """Where a receipt and the delivery disagree."""

    what = serializers.CharField()
    sent = serializers.CharField()
    received = serializers.CharField()


class BatchOutput(BatchSummary):
    """A batch with its delivery."""

    first_serial = serializers.IntegerField()
    last_serial = serializers.IntegerField(help_text="The last that is reserved; some may be skipped.")
    problem = serializers.CharField()
    differences = Difference(many=True)
    progress = BatchProgress()
    files = DeliveredFile(many=True)


class BatchPage(serializers.Serializer[Any]):
    """Batches, newest first."""

    items = BatchSummary(many=True)
    next = serializers.CharField(allow_null=True)


class Batches(ApiView):
    """Order batches and list them."""

    @extend_schema(
        operation_id="list_batches",
        summary="List your batches",
        parameters=PAGE,
        responses={200: BatchPage} | refusals(INVALID, is_change=False),
    )
    def get(self, request: Request) -> Response:
        page = page_of(batches(self.actor), request)
        return Response({"items": [_summary(batch) for batch in page.rows], "next": page.next})

    @extend_schema(
        operation_id="plan_batch",
        summary="Order a batch; a second person approves it",
        request=BatchInput,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: BatchOutput} | refusals(*_PLAN_REFUSALS),
    )
    @idempotent
    def post(self, request: Request) -> Response:
        given = self.read(BatchInput)
        order = Order(
            printer=self._printer(given["printer"]),
            quantity=given["quantity"],
            lot=given["lot"],
            activates_at=given["activates_at"],
            request_key=key_of(request),
        )
        batch = plan_batch(self._campaign(given["campaign"]), order, by=self.actor, now=clock.now())
        return Response(shown(batch), status=201, headers={"Location": f"/api/v1/batches/{batch.public_id}"})

    def _campaign(self, public_id: str) -> Campaign:
        campaign = campaigns(self.actor, Act.BATCH_PLAN).filter(public_id=public_id).first()
        if campaign is None:
            raise InvalidError.of("campaign", _("This client orders for no such campaign."))
        return campaign

    def _printer(self, public_id: str) -> Printer:
        printer = printers(self.actor, Act.BATCH_PLAN).filter(public_id=public_id).first()
        if printer is None:
            raise InvalidError.of("printer", _("This client orders from no such printer."))
        return printer


class BatchDetail(ApiView):
    """Show one batch."""

    @extend_schema(
        operation_id="get_batch",
        summary="Show a batch with its state, progress and files",
        responses={200: BatchOutput} | refusals(NOT_FOUND, is_change=False),
    )
    def get(self, request: Request, public_id: str) -> Response:
        return Response(shown(found(batches(self.actor), public_id)))


def _summary(batch: Batch) -> dict[str, Any]:
    return {
        "id": batch.public_id,
        "campaign": batch.campaign.public_id,
        "printer": batch.printer.public_id,
        "state": batch.state,
        "quantity": batch.quantity,
        "lot": batch.lot,
        "planned_at": batch.planned_at,
        "approved_at": batch.approved_at,
        "delivered_at": batch.delivered_at,
        "acknowledged_at": batch.acknowledged_at,
        "activates_at": batch.activates_at,
        "activated_at": batch.activated_at,
        "ended_at": batch.ended_at,
        "end_reason": batch.end_reason,
    }


def shown(batch: Batch) -> dict[str, Any]:
    """Lay out a batch with its progress and files."""
    far = progress(batch, now=clock.now())
    return _summary(batch) | {
        "first_serial": batch.first_serial,
        "last_serial": batch.end_serial - 1,
        "problem": said(batch.problem),
        "differences": batch.differences,
        "progress": asdict(far),
        "files": [_file(file, batch) for file in files(batch)],
    }


def _file(file: BatchFile, batch: Batch) -> dict[str, Any]:
    file.batch = batch
    return {
        "name": file_name(file),
        "state": file.state,
        "rows": file.rows,
        "rows_done": file.rows_done,
        "bytes": file.bytes,
        "sha256": file.sha256,
        "problem": said(file.problem),
    }
