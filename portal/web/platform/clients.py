"""Pages about the programs that call the API, and their keys."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from portal.accounts.actors import OrganizationKind
from portal.accounts.models import Client, ClientKey
from portal.accounts.operations.clients import issue_key, register_client, revoke_key
from portal.accounts.queries import clients as clients_seen
from portal.accounts.queries import organizations
from portal.accounts.roles import CLIENT_KIND_NAMES, Act, ClientKind
from portal.core.clock import now
from portal.core.errors import NotFoundError
from portal.web.finding import found, offered
from portal.web.forms import Form, Section, form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.navigation import Words
from portal.web.pieces import Choice, Crumb, Question, ask
from portal.web.requests import PageRequest
from portal.web.trails import timeline
from portal.web.wording import moment

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
OVERLAPS = [
    ("0", gettext_lazy("None: older keys end at once")),
    ("1", gettext_lazy("1 hour")),
    ("24", gettext_lazy("1 day")),
    ("168", gettext_lazy("7 days")),
    ("720", gettext_lazy("30 days")),
]

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


class KeyForm(Form):
    """A new key beside the old ones."""

    button: ClassVar[Words] = gettext_lazy("Issue key")
    overlap = forms.ChoiceField(
        label=gettext_lazy("Older keys go on working for"),
        choices=OVERLAPS,
        initial="168",
        help_text=gettext_lazy("Long enough to put the new key in place everywhere."),
    )


def _to_clients() -> list[Crumb]:
    return [Crumb(_("Clients and keys"), reverse("clients"))]


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
        request, form, act, title=_("New client"), crumbs=_to_clients(), back_url=reverse("clients")
    )


@require(Act.CLIENT_READ)
def client(request: PageRequest, public_id: str) -> HttpResponse:
    """Show a client with its keys; never a key itself."""
    client = found(clients_seen(request.actor), public_id)
    may_edit = request.actor.may(Act.CLIENT_EDIT) and client.disabled_at is None
    context = {
        "title": client.name,
        "crumbs": _to_clients(),
        "client": client,
        "acts": [ACT_NAMES.get(Act(act), act) for act in client.acts],
        "keys": [(key, _state(key)) for key in client.keys.all()],
        "may_edit": may_edit,
        "primary": Choice(_("Issue key"), reverse("key-new", args=[public_id]), "key") if may_edit else None,
        "events": timeline(client),
    }
    return render(request, "portal/client.html", context)


def _state(key: ClientKey) -> str:
    if key.is_live(now()):
        return "live"
    return "revoked" if key.revoked_at else "expired"


@never_cache
@require(Act.CLIENT_EDIT)
def new_key(request: PageRequest, public_id: str) -> HttpResponse:
    """Issue a key and show it, this once: it is kept nowhere, and no redirect could carry it."""
    client = found(clients_seen(request.actor), public_id)
    form = KeyForm(request.POST or None)
    here = reverse("client", args=[public_id])
    crumbs = [*_to_clients(), Crumb(client.name, here)]

    def act() -> HttpResponse:
        overlap = timedelta(hours=int(form.cleaned_data["overlap"]))
        _key, secret = issue_key(client, overlap=overlap, by=request.actor, now=now())
        context = {"title": _("The new key"), "crumbs": crumbs, "client": client, "secret": secret}
        return render(request, "portal/key.html", context)

    title = _("Issue a key for %(name)s") % {"name": client.name}
    return form_page(request, form, act, title=title, crumbs=crumbs, back_url=here)


@require(Act.CLIENT_EDIT)
def revoke(request: PageRequest, public_id: str, key_id: str) -> HttpResponse:
    """End a key at once, after asking."""
    client = found(clients_seen(request.actor), public_id)
    key = next((row for row in client.keys.all() if row.public_id == key_id), None)
    if key is None:
        raise NotFoundError

    def act(_reason: str) -> HttpResponse:
        revoke_key(key, by=request.actor, now=now())
        messages.success(request, _("The key was revoked."))
        return redirect("client", public_id)

    return ask(request, _revoking(client, key), act)


def _revoking(client: Client, key: ClientKey) -> Question:
    used = moment(key.last_used_at) if key.last_used_at else _("never")
    live = sum(row.is_live(now()) for row in client.keys.all())
    facts = {"prefix": key.prefix, "name": client.name, "used": used, "others": live - 1}
    return Question(
        title=_("Revoke the key cs_%(prefix)s of %(name)s?") % facts,
        sentences=[
            _(
                "Every request with it is refused from now on, also those under way. It was last used: %(used)s."
            )
            % facts,
            _("%(others)s other keys of this client go on working.") % facts,
        ],
        button=_("Revoke key"),
        back_url=reverse("client", args=[client.public_id]),
        is_grave=True,
    )
