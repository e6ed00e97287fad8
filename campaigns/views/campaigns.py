"""Pages of campaigns: the list, the form with its meter, one campaign, and its pause."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.forms.campaigns import CampaignForm, values_of
from campaigns.models import Campaign
from campaigns.operations.campaigns import change_campaign, create_campaign, pause_campaign, resume_campaign
from campaigns.queries.campaigns import campaigns, funnel
from campaigns.queries.figures import Hours, batch_figures, campaign_figures, redemptions_per_hour
from campaigns.rules.calendar import Phase
from campaigns.views.batch_list import BATCHES_OF_CAMPAIGN
from campaigns.views.filters import CampaignFilters
from campaigns.views.meter import meter_of
from portal.accounts.roles import Act
from portal.core import clock
from portal.core.language import grouped
from portal.web.context import frame_of
from portal.web.exports import csv_answer, record_export
from portal.web.finding import fitted, found, offered
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Chart, Choice, Crumb, Question, Series, ask
from portal.web.requests import PageRequest
from portal.web.trails import timeline

CAMPAIGNS = ListPage(
    name="campaigns",
    columns=(
        Column("name", gettext_lazy("Campaign"), "campaigns/cells/campaign.html", sort="name", is_main=True),
        Column("phase_now", gettext_lazy("State"), "portal/cells/state.html", sort="phase_now"),
        Column("market.name", gettext_lazy("Market"), sort="market__name"),
        Column("brand.name", gettext_lazy("Brand"), sort="brand__name", is_spare=True),
        Column(
            "opens_at",
            gettext_lazy("Opens"),
            "campaigns/cells/in_market.html",
            sort="opens_at",
            is_spare=True,
        ),
        Column("closes_at", gettext_lazy("Closes"), "campaigns/cells/in_market.html", sort="closes_at"),
        Column("ordered", gettext_lazy("Codes ordered"), sort="ordered", is_number=True),
        Column("redeemed", gettext_lazy("Redeemed"), sort="redeemed", is_number=True),
    ),
    search=("name", "slug", "market__name", "brand__name"),
    search_label=gettext_lazy("Search campaigns"),
    filters=CampaignFilters,
    sort="-opens_at",
    empty=Empty(
        gettext_lazy("No campaign yet"),
        gettext_lazy(
            "A campaign says when codes count, for whom, and what they look like. Codes are ordered for it."
        ),
        reverse_lazy("campaign-new"),
        gettext_lazy("New campaign"),
        "speakerphone",
    ),
)


def _to_campaigns() -> list[Crumb]:
    return [Crumb(_("Campaigns"), reverse("campaigns"))]


@require(Act.CAMPAIGN_READ)
def campaign_list(request: PageRequest) -> HttpResponseBase:
    """List the campaigns, within the chosen market."""
    rows = campaign_figures(request.actor, now=clock.now())
    if scope := frame_of(request).scope:
        rows = rows.filter(market=scope.pk)
    primary = offered(request, Act.CAMPAIGN_EDIT, _("New campaign"), reverse("campaign-new"))
    page = fitted(CAMPAIGNS, request, Act.CAMPAIGN_EDIT)
    return page.answer(request, rows, title=_("Campaigns"), primary=primary)


@require(Act.CAMPAIGN_EDIT)
def new_campaign(request: PageRequest) -> HttpResponse:
    """Set up a campaign, with the guess odds and a printed code beside the form."""
    form = CampaignForm(request.POST or None, actor=request.actor)
    if "preview" in request.POST:
        return _designing(request, form)

    def act() -> HttpResponse:
        given = form.cleaned_data
        campaign = create_campaign(
            form.facts(), market=given["market"], brand=given["brand"], by=request.actor, now=clock.now()
        )
        messages.success(
            request, _("The campaign %(name)s was set up. Order codes next.") % {"name": campaign.name}
        )
        return redirect("campaign", campaign.public_id)

    return form_page(
        request,
        form,
        act,
        template="campaigns/campaign_form.html",
        meter=meter_of(values_of(request.POST) if request.POST else _initial(form), request.actor),
        **_around(None),
    )


def _around(campaign: Campaign | None) -> dict[str, Any]:
    """Give what stands around the form of a campaign, new or not."""
    shared = {"crumbs": _to_campaigns(), "meter_url": reverse("campaign-meter"), "campaign": campaign}
    if campaign is None:
        return shared | {"title": _("New campaign"), "back_url": reverse("campaigns")}
    title = _("Edit %(name)s") % {"name": campaign.name}
    return shared | {"title": title, "back_url": reverse("campaign", args=[campaign.public_id])}


def _initial(form: CampaignForm) -> dict[str, object]:
    return {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}


def _designing(request: PageRequest, form: CampaignForm) -> HttpResponse:
    """Show the form again with a fresh preview and nothing refused, for those without JavaScript."""
    values = values_of(request.POST, form.campaign)
    unbound = CampaignForm(initial=values, actor=request.actor, campaign=form.campaign)
    measured = meter_of(values, request.actor, form.campaign)
    context = {"form": unbound, "meter": measured, **_around(form.campaign)}
    return render(request, "campaigns/campaign_form.html", context)


@require(Act.CAMPAIGN_EDIT)
def meter(request: PageRequest) -> HttpResponse:
    """Show the guess odds and the printed code for what stands in the form at this moment."""
    wanted = request.GET.get("campaign", "")
    campaign = found(campaigns(request.actor, Act.CAMPAIGN_EDIT), wanted) if wanted else None
    shown = meter_of(values_of(request.GET, campaign), request.actor, campaign)
    return render(request, "campaigns/parts/meter.html", {"meter": shown})


@require(Act.CAMPAIGN_READ)
def campaign_detail(request: PageRequest, public_id: str) -> HttpResponseBase:
    """Show what became of a campaign's codes, with its batches."""
    now = clock.now()
    campaign = found(campaign_figures(request.actor, now=now), public_id)
    hours = redemptions_per_hour(campaign, now=now)
    if request.GET.get("chart") == "csv":
        return _hours_csv(request, campaign, hours)
    may_order = request.actor.may(Act.BATCH_PLAN, campaign.place) and campaign.phase_now != Phase.ENDED  # type: ignore[attr-defined]
    order_url = f"{reverse('batch-new')}?campaign={public_id}"
    return fitted(BATCHES_OF_CAMPAIGN, request, Act.BATCH_PLAN).answer(
        request,
        batch_figures(request.actor, campaign),
        template="campaigns/campaign.html",
        title=campaign.name,
        campaign=campaign,
        format=campaign.format,
        crumbs=_to_campaigns(),
        funnel=funnel(campaign),
        chart=_hours_chart(campaign, hours) if any([*hours.last_week, *filter(None, hours.today)]) else None,
        events=timeline(campaign),
        primary=Choice(_("Order codes"), order_url, "plus") if may_order else None,
        choices=_choices(request, campaign),
    )


