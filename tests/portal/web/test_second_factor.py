"""Signing in with a second factor, being led to one, and showing a fresh one for what a stolen session must not do."""

import base64
import json
from datetime import timedelta

import pytest
import time_machine
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.test import Client

from portal.accounts import factors
from portal.accounts.models import Membership, Organization, User
from portal.accounts.operations.second_factors import add_totp
from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.core import clock
from tests.cast import browser_of
from tests.portal.web.conftest import PASSWORD, person

pytestmark = pytest.mark.django_db
SECRET = factors.new_secret()
ODD = '{"id": 1}'
HX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/people/?q=a"}


def code(ahead: int = 0) -> str:
    return factors.code_at(SECRET, factors.step_at(clock.now()) + ahead)


@pytest.fixture
def recovery(operator: User) -> list[str]:
    """The operator's recovery codes; the app was added an hour ago."""
    then = clock.now() - timedelta(hours=1)
    first = factors.code_at(SECRET, factors.step_at(then))
    return add_totp(operator, secret=SECRET, code=first, by=actor_of(operator), now=then)


def give_password(client: Client, **more: str):
    return client.post("/sign-in/", {"login": "olga@example.com", "password": PASSWORD, **more})


def show(client: Client, typed: str):
    return client.post("/sign-in/second-factor/", {"code": typed})


def stranger(user: User) -> str:
    """A well-formed answer of a passkey that says it is this person's, and is not."""

    def text(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).decode().rstrip("=")

    response = {
        "clientDataJSON": text(
            b'{"type": "webauthn.get", "challenge": "AAAA", "origin": "http://testserver"}'
        ),
        "authenticatorData": text(bytes(37)),
        "signature": text(b"none"),
        "userHandle": text(user_pk_to_url_str(user).encode()),
    }
    credential = {"id": text(b"id"), "rawId": text(b"id"), "type": "public-key", "response": response}
    return json.dumps(credential)


def acts() -> list[str]:
    return list(Entry.objects.filter(act__startswith="person.").order_by("id").values_list("act", flat=True))


# ── Signing in ───────────────────────────────────────────────────────────────────────────────────────────


def test_asks_for_the_second_factor_after_the_password(client: Client, recovery: list[str]) -> None:
    answer = give_password(client)

    assert answer["Location"] == "/sign-in/second-factor/"
    assert client.get("/")["Location"].startswith("/sign-in/")


def test_lets_in_with_the_code_and_goes_on_to_where_one_wanted(client: Client, recovery: list[str]) -> None:
    give_password(client, next="/people/?q=ana")

    answer = show(client, code())

    assert answer["Location"] == "/people/?q=ana"
    assert client.get("/people/").status_code == 200
    signed_in = Entry.objects.get(act="person.signed_in")
    assert signed_in.facts["method"] == "password+totp"
    assert len(signed_in.facts["device"]) == len(signed_in.facts["address"]) == 26


def test_changes_the_session_id_at_signing_in(client: Client, recovery: list[str]) -> None:
    give_password(client)
    before = client.session.session_key

    show(client, code())

    assert client.session.session_key != before


@pytest.mark.parametrize("typed", ["000000", "", "abc", "٣" * 6, "9" * 39])
def test_refuses_a_wrong_code_in_words(client: Client, recovery: list[str], typed: str) -> None:
    give_password(client)

    answer = show(client, typed)

    assert answer.status_code == 422
    assert client.get("/")["Location"].startswith("/sign-in/")


def test_refuses_a_code_that_was_used_before(client: Client, recovery: list[str]) -> None:
    give_password(client)
    used = code()
    show(client, used)
    other = Client()
    give_password(other)

    answer = show(other, used)

    assert answer.status_code == 422
    assert "used already" in answer.content.decode()


def test_takes_a_recovery_code_once(client: Client, recovery: list[str]) -> None:
    give_password(client)
    show(client, recovery[0])
    other = Client()
    give_password(other)

    answer = show(other, recovery[0])

    assert client.get("/people/").status_code == 200
    assert answer.status_code == 422


