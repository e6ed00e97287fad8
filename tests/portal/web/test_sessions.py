"""How sessions end: by hand, by age, by idleness, by another password; and how tries at signing in are limited."""

import time
from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.db import OperationalError, connection
from django.test import Client

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.core import clock
from portal.web.platform.sessions import device_in_words
from tests.cast import browser_of
from tests.portal.web.conftest import PASSWORD

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
WRONG = "not the password at all"


def try_to_sign_in(login: str, password: str = WRONG, client: Client | None = None):
    return (client or Client()).post("/sign-in/", {"login": login, "password": password})


# ── Limits of a session ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("minutes", "is_in"), [(29, True), (30, False)])
def test_an_idle_session_ends_after_half_an_hour(newcomer: User, minutes: int, is_in: bool) -> None:
    browser = browser_of(newcomer)

    with time_machine.travel(clock.now() + timedelta(minutes=minutes)):
        answer = browser.get("/")

    assert (answer.status_code == 200) == is_in


def test_says_why_one_is_signed_out_and_writes_it_down(newcomer: User) -> None:
    browser = browser_of(newcomer)

    with time_machine.travel(clock.now() + timedelta(hours=1)):
        page = browser.get("/", follow=True).content.decode()

    assert "nothing happened for a while" in page
    assert Entry.objects.get(act="person.signed_out").facts["method"] == "idle"


def test_a_session_in_use_stays_but_not_for_longer_than_twelve_hours(newcomer: User) -> None:
    browser = browser_of(newcomer)
    start = clock.now()
    answers = []

    for minutes in range(20, 12 * 60 + 20, 20):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            answers.append(browser.get("/").status_code)

    assert answers == [200] * 35 + [302]


def test_notes_when_a_session_was_last_seen(newcomer: User) -> None:
    browser = browser_of(newcomer)
    later = clock.now() + timedelta(minutes=5)

    with time_machine.travel(later, tick=False):
        browser.get("/")

    assert UserSession.objects.get().last_seen_at == later


def test_a_session_without_times_is_none(newcomer: User) -> None:
    browser = browser_of(newcomer)
    session = browser.session
    del session["signed_in_at"]
    session.save()

    assert browser.get("/").status_code == 302


def test_pages_of_somebody_signed_in_stay_in_no_cache(newcomer: User) -> None:
    assert browser_of(newcomer).get("/")["Cache-Control"] == "no-store"


def test_cookies_are_out_of_the_reach_of_scripts_and_other_sites(client: Client, newcomer: User) -> None:
    client.get("/sign-in/")
    try_to_sign_in(newcomer.email, PASSWORD, client)

    for name in ("countersign", "csrftoken", "device"):
        assert client.cookies[name]["httponly"], name
        assert client.cookies[name]["samesite"] in {"Lax", "Strict"}, name


# ── One's own sessions ───────────────────────────────────────────────────────────────────────────────────


def test_lists_where_somebody_is_signed_in(newcomer: User) -> None:
    browser = browser_of(newcomer)
    Client(headers={"User-Agent": FIREFOX}).post("/sign-in/", {"login": newcomer.email, "password": PASSWORD})

    page = browser.get("/account/sessions/").content.decode()

    assert "Firefox on Linux" in page
    assert "this one" in page


def test_a_session_that_is_ended_is_out_at_its_next_request(newcomer: User) -> None:
    here, elsewhere = browser_of(newcomer), browser_of(newcomer)
    row = UserSession.objects.get(session_key=elsewhere.session.session_key)

    here.post(f"/account/sessions/{row.pk}/end/")

    assert (here.get("/").status_code, elsewhere.get("/").status_code) == (200, 302)
    assert Entry.objects.filter(act="session.revoked", subject_id=newcomer.public_id).exists()


def test_ends_all_sessions_but_this_one(newcomer: User) -> None:
    here, *others = (browser_of(newcomer) for _browser in range(3))

    here.post("/account/sessions/end-others/")

    assert [browser.get("/").status_code for browser in (here, *others)] == [200, 302, 302]


def test_nobody_ends_the_session_of_somebody_else(newcomer: User, marketer: User) -> None:
    browser_of(marketer)
    row = UserSession.objects.get()

    answer = browser_of(newcomer).post(f"/account/sessions/{row.pk}/end/")

    assert answer.status_code == 404
    assert UserSession.objects.filter(pk=row.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_changes_the_password_and_stays_signed_in_here_alone(client: Client, newcomer: User) -> None:
    try_to_sign_in(newcomer.email, PASSWORD, client)
    elsewhere = browser_of(newcomer)
    chosen = "another horse battery staple"

    answer = client.post("/account/password/", {"old": PASSWORD, "password": chosen, "again": chosen})

    assert answer["Location"] == "/account/"
    assert (client.get("/").status_code, elsewhere.get("/").status_code) == (200, 302)
    assert UserSession.objects.get().session_key == client.session.session_key


@pytest.mark.django_db(transaction=True)
def test_refuses_another_password_without_the_present_one(client: Client, newcomer: User) -> None:
    try_to_sign_in(newcomer.email, PASSWORD, client)
    chosen = "another horse battery staple"

    answer = client.post("/account/password/", {"old": WRONG, "password": chosen, "again": chosen})

    assert answer.status_code == 422
    assert User.objects.get(pk=newcomer.pk).check_password(PASSWORD)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        ("curl/8.0", "Unknown device"),
        ("", "Unknown device"),
    ],
)
def test_names_devices_in_words(user_agent: str, words: str) -> None:
    assert device_in_words(user_agent) == words


# ── Limits of signing in ─────────────────────────────────────────────────────────────────────────────────


