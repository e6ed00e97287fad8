"""What an institution was sent by webhook: each delivery with how it went, sending again, pausing, switching off."""

from collections.abc import Callable
from typing import Any

import django_filters
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fraud.models import Institution, WebhookEndpoint
from fraud.operations.webhooks import disable_webhook, pause_webhook, resume_webhook, send_again
from fraud.queries.deliveries import deliveries, deliveries_of
from fraud.queries.institutions import institutions
from fraud.rules.webhooks import DeliveryState
from fraud.views.words import EVENTS
from portal.accounts.roles import Act
from portal.core import clock
from portal.core.errors import NotFoundError
from portal.crypto.keyring import Purpose
from portal.keys.signing import signing_keys
from portal.web.finding import found
from portal.web.guards import View, require
from portal.web.lists import Column, Empty, ListPage
from portal.web.navigation import Words
from portal.web.pieces import Choice, Crumb, Question, ask
from portal.web.requests import PageRequest
from portal.web.states import look


def _states() -> list[tuple[str, Any]]:
    return [(state.value, look(state)[1]) for state in DeliveryState]


class DeliveryFilters(django_filters.FilterSet):  # type: ignore[misc]
    """By state and event."""

    state = django_filters.ChoiceFilter(label=gettext_lazy("State"), choices=_states)
    event = django_filters.ChoiceFilter(label=gettext_lazy("What it tells"), choices=list(EVENTS.items()))


DELIVERIES = ListPage(
    name="deliveries",
    columns=(
        Column("event", gettext_lazy("What it tells"), "fraud/cells/event.html", is_main=True),
        # By its id: whoever looks after webhooks may not know the institution's own reference.
        Column("application.public_id", gettext_lazy("Application"), "fraud/cells/told_application.html"),
        Column("state", gettext_lazy("State"), "fraud/cells/delivery_state.html", sort="state"),
        Column("status", gettext_lazy("Answer"), "fraud/cells/answer.html", sort="status", is_spare=True),
        Column("tries", gettext_lazy("Tries"), sort="tries", is_number=True, is_spare=True),
        Column("created_at", gettext_lazy("Since"), "portal/cells/when.html", sort="created_at"),
        Column("due_at", gettext_lazy("Next try"), "portal/cells/when.html", is_spare=True),
        Column("ended_at", gettext_lazy("Ended"), "portal/cells/when.html", sort="ended_at", is_spare=True),
        Column("public_id", gettext_lazy("Send again"), "fraud/cells/send_again.html", is_exported=False),
    ),
    empty=Empty(
        gettext_lazy("Nothing was sent yet"),
        gettext_lazy(
            "What is decided after an institution had its answer is sent to its webhook, and listed here."
        ),
        icon="send",
    ),
    search=("public_id", "application__public_id"),
    search_label=gettext_lazy("Search deliveries"),
    filters=DeliveryFilters,
    sort="-pk",
    most=10_000,
)


def to_institution(institution: Institution) -> list[Crumb]:
    """Lead back to an institution."""
    here = reverse("institution", args=[institution.public_id])
    return [Crumb(_("Institutions"), reverse("institutions")), Crumb(institution.name, here)]


@require(Act.INSTITUTION_READ)
def delivery_list(request: PageRequest, public_id: str) -> HttpResponseBase:
    """List what an institution was sent, below where it listens."""
    institution = found(institutions(request.actor), public_id)
    endpoint = WebhookEndpoint.objects.filter(institution=institution).first()
    key = signing_keys().filter(purpose=Purpose.RESULTS, retired_at=None).first()
    may_edit = request.actor.may(Act.INSTITUTION_EDIT, institution.place)
    return DELIVERIES.answer(
        request,
        deliveries_of(institution),
        template="fraud/deliveries.html",
        title=_("Deliveries"),
        crumbs=to_institution(institution),
        institution=institution,
        endpoint=endpoint,
        key_id=key.key_id if key else "",
        may_edit=may_edit,
        may_read=request.actor.may(Act.APPLICATION_READ, institution.place),
        choices=_choices(institution, endpoint) if may_edit else [],
    )


def _choices(institution: Institution, endpoint: WebhookEndpoint | None) -> list[Choice]:
    here = [institution.public_id]
    choices = [Choice(_("Where it listens"), reverse("institution-webhook", args=here), "link")]
    if endpoint is None or endpoint.state == "disabled":
        return choices
    if endpoint.state == "active":
        pause = reverse("webhook-pause", args=here)
        choices.append(Choice(_("Pause"), pause, "player-pause", is_question=True))
    else:
        resume = reverse("webhook-resume", args=here)
        choices.append(Choice(_("Resume"), resume, "player-play", is_question=True))
    off = reverse("webhook-off", args=here)
    return [*choices, Choice(_("Switch off"), off, "ban", is_question=True, is_grave=True)]


def _asking(question: Callable[[str], Question], operation: Callable[..., object], done: Words) -> View:
    """Make the page of an act on an institution's webhook: find it, ask, carry out, say that it is done."""

    @require(Act.INSTITUTION_EDIT)
    def view(request: PageRequest, public_id: str) -> HttpResponse:
        institution = found(institutions(request.actor, Act.INSTITUTION_EDIT), public_id)
        endpoint = WebhookEndpoint.objects.filter(institution=institution).first()
        if endpoint is None:
            raise NotFoundError
        back = reverse("institution-deliveries", args=[public_id])

        def act(_reason: str) -> HttpResponse:
            operation(endpoint, by=request.actor, now=clock.now())
            messages.success(request, str(done))
            return redirect(back)

        return ask(request, question(back), act)

    return view


def _pausing(back: str) -> Question:
    return Question(
        title=_("Pause the webhook?"),
        sentences=[_("Nothing is sent until you resume it; what happens meanwhile waits.")],
        button=_("Pause"),
        back_url=back,
    )


def _resuming(back: str) -> Question:
    return Question(
        title=_("Resume the webhook?"),
        sentences=[_("What waited is sent at once, and tried for three days from now.")],
        button=_("Resume"),
        back_url=back,
    )


def _switching_off(back: str) -> Question:
    return Question(
        title=_("Switch the webhook off?"),
        sentences=[_("What waits is given up, and nothing more is put here until an address is set again.")],
        button=_("Switch off"),
        back_url=back,
        is_grave=True,
    )


pause = _asking(_pausing, pause_webhook, gettext_lazy("The webhook is paused."))
resume = _asking(_resuming, resume_webhook, gettext_lazy("The webhook is in use again."))
switch_off = _asking(
    _switching_off, disable_webhook, gettext_lazy("The institution is told nothing any more.")
)


@require(Act.INSTITUTION_EDIT)
def resend(request: PageRequest, public_id: str) -> HttpResponse:
    """Send a delivery once more, after asking."""
    delivery = found(deliveries(request.actor, Act.INSTITUTION_EDIT), public_id)
    back = reverse("institution-deliveries", args=[delivery.institution.public_id])
    question = Question(
        title=_("Send it again?"),
        sentences=[_("It goes out under the same id, so that the receiver can tell it from a new one.")],
        button=_("Send again"),
        back_url=back,
    )

    def act(_reason: str) -> HttpResponse:
        send_again(delivery, by=request.actor, now=clock.now())
        messages.success(request, _("It is sent again."))
        return redirect(back)

    return ask(request, question, act)
