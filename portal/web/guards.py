"""Who may open a page; every page's view carries one of these three, and a test checks that it does."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from portal.accounts.roles import FRESH, Act
from portal.core.errors import ForbiddenError
from portal.core.tenancy import act_within
from portal.web.fresh import demand_fresh
from portal.web.requests import PageRequest, actor_behind

_SAFE = {"GET", "HEAD", "OPTIONS"}
View = Callable[..., HttpResponseBase]
PageView = Callable[..., HttpResponseBase]
V = TypeVar("V", bound=Callable[..., Any])


def public(view: V) -> V:
    """Mark a page that needs no signing in."""
    view.guard = "public"  # type: ignore[attr-defined]
    return view


def signed_in(view: PageView) -> View:
    """Let everybody in who is signed in; others are asked to sign in first."""
    return _guarded(view, act=None)


def require(act: Act, *, is_preview: bool = False) -> Callable[[PageView], View]:
    """Let those in who hold the act somewhere; the query or operation then decides about the place.

    What changes something by an act of `FRESH` asks for a fresh second factor as well; a preview changes nothing.
    """

    def decorate(view: PageView) -> View:
        return _guarded(view, act=act, is_fresh_due=act in FRESH and not is_preview)

    return decorate


def before_second_factor(view: View) -> View:
    """Mark a page that people reach before they have set up the second factor that their role needs."""
    view.is_before_second_factor = True  # type: ignore[attr-defined]
    return view


def _guarded(view: PageView, *, act: Act | None, is_fresh_due: bool = False) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _ask_to_sign_in(request)
        page = cast("PageRequest", request)
        page.actor = actor_behind(request)
        act_within(page.actor.tenants)
        _speak(page)
        if act is not None and not page.actor.may(act):
            raise ForbiddenError(_("Your role does not include this page. An operator can grant it."))
        if is_fresh_due and request.method not in _SAFE:
            demand_fresh(page)
        return view(page, *args, **kwargs)

    guarded.guard = act.value if act else "signed-in"  # type: ignore[attr-defined]
    return guarded


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    answer = redirect_to_login(request.get_full_path())
    if getattr(request, "htmx", False):
        # A fragment cannot hold the sign-in page: the browser goes there, and comes back to the whole page.
        current = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(redirect_to_login(current).url)
    return answer


def _speak(request: PageRequest) -> None:
    # The language chosen on this device wins over the one in the person's profile.
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and request.user.language:
        translation.activate(request.user.language)
        request.LANGUAGE_CODE = request.user.language
