"""Signing in by one's organization: from the address typed to its provider, and back with its word."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import structlog
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from allauth.core.internal import ratelimit
from allauth.core.ratelimit import consume
from allauth.mfa.internal.constants import LoginStageKey
from django import forms
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.accounts.actors import SYSTEM
from portal.accounts.models import SingleSignOn, User
from portal.accounts.oidc import Attempt, SignOnError, authorization_url, discover, exchanged, verified_claims
from portal.accounts.operations.sign_ins import Account, account_of, unknown_account
from portal.accounts.operations.single_sign_on import admit_person, no_role
from portal.accounts.single_sign_on import METHOD, Claims, read_claims, secret_of, single_sign_on_for
from portal.core import clock
from portal.core.errors import STATUS, DomainError, InvalidError, Kind
from portal.core.language import said
from portal.core.phrases import Phrase
from portal.web.adapters import note_lock_out, note_refusal
from portal.web.forms import Form, form_page
from portal.web.guards import public
from portal.web.navigation import Words
from portal.web.origins import remember_device

# What a browser keeps while it is at the provider: signed, for ten minutes, sent to these pages alone.
# Held to one path, so it cannot have the prefix that holds a cookie to a host.
COOKIE = "__Secure-sign-on" if settings.SECURE_COOKIES else "sign-on"
_PATH = "/sign-in/organization/"
_SALT = "portal.web.sign_on"
_LONGEST = 600

log = structlog.get_logger(__name__)


class TooManyTriesError(DomainError):
    """Refuse to ask providers again and again for one address of the network."""

    kind = Kind.LIMITED
    code = "too-many-tries"
    title = Phrase("Too many tries")


@dataclass
class Comer:
    """Who comes back, as far as it is known."""

    account: User | Account = field(default_factory=lambda: unknown_account(METHOD))


class AddressForm(Form):
    """The address by which an organization is found."""

    button: ClassVar[Words] = gettext_lazy("Continue")
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


@public
@never_cache
def sign_on(request: HttpRequest) -> HttpResponse:
    """Find the organization of an address, and send the browser to its provider."""
    form = AddressForm(request.POST or None)

    def act() -> HttpResponse:
        if not consume(request, action="login"):
            raise TooManyTriesError(_("Wait a minute and try again."))
        email = form.cleaned_data["email"]
        single_sign_on = single_sign_on_for(email)
        if single_sign_on is None:
            raise InvalidError.of(
                "email",
                _("No organization signs in here with addresses of this domain. Sign in with your password."),
            )
        return _sent_off(request, single_sign_on, email)

    return form_page(
        request,
        form,
        act,
        template="portal/sign_on.html",
        title=_("Sign in with your organization"),
        next=_way_on(request, request.GET.get("next", "")),
    )


def _sent_off(request: HttpRequest, single_sign_on: SingleSignOn, email: str) -> HttpResponse:
    attempt = Attempt.new()
    url = authorization_url(
        discover(single_sign_on.issuer),
        attempt,
        client_id=single_sign_on.client_id,
        return_url=return_url(),
        hint=email,
    )
    # A page that leads on, since the policy lets no form end at another host.
    context = {"title": _("On the way"), "url": url, "organization": single_sign_on.organization}
    response = render(request, "portal/sign_on_leave.html", context)
    kept = {
        "sso": single_sign_on.public_id,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "verifier": attempt.verifier,
        "next": _way_on(request, request.POST.get("next", "")),
    }
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=_SALT),
        max_age=_LONGEST,
        path=_PATH,
        httponly=True,
        # The way back begins at the provider, so not "Strict".
        samesite="Lax",
        secure=settings.SECURE_COOKIES,
    )
    return response


@public
@never_cache
@require_safe
def come_back(request: HttpRequest) -> HttpResponse:
    """Take the provider's word for who this is; the try is spent, however it ends."""
    who = Comer()
    try:
        if not _try(request, is_refused=False):
            note_lock_out(request, who.account, method=METHOD)
            raise TooManyTriesError(_("Wait a minute and try again."))
        response = _signed_in(request, who)
        remember_device(request, response)
    except DomainError as error:
        if isinstance(error, SignOnError):
            _try(request, is_refused=True)
            note_refusal(request, who.account, method=METHOD)
        log.warning("sign_on.refused", reason=getattr(error, "reason", error.code))
        context = {"title": said(error.title), "detail": said(error.detail)}
        response = render(request, "portal/sign_on_refused.html", context, status=STATUS[error.kind])
    response.delete_cookie(COOKIE, path=_PATH, samesite="Lax")
    return response


