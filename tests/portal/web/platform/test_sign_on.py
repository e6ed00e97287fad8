"""Signing in by one's organization: a real little provider that tells the truth, and every way in which it may not."""

import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from django.test import Client

from portal.accounts.actors import SYSTEM, OrganizationKind
from portal.accounts.models import Membership, Organization, SignOnIdentity, SingleSignOn, User
from portal.accounts.operations.invitations import invite_person
from portal.accounts.operations.single_sign_on import SignOnFacts, set_single_sign_on
from portal.accounts.queries import actor_of
from portal.accounts.roles import Role
from portal.audit.models import Entry
from portal.core import addresses, clock
from tests.identity_provider import CLIENT_ID, OTHER_KEY, SECRET, IdentityProvider, identity_provider
from tests.portal.web.conftest import PASSWORD, person

pytestmark = pytest.mark.django_db

ASK = "/sign-in/organization/"
BACK = "/sign-in/organization/return/"


@pytest.fixture
def provider(settings: Any) -> Iterator[IdentityProvider]:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    with identity_provider() as provider:
        yield provider


@pytest.fixture
def bank(db: None) -> Organization:
    return Organization.objects.create(kind=OrganizationKind.INSTITUTION, name="Banco Norte")


def facts(provider: IdentityProvider, **changes: Any) -> SignOnFacts:
    given: dict[str, Any] = {
        "issuer": provider.issuer,
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
        "domains": ["banco.example"],
        "roles": {"Fraud desk": "analyst", "Fraud leads": "lead"},
    }
    return SignOnFacts(**given | changes)


@pytest.fixture
def sign_on(provider: IdentityProvider, bank: Organization) -> SingleSignOn:
    return set_single_sign_on(bank, facts=facts(provider), by=SYSTEM, now=clock.now())


@pytest.fixture
def browser(sign_on: SingleSignOn) -> Client:
    return Client()


def leave(browser: Client, email: str = "ana@banco.example") -> str:
    answer = browser.post(ASK, {"email": email})
    assert answer.status_code == 200, answer.content.decode()
    return str(answer.context["url"])


def come(browser: Client, provider: IdentityProvider) -> Any:
    return browser.get(f"{BACK}?{provider.come(leave(browser))}")


def is_signed_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


# ── The provider tells the truth ─────────────────────────────────────────────────────────────────────────


def test_a_person_whom_nobody_knew_comes_in_with_the_role_of_their_group(
    browser: Client, provider: IdentityProvider, bank: Organization
) -> None:
    answer = come(browser, provider)

    ana = User.objects.get(email="ana@banco.example")
    assert answer["Location"] == "/"
    assert is_signed_in(browser)
    assert ana.name == "Ana Paz"
    assert not ana.has_usable_password()
    assert [(one.role, one.organization_id) for one in ana.memberships.all()] == [("analyst", bank.pk)]


def test_the_browser_is_sent_with_pkce_state_and_nonce(browser: Client, provider: IdentityProvider) -> None:
    provider.come(leave(browser))

    asked = provider.asked
    assert asked["code_challenge_method"] == "S256"
    assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT_ID)
    assert asked["scope"] == "openid email profile"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43


def test_no_form_leads_to_another_host(browser: Client, provider: IdentityProvider) -> None:
    page = browser.post(ASK, {"email": "ana@banco.example"}).content.decode()

    assert f"url={provider.issuer}" in page
    assert f'<a class="btn btn-primary w-100" href="{provider.issuer}' in page


