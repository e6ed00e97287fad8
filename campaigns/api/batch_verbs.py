"""`POST /api/v1/batches/{id}/…`: what can be done to a batch, one endpoint for each verb."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api.batches import BatchOutput, shown
from campaigns.models import Batch
from campaigns.operations.activation import activate_batch, recall_batch
from campaigns.operations.planning import approve_batch
from campaigns.operations.receipts import acknowledge_batch
from campaigns.operations.voiding import MOST_CODES, void_codes, void_serials
from campaigns.queries.batches import batches
from portal.api.fields import TextField, WholeField
from portal.api.idempotency import idempotent
from portal.api.parsers import LongJSONParser
from portal.api.schema import FORBIDDEN, FOUR_EYES, IDEMPOTENCY_KEY, NOT_FOUND, WRONG_STATE, Refusal, refusals
from portal.api.views import ApiView, found
from portal.core import clock

_USUAL = (FORBIDDEN, NOT_FOUND, WRONG_STATE)


class NothingInput(serializers.Serializer[Any]):
    """An empty object."""


class ReceiptInput(serializers.Serializer[Any]):
    """What the printer received."""

    sha256 = serializers.DictField(
        child=TextField(max_length=128),
        help_text="File name → SHA-256 of the encrypted file, in hex.",
    )
    count = WholeField(min_value=0, max_value=10**12, help_text="Codes received in all.")


class ReasonInput(serializers.Serializer[Any]):
    """Why."""

    reason = TextField(max_length=500)


class VoidInput(serializers.Serializer[Any]):
    """A run of serials, or codes that were given back; and why."""

    first_serial = WholeField(required=False, min_value=0, max_value=2**63 - 1)
    last_serial = WholeField(
        required=False, min_value=0, max_value=2**63 - 1, help_text="Included in the run."
    )
    codes = serializers.ListField(
        child=TextField(max_length=200, trim_whitespace=False),
        required=False,
        max_length=MOST_CODES,
    )
    reason = TextField(max_length=500)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Hold it to one of its two forms."""
        given = {name for name in ("first_serial", "last_serial", "codes") if name in attrs}
        if given not in ({"first_serial", "last_serial"}, {"codes"}):
            raise serializers.ValidationError(_("Give either first_serial and last_serial, or codes."))
        return attrs


class BatchVerb(ApiView):
    """What all verbs share: the batch within the caller's scope, and the batch as the answer."""

    def batch(self) -> Batch:
        return found(batches(self.actor), self.kwargs["public_id"])

    def answer(self) -> Response:
        """Show the batch as it is after the act."""
        return Response(shown(self.batch()))


class Approve(BatchVerb):
    """Give the second signature."""

    @extend_schema(
        operation_id="approve_batch",
        summary="Approve a batch that somebody else planned",
        request=NothingInput,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: BatchOutput} | refusals(*_USUAL, FOUR_EYES),
    )
    @idempotent
    def post(self, request: Request, public_id: str) -> Response:
        approve_batch(self.batch(), by=self.actor, now=clock.now())
        return self.answer()


class Acknowledge(BatchVerb):
    """Take the printer's receipt."""

    parser_classes = (LongJSONParser,)

    @extend_schema(
        operation_id="acknowledge_batch",
        summary="Say what the printer received",
        description="The state is `acknowledged` when all agrees, else `disputed` with `differences`.",
        request=ReceiptInput,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: BatchOutput} | refusals(*_USUAL),
    )
    @idempotent
    def post(self, request: Request, public_id: str) -> Response:
        given = self.read(ReceiptInput)
        acknowledge_batch(
            self.batch(), sha256=given["sha256"], count=given["count"], by=self.actor, now=clock.now()
        )
        return self.answer()


class Activate(BatchVerb):
    """Let the codes count."""

    @extend_schema(
        operation_id="activate_batch",
        summary="Make the codes of an acknowledged batch redeemable",
        request=NothingInput,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: BatchOutput} | refusals(*_USUAL),
    )
    @idempotent
    def post(self, request: Request, public_id: str) -> Response:
        activate_batch(self.batch(), by=self.actor, now=clock.now())
        return self.answer()


class Recall(BatchVerb):
    """End a batch at once."""

    @extend_schema(
        operation_id="recall_batch",
        summary="End a batch: none of its codes counts from now on",
        request=ReasonInput,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: BatchOutput} | refusals(*_USUAL),
    )
    @idempotent
    def post(self, request: Request, public_id: str) -> Response:
        given = self.read(ReasonInput)
        recall_batch(self.batch(), reason=given["reason"], by=self.actor, now=clock.now())
        return self.answer()


class Void(BatchVerb):
    """Take single codes out."""

    parser_classes = (LongJSONParser,)

    @extend_schema(
        operation_id="void_codes",
        summary="Void a run of serials, or codes that were given back",
        request=VoidInput,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: BatchOutput}
        | refusals(*_USUAL, Refusal(409, "already-void", "Some of these serials are void already")),
    )
    @idempotent
    def post(self, request: Request, public_id: str) -> Response:
        given = self.read(VoidInput)
        batch, reason, by, now = self.batch(), given["reason"], self.actor, clock.now()
        if "codes" in given:
            void_codes(batch, codes=given["codes"], reason=reason, by=by, now=now)
        else:
            first, last = given["first_serial"], given["last_serial"]
            void_serials(batch, first=first, last=last, reason=reason, by=by, now=now)
        return self.answer()
