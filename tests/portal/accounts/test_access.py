"""Closing and opening a person's access, choosing passwords, and which sessions end with that."""

import pytest
from allauth.usersessions.models import UserSession

from portal.accounts.actors import NOBODY, SYSTEM
from portal.accounts.models import Membership, User
from portal.accounts.operations.access import choose_password, deactivate_person, reactivate_person
from portal.accounts.operations.forgotten import send_password_link
from portal.accounts.operations.invitations import accept_invitation, invite_person, withdraw_invitation
from portal.accounts.operations.people import LastOperatorError, grant_role, revoke_role
from portal.accounts.operations.sign_ins import Origin
from portal.accounts.queries import actor_of
from portal.accounts.roles import Role
from portal.audit.models import Entry
from portal.core.errors import ForbiddenError, InvalidError, WrongStateError
from portal.mail.models import Mail
from tests import makers
from tests.cast import browser_of
from tests.makers import NOW

pytestmark = pytest.mark.django_db
OTHER = "another horse battery staple"


@pytest.fixture
def mariana(marketer) -> User:
    return User.objects.get(public_id=marketer.person)


def last_act(person):
    return Entry.objects.filter(subject_id=person.public_id).order_by("-id").values_list("act", "facts")[0]


def test_closing_a_persons_access_ends_every_session(mariana, operator):
    browser = browser_of(mariana)

    deactivate_person(mariana, by=operator, now=NOW)

    assert last_act(mariana) == ("person.deactivated", {"sessions": 1})
    assert browser.get("/")["Location"].startswith("/sign-in/")


def test_opens_a_persons_access_again(mariana, operator):
    deactivate_person(mariana, by=operator, now=NOW)

    reactivate_person(mariana, by=operator, now=NOW)

    assert User.objects.get(pk=mariana.pk).is_active


def test_refuses_to_close_or_open_what_is_so_already(mariana, operator):
    with pytest.raises(WrongStateError):
        reactivate_person(mariana, by=operator, now=NOW)
    deactivate_person(mariana, by=operator, now=NOW)

    with pytest.raises(WrongStateError):
        deactivate_person(mariana, by=operator, now=NOW)


@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_nobody_opens_the_access_of_somebody_who_was_only_invited(operator, mexico, is_withdrawn):
    invitation = invite_person(
        "ana@example.com", organization=mexico, role=Role.MARKETER, by=operator, now=NOW
    )
    if is_withdrawn:
        withdraw_invitation(invitation, by=operator, now=NOW)

    with pytest.raises(WrongStateError, match="not deactivated"):
        reactivate_person(invitation.user, by=operator, now=NOW)

    assert not User.objects.get(pk=invitation.user_id).is_active


def test_opens_the_access_of_somebody_who_came_in_by_an_invitation(operator, mexico):
    invitation = invite_person(
        "ana@example.com", organization=mexico, role=Role.MARKETER, by=operator, now=NOW
    )
    own = actor_of(invitation.user)
    ana = accept_invitation(invitation, name="Ana", password=OTHER, language="en", by=own, now=NOW)
    deactivate_person(ana, by=operator, now=NOW)

    reactivate_person(ana, by=operator, now=NOW)

    assert User.objects.get(pk=ana.pk).is_active


def test_nobody_closes_their_own_access(operator):
    olga = User.objects.get(public_id=operator.person)

    with pytest.raises(WrongStateError, match="Another operator"):
        deactivate_person(olga, by=operator, now=NOW)


def test_the_last_operator_stays(operator):
    olga = User.objects.get(public_id=operator.person)

    with pytest.raises(LastOperatorError):
        deactivate_person(olga, by=SYSTEM, now=NOW)


def test_an_operator_who_may_not_sign_in_counts_for_nothing(operator):
    second = makers.make_person("Otto Operator", Role.OPERATOR, makers.make_house())
    deactivate_person(second, by=operator, now=NOW)

    with pytest.raises(LastOperatorError):
        revoke_role(Membership.objects.get(user__public_id=operator.person), by=operator, now=NOW)


def test_only_an_operator_closes_access(mariana, approver):
    with pytest.raises(ForbiddenError):
        deactivate_person(mariana, by=approver, now=NOW)


def test_a_new_password_ends_all_sessions_but_the_present_one(mariana, marketer):
    here, elsewhere = browser_of(mariana), browser_of(mariana)
    key = here.session.session_key

    choose_password(mariana, password=OTHER, keep=key, by=marketer, now=NOW)

    assert list(UserSession.objects.values_list("session_key", flat=True)) == [key]
    assert elsewhere.get("/")["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("password", ["short", "password1234", "mariana.marketer@example.com"])
def test_refuses_a_password_that_is_easy_to_guess(mariana, marketer, password):
    with pytest.raises(InvalidError):
        choose_password(mariana, password=password, by=marketer, now=NOW)


@pytest.mark.parametrize("act", ["grant", "revoke"])
def test_another_role_ends_the_sessions_of_whoever_gets_or_loses_it(mariana, mexico, operator, act):
    browser = browser_of(mariana)

    if act == "grant":
        grant_role(mariana, organization=mexico.organization_ptr, role=Role.APPROVER, by=operator, now=NOW)
    else:
        revoke_role(mariana.memberships.get(), by=operator, now=NOW)

    assert browser.get("/")["Location"].startswith("/sign-in/")


def test_a_link_to_choose_a_password_goes_to_whoever_has_the_address(mariana):
    send_password_link(mariana.email, origin=Origin(), by=NOBODY, now=NOW)

    letter = Mail.objects.get()
    assert letter.recipient == mariana.email
    assert f"/sign-in/new-password/{mariana.public_id}/" in letter.text


@pytest.mark.parametrize("state", ["unknown", "closed"])
def test_no_link_goes_to_nobody_or_to_whom_access_is_closed(mariana, operator, state):
    if state == "closed":
        deactivate_person(mariana, by=operator, now=NOW)
    email = mariana.email if state == "closed" else "nobody@example.com"

    send_password_link(email, origin=Origin(), by=NOBODY, now=NOW)

    assert not Mail.objects.exists()


def test_the_trail_names_no_address_that_nobody_has():
    send_password_link("secret.love@example.com", origin=Origin(), by=NOBODY, now=NOW)

    entry = Entry.objects.get(act="person.password_link_asked")
    assert entry.subject_id.startswith("acc_")
    assert "love" not in str(entry.facts) + entry.subject_id
