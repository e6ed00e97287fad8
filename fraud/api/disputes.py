"""`/api/v1/applications/{id}/disputes`: dispute what the consortium told of an application, whoever told it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fraud.api.applications import ScreenView
from fraud.models import Application, Dispute
from fraud.operations.disputes import raise_dispute
from fraud.queries.applications import visible_applications
from fraud.queries.disputes import disputes_of
from fraud.rules.consortium import FraudType, RecordRole
from fraud.rules.disputes import DisputeAnswer, DisputeReason, DisputeState
from portal.api.idempotency import idempotent
from portal.api.schema import FORBIDDEN, IDEMPOTENCY_KEY, NOT_FOUND, Refusal, refusals
from portal.api.views import found
from portal.core import clock

_CONFLICT = Refusal(409, "disputed-already", "This is disputed already", "Ask for what has become of it.")


class DisputeInput(serializers.Serializer[Any]):
    """What is disputed, as the decision names it, and why."""

    fraud_type = serializers.ChoiceField([str(each) for each in FraudType])
    role = serializers.ChoiceField([str(each) for each in RecordRole])
    reason = serializers.ChoiceField([str(each) for each in DisputeReason])


class DisputeOutput(serializers.Serializer[Any]):
    """A dispute, and what has become of it; who answers is not told."""

    id = serializers.CharField()
    state = serializers.ChoiceField([str(each) for each in DisputeState])
    fraud_type = serializers.CharField()
    role = serializers.CharField()
    reason = serializers.CharField()
    due_on = serializers.DateField(
        allow_null=True, help_text="What nobody answers for by then is shown no more."
    )
    answer = serializers.ChoiceField([str(each) for each in DisputeAnswer], allow_blank=True)


class ApplicationDisputes(ScreenView):
    """Disputes of what the consortium told of one application."""

    @extend_schema(
        operation_id="list_disputes",
        summary="What is disputed of an application, and what became of it",
        responses={200: DisputeOutput(many=True)} | refusals(FORBIDDEN, NOT_FOUND, is_change=False),
    )
    def get(self, request: Request, public_id: str) -> Response:
        application: Application = found(visible_applications(self.actor), public_id)
        return Response([_shown(each) for each in disputes_of(application)])

    @extend_schema(
        operation_id="dispute_hit",
        summary="Dispute what the consortium told of an application",
        description="Whoever registered the record learns the reason and nothing else, and has thirty days to "
        "confirm, correct or retract it.",
        request=DisputeInput,
        responses={201: DisputeOutput} | refusals(_CONFLICT, FORBIDDEN, NOT_FOUND),
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, public_id: str) -> Response:
        application: Application = found(visible_applications(self.actor), public_id)
        asked = DisputeInput(data=request.data)
        asked.is_valid(raise_exception=True)
        dispute = raise_dispute(
            application,
            fraud_type=FraudType(asked.validated_data["fraud_type"]),
            role=RecordRole(asked.validated_data["role"]),
            reason=DisputeReason(asked.validated_data["reason"]),
            by=self.actor,
            now=clock.now(),
        )
        return Response(_shown(dispute), status=201)


def _shown(dispute: Dispute) -> dict[str, Any]:
    return {
        "id": dispute.public_id,
        "state": str(dispute.state),
        "fraud_type": str(dispute.fraud_type),
        "role": str(dispute.role),
        "reason": str(dispute.reason),
        "due_on": dispute.due_on,
        "answer": str(dispute.answer),
    }
