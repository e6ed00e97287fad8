"""How the OpenAPI document speaks of what all endpoints share: the key, the header, problems with examples."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from portal.api.problems import MEDIA_TYPE


class ClientKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describe client keys as a bearer scheme."""

    target_class = "portal.api.authentication.ClientKeyAuthentication"
    name = ["client key", "signature"]
    match_subclasses = True

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, str]]:
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "description": "A key of a client, as issued in the portal.",
            },
            {
                "type": "apiKey",
                "in": "header",
                "name": "Signature",
                "description": "For clients that sign: an HTTP Message Signature (RFC 9421, `ed25519`) with"
                " `Signature-Input`. It covers `@method`, `@target-uri`, `authorization`, `idempotency-key` where"
                " it is sent, and `content-digest` (RFC 9530) where there is a body; parameters `created`, `keyid`"
                " and a new `nonce` each time.",
            },
        ]

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[Any]]]:
        """Say that the key alone opens, and for some clients the key with a signature."""
        return [{"client key": []}, {"client key": [], "signature": []}]


class FieldProblem(serializers.Serializer[Any]):
    """What is wrong with one field."""

    field = serializers.CharField(
        help_text="The field's name, dotted where it lies deeper; empty for the whole."
    )
    detail = serializers.CharField()
    code = serializers.CharField(required=False, help_text="Stable, where the field has one of its own.")


class Problem(serializers.Serializer[Any]):
    """A refusal, as RFC 9457 has it."""

    type = serializers.CharField(default="about:blank")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField(help_text="Stable: programs decide by it.")
    errors = FieldProblem(many=True)  # type: ignore[assignment]
    request_id = serializers.CharField(help_text="Name it when asking for help.")


class Refusal(NamedTuple):
    """One refusal for the document."""

    status: int
    code: str
    title: str
    detail: str = ""


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="New for each change, the same for its repetition: 1 to 255 visible ASCII characters.",
    examples=[OpenApiExample("A random one", value="0b1f3ad2-5a0e-4d56-8f0f-2f1f5f3f1a77")],
)

_ALWAYS = (
    Refusal(400, "bad-request", "This request cannot be read"),
    Refusal(401, "unauthenticated", "A client key is needed"),
    Refusal(401, "signature-refused", "The signature of this request is missing or wrong"),
    Refusal(429, "rate-limited", "Too many requests"),
    Refusal(503, "overloaded", "The service cannot answer just now"),
)
INVALID = Refusal(422, "invalid", "Some of the values do not fit")
# Wherever a body is read.
OF_BODIES = (
    Refusal(400, "malformed-json", "The body is not JSON that this API reads"),
    Refusal(411, "length-required", "Send the length of the body"),
    Refusal(413, "body-too-large", "The body is too large"),
    Refusal(415, "unsupported-media-type", "Send JSON, as application/json"),
    INVALID,
)
_CHANGING = (
    *OF_BODIES,
    Refusal(400, "idempotency-key-missing", "An Idempotency-Key is needed"),
    Refusal(409, "idempotency-in-progress", "A request with this Idempotency-Key is being worked on"),
    Refusal(422, "idempotency-mismatch", "This Idempotency-Key was used for another request"),
)
FORBIDDEN = Refusal(403, "forbidden", "You may not do this")
NOT_FOUND = Refusal(404, "not-found", "There is nothing here under this address")
WRONG_STATE = Refusal(409, "wrong-state", "This cannot be done in the present state")
FOUR_EYES = Refusal(403, "four-eyes", "A second person must decide")


def refusals(*own: Refusal, is_change: bool = True) -> dict[Any, OpenApiResponse]:
    """Describe an endpoint's refusals, those that all endpoints share included, with an example of each."""
    by_status: dict[int, list[Refusal]] = defaultdict(list)
    for refusal in (*own, *(_CHANGING if is_change else ()), *_ALWAYS):
        by_status[refusal.status].append(refusal)
    return {
        (status, MEDIA_TYPE): OpenApiResponse(Problem, _described(group), [_example(each) for each in group])
        for status, group in sorted(by_status.items())
    }


def _described(group: Iterable[Refusal]) -> str:
    return ", ".join(f"`{refusal.code}`" for refusal in group)


def _example(refusal: Refusal) -> OpenApiExample:
    value = {
        "type": "about:blank",
        "title": refusal.title,
        "status": refusal.status,
        "detail": refusal.detail or refusal.title,
        "code": refusal.code,
        "errors": [],
        "request_id": "req_01k4zq5v3n8x2c7m9t4w6y1b0d",
    }
    return OpenApiExample(refusal.code, value=value, response_only=True, media_type=MEDIA_TYPE)
