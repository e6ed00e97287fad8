"""Pages of markets and brands."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.forms.parties import BrandForm, MarketForm
from campaigns.operations.parties import change_brand, change_market, create_brand, create_market
from campaigns.queries.figures import campaign_figures
from campaigns.queries.parties import brands, markets
from campaigns.views.campaigns import CAMPAIGNS
from portal.accounts.roles import Act
from portal.core import clock
from portal.web.finding import fitted, found, offered
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Crumb
from portal.web.requests import PageRequest
from portal.web.trails import timeline
from portal.web.wording import moment

MARKETS = ListPage(
    name="markets",
    columns=(
        Column("name", gettext_lazy("Market"), "campaigns/cells/market.html", sort="name", is_main=True),
        Column("code", gettext_lazy("Code"), sort="code", is_spare=True),
        Column("time_zone", gettext_lazy("Time zone"), "campaigns/cells/zone.html", sort="time_zone"),
        Column("currency", gettext_lazy("Currency"), sort="currency"),
        Column(
            "guess_odds_floor",
            gettext_lazy("Guess odds, at least 1 in"),
            sort="guess_odds_floor",
            is_number=True,
        ),
        Column("campaign_count", gettext_lazy("Campaigns"), sort="campaign_count", is_number=True),
    ),
    search=("name", "code"),
    search_label=gettext_lazy("Search markets"),
    sort="name",
    empty=Empty(
        gettext_lazy("No market yet"),
        gettext_lazy(
            "A market has a time zone, a currency, a language and a policy. Every campaign belongs to one."
        ),
        reverse_lazy("market-new"),
        gettext_lazy("New market"),
        "world",
    ),
)
BRANDS = ListPage(
    name="brands",
    columns=(
        Column("name", gettext_lazy("Brand"), "campaigns/cells/brand.html", sort="name", is_main=True),
        Column("code", gettext_lazy("Code"), sort="code"),
        Column("campaign_count", gettext_lazy("Campaigns"), sort="campaign_count", is_number=True),
    ),
    search=("name", "code"),
    search_label=gettext_lazy("Search brands"),
    sort="name",
    empty=Empty(
        gettext_lazy("No brand yet"),
        gettext_lazy("A brand is what is printed on the can. Every campaign belongs to one."),
        reverse_lazy("brand-new"),
        gettext_lazy("New brand"),
        "building-store",
    ),
)


def _to_markets() -> list[Crumb]:
    return [Crumb(_("Markets"), reverse("markets"))]


def _to_brands() -> list[Crumb]:
    return [Crumb(_("Brands"), reverse("brands"))]


@require(Act.MARKET_READ)
def market_list(request: PageRequest) -> HttpResponseBase:
    """List the markets."""
    primary = offered(request, Act.MARKET_EDIT, _("New market"), reverse("market-new"))
    page = fitted(MARKETS, request, Act.MARKET_EDIT)
    return page.answer(request, markets(request.actor), title=_("Markets"), primary=primary)


@require(Act.MARKET_EDIT)
def new_market(request: PageRequest) -> HttpResponse:
    """Set up a market."""
    form = MarketForm(request.POST or None)

    def act() -> HttpResponse:
        market = create_market(form.facts(), by=request.actor, now=clock.now())
        messages.success(request, _("The market %(name)s was set up.") % {"name": market.name})
        return redirect("market", market.public_id)

    return form_page(
        request, form, act, title=_("New market"), crumbs=_to_markets(), back_url=reverse("markets")
    )


@require(Act.MARKET_READ)
def market_detail(request: PageRequest, public_id: str) -> HttpResponseBase:
    """Show a market with its campaigns."""
    market = found(markets(request.actor), public_id)
    campaigns = campaign_figures(request.actor, now=clock.now()).filter(market=market)
    return fitted(CAMPAIGNS, request, Act.CAMPAIGN_EDIT).answer(
        request,
        campaigns,
        template="campaigns/market.html",
        title=market.name,
        market=market,
        crumbs=_to_markets(),
        events=timeline(market),
        clock=moment(clock.now(), market.time_zone),
        edit_url=reverse("market-edit", args=[public_id]) if request.actor.may(Act.MARKET_EDIT) else "",
    )


@require(Act.MARKET_EDIT)
def edit_market(request: PageRequest, public_id: str) -> HttpResponse:
    """Change a market."""
    market = found(markets(request.actor), public_id)
    form = MarketForm(request.POST or None, initial=MarketForm.initial_of(market))
    here = reverse("market", args=[public_id])

    def act() -> HttpResponse:
        change_market(market, form.facts(), by=request.actor, now=clock.now())
        messages.success(request, _("The market was changed."))
        return redirect(here)

    title = _("Edit %(name)s") % {"name": market.name}
    return form_page(request, form, act, title=title, crumbs=_to_markets(), back_url=here)


@require(Act.BRAND_READ)
def brand_list(request: PageRequest) -> HttpResponseBase:
    """List the brands."""
    primary = offered(request, Act.BRAND_EDIT, _("New brand"), reverse("brand-new"))
    page = fitted(BRANDS, request, Act.BRAND_EDIT)
    return page.answer(request, brands(request.actor), title=_("Brands"), primary=primary)


@require(Act.BRAND_EDIT)
def new_brand(request: PageRequest) -> HttpResponse:
    """Set up a brand."""
    form = BrandForm(request.POST or None)

    def act() -> HttpResponse:
        brand = create_brand(**form.cleaned_data, by=request.actor, now=clock.now())
        messages.success(request, _("The brand %(name)s was set up.") % {"name": brand.name})
        return redirect("brand", brand.public_id)

    return form_page(
        request, form, act, title=_("New brand"), crumbs=_to_brands(), back_url=reverse("brands")
    )


@require(Act.BRAND_READ)
def brand_detail(request: PageRequest, public_id: str) -> HttpResponseBase:
    """Show a brand with its campaigns."""
    brand = found(brands(request.actor), public_id)
    campaigns = campaign_figures(request.actor, now=clock.now()).filter(brand=brand)
    return fitted(CAMPAIGNS, request, Act.CAMPAIGN_EDIT).answer(
        request,
        campaigns,
        template="campaigns/brand.html",
        title=brand.name,
        brand=brand,
        crumbs=_to_brands(),
        events=timeline(brand),
        edit_url=reverse("brand-edit", args=[public_id]) if request.actor.may(Act.BRAND_EDIT) else "",
    )


@require(Act.BRAND_EDIT)
def edit_brand(request: PageRequest, public_id: str) -> HttpResponse:
    """Change a brand."""
    brand = found(brands(request.actor), public_id)
    form = BrandForm(request.POST or None, initial=BrandForm.initial_of(brand))
    here = reverse("brand", args=[public_id])

    def act() -> HttpResponse:
        change_brand(brand, **form.cleaned_data, by=request.actor, now=clock.now())
        messages.success(request, _("The brand was changed."))
        return redirect(here)

    title = _("Edit %(name)s") % {"name": brand.name}
    return form_page(request, form, act, title=title, crumbs=_to_brands(), back_url=here)
