"""The operator's pages about single sign-on."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import Organization, SingleSignOn
from tests.identity_provider import SECRET, IdentityProvider, identity_provider

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider(settings: Any) -> Iterator[IdentityProvider]:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    with identity_provider() as provider:
        yield provider


def asked(market: Organization, provider: IdentityProvider, **changes: Any) -> dict[str, Any]:
    return {
        "organization": market.pk,
        "issuer": provider.issuer,
        "client_id": "countersign",
        "client_secret": SECRET,
        "domains": "lumo.example\nlumo.test\n",
        "roles_claim": "groups",
        "roles": "Marketing = marketer\ncn=Money,dc=lumo = finance",
        "second_factor_claims": "mfa",
        "is_on": "on",
    } | changes


def test_an_operator_sets_up_a_provider(
    operator_browser: Client, market: Organization, provider: IdentityProvider
) -> None:
    answer = operator_browser.post("/single-sign-on/new/", asked(market, provider))

    made = SingleSignOn.objects.get()
    assert answer["Location"] == "/single-sign-on/"
    assert made.roles == {"Marketing": "marketer", "cn=Money,dc=lumo": "finance"}
    assert sorted(made.domains.values_list("name", flat=True)) == ["lumo.example", "lumo.test"]
    assert made.second_factor_claims == ["mfa"]
    assert "Mexico" in operator_browser.get("/single-sign-on/").content.decode()


def test_a_provider_is_changed_and_its_secret_never_shown(
    operator_browser: Client, market: Organization, provider: IdentityProvider
) -> None:
    operator_browser.post("/single-sign-on/new/", asked(market, provider))
    address = f"/single-sign-on/{SingleSignOn.objects.get().public_id}/"
    page = operator_browser.get(address).content.decode()

    operator_browser.post(address, asked(market, provider, client_secret="", roles="Marketing = approver"))

    assert SECRET not in page
    assert "cn=Money,dc=lumo = finance" in page
    assert "/sign-in/organization/return/" in page
    assert SingleSignOn.objects.get().roles == {"Marketing": "approver"}


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("issuer", {"issuer": "http://127.0.0.1:9/"}),
        ("roles", {"roles": "Marketing"}),
        ("roles", {"roles": "Marketing = operator"}),
        ("domains", {"domains": "lumo"}),
    ],
)
def test_what_makes_no_sense_comes_back_beside_its_field(
    operator_browser: Client,
    market: Organization,
    provider: IdentityProvider,
    settings: Any,
    field: str,
    changes: dict[str, str],
) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = field != "issuer"

    answer = operator_browser.post("/single-sign-on/new/", asked(market, provider, **changes))

    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()


def test_a_provider_that_does_not_answer_is_not_put_into_use(
    operator_browser: Client, market: Organization, provider: IdentityProvider
) -> None:
    provider.raw["/.well-known/openid-configuration"] = b"nothing"

    answer = operator_browser.post("/single-sign-on/new/", asked(market, provider))

    assert answer.status_code == 403
    assert not SingleSignOn.objects.exists()


def test_a_marketer_sees_none_of_it(marketer_browser: Client) -> None:
    assert marketer_browser.get("/single-sign-on/").status_code == 403
    assert marketer_browser.get("/single-sign-on/new/").status_code == 403
