"""Pages about one's own account: second factors, recovery codes, password."""

import base64
import io
from typing import Any, ClassVar

import qrcode
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.internal.auth import begin_registration
from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from qrcode.image.svg import SvgPathFillImage

from portal.accounts import factors
from portal.accounts.operations.access import choose_password
from portal.accounts.operations.second_factors import (
    FACTORS,
    add_passkey,
    add_totp,
    remove_second_factor,
    renew_recovery_codes,
)
from portal.accounts.operations.sessions import touch_session
from portal.accounts.queries import must_have_second_factor
from portal.accounts.secrets import opened, sealed
from portal.core.clock import now
from portal.core.errors import NotFoundError
from portal.web.forms import Form, PageRenderer, dress, form_page
from portal.web.fresh import SECOND_FACTOR, demand_self
from portal.web.guards import before_second_factor, signed_in
from portal.web.navigation import Words
from portal.web.pieces import Crumb, Question, ask
from portal.web.requests import PageRequest, own_path
from portal.web.sign_in_forms import ODD_SHAPE, OwnPasswordForm

_T = Authenticator.Type
# Where the session keeps the secret of an app that has not shown its first code yet; sealed, like the table does.
NEW_SECRET = "django_session.new_totp_secret"  # noqa: S105
NEXT = "after_second_factor"


class AppForm(Form):
    """The first code of an authenticator app."""

    button: ClassVar[Words] = gettext_lazy("Add the app")
    code = forms.CharField(
        label=gettext_lazy("Code from the app"),
        max_length=20,
        help_text=gettext_lazy("Six digits; they change every half minute."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class PasskeyAddForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey: its name, and what the browser made."""

    default_renderer = PageRenderer()
    passwordless = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        name = self.fields["name"]
        name.label, name.max_length, name.initial = gettext_lazy("Name"), 60, ""
        name.help_text = gettext_lazy(
            "Something to tell it from others by, such as the device that holds it."
        )
        self.initial["name"] = ""
        dress(self)

    def clean_name(self) -> str:
        return self.cleaned_data["name"].strip() or _("Passkey")

    def clean(self) -> Any:
        try:
            return super().clean()
        except ODD_SHAPE as error:
            raise get_adapter().validation_error("incorrect_code") from error


def _to_account() -> list[Crumb]:
    return [Crumb(_("Your account"), reverse("account"))]


@before_second_factor
@signed_in
def account(request: PageRequest) -> HttpResponse:
    """Show a person's own second factors, and the ways to the rest of the account."""
    if wanted := own_path(request, request.GET.get("next", "")):
        request.session[NEXT] = wanted
    rows = list(Authenticator.objects.filter(user=request.user).order_by("created_at", "pk"))
    mine = [factor for factor in rows if factor.type in FACTORS]
    codes = next((factor for factor in rows if factor.type == _T.RECOVERY_CODES), None)
    left = factors.RECOVERY_CODES - codes.data["used_mask"].bit_count() if codes else 0
    return render(
        request,
        "portal/account.html",
        {
            "title": _("Your account"),
            "factors": [(factor, name_of_factor(factor)) for factor in mine],
            "has_app": any(factor.type == _T.TOTP for factor in mine),
            "has_codes": codes is not None,
            "codes_left": left,
            "is_due": not mine and must_have_second_factor(request.actor),
        },
    )


def name_of_factor(factor: Authenticator) -> str:
    """Say what a person calls this second factor."""
    return _("Authenticator app") if factor.type == _T.TOTP else str(factor.data["name"])


@before_second_factor
@signed_in
def new_app(request: PageRequest) -> HttpResponse:
    """Show a secret as a QR code for an authenticator app, and take the app's first code."""
    demand_self(request)
    secret = _new_secret(request)
    form = AppForm(request.POST or None)

    def act() -> HttpResponse:
        code = form.cleaned_data["code"]
        codes = add_totp(request.user, secret=secret, code=code, by=request.actor, now=now())
        del request.session[NEW_SECRET]
        return _added(request, _T.TOTP, codes)

    address = factors.app_address(secret, request.user.email)
    return form_page(
        request,
        form,
        act,
        template="portal/authenticator_app.html",
        title=_("Set up an authenticator app"),
        crumbs=_to_account(),
        back_url=reverse("account"),
        picture=_picture(address),
        address=address,
        secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
    )


def _new_secret(request: PageRequest) -> str:
    """Draw a secret, or give the one whose picture this session has been shown."""
    owner = request.user.public_id
    if request.method == "POST" and (kept := request.session.get(NEW_SECRET)):
        return opened(kept, owner=owner, place=NEW_SECRET)
    secret = factors.new_secret()
    request.session[NEW_SECRET] = sealed(secret, owner=owner, place=NEW_SECRET)
    return secret


def _picture(address: str) -> str:
    """Draw a QR code as the address of a picture, which the page's policy allows."""
    drawn = io.BytesIO()
    qrcode.make(address, image_factory=SvgPathFillImage, border=2).save(drawn)
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.getvalue()).decode()}"