def test_answers_alike_for_known_and_unknown_addresses_until_both_are_locked_out(newcomer: User) -> None:
    answers = {
        login: [try_to_sign_in(login) for _try in range(7)]
        for login in (newcomer.email, "nobody@example.com")
    }

    known, unknown = (
        [(answer.status_code, str(answer.context["form"].errors)) for answer in each]
        for each in answers.values()
    )
    assert known == unknown
    assert [status for status, _words in known] == [422] * 5 + [429] * 2


def test_refuses_the_right_password_while_locked_out_and_takes_it_afterwards(newcomer: User) -> None:
    for _try in range(5):
        try_to_sign_in(newcomer.email)

    locked = try_to_sign_in(newcomer.email, PASSWORD)
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        after = try_to_sign_in(newcomer.email, PASSWORD)

    assert (locked.status_code, after.status_code) == (429, 302)


def test_one_account_locked_out_leaves_others_alone(newcomer: User, marketer: User) -> None:
    for _try in range(6):
        try_to_sign_in(newcomer.email)

    assert try_to_sign_in(marketer.email, PASSWORD).status_code == 302


def test_one_address_that_tries_many_accounts_is_locked_out(newcomer: User) -> None:
    answers = [try_to_sign_in(f"somebody{number}@example.com").status_code for number in range(21)]

    assert answers[-2:] == [422, 429]
    assert try_to_sign_in(newcomer.email, PASSWORD).status_code == 429


def test_somebody_whose_access_is_closed_is_answered_like_a_wrong_password(newcomer: User) -> None:
    User.objects.filter(pk=newcomer.pk).update(is_active=False)

    closed = try_to_sign_in(newcomer.email, PASSWORD)
    wrong = try_to_sign_in("nobody@example.com", PASSWORD)

    assert closed.status_code == wrong.status_code == 422
    assert closed.context["form"].errors == wrong.context["form"].errors


def test_writes_refusals_down_with_tokens_alone(newcomer: User) -> None:
    for login in (newcomer.email, "nobody@example.com"):
        try_to_sign_in(login)

    known, unknown = Entry.objects.filter(act="person.sign_in_refused").order_by("id")
    assert known.subject_id == newcomer.public_id
    assert unknown.subject_id.startswith("acc_")
    assert "127.0.0.1" not in str(known.facts)
    assert known.facts["address"] == unknown.facts["address"]


def test_writes_a_lock_out_down_once_however_many_tries_follow(newcomer: User) -> None:
    for _try in range(9):
        try_to_sign_in(newcomer.email)

    assert Entry.objects.filter(act="person.locked_out").count() == 1


def test_knows_a_device_again_by_its_mark(client: Client, newcomer: User) -> None:
    for browser in (client, client, Client()):
        try_to_sign_in(newcomer.email, client=browser)

    first, second, other = (
        entry.facts["device"] for entry in Entry.objects.filter(act="person.sign_in_refused")
    )
    assert first == second != other


@pytest.mark.parametrize(("header", "country"), [("ca", "CA"), ("", ""), ("1; DROP", "")])
def test_keeps_the_country_that_a_trusted_header_names(
    newcomer: User, settings, header: str, country: str
) -> None:
    settings.COUNTRY_HEADER = "X-Country"

    Client(headers={"X-Country": header}).post("/sign-in/", {"login": newcomer.email, "password": PASSWORD})

    assert Entry.objects.get(act="person.signed_in").facts["country"] == country


def test_says_in_words_that_redis_is_gone_and_does_not_wait(newcomer: User, settings) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/0"}}
    started = time.monotonic()

    answer = try_to_sign_in(newcomer.email, PASSWORD)

    assert answer.status_code == 503
    assert time.monotonic() - started < 3


def test_says_in_words_that_the_database_is_gone_before_any_view_is_reached(
    newcomer: User, monkeypatch
) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(newcomer)

    def gone(*_: object, **__: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    # The engine stays for the other tests; this is what its driver says when it has gone.
    monkeypatch.setattr(connection, "create_cursor", gone)
    answer = browser.get("/batches/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


# ── A forgotten password ─────────────────────────────────────────────────────────────────────────────────


def test_says_the_same_to_whoever_asks_for_a_link(client: Client, newcomer: User) -> None:
    pages = [
        client.post("/sign-in/forgotten/", {"email": email}).content.decode().replace(email, "…")
        for email in (newcomer.email, "nobody@example.com")
    ]

    known, unknown = (page[page.index("<h1>") : page.index("</main>")] for page in pages)
    assert known == unknown


@pytest.mark.django_db(transaction=True)
def test_a_link_opens_once_and_gives_a_new_password(client: Client, newcomer: User) -> None:
    from portal.mail.models import Mail

    client.post("/sign-in/forgotten/", {"email": newcomer.email})
    link = "/sign-in/new-password/" + Mail.objects.get().text.split("/sign-in/new-password/")[1].split()[0]
    chosen = {"password": "another horse battery staple", "again": "another horse battery staple"}

    client.get(link)
    answer = client.post("/sign-in/new-password/", chosen)

    assert answer["Location"] == "/sign-in/"
    assert try_to_sign_in(newcomer.email, chosen["password"]).status_code == 302
    again = Client()
    again.get(link)
    assert again.get("/sign-in/new-password/").status_code == 410


@pytest.mark.parametrize("link", ["usr_nobody/abc-def", "usr_nobody/x", "x/y"])
def test_a_link_that_opens_nothing_says_so(client: Client, link: str) -> None:
    client.get(f"/sign-in/new-password/{link}/")

    assert client.get("/sign-in/new-password/").status_code == 410
