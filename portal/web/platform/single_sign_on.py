"""Pages on which an operator sets up how the people of an organization sign in."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.actors import OrganizationKind
from portal.accounts.models import Organization, SingleSignOn
from portal.accounts.oidc import discover
from portal.accounts.operations.single_sign_on import SignOnFacts, set_single_sign_on
from portal.accounts.queries import organizations
from portal.accounts.roles import Act
from portal.accounts.single_sign_on import single_sign_ons
from portal.core.addresses import check_outside
from portal.core.clock import now
from portal.web.finding import found
from portal.web.forms import Form, Section, form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Choice, Crumb
from portal.web.platform.sign_on import return_url
from portal.web.requests import PageRequest

_KINDS = [kind for kind in OrganizationKind if kind is not OrganizationKind.OPERATOR]
PROVIDERS = ListPage(
    name="single-sign-on",
    columns=(
        Column(
            "organization.name",
            gettext_lazy("Organization"),
            template="portal/cells/single_sign_on.html",
            sort="organization__name",
            is_main=True,
        ),
        Column("issuer", gettext_lazy("Issuer"), sort="issuer", is_spare=True),
        Column("domains", gettext_lazy("Domains"), template="portal/cells/domains.html", is_exported=False),
        Column("is_on", gettext_lazy("In use"), template="portal/cells/yes_no.html", sort="is_on"),
        Column(
            "is_enforced", gettext_lazy("Required"), template="portal/cells/yes_no.html", sort="is_enforced"
        ),
    ),
    empty=Empty(
        gettext_lazy("Nobody signs in by their organization yet"),
        gettext_lazy(
            "Set up an organization's OpenID provider to let its people in without a password here."
        ),
        icon="key",
    ),
    search=("organization__name", "issuer"),
    sort="organization__name",
)


class LinesField(forms.CharField):
    """A list of words, one in each line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        text: str = super().clean(value)
        return [line.strip() for line in text.splitlines() if line.strip()]


class ProviderForm(Form):
    """An organization's provider."""

    sections = (
        Section(
            gettext_lazy("Provider"),
            gettext_lazy(
                "As the organization's identity service shows it for a confidential web application."
            ),
            ("organization", "issuer", "client_id", "client_secret"),
        ),
        Section(
            gettext_lazy("People"),
            gettext_lazy(
                "Whom it may send, and what they may do here. Its people get these roles and no others."
            ),
            ("domains", "roles_claim", "roles", "second_factor_claims"),
        ),
        Section(gettext_lazy("Use"), "", ("is_on", "is_enforced")),
    )
    organization = forms.ModelChoiceField(
        label=gettext_lazy("Organization"), queryset=Organization.objects.none()
    )
    issuer = forms.CharField(
        label=gettext_lazy("Issuer"),
        max_length=300,
        help_text=gettext_lazy(
            "Its address, exactly as it writes it, such as https://login.example.com/tenant."
        ),
    )
    client_id = forms.CharField(label=gettext_lazy("Client id"), max_length=200)
    client_secret = forms.CharField(
        label=gettext_lazy("Client secret"),
        max_length=500,
        required=False,
        help_text=gettext_lazy(
            "Kept sealed, and never shown again. Leave it empty to keep the one that is there."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    domains = LinesField(
        label=gettext_lazy("Domains of addresses"),
        help_text=gettext_lazy(
            "One in each line, such as example.com. Nobody with another address comes in."
        ),
    )
    roles_claim = forms.CharField(label=gettext_lazy("Claim with groups"), max_length=64, initial="groups")
    roles = LinesField(
        label=gettext_lazy("Groups and roles"),
        help_text=gettext_lazy("One in each line: group = role, such as Marketing = marketer."),
    )
    second_factor_claims = LinesField(
        label=gettext_lazy("Signs of a second factor"),
        required=False,
        help_text=gettext_lazy(
            "Values of amr or acr, one in each line, such as mfa. Empty: people show a second factor here as well."
        ),
    )
    is_on = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)
    is_enforced = forms.BooleanField(
        label=gettext_lazy("Required"),
        required=False,
        help_text=gettext_lazy("People of this organization alone no longer sign in with a password."),
    )

    def __init__(self, request: PageRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = organizations(request.actor, Act.PERSON_EDIT, *_KINDS)
        self.fields["organization"].queryset = places  # type: ignore[attr-defined]

    def clean_roles(self) -> dict[str, str]:
        pairs = [line.rpartition("=") for line in self.cleaned_data["roles"]]
        if not all(group.strip() and role.strip() for group, _equals, role in pairs):
            raise forms.ValidationError(_("Write each line as group = role."))
        return {group.strip(): role.strip() for group, _equals, role in pairs}

    @property
    def facts(self) -> SignOnFacts:
        chosen = {name: value for name, value in self.cleaned_data.items() if name != "organization"}
        return SignOnFacts(**chosen)


@require(Act.PERSON_EDIT)
def providers(request: PageRequest) -> HttpResponseBase:
    """List the organizations whose people sign in by their own provider."""
    primary = Choice(_("Set up an organization"), reverse("single-sign-on-new"), "plus")
    crumbs = [Crumb(_("People"), reverse("people"))]
    rows = single_sign_ons(request.actor)
    return PROVIDERS.answer(request, rows, title=_("Single sign-on"), primary=primary, crumbs=crumbs)


@require(Act.PERSON_EDIT)
def new_provider(request: PageRequest) -> HttpResponse:
    """Set up the provider of an organization."""
    form = ProviderForm(request, request.POST or None)
    return _provider_page(request, form, title=_("Set up single sign-on"))


@require(Act.PERSON_EDIT)
def provider(request: PageRequest, public_id: str) -> HttpResponse:
    """Show and change the provider of an organization."""
    single_sign_on = found(single_sign_ons(request.actor), public_id)
    form = ProviderForm(request, request.POST or None, initial=_initial(single_sign_on))
    form.fields["organization"].disabled = True
    return _provider_page(request, form, title=single_sign_on.organization.name)


def _initial(single_sign_on: SingleSignOn) -> dict[str, Any]:
    names = (
        "organization",
        "issuer",
        "client_id",
        "roles_claim",
        "second_factor_claims",
        "is_on",
        "is_enforced",
    )
    lines = [f"{group} = {role}" for group, role in single_sign_on.roles.items()]
    domains = sorted(domain.name for domain in single_sign_on.domains.all())
    return {name: getattr(single_sign_on, name) for name in names} | {"roles": lines, "domains": domains}


def _provider_page(request: PageRequest, form: ProviderForm, *, title: str) -> HttpResponse:
    def act() -> HttpResponse:
        chosen = form.cleaned_data
        if chosen["is_on"]:
            # What does not answer now would keep people out later.
            discover(check_outside(chosen["issuer"], field="issuer"))
        set_single_sign_on(chosen["organization"], facts=form.facts, by=request.actor, now=now())
        messages.success(
            request, _("Single sign-on of %(name)s was saved.") % {"name": chosen["organization"].name}
        )
        return redirect("single-sign-on")

    return form_page(
        request,
        form,
        act,
        template="portal/single_sign_on.html",
        title=title,
        return_url=return_url(),
        crumbs=[Crumb(_("Single sign-on"), reverse("single-sign-on"))],
        back_url=reverse("single-sign-on"),
    )