def test_a_provider_that_takes_the_secret_in_the_body_gets_it_there(
    browser: Client, provider: IdentityProvider
) -> None:
    described = provider.description() | {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    provider.raw["/.well-known/openid-configuration"] = json.dumps(described).encode()

    come(browser, provider)

    assert is_signed_in(browser)


def test_roles_follow_the_groups_at_each_sign_in(browser: Client, provider: IdentityProvider) -> None:
    come(browser, provider)
    provider.claims = {"groups": ["Fraud leads", "Anything else"]}

    come(browser, provider)

    ana = User.objects.get(email="ana@banco.example")
    acts = Entry.objects.filter(subject_id=ana.public_id, act__startswith="role.").order_by("pk")
    assert [one.role for one in ana.memberships.all()] == ["lead"]
    assert [(one.act, one.facts["role"]) for one in acts] == [
        ("role.granted", "analyst"),
        ("role.granted", "lead"),
        ("role.revoked", "analyst"),
    ]


def test_a_person_stays_the_same_when_their_address_changes(
    browser: Client, provider: IdentityProvider
) -> None:
    come(browser, provider)
    provider.claims = {"email": "ana.paz@banco.example"}

    come(browser, provider)

    assert User.objects.get().email == "ana@banco.example"


def test_somebody_who_was_invited_comes_in_this_way_too(
    browser: Client, provider: IdentityProvider, bank: Organization
) -> None:
    operator = person("Olga", Organization.objects.create(kind="operator", name="House"), Role.OPERATOR)
    invite_person(
        "ana@banco.example", organization=bank, role=Role.ANALYST, by=actor_of(operator), now=clock.now()
    )

    come(browser, provider)

    ana = User.objects.get(email="ana@banco.example")
    assert ana.is_active
    assert ana.invitation.accepted_at is not None


def test_leads_on_to_where_the_person_was_going(browser: Client, provider: IdentityProvider) -> None:
    url = browser.post(ASK, {"email": "ana@banco.example", "next": "/search/?q=x"}).context["url"]

    answer = browser.get(f"{BACK}?{provider.come(url)}")

    assert answer["Location"] == "/search/?q=x"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "evil"])
def test_leads_nobody_elsewhere(browser: Client, provider: IdentityProvider, elsewhere: str) -> None:
    url = browser.post(ASK, {"email": "ana@banco.example", "next": elsewhere}).context["url"]

    answer = browser.get(f"{BACK}?{provider.come(url)}")

    assert answer["Location"] == "/"


# ── A second factor of theirs ────────────────────────────────────────────────────────────────────────────


def factors(browser: Client) -> list[str]:
    return [one["method"] for one in browser.session["account_authentication_methods"]]


def test_a_second_factor_of_the_provider_does_not_count_unless_it_was_said_so(
    browser: Client, provider: IdentityProvider
) -> None:
    provider.claims = {"amr": ["pwd", "mfa"]}

    come(browser, provider)

    assert factors(browser) == ["single-sign-on"]


@pytest.mark.parametrize(
    ("claims", "counts"),
    [
        ({"amr": ["pwd", "mfa"]}, True),
        ({"acr": "urn:two-factors"}, True),
        ({"amr": ["pwd"]}, False),
        ({}, False),
        ({"amr": {"mfa": True}}, False),
    ],
)
def test_a_second_factor_of_the_provider_counts_where_it_was_said_so(
    browser: Client, provider: IdentityProvider, bank: Organization, claims: dict[str, Any], counts: bool
) -> None:
    trusting = facts(provider, second_factor_claims=["mfa", "urn:two-factors"])
    set_single_sign_on(bank, facts=trusting, by=SYSTEM, now=clock.now())
    provider.claims = claims

    come(browser, provider)

    assert ("mfa" in factors(browser)) is counts


@pytest.mark.parametrize(("signs", "status"), [(["mfa"], 200), ([], 302)])
def test_whoever_needs_a_second_factor_sets_one_up_here_unless_the_providers_counts(
    browser: Client, provider: IdentityProvider, market: Organization, signs: list[str], status: int
) -> None:
    given = facts(
        provider, domains=["lumo.example"], roles={"Marketing": "marketer"}, second_factor_claims=signs
    )
    set_single_sign_on(market, facts=given, by=SYSTEM, now=clock.now())
    provider.claims = {"email": "ana@lumo.example", "groups": "Marketing", "amr": ["mfa"]}
    browser.get(f"{BACK}?{provider.come(leave(browser, 'ana@lumo.example'))}")

    answer = browser.get("/")

    assert is_signed_in(browser)
    assert answer.status_code == status


