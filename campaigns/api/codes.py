"""`POST /api/v1/codes/check`: say what a code is worth, without spending it."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api.redemptions import MEMBER_REFUSALS, MOST_TYPED
from campaigns.queries.disclosure import checked_code
from campaigns.rules.refusals import SLIPS, Verdict, status_of
from portal.api.fields import TextField
from portal.api.limits import count_refusal, count_try
from portal.api.schema import FORBIDDEN, NOT_FOUND, OF_BODIES, refusals
from portal.api.views import ApiView
from portal.core import clock

STATUSES = sorted({status_of(found) for found in Verdict})


class CheckInput(serializers.Serializer[Any]):
    """A code, and perhaps who asks."""

    code = TextField(max_length=MOST_TYPED, trim_whitespace=False)
    member = TextField(
        max_length=128, required=False, default="", help_text="With it, tries count as the member's."
    )
    campaign = TextField(max_length=48, required=False, default="")


class CheckOutput(serializers.Serializer[Any]):
    """What this client may know about the code; support desks are told batch, state and time as well."""

    status = serializers.ChoiceField(STATUSES)
    detail = serializers.CharField()
    campaign = serializers.CharField()
    batch = serializers.CharField()
    batch_state = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class CodeChecks(ApiView):
    """Check codes."""

    # The query asks the database whether the key is still live.
    may_remember_key = True

    @extend_schema(
        operation_id="check_code",
        summary="Say what a code is worth",
        description="Spends nothing. A website is told the status alone; a support desk batch, state and time too.",
        request=CheckInput,
        responses={200: CheckOutput}
        | refusals(*MEMBER_REFUSALS, *OF_BODIES, FORBIDDEN, NOT_FOUND, is_change=False),
    )
    def post(self, request: Request) -> Response:
        given = self.read(CheckInput)
        member = given["member"]
        if member:
            count_try(self.client_id, member)
        checked = checked_code(
            self.actor, given["code"], member=member, campaign=given["campaign"], now=clock.now()
        )
        if member and checked.verdict is not Verdict.REDEEMABLE and checked.verdict not in SLIPS:
            count_refusal(self.client_id, member)
        shown = asdict(checked)
        del shown["verdict"]
        return Response(shown)
