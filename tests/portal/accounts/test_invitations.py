"""Invitations: one link that opens once, for three days, and tells nobody anything when it does not."""

import re
import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.signing import Signer
from django.db import connection

from portal.accounts.actors import OrganizationKind
from portal.accounts.invitations import DeadLinkError, invitation_behind
from portal.accounts.models import Invitation, Membership, User
from portal.accounts.operations.invitations import (
    OPENS_FOR,
    accept_invitation,
    invite_person,
    resend_invitation,
    withdraw_invitation,
)
from portal.accounts.operations.people import AlreadyThereError
from portal.accounts.queries import actor_of
from portal.accounts.roles import Act, Role
from portal.audit.models import Entry
from portal.core.errors import ForbiddenError, InvalidError, WrongStateError
from portal.mail.models import Mail
from tests.makers import NOW, PASSWORD

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def invitation(operator, mexico) -> Invitation:
    return invite(operator, mexico)


def invite(
    operator, place, email="ana@example.com", role=Role.MARKETER, language="en", now=NOW
) -> Invitation:
    return invite_person(email, organization=place, role=role, language=language, by=operator, now=now)


def accept(invitation, now=NOW, **changes) -> User:
    facts = {"name": "Ana Paz", "password": PASSWORD, "language": "fr", **changes}
    return accept_invitation(invitation, **facts, by=actor_of(invitation.user), now=now)


def token_in_mail() -> str:
    (address,) = re.findall(r"http\S+", Mail.objects.latest("pk").text)
    return parse_qs(urlsplit(address).query)["link"][0]


def test_the_link_in_the_mail_opens_the_invitation(invitation):
    assert invitation_behind(token_in_mail(), now=NOW) == invitation


def test_an_invited_person_comes_in_with_the_role_that_was_promised(invitation, mexico):
    user = accept(invitation)

    assert user.is_active
    assert user.check_password(PASSWORD)
    assert (user.name, user.language) == ("Ana Paz", "fr")
    assert actor_of(user).may(Act.BATCH_PLAN, {OrganizationKind.MARKET: mexico.pk})


def test_nobody_signs_in_before_they_have_come_in(invitation):
    user = invitation.user

    assert not user.is_active
    assert not user.has_usable_password()


def test_the_trail_tells_the_story_without_personal_data(operator, invitation, mexico):
    accept(resend_invitation(invitation, by=operator, now=NOW))

    entries = Entry.objects.filter(subject_id=invitation.public_id).order_by("pk")
    assert [entry.act for entry in entries] == ["person.invited", "invitation.resent", "invitation.accepted"]
    assert entries[0].facts["organization"] == mexico.public_id
    assert entries[2].actor_id == invitation.user.public_id
    assert "example.com" not in str([entry.facts for entry in entries])


def test_a_link_opens_once(invitation):
    token = token_in_mail()
    accept(invitation)

    with pytest.raises(DeadLinkError):
        invitation_behind(token, now=NOW)
    with pytest.raises(DeadLinkError):
        accept(invitation, password="another good pass phrase")


def test_a_link_opens_for_three_days(invitation):
    token = token_in_mail()

    assert invitation_behind(token, now=NOW + OPENS_FOR - SECOND) == invitation
    with pytest.raises(DeadLinkError):
        invitation_behind(token, now=NOW + OPENS_FOR)
    with pytest.raises(DeadLinkError):
        accept(invitation, now=NOW + OPENS_FOR)


def test_a_new_letter_kills_the_old_link_and_gives_three_more_days(operator, invitation):
    old = token_in_mail()
    stale = Invitation.objects.get()
    later = NOW + timedelta(days=10)

    resend_invitation(invitation, by=operator, now=later)

    assert invitation_behind(token_in_mail(), now=later + OPENS_FOR - SECOND) == invitation
    with pytest.raises(DeadLinkError):
        invitation_behind(old, now=later)
    with pytest.raises(DeadLinkError):
        accept(stale, now=later)


def test_a_withdrawn_invitation_opens_nothing_and_promises_nothing(operator, invitation):
    token = token_in_mail()

    withdraw_invitation(invitation, by=operator, now=NOW)

    assert not Membership.objects.filter(user=invitation.user).exists()
    with pytest.raises(DeadLinkError):
        invitation_behind(token, now=NOW)
    with pytest.raises(DeadLinkError):
        accept(invitation)


