"""One's own sessions: where one is signed in, and ending what one does not know."""

import re

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.accounts.operations.sessions import end_other_sessions, end_session
from portal.accounts.queries import sessions_of
from portal.core.clock import now
from portal.core.errors import NotFoundError
from portal.web.guards import signed_in
from portal.web.pieces import Crumb
from portal.web.requests import PageRequest

# The first that fits names it: browsers claim to be their ancestors as well.
_BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|Chromium/|CriOS/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux|X11"),
)


def device_in_words(user_agent: str) -> str:
    """Say what a browser calls itself, such as "Firefox on Linux"; made for people, not for decisions."""
    browser = next((name for name, pattern in _BROWSERS if re.search(pattern, user_agent)), "")
    system = next((name for name, pattern in _SYSTEMS if re.search(pattern, user_agent)), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown device")


@signed_in
def sessions(request: PageRequest) -> HttpResponse:
    """List where this person is signed in, the present session first."""
    present = request.session.session_key
    rows = [
        (row, device_in_words(row.user_agent), row.session_key == present)
        for row in sessions_of(request.user)
    ]
    rows.sort(key=lambda row: not row[2])
    context = {
        "title": _("Where you are signed in"),
        "crumbs": [Crumb(_("Your account"), reverse("account"))],
        "sessions": rows,
        "has_others": any(not is_present for _row, _words, is_present in rows),
    }
    return render(request, "portal/sessions.html", context)


@signed_in
@require_POST
def end(request: PageRequest, session_id: int) -> HttpResponse:
    """End one session of one's own."""
    row = UserSession.objects.filter(user=request.user, pk=session_id).first()
    if row is None:
        raise NotFoundError
    end_session(row, by=request.actor, now=now())
    messages.success(request, _("The session has ended."))
    return redirect("sessions")


@signed_in
@require_POST
def end_others(request: PageRequest) -> HttpResponse:
    """End every session of one's own but this one."""
    keep = request.session.session_key or ""
    end_other_sessions(request.user, keep=keep, by=request.actor, now=now())
    messages.success(request, _("All other sessions have ended."))
    return redirect("sessions")
