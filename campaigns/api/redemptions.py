"""`POST /api/v1/redemptions`: spend a code for a member."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.operations.redemption import CodeRefusedError, Redeemed, redeem_code
from campaigns.rules.refusals import SLIPS, TOLD, Verdict
from portal.api.fields import TextField
from portal.api.idempotency import idempotent, key_of
from portal.api.limits import count_refusal, count_try
from portal.api.schema import FORBIDDEN, IDEMPOTENCY_KEY, NOT_FOUND, Refusal, refusals
from portal.api.views import ApiView
from portal.core import clock

# Longer than any code: what is too long for one is refused as malformed, not as a field.
MOST_TYPED = 20_000
_STATUS = {
    Verdict.MALFORMED: 422,
    Verdict.NEVER_ORDERED: 404,
    Verdict.DORMANT: 409,
    Verdict.ENDED: 410,
    Verdict.VOID: 410,
    Verdict.SPENT_BY_ANOTHER: 409,
    Verdict.SPENT_BY_MEMBER: 409,
}
MEMBER_REFUSALS = (
    Refusal(429, "member-limit", "This member has tried too often"),
    Refusal(429, "locked-out", "This member is locked out for a while"),
)
_REFUSALS = refusals(
    *(
        Refusal(status, TOLD[found].code, TOLD[found].title, TOLD[found].consumer.format(malformed=""))
        for found, status in _STATUS.items()
    ),
    *MEMBER_REFUSALS,
    FORBIDDEN,
    NOT_FOUND,
)


def table_of_refusals() -> str:
    """Write down what each kind of client is told, as a table in Markdown for the document."""
    rows = dict.fromkeys(f"| `{told.code}` | {told.consumer} | {told.desk} |" for told in TOLD.values())
    head = "| code | a website is told | a support desk is told |\n|---|---|---|"
    return (
        "\n".join([head, *rows])
        .replace("{malformed}", "which part is wrong")
        .replace("{", "‹")
        .replace("}", "›")
    )


class RedemptionInput(serializers.Serializer[Any]):
    """A code and who redeems it."""

    code = TextField(max_length=MOST_TYPED, trim_whitespace=False, help_text="As typed by the consumer.")
    member = TextField(max_length=128, help_text="Your own reference of the consumer.")
    campaign = TextField(
        max_length=48,
        required=False,
        default="",
        help_text="Slug or id; without it your campaigns are tried.",
    )


class Award(serializers.Serializer[Any]):
    """What the code brought."""

    type = serializers.ChoiceField(["points"])
    base = serializers.IntegerField()
    multiplier = serializers.IntegerField()
    total = serializers.IntegerField()


class RedemptionOutput(serializers.Serializer[Any]):
    """A redeemed code."""

    id = serializers.CharField()
    status = serializers.ChoiceField(["redeemed"])
    campaign = serializers.CharField()
    awards = Award(many=True)
    balance = serializers.IntegerField(help_text="The member's points after this redemption.")
    redeemed_at = serializers.DateTimeField()


_EXAMPLE = OpenApiExample(
    "A code of the summer campaign",
    value={"code": "K7QW-M2XF-9RTD", "member": "ext:123", "campaign": "summer"},
    request_only=True,
)


class Redemptions(ApiView):
    """Redeem codes."""

    # The operation asks the database whether the key is still live.
    may_remember_key = True

    @extend_schema(
        operation_id="redeem_code",
        summary="Redeem a code for a member",
        description="A code is redeemed once. Why it is not, by kind of client:\n\n" + table_of_refusals(),
        request=RedemptionInput,
        responses={201: RedemptionOutput} | _REFUSALS,
        parameters=[IDEMPOTENCY_KEY],
        examples=[_EXAMPLE],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        given = self.read(RedemptionInput)
        client_id = self.client_id
        count_try(client_id, given["member"])
        try:
            redeemed = redeem_code(
                given["code"],
                member=given["member"],
                campaign=given["campaign"],
                request_key=key_of(request),
                by=self.actor,
                now=clock.now(),
            )
        except CodeRefusedError as error:
            if error.verdict not in SLIPS:
                count_refusal(client_id, given["member"])
            raise
        return Response(_shown(redeemed), status=201)


def _shown(redeemed: Redeemed) -> dict[str, Any]:
    points = redeemed.points
    return {
        "id": redeemed.public_id,
        "status": "redeemed",
        "campaign": redeemed.campaign,
        "awards": [{"type": "points", "base": points, "multiplier": 1, "total": points}],
        "balance": redeemed.balance,
        "redeemed_at": redeemed.redeemed_at,
    }
