"""Pages about invitations: inviting, what waits, the mail on the local stack, and coming in."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client, override_settings

from portal.accounts.models import Invitation, Organization, User
from portal.core.mail_routes import Route, Way
from portal.mail.models import Mail
from tests.portal.web.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

ACCEPTED = {"name": "Ana Paz", "language": "fr", "password": PASSWORD, "again": PASSWORD}


def invite(browser: Client, market: Organization, **changes: str) -> User | None:
    asked = {"email": "ana@example.com", "language": "en", "role": "marketer", "organization": market.pk}
    browser.post("/people/invite/", asked | changes)
    return User.objects.filter(email="ana@example.com").first()


def link_in_mail() -> str:
    (address,) = re.findall(r"http\S+", Mail.objects.latest("pk").text)
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def test_an_operator_invites_and_sees_who_is_invited(operator_browser: Client, market: Organization) -> None:
    asked = {"email": "ana@example.com", "language": "en", "role": "marketer", "organization": market.pk}

    answer = operator_browser.post("/people/invite/", asked)

    ana = User.objects.get(email="ana@example.com")
    assert answer["Location"] == f"/people/{ana.public_id}/"
    assert "Invited" in operator_browser.get("/people/", {"q": "ana@"}).content.decode()
    assert "Its link opens until" in operator_browser.get(f"/people/{ana.public_id}/").content.decode()


def test_refuses_a_second_invitation_of_one_address_beside_the_field(
    operator_browser: Client, market: Organization
) -> None:
    invite(operator_browser, market)
    asked = {"email": "ANA@example.com", "language": "en", "role": "marketer", "organization": market.pk}

    answer = operator_browser.post("/people/invite/", asked)

    assert answer.status_code == 409
    assert 'id="id_email_error"' in answer.content.decode()


def test_an_invited_person_comes_in_and_signs_in(operator_browser: Client, market: Organization) -> None:
    invite(operator_browser, market)
    browser = Client()

    page = browser.get(link_in_mail())
    answer = browser.post(link_in_mail(), ACCEPTED)

    assert "Join Countersign" in page.content.decode()
    assert page["Cache-Control"].find("no-store") >= 0
    assert answer["Location"] == "/sign-in/"
    assert User.objects.get(email="ana@example.com").check_password(PASSWORD)


def test_opening_the_link_spends_nothing(operator_browser: Client, market: Organization) -> None:
    invite(operator_browser, market)

    for _scanner in range(3):
        assert Client().get(link_in_mail()).status_code == 200


def test_a_link_that_is_dead_says_nothing_about_anybody(
    operator_browser: Client, market: Organization
) -> None:
    invite(operator_browser, market)
    spent = link_in_mail()
    Client().post(spent, ACCEPTED)

    answers = [Client().get(address) for address in (spent, "/invitation/?link=forged", "/invitation/")]

    assert {answer.status_code for answer in answers} == {410}
    assert all("ana" not in answer.content.decode().lower().replace("manag", "") for answer in answers)


def test_refuses_two_passwords_that_differ(operator_browser: Client, market: Organization) -> None:
    invite(operator_browser, market)

    answer = Client().post(link_in_mail(), ACCEPTED | {"again": "another quiet lamp tumbler"})

    assert answer.status_code == 422
    assert 'id="id_again_error"' in answer.content.decode()


def test_refuses_a_breached_password_beside_its_field(operator_browser: Client, market: Organization) -> None:
    invite(operator_browser, market)

    answer = Client().post(link_in_mail(), ACCEPTED | {"password": "password1234", "again": "password1234"})

    assert answer.status_code == 422
    assert 'id="id_password_error"' in answer.content.decode()


def test_whoever_was_signed_in_is_not_the_one_who_came_in(
    operator_browser: Client, market: Organization
) -> None:
    invite(operator_browser, market)

    operator_browser.post(link_in_mail(), ACCEPTED)

    assert operator_browser.get("/people/").status_code == 302


def test_the_page_speaks_the_language_of_the_invitation(
    operator_browser: Client, market: Organization
) -> None:
    invite(operator_browser, market, language="fr")

    assert '<html lang="fr"' in Client().get(link_in_mail()).content.decode()


def test_asks_before_sending_again_and_then_sends(operator_browser: Client, market: Organization) -> None:
    ana = invite(operator_browser, market)
    first = link_in_mail()
    address = f"/people/{ana.public_id}/invitation/resend/"
    question = operator_browser.get(address, headers={"HX-Request": "true"}).content.decode()

    operator_browser.post(address)

    assert "Send a new invitation to ana@example.com?" in question
    assert Client().get(first).status_code == 410
    assert Client().get(link_in_mail()).status_code == 200


def test_asks_before_withdrawing_and_then_withdraws(operator_browser: Client, market: Organization) -> None:
    ana = invite(operator_browser, market)
    address = f"/people/{ana.public_id}/invitation/withdraw/"

    operator_browser.post(address)

    assert not Invitation.objects.get().is_open
    assert Client().get(link_in_mail()).status_code == 410
    assert "Withdrawn" in operator_browser.get("/people/", {"q": "ana@"}).content.decode()


def test_somebody_who_was_invited_is_not_let_in_by_a_click(
    operator_browser: Client, market: Organization
) -> None:
    ana = invite(operator_browser, market)

    answer = operator_browser.post(f"/people/{ana.public_id}/reactivate/")

    assert answer.status_code == 409
    assert not User.objects.get(pk=ana.pk).is_active


@pytest.mark.parametrize("act", ["resend", "withdraw"])
def test_there_is_no_invitation_of_somebody_who_never_had_one(
    operator_browser: Client, newcomer: User, act: str
) -> None:
    assert operator_browser.post(f"/people/{newcomer.public_id}/invitation/{act}/").status_code == 404


def test_a_marketer_invites_nobody(marketer_browser: Client, market: Organization) -> None:
    assert marketer_browser.get("/people/invite/").status_code == 403
    assert marketer_browser.get("/mails/").status_code == 403


def test_the_local_stack_shows_its_mails_to_the_operator(
    operator_browser: Client, market: Organization
) -> None:
    invite(operator_browser, market)
    mail = Mail.objects.get()

    listed = operator_browser.get("/mails/").content.decode()
    shown = operator_browser.get(f"/mails/{mail.public_id}/").content.decode()

    assert "Your invitation to Countersign" in listed
    assert link_in_mail().replace("&", "&amp;") in shown


@pytest.mark.parametrize(("state", "words"), [("waiting", "Waiting"), ("sent", "Sent"), ("failed", "Failed")])
def test_the_operator_sees_what_became_of_the_mail(
    operator_browser: Client, market: Organization, state: str, words: str
) -> None:
    ana = invite(operator_browser, market)
    Mail.objects.update(state=state, problem="recipient-550" if state == "failed" else "")

    page = operator_browser.get(f"/people/{ana.public_id}/").content.decode()

    assert words in page.partition("Its mail")[2]
    assert ("recipient-550" in page) is (state == "failed")


def test_where_mail_is_sent_nobody_else_reads_it(operator_browser: Client, market: Organization) -> None:
    invite(operator_browser, market)
    mail = Mail.objects.get()

    with override_settings(MAIL_ROUTE=Route(Way.SMTP, {"host": "127.0.0.1", "port": 9})):
        answers = [operator_browser.get(path) for path in ("/mails/", f"/mails/{mail.public_id}/")]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_the_roles_page_shows_what_each_role_may_do(operator_browser: Client) -> None:
    page = operator_browser.get("/roles/").content.decode()

    assert "batches:approve" in page
    assert "Approver" in page


def test_a_marketer_sees_no_roles_page(marketer_browser: Client) -> None:
    assert marketer_browser.get("/roles/").status_code == 403
