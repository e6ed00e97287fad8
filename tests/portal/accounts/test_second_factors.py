"""Adding, using and removing second factors, and what the trail and the table keep of them."""

import threading
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection

from portal.accounts import factors
from portal.accounts.actors import Actor
from portal.accounts.models import User
from portal.accounts.operations.people import AlreadyThereError
from portal.accounts.operations.second_factors import (
    add_passkey,
    add_totp,
    remove_second_factor,
    renew_recovery_codes,
    spend_code,
)
from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.core.errors import ForbiddenError, InvalidError, WrongStateError
from portal.crypto.sealing import UnsealError
from tests import makers
from tests.cast import browser_of
from tests.makers import NOW

pytestmark = pytest.mark.django_db
SECRET = factors.new_secret()
LATER = NOW + timedelta(minutes=2)


def code_of(now=NOW, secret=SECRET):
    return factors.code_at(secret, factors.step_at(now))


@pytest.fixture
def ana() -> User:
    return makers.make_person("Ana Apps")


@pytest.fixture
def me(ana) -> Actor:
    return actor_of(ana)


@pytest.fixture
def codes(ana, me) -> list[str]:
    """Ana's recovery codes, made with her app."""
    return add_totp(ana, secret=SECRET, code=code_of(), by=me, now=NOW)


def acts(person):
    return list(Entry.objects.filter(subject_id=person.public_id).order_by("id").values_list("act", "facts"))


def test_adds_an_app_that_shows_its_code_and_makes_recovery_codes(ana, codes):
    assert len(codes) == 10
    assert acts(ana)[-2:] == [
        ("person.second_factor_added", {"method": "totp"}),
        ("person.recovery_codes_made", {"count": 10}),
    ]


def test_refuses_an_app_that_shows_another_code(ana, me):
    with pytest.raises(InvalidError) as refused:
        add_totp(ana, secret=SECRET, code=code_of(secret=factors.new_secret()), by=me, now=NOW)

    assert set(refused.value.fields) == {"code"}
    assert not Authenticator.objects.exists()


def test_refuses_a_second_app(ana, me, codes):
    with pytest.raises(AlreadyThereError):
        add_totp(ana, secret=SECRET, code=code_of(LATER), by=me, now=LATER)


def test_keeps_neither_secret_nor_codes_in_the_clear(ana, codes):
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))

    assert SECRET not in kept
    assert not any(code in kept for code in codes)


def test_takes_the_next_code_of_the_app(ana, me, codes):
    used = spend_code(ana, code=code_of(LATER), by=me, now=LATER)

    assert (used.type, used.last_used_at) == ("totp", LATER)
    assert acts(ana)[-1] == ("person.second_factor_shown", {"method": "totp"})


def test_refuses_a_code_that_was_used_for_as_long_as_it_would_stand(ana, me, codes):
    spend_code(ana, code=code_of(LATER), by=me, now=LATER)

    with pytest.raises(InvalidError, match="used already"):
        spend_code(ana, code=code_of(LATER), by=me, now=LATER + timedelta(seconds=30))


def test_refuses_the_code_with_which_the_app_was_added(ana, me, codes):
    with pytest.raises(InvalidError, match="used already"):
        spend_code(ana, code=code_of(), by=me, now=NOW)


@pytest.mark.parametrize("code", ["", "000000", "abcde-fghij", "\x00", "9" * 40])
def test_refuses_what_is_no_code_in_words(ana, me, codes, code):
    with pytest.raises(InvalidError) as refused:
        spend_code(ana, code=code, by=me, now=LATER)

    assert set(refused.value.fields) == {"code"}


def test_takes_a_recovery_code_once(ana, me, codes):
    used = spend_code(ana, code=codes[4], by=me, now=LATER)

    assert used.type == "recovery_codes"
    with pytest.raises(InvalidError, match="used already"):
        spend_code(ana, code=codes[4], by=me, now=LATER)


def test_new_recovery_codes_end_the_old_ones(ana, me, codes):
    fresh = renew_recovery_codes(ana, by=me, now=LATER)

    assert not set(fresh) & set(codes)
    with pytest.raises(InvalidError):
        spend_code(ana, code=codes[0], by=me, now=LATER)


def test_makes_no_recovery_codes_for_nothing(ana, me):
    with pytest.raises(WrongStateError):
        renew_recovery_codes(ana, by=me, now=NOW)


def test_a_secret_that_was_moved_to_another_person_does_not_open(ana, codes):
    thief = makers.make_person("Theo Thief")
    Authenticator.objects.filter(user=ana).update(user=thief)

    with pytest.raises(UnsealError):
        spend_code(thief, code=code_of(LATER), by=actor_of(thief), now=LATER)


def test_removes_an_app_and_the_recovery_codes_with_it(ana, me, codes):
    remove_second_factor(Authenticator.objects.get(type="totp"), by=me, now=LATER)

    assert not Authenticator.objects.exists()
    assert acts(ana)[-1] == ("person.second_factor_removed", {"method": "totp"})


def test_refuses_to_remove_the_last_factor_of_a_role_that_needs_one(approver):
    arturo = User.objects.get(public_id=approver.person)
    add_totp(arturo, secret=SECRET, code=code_of(), by=approver, now=NOW)

    with pytest.raises(WrongStateError):
        remove_second_factor(Authenticator.objects.get(type="totp"), by=approver, now=LATER)


def test_removes_one_of_two_factors_of_such_a_role(approver):
    arturo = User.objects.get(public_id=approver.person)
    add_totp(arturo, secret=SECRET, code=code_of(), by=approver, now=NOW)
    add_passkey(arturo, name="Laptop", credential={}, by=approver, now=NOW)

    remove_second_factor(Authenticator.objects.get(type="totp"), by=approver, now=LATER)

    assert {row.type for row in Authenticator.objects.all()} == {"webauthn", "recovery_codes"}


def test_an_operator_takes_a_lost_factor_away_and_ends_the_sessions(approver, operator):
    arturo = User.objects.get(public_id=approver.person)
    browser_of(arturo)
    factor = Authenticator.objects.get(type="totp")

    remove_second_factor(factor, by=operator, now=LATER)

    assert not Authenticator.objects.exists()
    assert not UserSession.objects.exists()
    assert not Session.objects.exists()


def test_nobody_else_takes_a_factor_away(ana, codes, marketer):
    with pytest.raises(ForbiddenError):
        remove_second_factor(Authenticator.objects.get(type="totp"), by=marketer, now=LATER)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_show_one_code_at_once_one_is_let_in(ana, me, codes):
    told: list[str] = []
    start = threading.Barrier(2)

    def show() -> None:
        start.wait()
        try:
            spend_code(ana, code=code_of(LATER), by=me, now=LATER)
            told.append("in")
        except InvalidError:
            told.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=show) for _hand in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == ["in", "refused"]