@before_second_factor
@signed_in
def new_passkey(request: PageRequest) -> HttpResponse:
    """Have the browser make a passkey, and add it."""
    demand_self(request)
    form = PasskeyAddForm(data=request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        made = {name: form.cleaned_data[name] for name in ("name", "credential")}
        codes = add_passkey(request.user, **made, by=request.actor, now=now())
        return _added(request, _T.WEBAUTHN, codes)
    context = {
        "title": _("Add a passkey"),
        "crumbs": _to_account(),
        "form": form,
        "options": begin_registration(request.user, passwordless=True),
        "host": request.get_host().partition(":")[0],
    }
    return render(request, "portal/passkey.html", context, status=422 if form.is_bound else 200)


def _added(request: PageRequest, kind: str, codes: list[str]) -> HttpResponse:
    # Whoever has just shown a new factor has shown a factor.
    record_authentication(request, request.user, SECOND_FACTOR, type=kind, reauthenticated=True)
    messages.success(request, _("The second factor was added."))
    return _show_codes(request, codes) if codes else redirect(request.session.pop(NEXT, "account"))


@signed_in
def remove_factor(request: PageRequest, factor_id: int) -> HttpResponse:
    """Remove an app or a passkey, after asking."""
    demand_self(request)
    factor = Authenticator.objects.filter(user=request.user, type__in=FACTORS, pk=factor_id).first()
    if factor is None:
        raise NotFoundError
    question = Question(
        title=_("Remove %(name)s?") % {"name": name_of_factor(factor)},
        sentences=[_("You cannot sign in with it any more.")],
        button=_("Remove"),
        back_url=reverse("account"),
        is_grave=True,
    )

    def act(_reason: str) -> HttpResponse:
        remove_second_factor(factor, by=request.actor, now=now())
        messages.success(request, _("The second factor was removed."))
        return redirect("account")

    return ask(request, question, act)


@signed_in
def recovery_codes(request: PageRequest) -> HttpResponse:
    """Make new recovery codes, after asking, and show them this once."""
    demand_self(request)
    question = Question(
        title=_("Make new recovery codes?"),
        sentences=[_("The old ones, used or not, open nothing any more.")],
        button=_("Make new codes"),
        back_url=reverse("account"),
    )

    def act(_reason: str) -> HttpResponse:
        return _show_codes(request, renew_recovery_codes(request.user, by=request.actor, now=now()))

    return ask(request, question, act)


def _show_codes(request: PageRequest, codes: list[str]) -> HttpResponse:
    context = {
        "title": _("Recovery codes"),
        "codes": codes,
        "text": "\r\n".join(["Countersign", request.user.email, "", *codes, ""]),
        "next": request.session.pop(NEXT, reverse("account")),
    }
    return render(request, "portal/recovery_codes.html", context)


@signed_in
def password(request: PageRequest) -> HttpResponse:
    """Change one's own password; every other session ends."""
    demand_self(request)
    form = OwnPasswordForm(request.POST or None, user=request.user)

    def act() -> HttpResponse:
        key = request.session.session_key or ""
        chosen = form.cleaned_data["password"]
        user = choose_password(request.user, password=chosen, keep=key, by=request.actor, now=now())
        update_session_auth_hash(request, user)
        touch_session(key, renamed=request.session.session_key or "", now=now())
        messages.success(request, _("The password was changed. Your other sessions have ended."))
        return redirect("account")

    return form_page(
        request,
        form,
        act,
        title=_("Change your password"),
        crumbs=_to_account(),
        back_url=reverse("account"),
    )
