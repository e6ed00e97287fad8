"""Every address is guarded: pages ask who you are, the API asks for a key, and what is open is on one list."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import IsAuthenticated
from rest_framework.test import APIClient

from portal.api.authentication import ClientKeyAuthentication

ROOT = Path(__file__).resolve().parents[2]
# Open to everybody, each for a reason: probes of machines, public halves of keys, a contact, and what the API is.
OPEN = {
    "api/v1/schemas/application.json",
    "healthz",
    "keys/public.json",
    "readyz",
    "metrics",
    ".well-known/security.txt",
    "api/v1/openapi.json",
    "api/docs/",
}
# Pages that one reaches before signing in.
BEFORE_SIGNING_IN = {
    *("sign-in/", "sign-in/second-factor/", "sign-in/passkey/", "sign-out/"),
    *("sign-in/forgotten/", "sign-in/new-password/", "sign-in/new-password/<str:public_id>/<str:token>/"),
    *("language/", "theme/", "invitation/"),
    "sign-in/organization/",
    "sign-in/organization/return/",
}


def addresses(
    patterns: list[URLPattern | URLResolver], above: str = ""
) -> Iterator[tuple[str, Callable[..., Any]]]:
    for pattern in patterns:
        here = above + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, here)
        else:
            yield here, pattern.callback


VIEWS = dict(addresses(get_resolver().url_patterns))
ADMIN = {path for path in VIEWS if path.startswith("admin/")}
API = {path for path in VIEWS if path.startswith("api/v1/")} - OPEN
PAGES = set(VIEWS) - ADMIN - API - OPEN


def filled(path: str) -> str:
    """An address with something in place of its arguments."""
    return "/" + re.sub(r"<(\w+:)?\w+>", lambda part: "1" if part[1] == "int:" else "nothing_0", path)


def test_what_is_open_is_there() -> None:
    assert set(VIEWS) >= OPEN | BEFORE_SIGNING_IN


@pytest.mark.parametrize("path", sorted(PAGES))
def test_each_page_carries_a_guard(path: str) -> None:
    guard = getattr(VIEWS[path], "guard", None)

    assert guard is not None
    assert (guard == "public") == (path in BEFORE_SIGNING_IN)


@pytest.mark.django_db
@pytest.mark.parametrize("path", sorted(PAGES - BEFORE_SIGNING_IN))
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_asked_to_sign_in(path: str, method: str) -> None:
    answer = getattr(Client(), method)(filled(path))

    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/sign-in/")


@pytest.mark.parametrize("path", sorted(API))
def test_each_endpoint_asks_for_a_key(path: str) -> None:
    view = VIEWS[path].cls  # type: ignore[attr-defined]

    assert view.permission_classes == [IsAuthenticated]
    assert [type(guard) for guard in view().get_authenticators()] == [ClientKeyAuthentication]


@pytest.mark.django_db
@pytest.mark.parametrize("path", sorted(API))
@pytest.mark.parametrize("key", ["", "Bearer cs_00000000_nothing", "Basic dTpw"])
def test_a_call_without_a_live_key_is_refused(path: str, key: str) -> None:
    caller = APIClient(headers={"authorization": key} if key else {})

    for method in (caller.get, caller.post):
        answer = method(filled(path))
        assert answer.status_code in {401, 405}
        assert answer.headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.django_db
def test_signing_in_to_pages_opens_nothing_of_the_api(marketer_browser: Client) -> None:
    assert marketer_browser.get("/api/v1/batches").status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["admin/", "admin/campaigns/batch/", "admin/accounts/user/"])
def test_the_admin_is_closed_to_strangers_and_marketers(path: str, marketer_browser: Client) -> None:
    stranger = Client().get(f"/{path}", follow=True)
    marketer = marketer_browser.get(f"/{path}", follow=True)

    assert stranger.redirect_chain[-1][0].partition("?")[0] == "/sign-in/"
    assert marketer.status_code == 403


# ── What outsiders rely on ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["up", "down", "test", "check", "bench", "manage"])
def test_each_command_is_there_and_can_be_run(name: str) -> None:
    command = ROOT / "bin" / name

    assert command.stat().st_mode & 0o111 == 0o111
    assert command.read_text().startswith("#!")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "admin/",
        "healthz",
        "readyz",
        "metrics",
        "api/docs/",
        "api/v1/openapi.json",
        "api/v1/redemptions",
        "api/v1/codes/check",
        "api/v1/batches",
        "api/v1/batches/<str:public_id>",
        "api/v1/batches/<str:public_id>/approve",
        "api/v1/batches/<str:public_id>/acknowledge",
        "api/v1/batches/<str:public_id>/activate",
        "api/v1/batches/<str:public_id>/recall",
    ],
)
def test_each_promised_address_is_there(path: str) -> None:
    assert path in VIEWS


@pytest.mark.parametrize("name", ["generate", "redeem", "match"])
def test_each_promised_benchmark_is_there(name: str) -> None:
    assert (ROOT / "bench" / f"{name}.py").exists()


PROMISED_CODES = [
    *("code-malformed", "code-unknown", "code-not-active", "code-void", "code-expired"),
    *("code-already-redeemed", "code-already-yours", "member-limit", "locked-out", "rate-limited"),
    *("idempotency-key-missing", "idempotency-mismatch", "idempotency-in-progress", "overloaded"),
    *("forbidden", "not-found", "invalid", "four-eyes", "wrong-state"),
]


@pytest.mark.parametrize("code", PROMISED_CODES)
def test_each_promised_refusal_has_its_code(code: str) -> None:
    sources = [path for room in ("portal", "campaigns", "fraud") for path in (ROOT / room).rglob("*.py")]

    assert any(f'"{code}"' in path.read_text() for path in sources)