# ── Required ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def required(provider: IdentityProvider, bank: Organization, browser: Client) -> User:
    """Somebody who has come by the provider, which is required now, and has a password from before."""
    come(browser, provider)
    browser.logout()
    set_single_sign_on(bank, facts=facts(provider, is_enforced=True), by=SYSTEM, now=clock.now())
    ana = User.objects.get()
    ana.set_password(PASSWORD)
    ana.save()
    return ana


def test_a_password_does_not_do_where_the_provider_is_required(browser: Client, required: User) -> None:
    answer = browser.post("/sign-in/", {"login": required.email, "password": PASSWORD})

    assert answer["Location"] == ASK
    assert not is_signed_in(browser)
    assert "wants you to sign in there" in browser.get(ASK).content.decode()


def test_a_wrong_password_learns_nothing_of_it(browser: Client, required: User) -> None:
    answer = browser.post("/sign-in/", {"login": required.email, "password": "not this one at all"})

    assert answer.status_code == 422
    assert "wants you to sign in there" not in answer.content.decode()


def test_the_provider_still_lets_them_in(browser: Client, required: User, provider: IdentityProvider) -> None:
    come(browser, provider)

    assert is_signed_in(browser)


def test_a_password_does_where_the_provider_is_not_required(
    browser: Client, required: User, provider: IdentityProvider, bank: Organization
) -> None:
    set_single_sign_on(bank, facts=facts(provider), by=SYSTEM, now=clock.now())

    browser.post("/sign-in/", {"login": required.email, "password": PASSWORD})

    assert is_signed_in(browser)


def test_the_trail_says_how_somebody_signed_in(browser: Client, provider: IdentityProvider) -> None:
    come(browser, provider)

    assert Entry.objects.get(act="person.signed_in").facts["method"] == "single-sign-on"


# ── The provider lies, or is broken ──────────────────────────────────────────────────────────────────────


def unsigned(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, None, algorithm="none", headers={"kid": "one"})


def signed_by_another(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, OTHER_KEY, algorithm="RS256", headers={"kid": "one"})


def signed_by_the_shared_secret(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, SECRET * 2, algorithm="HS256", headers={"kid": "one"})


def of_an_unknown_key(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, OTHER_KEY, algorithm="RS256", headers={"kid": "two"})