def test_locks_out_after_five_wrong_codes_and_refuses_the_right_one(
    client: Client, recovery: list[str]
) -> None:
    give_password(client)
    for _try in range(5):
        show(client, "000000")

    answer = show(client, code())

    assert answer.status_code == 429
    assert "person.locked_out" in acts()


@pytest.mark.parametrize(
    "credential", ["", "x", "[]", "{}", '{"id": 1}', '{"id": "a", "rawId": "a"}', "null"]
)
@pytest.mark.parametrize("address", ["/sign-in/second-factor/", "/sign-in/passkey/"])
def test_refuses_a_strange_passkey_in_words(
    client: Client, recovery: list[str], credential: str, address: str
) -> None:
    give_password(client)
    client.get("/sign-in/second-factor/")

    answer = client.post(address, {"credential": credential})

    assert answer.status_code in {302, 422}
    assert client.get("/")["Location"].startswith("/sign-in/")


@pytest.mark.parametrize(
    ("credential", "is_named"), [(ODD, False), ("named", True)], ids=["of nobody", "of the operator"]
)
def test_writes_down_a_refused_passkey_and_whose_it_says_it_is(
    client: Client, operator: User, credential: str, is_named: bool
) -> None:
    given = stranger(operator) if credential == "named" else credential

    client.post("/sign-in/passkey/", {"credential": given})

    refused = Entry.objects.get(act="person.sign_in_refused")
    assert refused.facts["method"] == "passkey"
    assert (refused.subject_id == operator.public_id) is is_named
    assert refused.subject_id.startswith(("usr_", "acc_"))


def test_an_address_has_ten_tries_with_passkeys_and_nobody_is_locked_out_elsewhere(
    client: Client, operator: User, recovery: list[str]
) -> None:
    for _try in range(10):
        client.post("/sign-in/passkey/", {"credential": stranger(operator)})

    answers = [client.post("/sign-in/passkey/", {"credential": stranger(operator)}) for _try in range(3)]
    elsewhere = client.post("/sign-in/passkey/", {"credential": ODD}, follow=True, REMOTE_ADDR="192.0.2.7")

    assert {answer.status_code for answer in answers} == {429}
    assert "opens nothing here" in elsewhere.content.decode()
    assert acts().count("person.sign_in_refused") == 11
    assert acts().count("person.locked_out") == 1


def test_writes_down_a_refused_passkey_after_the_password(
    client: Client, operator: User, recovery: list[str]
) -> None:
    give_password(client)

    client.post("/sign-in/second-factor/", {"credential": ODD})

    refused = Entry.objects.get(act="person.sign_in_refused")
    assert (refused.facts["method"], refused.subject_id) == ("passkey", operator.public_id)


# ── Being led to one ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/", "/people/", "/admin/", "/account/sessions/", "/account/password/"])
def test_leads_a_role_that_needs_one_to_set_it_up_before_anything_else(operator: User, path: str) -> None:
    browser = browser_of(operator, second_factor=False)

    answer = browser.get(path)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/?")
    assert "Set up a second factor to go on" in browser.get("/account/").content.decode()


def test_lets_a_role_that_needs_none_go_on_without(newcomer: User) -> None:
    browser = browser_of(newcomer, second_factor=False)

    assert browser.get("/").status_code == 200


def test_leads_to_the_factor_that_is_there_when_the_session_has_not_shown_it(
    operator: User, recovery: list[str]
) -> None:
    browser = browser_of(operator, second_factor=False)

    answer = browser.get("/people/")

    assert answer["Location"].startswith("/confirm/?")


@pytest.mark.django_db(transaction=True)
def test_sets_up_an_app_and_shows_the_recovery_codes_once(client: Client, operator: User) -> None:
    give_password(client)
    page = client.get("/account/app/")
    secret = page.context["secret"].replace(" ", "")

    answer = client.post("/account/app/", {"code": factors.code_at(secret, factors.step_at(clock.now()))})

    assert answer.context["codes"][0] in answer.content.decode()
    assert client.get("/people/").status_code == 200
    assert secret not in str(client.session.items())


