"""Markets, brands and printers within an actor's scope."""

from django.db.models import Count, Q, QuerySet

from campaigns.models import Brand, Market, Printer
from portal.accounts.actors import Actor, OrganizationKind
from portal.accounts.roles import Act


def markets(actor: Actor, act: Act = Act.MARKET_READ) -> QuerySet[Market]:
    """List the markets, with the number of their campaigns."""
    reach = actor.scope(act, market="pk")
    return Market.objects.filter(reach).annotate(campaign_count=Count("campaigns")).order_by("name", "pk")


def brands(actor: Actor, act: Act = Act.BRAND_READ) -> QuerySet[Brand]:
    """List the brands, with the number of their campaigns."""
    reach = Q() if _works_in_a_market(actor, act) else actor.scope(act, brand="pk")
    return Brand.objects.filter(reach).annotate(campaign_count=Count("campaigns")).order_by("name", "pk")


def printers(actor: Actor, act: Act = Act.PRINTER_READ) -> QuerySet[Printer]:
    """List the printers, with the number of their batches."""
    reach = Q() if _works_in_a_market(actor, act) else actor.scope(act, printer="pk")
    return Printer.objects.filter(reach).annotate(batch_count=Count("batches")).order_by("name", "pk")


def _works_in_a_market(actor: Actor, act: Act) -> bool:
    """Say whether a grant reaches the act through a market: brands and printers serve every market."""
    return any(act in grant.acts and OrganizationKind.MARKET in grant.within for grant in actor.grants)
