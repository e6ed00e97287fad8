"""`/api/v1/applications`: send one application and get a decision while waiting, or ask for it later."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fraud.models import Application, Institution
from fraud.queries.applications import (
    Screened,
    newest_screenings,
    sending_institutions,
    visible_applications,
)
from fraud.queries.cases import decided_case
from fraud.rules.cases import Verdict
from fraud.rules.decisions import Outcome
from fraud.rules.reasons import reason_words
from fraud.screening.online import answer
from fraud.screening.translating import translated
from portal.api.forwarding import ForwardedView
from portal.api.idempotency import idempotent
from portal.api.schema import FORBIDDEN, IDEMPOTENCY_KEY, NOT_FOUND, Refusal, refusals
from portal.api.views import found
from portal.core import clock
from portal.core.errors import ForbiddenError, UnavailableError
from portal.core.keys import keyring
from portal.core.language import said
from portal.core.phrases import Phrase
from portal.crypto.keyring import Purpose

LAYOUT = OpenApiParameter(
    "layout", OpenApiTypes.STR, description="Name of one of your mappings; your default one if not given."
)
_CONFLICT = Refusal(
    409,
    "reference-conflict",
    "This reference is on record with other facts",
    "Send what changed under a new reference, or the first facts unchanged.",
)


class ReasonOutput(serializers.Serializer[Any]):
    """Why an application was not simply clear, in words that fit a letter."""

    code = serializers.CharField()
    text = serializers.CharField()


class ApplicationOutput(serializers.Serializer[Any]):
    """An application with what screening said of it; `status` is `pending` until it has."""

    id = serializers.CharField()
    reference = serializers.CharField()
    status = serializers.ChoiceField(["decided", "pending"])
    outcome = serializers.ChoiceField([str(each) for each in Outcome], required=False)
    score = serializers.IntegerField(required=False, help_text="0 to 1,000; higher is graver.")
    reasons = ReasonOutput(many=True, required=False)
    screening = serializers.CharField(required=False, help_text="Name it when asking about the decision.")
    degraded = serializers.BooleanField(
        required=False,
        help_text="The consortium could not be asked; it will be, and you will hear of it if the outcome changes.",
    )
    screened_at = serializers.DateTimeField(required=False)
    verdict = serializers.ChoiceField(
        [str(each) for each in Verdict],
        required=False,
        help_text="What an analyst decided of an application that was referred; not there before, nor while it is "
        "looked at again.",
    )
    decided_at = serializers.DateTimeField(required=False, help_text="When the verdict was given.")


_EXAMPLE = OpenApiExample(
    "A canonical application",
    value={
        "reference": "A-2026-000123",
        "product": "credit-card",
        "channel": "web",
        "amount": 500_000,
        "currency": "CAD",
        "submitted_at": "2026-03-02T14:59:00Z",
        "parties": [
            {
                "given_name": "Geneviève",
                "family_name": "Tremblay",
                "birth_date": "1988-04-09",
                "national_id": "046454286",
                "phones": [{"number": "+15145550123"}],
            }
        ],
    },
    request_only=True,
)


class ScreenView(ForwardedView):
    """An endpoint of the screen process: it alone holds the keys by which applications are compared."""

    def elsewhere(self) -> str:
        return str(settings.SCREEN_URL)


class Applications(ScreenView):
    """Send applications."""

    @extend_schema(
        operation_id="send_application",
        summary="Send an application and get a decision",
        description="The body is a canonical application, or a record in the layout of one of your mappings. The same "
        "reference with the same facts gets its first answer again (200). When your time budget is spent the answer "
        "comes later (202): ask at `Location`, or wait for the webhook.",
        request=OpenApiTypes.OBJECT,
        responses={201: ApplicationOutput, 200: ApplicationOutput, 202: ApplicationOutput}
        | refusals(_CONFLICT, FORBIDDEN),
        parameters=[IDEMPOTENCY_KEY, LAYOUT],
        examples=[_EXAMPLE],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        institution = _institution(self)
        application = translated(
            institution,
            request.data,
            layout=request.query_params.get("layout", "")[:64],
            now=clock.now(),
        )
        answered = answer(institution, application, by=self.actor, clock=clock.now)
        taken, screened = answered.taken, answered.screened
        shown = _shown(taken.public_id, taken.canonical.reference, screened)
        if screened is None:
            return Response(shown, status=202, headers={"Location": _address(taken.public_id)})
        if screened.is_new:
            return Response(shown, status=201, headers={"Location": _address(taken.public_id)})
        return Response(shown, status=200)


class OneApplication(ScreenView):
    """Ask about an application."""

    @extend_schema(
        operation_id="get_application",
        summary="What screening says of an application now",
        responses={200: ApplicationOutput} | refusals(FORBIDDEN, NOT_FOUND, is_change=False),
    )
    def get(self, request: Request, public_id: str) -> Response:
        application: Application = found(visible_applications(self.actor), public_id)
        screened = newest_screenings([application.pk]).get(application.pk)
        return Response(
            _shown(application.public_id, application.reference, screened) | _verdict(application)
        )


def _institution(view: ScreenView) -> Institution:
    """Give the institution for which a client sends.

    :raises ForbiddenError: it may send for none
    :raises UnavailableError: this process holds no keys to compare applications by
    """
    if not keyring().holds(Purpose.TOKENS_SCREENING):
        raise UnavailableError(
            Phrase(
                "Applications are not screened at this address. Ask the operator for the one that serves you."
            )
        )
    institution = sending_institutions(view.actor).first()
    if institution is None:
        raise ForbiddenError(Phrase("This key may not send applications."))
    return institution


def _verdict(application: Application) -> dict[str, Any]:
    case = decided_case(application)
    return {"verdict": case.verdict, "decided_at": case.decided_at} if case else {}


def _address(public_id: str) -> str:
    return reverse("api-application", args=[public_id])


def _shown(public_id: str, reference: str, screened: Screened | None) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": public_id, "reference": reference, "status": "pending"}
    if screened is None:
        return shown
    return shown | {
        "status": "decided",
        "outcome": str(screened.outcome),
        "score": screened.score,
        "reasons": [{"code": code, "text": said(reason_words(code))} for code in screened.reasons],
        "screening": screened.public_id,
        "degraded": screened.is_degraded,
        "screened_at": screened.screened_at,
    }