@pytest.mark.parametrize(
    "sign", [unsigned, signed_by_another, signed_by_the_shared_secret, of_an_unknown_key, lambda _c: "a.b.c"]
)
def test_refuses_a_token_that_the_provider_did_not_sign(
    browser: Client, provider: IdentityProvider, sign: Any
) -> None:
    provider.sign = sign

    answer = come(browser, provider)

    assert answer.status_code == 403
    assert not is_signed_in(browser)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": None},
        {"aud": [CLIENT_ID, "another-client"]},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"exp": float("nan")},
        {"iat": None},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"sub": 7},
        {"sub": "x" * 256},
        {"email": None},
        {"email": "ana@elsewhere.example"},
        {"email": "ana@banco.example.evil.example"},
        {"email": ["ana@banco.example"]},
        {"email_verified": False},
        {"email_verified": "true"},
        {"groups": None},
        {"groups": ["Unknown group"]},
        {"groups": {"Fraud desk": 1}},
    ],
    ids=str,
)
def test_refuses_what_was_not_said_for_us_now(
    browser: Client, provider: IdentityProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims

    answer = come(browser, provider)

    assert answer.status_code == 403
    assert not is_signed_in(browser)
    assert not User.objects.exists()


@pytest.mark.parametrize(("ahead", "comes_in"), [(-340, True), (-380, False), (40, True), (90, False)])
def test_clocks_may_differ_by_a_minute(
    browser: Client, provider: IdentityProvider, ahead: int, comes_in: bool
) -> None:
    made = int(time.time()) + ahead
    provider.claims = {"iat": made, "exp": made + 300}

    come(browser, provider)

    assert is_signed_in(browser) is comes_in


def test_refuses_a_state_that_this_browser_did_not_send(browser: Client, provider: IdentityProvider) -> None:
    back = provider.come(leave(browser))

    answers = [browser.get(f"{BACK}?{back}x"), browser.get(BACK), Client().get(f"{BACK}?{back}")]

    assert {answer.status_code for answer in answers} == {403}
    assert not is_signed_in(browser)


def test_a_try_is_spent_by_coming_back(browser: Client, provider: IdentityProvider) -> None:
    back = provider.come(leave(browser))
    browser.get(f"{BACK}?{back}")
    browser.logout()

    answer = browser.get(f"{BACK}?{back}")

    assert answer.status_code == 403


def test_refuses_the_answer_of_another_issuer(browser: Client, provider: IdentityProvider) -> None:
    back = provider.come(leave(browser))

    answer = browser.get(f"{BACK}?{back}&iss=https://elsewhere.example")

    assert answer.status_code == 403


def test_says_so_when_the_provider_lets_nobody_in(browser: Client, provider: IdentityProvider) -> None:
    leave(browser)
    state = browser.cookies["sign-on"]
    provider.come(leave(browser))

    answer = browser.get(f"{BACK}?error=access_denied&state={provider.asked['state']}")

    assert state
    assert answer.status_code == 403
    assert "did not let you in" in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/token", b"{"),
        ("/token", b"[]"),
        ("/token", b"\xff\xfe"),
        ("/token", b"[" * 100_000),
        ("/token", b"{}"),
        ("/token", b'{"id_token": 7}'),
        ("/token", b'{"id_token": "' + b"x" * 30_000 + b'"}'),
        ("/keys", b"nothing"),
        ("/keys", b"{}"),
        ("/keys", b'{"keys": []}'),
        ("/keys", b'{"keys": [7]}'),
        ("/keys", b'{"keys": [{"kty": "RSA", "kid": "one"}]}'),
        ("/keys", b'{"keys": "' + b"x" * 2_000_000 + b'"}'),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_broken_answer_is_refused_in_words(
    browser: Client, provider: IdentityProvider, path: str, content: bytes
) -> None:
    provider.raw[path] = content

    answer = come(browser, provider)

    assert answer.status_code == 403
    assert "sign-in did not work" in answer.content.decode()


@pytest.mark.parametrize(
    ("described", "words"),
    [
        (b"nothing", "could not be believed"),
        (b"{}", "another name than the issuer"),
        (b'{"issuer": "https://elsewhere.example"}', "another name than the issuer"),
        (b"[]", "could not be believed"),
    ],
)
def test_a_broken_description_is_refused_before_anybody_leaves(
    browser: Client, provider: IdentityProvider, described: bytes, words: str
) -> None:
    provider.raw["/.well-known/openid-configuration"] = described

    answer = browser.post(ASK, {"email": "ana@banco.example"})

    assert answer.status_code == 403
    assert words in answer.content.decode()


def test_a_provider_that_hangs_is_not_waited_for(
    browser: Client, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "TIMEOUT", (0.3, 0.3))
    back = provider.come(leave(browser))
    provider.raw["/token"] = lambda: time.sleep(2) or b"{}"  # type: ignore[func-returns-value]
    started = time.monotonic()

    answer = browser.get(f"{BACK}?{back}")

    assert time.monotonic() - started < 1.8
    assert answer.status_code == 403
    assert "does not answer" in answer.content.decode()


def test_a_provider_inside_our_network_is_not_asked(browser: Client, settings: Any) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False

    answer = browser.post(ASK, {"email": "ana@banco.example"})

    assert answer.status_code == 422


# ── Whom a provider may not send ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("kind", "role"), [("operator", Role.OPERATOR), ("market", Role.MARKETER)])
def test_nobody_comes_in_who_holds_roles_elsewhere(
    browser: Client, provider: IdentityProvider, kind: str, role: Role
) -> None:
    other = Organization.objects.create(kind=kind, name="Elsewhere")
    ana = person("Ana", other, role)
    User.objects.filter(pk=ana.pk).update(email="ana@banco.example")

    answer = come(browser, provider)

    assert answer.status_code == 403
    assert not is_signed_in(browser)
    assert not SignOnIdentity.objects.exists()
    assert Membership.objects.get(user=ana).organization == other


def test_writes_down_who_was_refused_as_far_as_it_is_known(
    browser: Client, provider: IdentityProvider
) -> None:
    come(browser, provider)
    ana = User.objects.get(email="ana@banco.example")
    ana.is_active = False
    ana.save(update_fields=["is_active"])

    come(Client(), provider)
    Client().get(f"{BACK}?code=a&state=b")

    known, unknown = Entry.objects.filter(act="person.sign_in_refused").order_by("id")
    assert (known.subject_id, known.facts["method"]) == (ana.public_id, "single-sign-on")
    assert (unknown.subject_id[:4], unknown.facts["method"]) == ("acc_", "single-sign-on")


def test_an_address_has_twenty_wrong_answers_a_minute(browser: Client, provider: IdentityProvider) -> None:
    back = provider.come(leave(browser))
    for _try in range(20):
        Client().get(f"{BACK}?code=a&state=b")

    answer = browser.get(f"{BACK}?{back}")
    elsewhere = browser.get(f"{BACK}?code=a&state=b", REMOTE_ADDR="192.0.2.7")

    acts = Entry.objects.values_list("act", flat=True)
    assert (answer.status_code, elsewhere.status_code) == (429, 403)
    assert not is_signed_in(browser)
    assert list(acts).count("person.sign_in_refused") == 21
    assert list(acts).count("person.locked_out") == 1


def test_nobody_comes_in_who_was_deactivated(browser: Client, provider: IdentityProvider) -> None:
    come(browser, provider)
    browser.logout()
    User.objects.update(is_active=False)

    answer = come(browser, provider)

    assert answer.status_code == 403
    assert not is_signed_in(browser)


def test_an_address_that_moved_to_somebody_else_opens_nothing(
    browser: Client, provider: IdentityProvider
) -> None:
    come(browser, provider)
    browser.logout()
    provider.claims = {"sub": "person-2"}

    answer = come(browser, provider)

    assert answer.status_code == 403
    assert not is_signed_in(browser)


def test_whoever_loses_their_last_group_loses_their_roles_and_stays_out(
    browser: Client, provider: IdentityProvider
) -> None:
    come(browser, provider)
    browser.logout()
    provider.claims = {"groups": []}

    answer = come(browser, provider)

    assert answer.status_code == 403
    assert not Membership.objects.exists()
    assert not is_signed_in(browser)


def test_a_provider_that_is_out_of_use_lets_nobody_in(
    browser: Client, provider: IdentityProvider, bank: Organization
) -> None:
    back = provider.come(leave(browser))
    set_single_sign_on(bank, facts=facts(provider, is_on=False), by=SYSTEM, now=clock.now())

    assert browser.get(f"{BACK}?{back}").status_code == 403
    assert browser.post(ASK, {"email": "ana@banco.example"}).status_code == 422


def test_the_first_page_tells_nobody_whether_a_person_exists(browser: Client, sign_on: SingleSignOn) -> None:
    person("Nina")
    known, unknown = (browser.post(ASK, {"email": f"{name}@example.com"}) for name in ("nina", "nobody"))
    here, nowhere = (browser.post(ASK, {"email": f"{name}@banco.example"}) for name in ("ana", "nobody"))

    assert (known.status_code, unknown.status_code) == (422, 422)
    assert (here.status_code, nowhere.status_code) == (200, 200)


def test_whoever_asks_too_often_has_to_wait(browser: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}

    answers = [browser.post(ASK, {"email": "ana@banco.example"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
