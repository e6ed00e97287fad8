"""Pages about people: the list with everything lists can do, adding somebody, giving and taking roles."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts import factors
from portal.accounts.models import Membership, Organization, User
from portal.accounts.operations.second_factors import add_totp
from portal.accounts.queries import actor_of
from portal.accounts.roles import Role
from portal.audit.models import Entry
from portal.core import clock
from tests.cast import browser_of
from tests.portal.web.conftest import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def crowd(market: Organization) -> list[User]:
    return [person(f"Person{number:02}", market, Role.MARKETER) for number in range(60)]


def test_pages_through_the_people(operator_browser: Client, crowd: list[User]) -> None:
    page = operator_browser.get("/people/", {"page": 2}).content.decode()

    assert "Person24" in page
    assert "Person23" not in page
    assert "26 to 50 of 61" in page


@pytest.mark.parametrize("page", ["0", "-1", "99999999999999999999", "two"])
def test_shows_some_page_for_any_page_number(operator_browser: Client, crowd: list[User], page: str) -> None:
    answer = operator_browser.get("/people/", {"page": page})

    assert answer.status_code == 200


def test_finds_people_by_part_of_a_name(operator_browser: Client, crowd: list[User]) -> None:
    page = operator_browser.get("/people/", {"q": "son4"}).content.decode()

    assert "1 to 10 of 10" in page
    assert "“son4”" in page


def test_says_what_to_do_when_nothing_matches(operator_browser: Client) -> None:
    page = operator_browser.get("/people/", {"q": "nobody like this"}).content.decode()

    assert "Nothing matches" in page
    assert "Show all" in page


def test_sorts_both_ways(operator_browser: Client, crowd: list[User]) -> None:
    page = operator_browser.get("/people/", {"sort": "-name", "q": "Person"}).content.decode()

    assert page.index("Person59") < page.index("Person58")
    assert 'aria-sort="descending"' in page


@pytest.mark.parametrize("sort", ["password", "-password", "--name", "-", "name,pk"])
def test_ignores_a_sort_that_no_column_offers(operator_browser: Client, crowd: list[User], sort: str) -> None:
    answer = operator_browser.get("/people/", {"sort": sort})

    assert answer.status_code == 200
    assert answer.context["listing"].sort == "name"


def test_keeps_search_and_sort_in_every_address(operator_browser: Client, crowd: list[User]) -> None:
    page = operator_browser.get("/people/", {"q": "Person", "sort": "-name", "size": "25"}).content.decode()

    assert "/people/?q=Person&amp;sort=-name&amp;size=25&amp;page=2" in page


def test_answers_htmx_with_the_list_alone(operator_browser: Client) -> None:
    page = operator_browser.get("/people/", headers={"HX-Request": "true"}).content.decode()

    assert 'id="listing"' in page
    assert "<html" not in page


def test_needs_the_same_queries_for_three_people_and_for_sixty(
    operator_browser: Client, market: Organization, django_assert_num_queries: object
) -> None:
    person("Ana", market, Role.MARKETER)
    with CaptureQueriesContext(connection) as few:
        operator_browser.get("/people/")
    for number in range(20):
        person(f"Person{number}", market, Role.MARKETER)

    with CaptureQueriesContext(connection) as many:
        operator_browser.get("/people/")

    assert len(many) == len(few)


def test_exports_what_was_searched_for_as_csv(operator_browser: Client, crowd: list[User]) -> None:
    answer = operator_browser.get("/people/", {"q": "Person0", "export": "csv"})

    lines = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert lines[0] == ["Name", "E-mail address", "State", "Last signed in", "Second factor"]
    assert [line[0] for line in lines[1:]] == [f"Person{number:02}" for number in range(10)]


def test_exports_no_formula(operator_browser: Client, newcomer: User) -> None:
    User.objects.filter(pk=newcomer.pk).update(name='=HYPERLINK("https://elsewhere.example")')

    answer = operator_browser.get("/people/", {"q": "HYPERLINK", "export": "csv"})

    assert "\"'=HYPERLINK(" in answer.getvalue().decode("utf-8-sig")


def test_shows_markup_in_a_name_as_text(operator_browser: Client, newcomer: User) -> None:
    User.objects.filter(pk=newcomer.pk).update(name="<b>Nina</b>")

    page = operator_browser.get("/people/").content.decode()

    assert "&lt;b&gt;Nina&lt;/b&gt;" in page


@pytest.mark.django_db(transaction=True)
def test_gives_a_role(operator_browser: Client, newcomer: User, market: Organization) -> None:
    answer = operator_browser.post(
        f"/people/{newcomer.public_id}/roles/", {"role": "approver", "organization": market.pk}
    )

    assert answer.status_code == 302
    assert newcomer.memberships.get().role == "approver"


@pytest.mark.django_db(transaction=True)
def test_refuses_a_role_that_this_kind_of_organization_lacks(
    operator_browser: Client, newcomer: User, market: Organization
) -> None:
    answer = operator_browser.post(
        f"/people/{newcomer.public_id}/roles/", {"role": "printer", "organization": market.pk}
    )

    assert answer.status_code == 422
    assert not newcomer.memberships.exists()


@pytest.mark.django_db(transaction=True)
def test_asks_before_taking_a_role_away_and_then_takes_it(operator_browser: Client, marketer: User) -> None:
    address = f"/people/{marketer.public_id}/roles/{marketer.memberships.get().pk}/revoke/"
    question = operator_browser.get(address, headers={"HX-Request": "true"}).content.decode()

    operator_browser.post(address)

    assert "Take the role Marketer from Maria?" in question
    assert not Membership.objects.filter(user=marketer).exists()


@pytest.mark.django_db(transaction=True)
def test_refuses_to_take_the_last_operators_role(operator_browser: Client, operator: User) -> None:
    address = f"/people/{operator.public_id}/roles/{operator.memberships.get().pk}/revoke/"

    answer = operator_browser.post(address)

    assert answer.status_code == 409
    assert operator.memberships.exists()


@pytest.mark.django_db(transaction=True)
def test_asks_before_shutting_somebody_out_and_before_letting_them_in_again(
    operator_browser: Client, newcomer: User
) -> None:
    question = operator_browser.get(f"/people/{newcomer.public_id}/deactivate/").content.decode()
    operator_browser.post(f"/people/{newcomer.public_id}/deactivate/")
    shut_out = User.objects.get(pk=newcomer.pk).is_active
    listed = operator_browser.get("/people/", {"q": "Nina"}).content.decode()

    operator_browser.post(f"/people/{newcomer.public_id}/reactivate/")

    assert "Deactivate Nina?" in question
    assert not shut_out
    assert "Deactivated" in listed
    assert User.objects.get(pk=newcomer.pk).is_active


@pytest.mark.django_db(transaction=True)
def test_nobody_shuts_themselves_out(operator_browser: Client, operator: User) -> None:
    page = operator_browser.get(f"/people/{operator.public_id}/").content.decode()

    answer = operator_browser.post(f"/people/{operator.public_id}/deactivate/")

    assert "Deactivate" not in page
    assert answer.status_code == 409


def test_nobody_who_was_not_shut_out_is_let_in_again(operator_browser: Client, newcomer: User) -> None:
    address = f"/people/{newcomer.public_id}/reactivate/"

    asked, done = operator_browser.get(address), operator_browser.post(address)

    assert (asked.status_code, done.status_code) == (409, 409)
    assert "open already" in asked.content.decode()


def test_a_long_address_is_cut_and_can_be_read_whole(operator_browser: Client, newcomer: User) -> None:
    long = f"{'n' * 60}@{'a' * 60}.{'b' * 60}.example.com"
    User.objects.filter(pk=newcomer.pk).update(email=long, name=long[:100])

    page = operator_browser.get("/people/").content.decode()

    assert f'<span class="cut" title="{long}">{long}</span>' in page
    assert f'<a class="cut" title="{long[:100]}"' in page


def test_answers_alike_for_unknown_people_and_roles(operator_browser: Client, newcomer: User) -> None:
    unknown = operator_browser.get("/people/usr_unknown/")
    role = operator_browser.get(f"/people/{newcomer.public_id}/roles/1/revoke/")

    assert unknown.status_code == role.status_code == 404


def test_whoever_opens_a_persons_page_is_written_down(
    operator_browser: Client, operator: User, newcomer: User
) -> None:
    operator_browser.get(f"/people/{newcomer.public_id}/")

    entry = Entry.objects.get(act="person.read")
    assert (entry.actor_id, entry.subject_id, entry.facts) == (operator.public_id, newcomer.public_id, {})


def test_nobody_is_written_down_for_opening_their_own_page(operator_browser: Client, operator: User) -> None:
    operator_browser.get(f"/people/{operator.public_id}/")

    assert not Entry.objects.filter(act="person.read").exists()


# ── Second factors that people lose ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def lost(newcomer: User) -> Authenticator:
    """The app of a phone that is gone."""
    secret, then = factors.new_secret(), clock.now() - timedelta(hours=1)
    code = factors.code_at(secret, factors.step_at(then))
    add_totp(newcomer, secret=secret, code=code, by=actor_of(newcomer), now=then)
    return Authenticator.objects.get(user=newcomer, type=Authenticator.Type.TOTP)


def removal(factor: Authenticator) -> str:
    return f"/people/{factor.user.public_id}/factors/{factor.pk}/remove/"


def test_an_operator_removes_a_lost_second_factor_after_asking(
    operator_browser: Client, lost: Authenticator
) -> None:
    browser = browser_of(lost.user)
    page = operator_browser.get(f"/people/{lost.user.public_id}/").content.decode()
    question = operator_browser.get(removal(lost)).content.decode()

    answer = operator_browser.post(removal(lost))

    assert f'href="{removal(lost)}"' in page
    assert "Nina is signed out everywhere" in question
    assert answer["Location"] == f"/people/{lost.user.public_id}/"
    assert not Authenticator.objects.filter(user=lost.user).exists()
    assert browser.get("/")["Location"].startswith("/sign-in/")
    assert Entry.objects.filter(act="person.second_factor_removed", subject_id=lost.user.public_id).exists()


def test_asking_removes_nothing(operator_browser: Client, lost: Authenticator) -> None:
    operator_browser.get(removal(lost))

    assert Authenticator.objects.filter(pk=lost.pk).exists()


def test_needs_a_fresh_second_factor_to_remove_somebody_elses(operator: User, lost: Authenticator) -> None:
    browser = browser_of(operator)

    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        answer = browser.post(removal(lost))

    assert answer["Location"].startswith("/confirm/?")
    assert Authenticator.objects.filter(pk=lost.pk).exists()


def test_offers_no_removal_to_whoever_only_reads(market: Organization, lost: Authenticator) -> None:
    house = Organization.objects.create(kind="operator", name="House")
    browser = browser_of(person("Aude", house, Role.AUDITOR))

    page = browser.get(f"/people/{lost.user.public_id}/").content.decode()
    answer = browser.post(removal(lost))

    assert "Authenticator app" in page
    assert removal(lost) not in page
    assert answer.status_code == 403
    assert Authenticator.objects.filter(pk=lost.pk).exists()


def test_one_removes_ones_own_under_ones_account_alone(operator: User, operator_browser: Client) -> None:
    mine = Authenticator.objects.filter(user=operator).first()
    assert mine is not None

    page = operator_browser.get(f"/people/{operator.public_id}/").content.decode()
    answer = operator_browser.post(removal(mine))

    assert removal(mine) not in page
    assert answer.status_code == 404
    assert Authenticator.objects.filter(pk=mine.pk).exists()


def test_removes_only_factors_of_the_person_on_the_page(
    operator_browser: Client, marketer: User, lost: Authenticator
) -> None:
    answer = operator_browser.post(f"/people/{marketer.public_id}/factors/{lost.pk}/remove/")

    assert answer.status_code == 404
    assert Authenticator.objects.filter(pk=lost.pk).exists()
