"""Letters about requests: who gets one and who does not, in which language, and that they name nobody."""

from dataclasses import replace

import pytest
from django.conf import settings
from django.utils.translation import override

from portal.accounts.actors import SYSTEM
from portal.accounts.models import User
from portal.accounts.operations.access import deactivate_person
from portal.accounts.roles import ClientKind, Role
from portal.approvals import letters
from portal.approvals.operations import (
    approve_request,
    expire_requests,
    refuse_request,
    renew_request,
    withdraw_request,
)
from portal.core.language import said
from portal.core.phrases import Phrase, marked
from portal.mail.models import Mail
from tests import makers
from tests.makers import NOW
from tests.portal.approvals.conftest import asked

pytestmark = pytest.mark.django_db


@pytest.fixture
def another(mexico):
    return makers.an_actor("Anna Approver", Role.APPROVER, mexico)


def address(actor):
    return User.objects.get(public_id=actor.person).email


def recipients():
    return sorted(Mail.objects.values_list("recipient", flat=True))


# ── Those who may decide ─────────────────────────────────────────────────────────────────────────────────


def test_those_who_may_decide_get_one_letter_each(kind, mexico, canada, marketer, approver, another, lumo):
    makers.an_actor("Carl Approver", Role.APPROVER, canada)
    # A second role does not make two people of one.
    makers.an_actor("Anna Approver", Role.APPROVER, lumo)

    approval = asked(kind, mexico, by=marketer)

    assert recipients() == sorted([address(approver), address(another)])
    letter = Mail.objects.first()
    assert "Break 3 things" in letter.text
    assert f"{settings.PUBLIC_URL}/requests/{approval.public_id}/" in letter.text
    assert "Mariana" not in letter.text + letter.subject


def test_whoever_asked_gets_none_though_they_could_decide(kind, mexico, approver, another):
    asked(kind, mexico, by=approver)

    assert recipients() == [address(another)]


def test_whoever_cannot_sign_in_any_more_gets_none(kind, mexico, marketer, approver, another, operator):
    deactivate_person(User.objects.get(public_id=another.person), by=operator, now=NOW)

    asked(kind, mexico, by=marketer)

    assert recipients() == [address(approver)]


def test_the_operators_people_get_one_where_nobody_nearer_may_decide(kind, mexico, marketer):
    everywhere = makers.an_actor("Hanna House", Role.APPROVER, makers.make_house())

    asked(kind, mexico, by=marketer)

    assert recipients() == [address(everywhere)]


def test_a_letter_is_written_in_its_readers_language(kind, mexico, marketer, approver, another):
    User.objects.filter(public_id=another.person).update(language="fr")

    title = marked("Nothing becomes unreadable: old keys go on opening what they sealed.")

    asked(replace(kind, title=title), mexico, by=marketer)

    with override("fr"):
        in_french = said(Phrase(title))
    assert in_french != title
    assert title in Mail.objects.get(recipient=address(approver)).text
    assert in_french in Mail.objects.get(recipient=address(another)).text


def test_so_many_letters_go_and_no_more(kind, mexico, marketer, approver, another, monkeypatch):
    monkeypatch.setattr(letters, "MOST_LETTERS", 1)

    asked(kind, mexico, by=marketer)

    assert Mail.objects.count() == 1


def test_a_flood_of_requests_is_no_flood_of_letters(kind, mexico, marketer, approver, monkeypatch):
    monkeypatch.setattr(letters, "MOST_AN_HOUR", 2)

    for number in range(5):
        asked(kind, mexico, by=marketer, thing=f"thi_{number}")

    assert Mail.objects.count() == 2


def test_asking_again_is_told_again(approval, marketer, approver):
    expire_requests(by=SYSTEM, now=approval.expires_at)
    asked_first = Mail.objects.count()

    renew_request(approval, by=marketer, now=approval.expires_at)

    assert (asked_first, Mail.objects.count()) == (0, 1)


# ── Whoever asked ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("is_approved", [True, False])
def test_whoever_asked_is_told_how_it_was_decided(approval, marketer, approver, is_approved):
    if is_approved:
        approve_request(approval, by=approver, now=NOW)
    else:
        refuse_request(approval, reason="Ana is against it", by=approver, now=NOW)

    letter = Mail.objects.get(recipient=address(marketer))
    assert letter.subject == f"Your request was {'approved' if is_approved else 'refused'}"
    assert "Ana" not in letter.text
    assert f"/requests/{approval.public_id}/" in letter.text


def test_whoever_takes_a_request_back_needs_no_letter(approval, marketer):
    withdraw_request(approval, reason="Not needed", by=marketer, now=NOW)

    assert not Mail.objects.filter(recipient=address(marketer)).exists()


def test_a_program_gets_no_letter_nor_does_who_issued_its_key(kind, mexico, lumo, operator, approver):
    _client, key = makers.client_with_key(ClientKind.AUTOMATION, mexico, lumo, issuer=operator)
    approval = asked(kind, mexico, by=makers.actor_behind(key))
    Mail.objects.all().delete()

    approve_request(approval, by=approver, now=NOW)

    assert not Mail.objects.exists()
