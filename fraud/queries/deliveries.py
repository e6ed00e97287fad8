"""What institutions were sent, or are to be sent, within an actor's scope."""

from django.db.models import QuerySet

from fraud.models import Institution, WebhookDelivery
from portal.accounts.actors import Actor
from portal.accounts.roles import Act


def deliveries(actor: Actor, act: Act = Act.INSTITUTION_READ) -> QuerySet[WebhookDelivery]:
    """List deliveries within the actor's scope, the newest first."""
    rows = WebhookDelivery.objects.filter(actor.scope(act, institution="institution"))
    return rows.select_related("institution", "application").order_by("-pk")


def deliveries_of(institution: Institution) -> QuerySet[WebhookDelivery]:
    """List deliveries of an institution that the caller may see, the newest first."""
    return (
        WebhookDelivery.objects.filter(institution=institution).select_related("application").order_by("-pk")
    )
