"""The mails that the local stack keeps instead of sending them; anywhere else this page does not exist."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import Act
from portal.core.errors import NotFoundError
from portal.core.mail_routes import Way
from portal.mail.queries import kept_mails
from portal.web.finding import found
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Crumb
from portal.web.requests import PageRequest

MAILS = ListPage(
    name="mails",
    columns=(
        Column(
            "subject",
            gettext_lazy("Subject"),
            template="portal/cells/mail.html",
            sort="subject",
            is_main=True,
        ),
        Column("recipient", gettext_lazy("To"), sort="recipient"),
        Column("created_at", gettext_lazy("Written"), template="portal/cells/when.html", sort="created_at"),
    ),
    empty=Empty(
        gettext_lazy("No mail yet"),
        gettext_lazy("Invitations and other mails of this stack appear here."),
        icon="mail",
    ),
    search=("recipient", "subject"),
    sort="-created_at",
)


@require(Act.PERSON_EDIT)
def mails(request: PageRequest) -> HttpResponseBase:
    """List the mails that stayed here."""
    _only_where_mail_stays()
    return MAILS.answer(
        request, kept_mails(), title=_("Mails"), crumbs=[Crumb(_("People"), reverse("people"))]
    )


@require(Act.PERSON_EDIT)
def mail(request: PageRequest, public_id: str) -> HttpResponse:
    """Show a mail as its reader would have got it."""
    _only_where_mail_stays()
    shown = found(kept_mails(), public_id)
    crumbs = [Crumb(_("Mails"), reverse("mails"))]
    return render(request, "portal/mail.html", {"title": shown.subject, "mail": shown, "crumbs": crumbs})


def _only_where_mail_stays() -> None:
    # Links in mails open doors: where mail is sent, nobody but its recipient reads it.
    if settings.MAIL_ROUTE.way is not Way.LOCAL:
        raise NotFoundError
