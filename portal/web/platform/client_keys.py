"""Pages about the keys of a client: those that it presents, shown this once, and those that it signs with."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache

from portal.accounts.models import Client, ClientKey, SigningKey
from portal.accounts.operations.clients import OVERLAP, issue_key, revoke_key, rotate_key
from portal.accounts.operations.signing_keys import register_signing_key, revoke_signing_key
from portal.accounts.queries import clients
from portal.accounts.roles import Act
from portal.core.clock import now
from portal.core.errors import NotFoundError
from portal.web.finding import found
from portal.web.forms import Form, Section, form_page
from portal.web.guards import require
from portal.web.navigation import Words
from portal.web.pieces import Question, ask
from portal.web.platform.clients import act_name, to_client
from portal.web.requests import PageRequest
from portal.web.wording import moment

KEEP = "keep"
OVERLAPS = [
    ("0", gettext_lazy("None: older keys end at once")),
    ("1", gettext_lazy("1 hour")),
    ("24", gettext_lazy("1 day")),
    ("168", gettext_lazy("7 days")),
    ("720", gettext_lazy("30 days")),
    (KEEP, gettext_lazy("Until their own end: this key stands beside them")),
]
LIVES = [
    (30, gettext_lazy("30 days")),
    (90, gettext_lazy("90 days")),
    (180, gettext_lazy("180 days")),
    (365, gettext_lazy("1 year")),
    (730, gettext_lazy("2 years")),
]
USUAL_LIFE = 365


class KeyForm(Form):
    """A new key beside the old ones."""

    button: ClassVar[Words] = gettext_lazy("Issue key")
    sections = (
        Section(
            gettext_lazy("The new key"),
            gettext_lazy("As little as the program needs, for as long as it is looked after."),
            ("acts", "life"),
        ),
        Section(
            gettext_lazy("Older keys"),
            gettext_lazy("Both work until the new key is in place everywhere."),
            ("overlap",),
        ),
    )
    acts = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"), widget=forms.CheckboxSelectMultiple, choices=[]
    )
    life = forms.TypedChoiceField(
        label=gettext_lazy("Ends after"),
        coerce=int,
        help_text=gettext_lazy("An ended key is refused; its client's page warns 30 days before."),
    )
    overlap = forms.ChoiceField(
        label=gettext_lazy("Older keys go on working for"), choices=OVERLAPS, initial="168"
    )

    def __init__(self, client: Client, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        acts = self.fields["acts"]
        acts.choices = [(act, act_name(act)) for act in client.acts]  # type: ignore[attr-defined]
        acts.initial = client.acts
        lives = [(days, name) for days, name in LIVES if days <= settings.CLIENT_KEY_MOST_DAYS]
        most = settings.CLIENT_KEY_MOST_DAYS
        days = ngettext("%(count)s day", "%(count)s days", most) % {"count": most}
        life = self.fields["life"]
        life.choices = lives or [(most, days)]  # type: ignore[attr-defined]
        life.initial = min(USUAL_LIFE, most)


class SigningKeyForm(Form):
    """A public key of a client."""

    button: ClassVar[Words] = gettext_lazy("Register key")
    public_key = forms.CharField(
        label=gettext_lazy("Public key"),
        max_length=1000,
        widget=forms.Textarea({"rows": 4, "class": "is-mono", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Ed25519, as PEM or as 32 bytes in base64. The private key stays with whoever signs."
        ),
    )


def _client(request: PageRequest, public_id: str) -> Client:
    return found(clients(request.actor), public_id)


@never_cache
@require(Act.CLIENT_EDIT)
def new_key(request: PageRequest, public_id: str) -> HttpResponse:
    """Issue a key and show it, this once: it is kept nowhere, and no redirect could carry it."""
    client = _client(request, public_id)
    form = KeyForm(client, request.POST or None)

    def act() -> HttpResponse:
        given = form.cleaned_data
        overlap = None if given["overlap"] == KEEP else timedelta(hours=int(given["overlap"]))
        _key, secret = issue_key(
            client,
            acts=[Act(act) for act in given["acts"]],
            life=timedelta(days=given["life"]),
            overlap=overlap,
            by=request.actor,
            now=now(),
        )
        return _shown_once(request, client, secret)

    title = _("Issue a key for %(name)s") % {"name": client.name}
    here = reverse("client", args=[public_id])
    return form_page(request, form, act, title=title, crumbs=to_client(client), back_url=here)


@never_cache
@require(Act.CLIENT_EDIT)
def rotate(request: PageRequest, public_id: str, key_id: str) -> HttpResponse:
    """Issue the successor of a key and show it, this once; the old one works on for a while."""
    client = _client(request, public_id)
    key = _key(client, key_id)
    if request.method != "POST":
        return redirect("client", public_id)
    _new, secret = rotate_key(key, by=request.actor, now=now())
    return _shown_once(request, client, secret, old=key)


def _shown_once(
    request: PageRequest, client: Client, secret: str, old: ClientKey | None = None
) -> HttpResponse:
    context = {
        "title": _("The new key"),
        "crumbs": to_client(client),
        "client": client,
        "secret": secret,
        "old": old,
        "overlap": OVERLAP.total_seconds(),
    }
    return render(request, "portal/key.html", context)


def _key(client: Client, key_id: str) -> ClientKey:
    key = next((row for row in client.keys.all() if row.public_id == key_id), None)
    if key is None:
        raise NotFoundError
    return key


@require(Act.CLIENT_EDIT)
def revoke(request: PageRequest, public_id: str, key_id: str) -> HttpResponse:
    """End a key at once, after asking."""
    client = _client(request, public_id)
    key = _key(client, key_id)

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


@require(Act.CLIENT_EDIT)
def new_signing_key(request: PageRequest, public_id: str) -> HttpResponse:
    """Register a public key with which a client signs."""
    client = _client(request, public_id)
    form = SigningKeyForm(request.POST or None)

    def act() -> HttpResponse:
        register_signing_key(client, form.cleaned_data["public_key"], by=request.actor, now=now())
        messages.success(request, _("The key was registered: signatures by it are checked from now on."))
        return redirect("client", public_id)

    title = _("Register a signing key of %(name)s") % {"name": client.name}
    here = reverse("client", args=[public_id])
    return form_page(request, form, act, title=title, crumbs=to_client(client), back_url=here)


@require(Act.CLIENT_EDIT)
def revoke_signing(request: PageRequest, public_id: str, key_id: str) -> HttpResponse:
    """End a signing key at once, after asking."""
    client = _client(request, public_id)
    key = client.signing_keys.filter(public_id=key_id).first()
    if key is None:
        raise NotFoundError

    def act(_reason: str) -> HttpResponse:
        revoke_signing_key(key, by=request.actor, now=now())
        messages.success(request, _("The key was revoked."))
        return redirect("client", public_id)

    return ask(request, _revoking_signing(client, key), act)


def _revoking_signing(client: Client, key: SigningKey) -> Question:
    others = client.signing_keys.filter(revoked_at=None).exclude(pk=key.pk).count()
    facts = {"key": key.key_id, "name": client.name, "others": others}
    sentences = [
        _("Every request signed with it is refused from now on, and it cannot be registered again."),
        _("%(others)s other signing keys of this client go on working.") % facts,
    ]
    if client.requires_signature and not others:
        sentences.append(_("This client must sign: nothing it sends passes until it has another key."))
    return Question(
        title=_("Revoke the signing key %(key)s of %(name)s?") % facts,
        sentences=sentences,
        button=_("Revoke key"),
        back_url=reverse("client", args=[client.public_id]),
        is_grave=True,
    )