def _choices(request: PageRequest, campaign: Campaign) -> list[Choice]:
    if not request.actor.may(Act.CAMPAIGN_EDIT, campaign.place):
        return []
    edit = Choice(_("Edit campaign"), reverse("campaign-edit", args=[campaign.public_id]), "pencil")
    if campaign.paused_at is None:
        pause = Choice(
            _("Pause redemption"),
            reverse("campaign-pause", args=[campaign.public_id]),
            "player-pause",
            is_question=True,
        )
    else:
        pause = Choice(
            _("Resume redemption"),
            reverse("campaign-resume", args=[campaign.public_id]),
            "player-play",
            is_question=True,
        )
    return [edit, pause]


def _hours_chart(campaign: Campaign, hours: Hours) -> Chart:
    return Chart(
        name="redemptions",
        question=_("How many codes are redeemed each hour, today and a week ago?"),
        categories=hours.labels,
        series=[Series(_("Today"), hours.today), Series(_("The same day last week"), hours.last_week)],
        unit=_("redemptions"),
        kind="line",
        csv_url=f"{reverse('campaign', args=[campaign.public_id])}?chart=csv",
    )


def _hours_csv(request: PageRequest, campaign: Campaign, hours: Hours) -> HttpResponseBase:
    titles = [_("Hour"), _("Today"), _("The same day last week")]
    lines = zip(hours.labels, hours.today, hours.last_week, strict=True)
    record_export(request, "redemptions", rows=len(hours.labels), campaign=campaign.public_id)
    return csv_answer(f"redemptions-{campaign.slug}.csv", titles, lines)


@require(Act.CAMPAIGN_EDIT)
def edit_campaign(request: PageRequest, public_id: str) -> HttpResponse:
    """Change a campaign."""
    campaign = found(campaigns(request.actor, Act.CAMPAIGN_EDIT), public_id)
    initial = CampaignForm.initial_of(campaign)
    form = CampaignForm(request.POST or None, initial=initial, actor=request.actor, campaign=campaign)
    if "preview" in request.POST:
        return _designing(request, form)
    here = reverse("campaign", args=[public_id])

    def act() -> HttpResponse:
        change_campaign(campaign, form.facts(), by=request.actor, now=clock.now())
        messages.success(request, _("The campaign was changed."))
        return redirect(here)

    shown = values_of(request.POST, campaign) if request.POST else initial
    return form_page(
        request,
        form,
        act,
        template="campaigns/campaign_form.html",
        meter=meter_of(shown, request.actor, campaign),
        **_around(campaign),
    )


@require(Act.CAMPAIGN_EDIT)
def pause(request: PageRequest, public_id: str) -> HttpResponse:
    """Stop redemption, after asking."""
    campaign = found(campaigns(request.actor, Act.CAMPAIGN_EDIT), public_id)
    here = reverse("campaign", args=[public_id])
    question = Question(
        title=_("Pause redemption of %(name)s?") % {"name": campaign.name},
        sentences=[
            _("From the next second no code of this campaign can be redeemed: %(count)s active codes.")
            % {"count": grouped(campaign.active_codes or 0)},  # type: ignore[attr-defined]
            _("Consumers are told that the code is not active. Resuming makes the codes good again."),
        ],
        button=_("Pause redemption"),
        back_url=here,
    )

    def act(_reason: str) -> HttpResponse:
        pause_campaign(campaign, by=request.actor, now=clock.now())
        messages.success(request, _("Redemption is paused."))
        return redirect(here)

    return ask(request, question, act)


@require(Act.CAMPAIGN_EDIT)
def resume(request: PageRequest, public_id: str) -> HttpResponse:
    """Let codes be redeemed again, after asking."""
    campaign = found(campaigns(request.actor, Act.CAMPAIGN_EDIT), public_id)
    here = reverse("campaign", args=[public_id])
    question = Question(
        title=_("Resume redemption of %(name)s?") % {"name": campaign.name},
        sentences=[
            _("Consumers can redeem its %(count)s active codes again at once.")
            % {"count": grouped(campaign.active_codes or 0)}  # type: ignore[attr-defined]
        ],
        button=_("Resume redemption"),
        back_url=here,
    )

    def act(_reason: str) -> HttpResponse:
        resume_campaign(campaign, by=request.actor, now=clock.now())
        messages.success(request, _("Codes can be redeemed again."))
        return redirect(here)

    return ask(request, question, act)
