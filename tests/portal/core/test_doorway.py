"""What is refused at the door: methods of no use, and programs that call without TLS."""

from typing import Any

import pytest
from django.test import Client


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("path", ["/sign-in/", "/healthz", "/api/v1/campaigns"])
def test_a_method_of_no_use_is_refused_and_nothing_of_the_request_comes_back(
    path: str, method: str, client: Client
) -> None:
    answer = client.generic(method, path, headers={"x-planted": "marker-3141"})

    assert answer.status_code == 405
    assert b"marker-3141" not in answer.content


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_program_that_calls_by_http_is_refused_and_not_sent_on(
    method: str, client: Client, settings: Any
) -> None:
    settings.SECURE_SSL_REDIRECT = True

    answer = getattr(client, method)("/api/v1/campaigns", headers={"authorization": "Bearer cs_x"})

    assert (answer.status_code, answer.json()["code"]) == (403, "https-required")
    assert "Location" not in answer.headers


@pytest.mark.django_db
def test_a_program_that_calls_by_https_is_asked_for_its_key(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/api/v1/campaigns", secure=True).status_code == 401