def test_somebody_whose_invitation_was_withdrawn_can_be_invited_again(operator, invitation, canada):
    old = token_in_mail()
    withdraw_invitation(invitation, by=operator, now=NOW)

    invite(operator, canada, role=Role.APPROVER)

    user = accept(invitation_behind(token_in_mail(), now=NOW))
    assert [(one.role, one.organization_id) for one in user.memberships.all()] == [("approver", canada.pk)]
    with pytest.raises(DeadLinkError):
        invitation_behind(old, now=NOW)


@pytest.mark.parametrize("act", [resend_invitation, withdraw_invitation])
def test_an_invitation_that_ended_stays_ended(operator, invitation, act):
    accept(invitation)

    with pytest.raises(WrongStateError):
        act(invitation, by=operator, now=NOW)


def test_every_dead_link_gets_the_same_answer(operator, invitation):
    spent = token_in_mail()
    accept(invitation)
    forged = Signer(salt="something else").sign(f"{invitation.public_id}.2")
    unknown = Signer(salt="portal.accounts.invitation").sign("inv_nobody.2")
    answers = set()

    for token in (spent, forged, unknown, "", "x", spent[:-1], "\x00", "é:" * 500):
        with pytest.raises(DeadLinkError) as refused:
            invitation_behind(token, now=NOW)
        answers.add((refused.value.code, refused.value.detail, refused.value.kind))

    assert len(answers) == 1


def test_nobody_accepts_for_somebody_else(operator, invitation):
    with pytest.raises(ForbiddenError):
        accept_invitation(invitation, name="Olga", password=PASSWORD, language="en", by=operator, now=NOW)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": " "}),
        ("password", {"password": "short"}),
        ("password", {"password": "password1234"}),
        ("password", {"password": "ana@example.com!"}),
    ],
)
def test_refuses_to_let_somebody_in_who_could_not_sign_in_safely(invitation, field, changes):
    with pytest.raises(InvalidError) as refused:
        accept(invitation, **changes)

    invitation.refresh_from_db()
    assert set(refused.value.fields) == {field}
    assert invitation.is_open
    assert not User.objects.get(pk=invitation.user_id).is_active


@pytest.mark.parametrize("email", ["", "ana", "ana@", "a\nb@example.com"])
def test_refuses_what_is_no_address(operator, mexico, email):
    with pytest.raises(InvalidError) as refused:
        invite(operator, mexico, email)

    assert set(refused.value.fields) == {"email"}


def test_refuses_a_role_that_the_organization_does_not_have(operator, mexico):
    with pytest.raises(InvalidError) as refused:
        invite(operator, mexico, role=Role.OPERATOR)

    assert set(refused.value.fields) == {"role"}
    assert not Mail.objects.exists()


def test_refuses_an_address_that_is_here_already_however_it_is_written(operator, invitation, mexico):
    with pytest.raises(AlreadyThereError):
        invite(operator, mexico, "ANA@Example.com ")

    assert Mail.objects.count() == 1


def test_a_marketer_invites_resends_and_withdraws_nothing(marketer, invitation, mexico):
    with pytest.raises(ForbiddenError):
        invite(marketer, mexico, "eve@example.com")
    with pytest.raises(ForbiddenError):
        resend_invitation(invitation, by=marketer, now=NOW)
    with pytest.raises(ForbiddenError):
        withdraw_invitation(invitation, by=marketer, now=NOW)


def test_the_letter_is_in_the_invited_persons_language(operator, mexico):
    invite(operator, mexico, language="fr")

    mail = Mail.objects.get()
    assert mail.recipient == "ana@example.com"
    assert 'lang="fr"' in mail.html


@pytest.mark.django_db(transaction=True)
def test_two_who_hold_the_same_link_do_not_both_come_in(invitation):
    outcomes: list[str] = []

    def come_in(password: str) -> None:
        try:
            accept(Invitation.objects.select_related("user").get(), password=password)
            outcomes.append(password)
        except DeadLinkError:
            outcomes.append("refused")
        finally:
            connection.close()

    passwords = [f"quiet lamp {number} tumbler" for number in range(4)]
    threads = [threading.Thread(target=come_in, args=(password,)) for password in passwords]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (winner,) = set(outcomes) - {"refused"}
    assert outcomes.count("refused") == 3
    assert User.objects.get(email="ana@example.com").check_password(winner)