def _try(request: HttpRequest, *, is_refused: bool) -> bool:
    """Count a refused answer against the address that it came from, or just say whether it has tries left.

    Not against a person: whose answer it is says whoever sends it, and strangers could only lock people out.
    """
    limits = settings.ACCOUNT_RATE_LIMITS["login_failed"].split(",")
    config = {METHOD: ",".join(limit for limit in limits if not limit.endswith("/key"))}
    usage = ratelimit.consume(
        request, app="allauth.account", action=METHOD, config=config, dry_run=not is_refused, limit_get=True
    )
    return usage is not None


def _signed_in(request: HttpRequest, who: Comer) -> HttpResponse:
    kept = _kept(request)
    attempt = Attempt(kept["state"], kept["nonce"], kept["verifier"])
    single_sign_on = (
        SingleSignOn.objects.select_related("organization").filter(public_id=kept["sso"], is_on=True).first()
    )
    if single_sign_on is None:
        raise SignOnError("off")
    who.account = unknown_account(METHOD, single_sign_on.public_id)
    claims = _claims(request, single_sign_on, attempt)
    who.account = account_of(claims.email)
    user = admit_person(single_sign_on, claims=claims, by=SYSTEM, now=clock.now())
    if not claims.roles:
        raise no_role()
    return _begin_session(request, user, single_sign_on, claims, kept["next"])


def _kept(request: HttpRequest) -> dict[str, Any]:
    """Read what this browser kept, if it is the one that began this very try.

    :raises SignOnError: it is not, or the try is too old
    """
    try:
        kept: dict[str, Any] = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_LONGEST)
    except signing.BadSignature:
        kept = {}
    if not kept or request.GET.get("state", "") != kept["state"]:
        raise SignOnError(
            "state", _("This sign-in was begun in another window, or too long ago. Begin again.")
        )
    return kept


def _claims(request: HttpRequest, single_sign_on: SingleSignOn, attempt: Attempt) -> Claims:
    code = request.GET.get("code", "")
    if not code or request.GET.get("iss", single_sign_on.issuer) != single_sign_on.issuer:
        raise SignOnError(
            "no-code", _("Your organization did not let you in. Ask whoever looks after its sign-in.")
        )
    provider = discover(single_sign_on.issuer)
    client_id = single_sign_on.client_id
    secret = secret_of(single_sign_on)
    token = exchanged(provider, attempt, code, client_id=client_id, secret=secret, return_url=return_url())
    told = verified_claims(provider, attempt, token, client_id=client_id, now=clock.now())
    return read_claims(single_sign_on, told)


def _begin_session(
    request: HttpRequest, user: User, single_sign_on: SingleSignOn, claims: Claims, way_on: str
) -> HttpResponse:
    # Whoever was signed in here before is not the one who came back.
    request.session.flush()
    login = Login(user=user, redirect_url=way_on)
    record_authentication(request, user, method=METHOD, provider=single_sign_on.public_id)
    if claims.has_second_factor:
        record_authentication(request, user, method="mfa", type=METHOD)
        LoginStageController(request, login).set_handled(LoginStageKey.MFA_AUTHENTICATE.value)
    response: HttpResponse = perform_login(request, login)
    return response


def return_url() -> str:
    """Give the address to which providers send people back; they want to know it beforehand."""
    return f"{settings.PUBLIC_URL}{reverse('sign-on-return')}"


def _way_on(request: HttpRequest, wanted: str) -> str:
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours and wanted.startswith("/") else "/"
