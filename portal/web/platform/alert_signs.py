"""What open alerts put into the frame: the gravest of them behind the bell, and their number on the home page."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.security.queries import alerts_to_handle, open_alerts
from portal.web.navigation import Figure, Waiting

# The list has them all; the bell says that there are some.
MOST_ALERTS = 5


def waiting_alerts(actor: Actor) -> Sequence[Waiting]:
    """List the gravest open alerts for those who handle them; never one about themself."""
    if not actor.may(Act.ALERT_EDIT):
        return []
    return [
        Waiting(
            _("Look into: %(alert)s") % {"alert": alert.title},
            alert.severity_name,
            reverse("alert", args=[alert.public_id]),
            alert.opened_at,
            "alert-triangle",
        )
        for alert in open_alerts(actor)[:MOST_ALERTS]
    ]


def alert_figures(actor: Actor) -> Sequence[Figure]:
    """Count the alerts that are not closed, for those who may see them."""
    if not actor.may(Act.ALERT_READ):
        return []
    count = alerts_to_handle(actor).count()
    return [Figure(_("Alerts"), count, _("open or in hand"), reverse("alerts"))]
