"""Pages of canaries: marking a thing as bait, and taking the mark away."""

from typing import ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.actors import permit
from portal.accounts.roles import Act
from portal.core.clock import now
from portal.security import queries
from portal.security.operations.canaries import mark_canary, unmark_canary
from portal.web.finding import found
from portal.web.forms import Form, form_page
from portal.web.guards import require
from portal.web.navigation import Words
from portal.web.pieces import Crumb, Question, ask
from portal.web.requests import PageRequest


class CanaryForm(Form):
    """A new canary."""

    button: ClassVar[Words] = gettext_lazy("Mark as canary")
    subject_id = forms.CharField(
        label=gettext_lazy("Id"),
        max_length=40,
        help_text=gettext_lazy("The id of a thing that nobody has a reason to touch, such as mem_01k4…"),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Where it lies, and what whoever touches it would have to do for that."),
    )


@require(Act.ALERT_EDIT)
def new_canary(request: PageRequest) -> HttpResponse:
    """Mark a thing as bait."""
    permit(request.actor, Act.ALERT_EDIT, {})
    form = CanaryForm(request.POST or None)

    def act() -> HttpResponse:
        mark_canary(**form.cleaned_data, by=request.actor, now=now())
        messages.success(request, _("Whoever touches it from now on raises an alert."))
        return redirect("alerts")

    crumbs = [Crumb(_("Alerts"), reverse("alerts"))]
    return form_page(request, form, act, title=_("Mark a canary"), crumbs=crumbs, back_url=reverse("alerts"))


@require(Act.ALERT_EDIT)
def remove(request: PageRequest, public_id: str) -> HttpResponse:
    """Take the mark away, after asking."""
    permit(request.actor, Act.ALERT_EDIT, {})
    canary = found(queries.canaries(), public_id)
    question = Question(
        title=_("Take the mark from %(id)s?") % {"id": canary.subject_id},
        sentences=[_("Whoever touches it from then on raises no alert.")],
        button=_("Take mark away"),
        back_url=reverse("alerts"),
    )

    def act(_reason: str) -> HttpResponse:
        unmark_canary(canary, by=request.actor, now=now())
        messages.success(request, _("The mark was taken away."))
        return redirect("alerts")

    return ask(request, question, act)
