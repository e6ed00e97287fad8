"""Pages about the programs that call the API: which there are, and how each may call; their keys have their own."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.accounts.actors import OrganizationKind
from portal.accounts.models import Client, ClientKey
from portal.accounts.operations.clients import (
    MOST_REQUESTS,
    CallerFacts,
    change_client,
    disable_client,
    enable_client,
    register_client,
)
from portal.accounts.queries import clients as clients_seen
from portal.accounts.queries import organizations
from portal.accounts.roles import CLIENT_KIND_NAMES, Act, ClientKind
from portal.core.clock import now
from portal.web.finding import found, offered
from portal.web.forms import CountField, Form, Section, form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.navigation import Words
from portal.web.pieces import Choice, Crumb, Question, ask
from portal.web.requests import PageRequest
from portal.web.trails import timeline

ACT_NAMES: dict[Act, Words] = {
    Act.CODE_REDEEM: gettext_lazy("Redeem codes"),
    Act.CODE_CHECK: gettext_lazy("Check codes"),
    Act.CAMPAIGN_READ: gettext_lazy("See campaigns"),
    Act.BATCH_READ: gettext_lazy("See batches"),
    Act.BATCH_PLAN: gettext_lazy("Order codes"),
    Act.BATCH_APPROVE: gettext_lazy("Approve batches that others planned"),
    Act.BATCH_ACTIVATE: gettext_lazy("Activate batches"),
    Act.BATCH_RECALL: gettext_lazy("Recall batches, void codes"),
    Act.BATCH_ACKNOWLEDGE: gettext_lazy("Acknowledge deliveries"),
}
_LIMITING = (OrganizationKind.MARKET, OrganizationKind.BRAND, OrganizationKind.PRINTER)
KIND_NAMES: dict[OrganizationKind, Words] = {
    OrganizationKind.MARKET: gettext_lazy("market"),
    OrganizationKind.BRAND: gettext_lazy("brand"),
    OrganizationKind.PRINTER: gettext_lazy("printer"),
}
# A key that ends within this time wants a successor.
NEARLY_OVER = timedelta(days=30)

CLIENTS = ListPage(
    name="clients",
    columns=(
        Column(
            "name", gettext_lazy("Client"), template="portal/cells/client.html", sort="name", is_main=True
        ),
        Column("kind_name", gettext_lazy("Kind"), sort="kind"),
        Column(
            "organizations", gettext_lazy("Within"), template="portal/cells/within.html", is_exported=False
        ),
        Column("keys", gettext_lazy("Keys"), template="portal/cells/keys.html", is_exported=False),
        Column(
            "created_at",
            gettext_lazy("Added"),
            template="portal/cells/when.html",
            sort="created_at",
            is_spare=True,
        ),
    ),
    empty=Empty(
        gettext_lazy("No client yet"),
        gettext_lazy(
            "A client is a program that calls the API: a brand's website, a support desk, a printer."
        ),
        reverse_lazy("client-new"),
        gettext_lazy("New client"),
        icon="key",
    ),
    search=("name",),
    search_label=gettext_lazy("Search clients"),
    sort="name",
)


class Organizations(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Organizations, each with its kind, since a market and a brand may be called alike."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({KIND_NAMES[OrganizationKind(obj.kind)]})"


class ClientForm(Form):
    """A new client."""

    button: ClassVar[Words] = gettext_lazy("Register client")
    sections = (
        Section(gettext_lazy("Client"), gettext_lazy("Which program it is."), ("name", "kind")),
        Section(
            gettext_lazy("What it may do"),
            gettext_lazy("Choose as little as the program needs; its kind limits what it can hold."),
            ("acts",),
        ),
        Section(
            gettext_lazy("Within"),
            gettext_lazy(
                "A printer's program: the printer alone. Any other: at least one market and one brand."
            ),
            ("organizations",),
        ),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        help_text=gettext_lazy("Such as: Lumo Cola website, Mexico."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=[(kind.value, CLIENT_KIND_NAMES[kind]) for kind in ClientKind]
    )
    acts = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        choices=[(act.value, name) for act, name in ACT_NAMES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    organizations = Organizations(
        label=gettext_lazy("Organizations"), queryset=None, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, request: PageRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = organizations(request.actor, Act.CLIENT_EDIT, *_LIMITING).order_by("kind", "name", "pk")
        self.fields["organizations"].queryset = places  # type: ignore[attr-defined]


class NetworksField(forms.CharField):
    """Networks, one on each line."""

    widget = forms.Textarea({"rows": 4, "class": "is-mono", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


class CallerForm(Form):
    """How a client calls."""

    sections = (
        Section(
            gettext_lazy("How often"),
            gettext_lazy("What comes beyond is refused until the minute is over."),
            ("requests_per_minute",),
        ),
        Section(
            gettext_lazy("From where"),
            gettext_lazy("A key that was stolen opens nothing from anywhere else."),
            ("networks",),
        ),
        Section(
            gettext_lazy("Signed"),
            gettext_lazy("A key that was stolen opens nothing without the signature."),
            ("requires_signature",),
        ),
    )
    units: ClassVar[dict[str, Words]] = {"requests_per_minute": gettext_lazy("a minute")}
    requests_per_minute = CountField(
        label=gettext_lazy("Most requests"), min_value=1, max_value=MOST_REQUESTS
    )
    networks = NetworksField(
        label=gettext_lazy("Networks"),
        required=False,
        max_length=3000,
        help_text=gettext_lazy("One on each line, such as 203.0.113.0/24; none: from everywhere."),
    )
    requires_signature = forms.BooleanField(
        label=gettext_lazy("Every request must be signed"), required=False
    )


def to_clients() -> list[Crumb]:
    """Lead back to the list."""
    return [Crumb(_("Clients and keys"), reverse("clients"))]


def to_client(client: Client) -> list[Crumb]:
    """Lead back to a client."""
    return [*to_clients(), Crumb(client.name, reverse("client", args=[client.public_id]))]


@require(Act.CLIENT_READ)
def clients(request: PageRequest) -> HttpResponseBase:
    """List the clients whom this person may see."""
    primary = offered(request, Act.CLIENT_EDIT, _("New client"), reverse("client-new"))
    return CLIENTS.answer(request, clients_seen(request.actor), title=_("Clients and keys"), primary=primary)


@require(Act.CLIENT_EDIT)
def new_client(request: PageRequest) -> HttpResponse:
    """Register a client, which then needs a key."""
    form = ClientForm(request, request.POST or None)

    def act() -> HttpResponse:
        given = form.cleaned_data
        client = register_client(
            given["name"],
            kind=ClientKind(given["kind"]),
            acts=[Act(act) for act in given["acts"]],
            organizations=given["organizations"],
            by=request.actor,
            now=now(),
        )
        messages.success(request, _("%(name)s was registered. Issue a key next.") % {"name": client.name})
        return redirect("client", client.public_id)

    return form_page(
        request, form, act, title=_("New client"), crumbs=to_clients(), back_url=reverse("clients")
    )


@require(Act.CLIENT_READ)
def client(request: PageRequest, public_id: str) -> HttpResponse:
    """Show a client with its keys; never a key itself."""
    client = found(clients_seen(request.actor), public_id)
    may_edit = request.actor.may(Act.CLIENT_EDIT)
    is_open = may_edit and client.disabled_at is None
    context = {
        "title": client.name,
        "crumbs": to_clients(),
        "client": client,
        "acts": [act_name(act) for act in client.acts],
        "keys": [_shown(key, client) for key in client.keys.all()],
        "signing_keys": client.signing_keys.order_by("-created_at", "-pk"),
        "may_edit": may_edit,
        "is_open": is_open,
        "primary": Choice(_("Issue key"), reverse("key-new", args=[public_id]), "key") if is_open else None,
        "choices": _choices(client) if may_edit else [],
        "events": timeline(client),
    }
    return render(request, "portal/client.html", context)


def _shown(key: ClientKey, client: Client) -> dict[str, Any]:
    """Lay out a key for its row; what it opens is named only where that is less than its client may do."""
    fewer = set(key.acts) != set(client.acts)
    return {
        "key": key,
        "state": key_state(key),
        "is_live": key.is_live(now()),
        "acts": [act_name(act) for act in key.acts] if fewer else [],
    }


def key_state(key: ClientKey) -> str:
    """Say how a key stands; one that ends soon and has no successor yet would be missed."""
    at = now()
    if not key.is_live(at):
        return "revoked" if key.revoked_at else "expired"
    return "ending" if key.expires_at is not None and key.expires_at - at < NEARLY_OVER else "live"


def act_name(act: str) -> Words:
    """Name a scope in words."""
    return ACT_NAMES.get(Act(act), act)


def _choices(client: Client) -> list[Choice]:
    here = [client.public_id]
    if client.disabled_at is not None:
        return [Choice(_("Enable"), reverse("client-enable", args=here), "player-play", is_question=True)]
    return [
        Choice(_("Change how it calls"), reverse("client-change", args=here), "pencil"),
        Choice(_("Register a signing key"), reverse("signing-key-new", args=here), "file-certificate"),
        Choice(_("Disable"), reverse("client-disable", args=here), "ban", is_question=True, is_grave=True),
    ]


@require(Act.CLIENT_EDIT)
def change(request: PageRequest, public_id: str) -> HttpResponse:
    """Change how often, from where and how a client calls."""
    client = found(clients_seen(request.actor), public_id)
    as_it_is = {name: getattr(client, name) for name in CallerForm.base_fields}
    form = CallerForm(request.POST or None, initial=as_it_is)
    here = reverse("client", args=[public_id])

    def act() -> HttpResponse:
        change_client(client, CallerFacts(**form.cleaned_data), by=request.actor, now=now())
        messages.success(request, _("The change counts from the next request."))
        return redirect("client", public_id)

    title = _("How %(name)s calls") % {"name": client.name}
    return form_page(request, form, act, title=title, crumbs=to_client(client), back_url=here)


@require(Act.CLIENT_EDIT)
def disable(request: PageRequest, public_id: str) -> HttpResponse:
    """Shut a client out at once, after asking."""
    client = found(clients_seen(request.actor), public_id)

    def act(_reason: str) -> HttpResponse:
        disable_client(client, by=request.actor, now=now())
        messages.success(request, _("%(name)s is disabled.") % {"name": client.name})
        return redirect("client", public_id)

    live = sum(key.is_live(now()) for key in client.keys.all())
    sentence = ngettext(
        "Every request with its %(count)s live key is refused from now on, until somebody enables it again.",
        "Every request with its %(count)s live keys is refused from now on, until somebody enables it again.",
        live,
    )
    question = Question(
        title=_("Disable %(name)s?") % {"name": client.name},
        sentences=[sentence % {"count": live}],
        button=_("Disable client"),
        back_url=reverse("client", args=[public_id]),
        is_grave=True,
    )
    return ask(request, question, act)


@require(Act.CLIENT_EDIT)
def enable(request: PageRequest, public_id: str) -> HttpResponse:
    """Let a client in again, after asking."""
    client = found(clients_seen(request.actor), public_id)

    def act(_reason: str) -> HttpResponse:
        enable_client(client, by=request.actor, now=now())
        messages.success(request, _("%(name)s is enabled.") % {"name": client.name})
        return redirect("client", public_id)

    question = Question(
        title=_("Enable %(name)s?") % {"name": client.name},
        sentences=[_("Its keys that have not ended open again what they opened before.")],
        button=_("Enable client"),
        back_url=reverse("client", args=[public_id]),
    )
    return ask(request, question, act)
