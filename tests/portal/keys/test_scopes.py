"""Keys of scopes: made once, remembered, recorded when they are opened, and never lost to a rollback."""

import pickle
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from portal.audit.models import Entry
from portal.core.keys import keyring
from portal.crypto.keyring import Purpose
from portal.crypto.sealing import Place, UnsealError, seal
from portal.keys.models import ScopeKey, SubjectKey
from portal.keys.scopes import forget_scopes, scope_keys
from portal.keys.sealed import (
    ErasedError,
    add_subject_key,
    open_for_platform,
    open_for_scope,
    open_for_subject,
    scope_token,
    seal_for_platform,
    subject_key,
)
from tests.makers import NOW

PLACE = Place("people", "secret", "usr_1")
MARKET = "market:org_1"


@pytest.fixture(autouse=True)
def _opened_anew():
    keyring().forget()


@pytest.mark.django_db
def test_opens_what_it_sealed_for_the_platform():
    sealed = seal_for_platform(b"JBSWY3DP", place=PLACE)
    forget_scopes()

    assert open_for_platform(sealed, place=PLACE) == b"JBSWY3DP"
    assert b"JBSWY3DP" not in sealed


@pytest.mark.django_db
def test_opens_nothing_at_another_place():
    sealed = seal_for_platform(b"JBSWY3DP", place=PLACE)

    with pytest.raises(UnsealError):
        open_for_platform(sealed, place=PLACE._replace(row="usr_2"))


@pytest.mark.django_db
def test_opens_nothing_of_another_scope_or_purpose():
    sealed = seal_for_platform(b"JBSWY3DP", place=PLACE)

    for purpose, scope in [(Purpose.MEMBERS, "platform"), (Purpose.PEOPLE, MARKET)]:
        with pytest.raises(UnsealError):
            open_for_scope(sealed, purpose=purpose, scope=scope, place=PLACE)


@pytest.mark.django_db
def test_makes_one_key_for_a_scope_and_keeps_it():
    first = scope_keys(Purpose.MEMBERS, MARKET).newest.key.id
    forget_scopes()

    assert scope_keys(Purpose.MEMBERS, MARKET).newest.key.id == first
    assert ScopeKey.objects.count() == 1
    assert Entry.objects.filter(act="key.made").count() == 1


@pytest.mark.django_db(transaction=True)
def test_threads_that_seal_first_agree_on_one_key():
    def make(_: int) -> bytes:
        try:
            return scope_keys(Purpose.MEMBERS, MARKET).newest.key.id
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        ids = set(threads.map(make, range(6)))

    assert len(ids) == 1
    assert ScopeKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_forgets_a_key_whose_making_was_rolled_back():
    with transaction.atomic():
        seal_for_platform(b"lost with it", place=PLACE)
        transaction.set_rollback(True)

    sealed = seal_for_platform(b"kept", place=PLACE)
    forget_scopes()

    assert open_for_platform(sealed, place=PLACE) == b"kept"


@pytest.mark.django_db
def test_records_the_opening_of_a_key_to_peoples_data_once():
    scope_keys(Purpose.MEMBERS, MARKET)
    keyring().forget()
    for _ in range(3):
        forget_scopes()
        scope_keys(Purpose.MEMBERS, MARKET)

    entry = Entry.objects.get(act="key.unwrapped")

    assert entry.facts == {"purpose": "members", "scope": MARKET, "version": 1, "process": "migrate"}


@pytest.mark.django_db(transaction=True)
def test_records_the_opening_of_a_key_again_whose_entry_was_rolled_back():
    scope_keys(Purpose.MEMBERS, MARKET)
    keyring().forget()
    forget_scopes()
    with transaction.atomic():
        scope_keys(Purpose.MEMBERS, MARKET)
        transaction.set_rollback(True)

    for _ in range(2):
        with transaction.atomic():
            scope_keys(Purpose.MEMBERS, MARKET)
            scope_keys(Purpose.MEMBERS, MARKET)

    assert Entry.objects.filter(act="key.unwrapped").count() == 1


@pytest.mark.django_db
def test_records_no_opening_of_a_key_to_codes_and_tokens():
    scope_keys(Purpose.TOKENS, MARKET)
    keyring().forget()
    forget_scopes()

    scope_keys(Purpose.TOKENS, MARKET)

    assert not Entry.objects.filter(act="key.unwrapped").exists()


@pytest.mark.django_db
def test_a_subjects_value_opens_under_its_own_key_only():
    place = Place("campaigns_member", "sealed_reference", "mem_1")
    for subject in ("mem_1", "mem_2"):
        add_subject_key(subject, purpose=Purpose.MEMBERS, scope=MARKET, now=NOW)
    sealed = seal(subject_key("mem_1"), b"ext:1", place=place)

    assert open_for_subject(sealed, subject="mem_1", place=place) == b"ext:1"
    with pytest.raises(UnsealError):
        open_for_subject(sealed, subject="mem_2", place=place)


@pytest.mark.django_db
def test_two_subjects_cannot_swap_their_wrapped_keys():
    for subject in ("mem_1", "mem_2"):
        add_subject_key(subject, purpose=Purpose.MEMBERS, scope=MARKET, now=NOW)
    theirs = SubjectKey.objects.get(pk="mem_2").wrapped
    SubjectKey.objects.filter(pk="mem_1").update(wrapped=theirs)

    with pytest.raises(UnsealError):
        subject_key("mem_1")


@pytest.mark.django_db
def test_a_destroyed_key_opens_nothing():
    add_subject_key("mem_1", purpose=Purpose.MEMBERS, scope=MARKET, now=NOW)
    SubjectKey.objects.filter(pk="mem_1").update(wrapped=None, destroyed_at=NOW)

    with pytest.raises(ErasedError):
        subject_key("mem_1")


@pytest.mark.django_db
def test_tokens_of_two_scopes_differ():
    one = scope_token(MARKET, "member", "ext:1")

    assert one == scope_token(MARKET, "member", "ext:1")
    assert one != scope_token("market:org_2", "member", "ext:1")


@pytest.mark.django_db
def test_a_thousand_subjects_take_one_call_to_the_provider(monkeypatch):
    asked: Counter[str] = Counter()
    provider = type(keyring()._provider)

    def counted(name: str) -> Callable[..., bytes]:
        act = getattr(provider, name)

        def counting(*given):
            asked[name] += 1
            return act(*given)

        return counting

    for name in ("wrap", "unwrap"):
        monkeypatch.setattr(provider, name, counted(name))

    for number in range(1000):
        add_subject_key(f"mem_{number}", purpose=Purpose.MEMBERS, scope=MARKET, now=NOW)
        subject_key(f"mem_{number}")

    assert asked == {"wrap": 1, "unwrap": 1}


@pytest.mark.django_db
def test_shows_and_lends_nothing():
    keys = scope_keys(Purpose.MEMBERS, MARKET)

    assert repr(keys.newest.key.secret) not in repr(keys)
    with pytest.raises(TypeError):
        pickle.dumps(keys)