def test_refuses_an_app_whose_code_is_wrong(client: Client, operator: User) -> None:
    give_password(client)
    client.get("/account/app/")

    answer = client.post("/account/app/", {"code": "000000"})

    assert answer.status_code == 422
    assert not Authenticator.objects.exists()


# ── Showing a fresh one ──────────────────────────────────────────────────────────────────────────────────


def grow_stale(browser: Client) -> Client:
    """Let the second factor be eleven minutes old."""
    session = browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 660
    session.save()
    return browser


def test_asks_for_a_fresh_one_before_an_act_and_says_that_nothing_was_done(operator: User) -> None:
    browser = grow_stale(browser_of(operator))

    answer = browser.post("/people/invite/", {}, headers={"Referer": "http://testserver/people/invite/?a=b"})

    assert answer["Location"] == "/confirm/?next=%2Fpeople%2Finvite%2F%3Fa%3Db"
    assert "Nothing was changed yet" in browser.get(answer["Location"]).content.decode()


def test_asks_for_none_while_it_is_fresh(operator_browser: Client) -> None:
    answer = operator_browser.post("/people/invite/", {})

    assert answer.status_code == 422


def test_reading_needs_no_fresh_one(operator: User) -> None:
    browser = grow_stale(browser_of(operator))

    assert browser.get("/people/invite/").status_code == 200


def test_sends_the_whole_page_when_htmx_asks(operator: User) -> None:
    browser = grow_stale(browser_of(operator))

    answer = browser.post("/people/invite/", {}, headers=HX)

    assert answer["HX-Redirect"] == "/confirm/?next=%2Fpeople%2F%3Fq%3Da"


def test_an_export_needs_a_fresh_one_and_leads_back_to_the_list(operator: User) -> None:
    browser = grow_stale(browser_of(operator))

    answer = browser.get("/people/?export=csv", headers={"Referer": "https://elsewhere.example/"})

    assert answer["Location"] == "/confirm/?next=%2Fpeople%2F"


def test_an_export_by_somebody_without_a_second_factor_leads_to_setting_one_up(market: Organization) -> None:
    support = person("Sofia", market)
    Membership.objects.create(user=support, organization=market, role="support")
    browser = browser_of(support)

    answer = browser.get("/campaigns/?export=csv")

    assert answer["Location"].startswith("/account/?")


def test_a_code_makes_it_fresh_again_and_goes_back(operator: User, recovery: list[str]) -> None:
    browser = grow_stale(browser_of(operator))

    answer = browser.post("/confirm/", {"code": code(), "next": "/people/invite/"})

    assert answer["Location"] == "/people/invite/"
    assert browser.post("/people/invite/", {}).status_code == 422


def test_a_wrong_code_does_not(operator: User, recovery: list[str]) -> None:
    browser = grow_stale(browser_of(operator))

    answer = browser.post("/confirm/", {"code": "000000", "next": "/people/invite/"})

    assert answer.status_code == 422
    assert browser.post("/people/invite/", {})["Location"].startswith("/confirm/")


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "javascript:x"])
def test_goes_to_no_other_site_after_confirming(operator: User, recovery: list[str], elsewhere: str) -> None:
    browser = grow_stale(browser_of(operator))

    answer = browser.post("/confirm/", {"code": code(), "next": elsewhere})

    assert answer["Location"] == "/"


def test_asks_for_the_password_where_there_is_no_second_factor(client: Client, newcomer: User) -> None:
    client.post("/sign-in/", {"login": newcomer.email, "password": PASSWORD})
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        asked = client.get("/account/app/")
        wrong = client.post("/confirm/", {"password": "wrong", "next": "/account/app/"})
        right = client.post("/confirm/", {"password": PASSWORD, "next": "/account/app/"})

        assert asked["Location"].startswith("/confirm/")
        assert (wrong.status_code, right["Location"]) == (422, "/account/app/")
        assert client.get("/account/app/").status_code == 200
