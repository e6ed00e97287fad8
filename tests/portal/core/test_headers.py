"""What every answer tells browsers."""

from typing import Any

import pytest
from django.test import Client

PATHS = ["/sign-in/", "/healthz", "/api/v1/openapi.json", "/nothing-here/", "/api/v1/nothing"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_headers_of_safety(path: str, client: Client) -> None:
    headers = client.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in headers["Permissions-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*PATHS, "/api/docs/", "/admin/login/"])
def test_the_policy_of_contents_allows_nothing_inline(path: str, client: Client) -> None:
    policy = client.get(path).headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "*" not in policy


@pytest.mark.django_db
def test_http_is_sent_on_to_https_where_others_are_served(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True

    answer = client.get("/sign-in/")

    assert (answer.status_code, answer.headers["Location"]) == (301, "https://testserver/sign-in/")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_probes_of_machines_are_answered_by_http(path: str, client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert client.get(path).status_code == 200


def test_researchers_find_whom_to_write_to(client: Client, settings: Any) -> None:
    settings.SECURITY_CONTACT = "mailto:security@portal.example"

    text = client.get("/.well-known/security.txt").content.decode()

    assert text.startswith("Contact: mailto:security@portal.example\nExpires: ")
    assert "Preferred-Languages: en, fr" in text


@pytest.mark.django_db
def test_without_a_contact_there_is_nothing_to_find(client: Client) -> None:
    assert client.get("/.well-known/security.txt").status_code == 404
