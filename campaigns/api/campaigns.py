"""`GET /api/v1/campaigns`: the campaigns that a client can name."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Campaign
from campaigns.queries.campaigns import campaigns
from campaigns.rules.calendar import Phase, phase
from portal.api.pages import PAGE, page_of
from portal.api.schema import INVALID, refusals
from portal.api.views import ApiView
from portal.core import clock


class CampaignOutput(serializers.Serializer[Any]):
    """A campaign as programs need it."""

    id = serializers.CharField()
    slug = serializers.CharField()
    name = serializers.CharField()
    market = serializers.CharField(help_text="The market's code.")
    brand = serializers.CharField(help_text="The brand's code.")
    phase = serializers.ChoiceField([each.value for each in Phase])
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(help_text="The first moment at which it is over.")


class CampaignPage(serializers.Serializer[Any]):
    """Campaigns, newest first."""

    items = CampaignOutput(many=True)
    next = serializers.CharField(allow_null=True)


class Campaigns(ApiView):
    """List campaigns."""

    @extend_schema(
        operation_id="list_campaigns",
        summary="List your campaigns",
        parameters=PAGE,
        responses={200: CampaignPage} | refusals(INVALID, is_change=False),
    )
    def get(self, request: Request) -> Response:
        page = page_of(campaigns(self.actor), request)
        now = clock.now()
        return Response({"items": [_shown(campaign, now) for campaign in page.rows], "next": page.next})


def _shown(campaign: Campaign, now: datetime) -> dict[str, Any]:
    return {
        "id": campaign.public_id,
        "slug": campaign.slug,
        "name": campaign.name,
        "market": campaign.market.code,
        "brand": campaign.brand.code,
        "phase": phase(campaign.opens_at, campaign.closes_at, campaign.paused_at, now),
        "opens_at": campaign.opens_at,
        "closes_at": campaign.closes_at,
    }
