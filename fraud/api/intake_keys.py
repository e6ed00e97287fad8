"""`/api/v1/intake-key`: the age key to which an institution encrypts the files that it sends."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fraud.queries.institutions import intake_keys
from fraud.queries.submissions import receiving_institutions
from portal.api.schema import FORBIDDEN, NOT_FOUND, refusals
from portal.api.views import ApiView
from portal.core.errors import ForbiddenError, NotFoundError
from portal.core.phrases import Phrase


class IntakeKeyOutput(serializers.Serializer[Any]):
    """A public key: `age --encrypt --recipient RECIPIENT` makes a file that only this system opens."""

    id = serializers.CharField()
    recipient = serializers.CharField(help_text="Of age, begins with age1.")
    fingerprint = serializers.CharField(help_text="To compare by another way, such as the telephone.")
    created_at = serializers.DateTimeField()


class CurrentIntakeKey(ApiView):
    """The key in use."""

    @extend_schema(
        operation_id="get_intake_key",
        summary="Show the key to which you encrypt files",
        description="Ask before you send: it may have been replaced. The one before opens files for some days more.",
        responses={200: IntakeKeyOutput} | refusals(FORBIDDEN, NOT_FOUND, is_change=False),
    )
    def get(self, request: Request) -> Response:
        institution = receiving_institutions(self.actor).first()
        if institution is None:
            raise ForbiddenError(Phrase("This key may not send files."))
        key = intake_keys(institution).filter(closes_at=None).first()
        if key is None:
            raise NotFoundError(Phrase("No key for encrypted files was made yet. Ask your operator for one."))
        return Response(
            {
                "id": key.public_id,
                "recipient": key.recipient,
                "fingerprint": key.fingerprint,
                "created_at": key.created_at,
            }
        )
