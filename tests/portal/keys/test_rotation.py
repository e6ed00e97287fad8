"""Changing keys: new ones take over at once, old ones go on opening, and no kill loses or doubles anything."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection

from campaigns.queries.codebooks import codebook
from campaigns.queries.members import member_token, opened_reference
from portal.accounts.operations.second_factors import TOTP_SECRET
from portal.accounts.secrets import opened, sealed
from portal.audit.models import Entry
from portal.core import clock
from portal.core.errors import WrongStateError
from portal.core.keys import keyring, make_key_file
from portal.crypto.key_file import keys_in
from portal.crypto.keyring import Purpose
from portal.crypto.sealing import Place
from portal.keys.models import Rotation, ScopeKey, SigningKey, SubjectKey
from portal.keys.operations import rotation as rotations
from portal.keys.operations.rotation import carry_out_rotation, rotate_alone
from portal.keys.scopes import PROCESS, forget_scopes, scope_keys
from portal.keys.sealed import open_for_platform, open_for_scope, seal_for_platform, seal_for_scope
from portal.keys.signing import signing_key, signing_keys
from portal.keys.tasks import reseal
from tests import makers
from tests.processes import on_these_engines

ROOT = Path(__file__).resolve().parents[3]
PLACE = Place("people", "secret", "usr_1")
MEMBERS = Purpose.MEMBERS
REASON = "a drill of ours"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def path(settings, tmp_path):
    """A key file of this test's own, since keys are added to it."""
    settings.KEY_FILE = tmp_path / "keys.json"
    make_key_file()
    keyring.cache_clear()
    yield settings.KEY_FILE
    keyring.cache_clear()


def rotate(purpose):
    rotation = rotate_alone(purpose, reason=REASON, by=PROCESS, now=clock.now())
    carry_out_rotation(rotation, by=PROCESS, clock=clock.now)
    return Rotation.objects.get(pk=rotation.pk)


def opened_afresh(member):
    forget_scopes()
    keyring().forget()
    return opened_reference(member)


def test_new_values_take_the_new_key_and_old_ones_still_open():
    old = seal_for_platform(b"old", place=PLACE)

    rotate(Purpose.PEOPLE)
    new = seal_for_platform(b"new", place=PLACE)

    assert open_for_platform(old, place=PLACE) == b"old"
    assert open_for_platform(new, place=PLACE) == b"new"
    assert new[1:11] != old[1:11]


def test_another_process_finds_the_new_key_when_it_meets_it(monkeypatch):
    seal_for_platform(b"old", place=PLACE)
    stale = scope_keys(Purpose.PEOPLE, "platform")
    rotate(Purpose.PEOPLE)
    new = seal_for_platform(b"new", place=PLACE)
    from portal.keys import scopes

    scopes._recent.remember(Purpose.PEOPLE, "platform", stale)

    assert open_for_platform(new, place=PLACE) == b"new"


def test_every_subject_key_comes_under_the_new_key_and_opens():
    market = makers.make_market()
    members = [makers.make_member(market, f"ext:{number}") for number in range(7)]

    rotation = rotate(MEMBERS)

    newest = ScopeKey.objects.get(purpose=MEMBERS, retired_at=None)
    assert newest.version == 2
    assert set(SubjectKey.objects.values_list("scope_key", flat=True)) == {newest.pk}
    assert [opened_afresh(member) for member in members] == [f"ext:{number}" for number in range(7)]
    assert rotation.finished_at is not None
    assert rotation.done == rotation.total


def test_a_destroyed_subject_key_stays_destroyed():
    market = makers.make_market()
    member = makers.make_member(market)
    SubjectKey.objects.filter(pk=member.public_id).update(wrapped=None, destroyed_at=makers.NOW)

    rotate(MEMBERS)

    assert SubjectKey.objects.get(pk=member.public_id).wrapped is None


def test_an_erasure_in_mid_chunk_is_not_undone(monkeypatch):
    market = makers.make_market()
    member = makers.make_member(market)
    note = rotations.note_chunk

    def erase_first(rotation, renewed, **chunk):
        SubjectKey.objects.filter(pk=member.public_id).update(wrapped=None, destroyed_at=makers.NOW)
        return note(rotation, renewed, **chunk)

    monkeypatch.setattr(rotations, "note_chunk", erase_first)
    rotate(MEMBERS)

    assert SubjectKey.objects.get(pk=member.public_id).wrapped is None


def test_a_second_change_of_the_same_keys_waits_its_turn():
    rotate_alone(MEMBERS, reason=REASON, by=PROCESS, now=clock.now())

    with pytest.raises(WrongStateError, match="under way"):
        rotate_alone(MEMBERS, reason=REASON, by=PROCESS, now=clock.now())


def test_another_purpose_may_change_at_the_same_time():
    rotate_alone(MEMBERS, reason=REASON, by=PROCESS, now=clock.now())

    assert rotate_alone(Purpose.PEOPLE, reason=REASON, by=PROCESS, now=clock.now())


def test_two_workers_at_once_do_no_harm(monkeypatch):
    monkeypatch.setattr(rotations, "CHUNK", 3)
    market = makers.make_market()
    members = [makers.make_member(market, f"ext:{number}") for number in range(20)]
    rotate_alone(MEMBERS, reason=REASON, by=PROCESS, now=clock.now())

    def work(_):
        try:
            reseal()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(work, range(3)))

    assert ScopeKey.objects.filter(purpose=MEMBERS).count() == 2
    assert not SubjectKey.objects.filter(scope_key__retired_at__isnull=False).exists()
    assert [opened_afresh(member) for member in members] == [f"ext:{number}" for number in range(20)]
    assert Entry.objects.filter(act="rotation.finished").count() == 1


def test_reading_and_writing_go_on_while_keys_change():
    scope = "market:1"
    stop, values = Event(), []

    def write():
        try:
            while not stop.is_set():
                value = seal_for_scope(b"value", purpose=MEMBERS, scope=scope, place=PLACE)
                values.append(value)
                assert open_for_scope(value, purpose=MEMBERS, scope=scope, place=PLACE) == b"value"
        finally:
            connection.close()

    scope_keys(MEMBERS, scope)
    with ThreadPoolExecutor(3) as threads:
        writers = [threads.submit(write) for _ in range(3)]
        for _ in range(3):
            rotate(MEMBERS)
        stop.set()
        for writer in writers:
            writer.result()

    forget_scopes()
    some = values[:: max(1, len(values) // 200)]
    assert {open_for_scope(value, purpose=MEMBERS, scope=scope, place=PLACE) for value in some} == {b"value"}


def test_the_command_adds_a_wrapping_key_and_rewraps_everything(path, capsys):
    market = makers.make_market()
    member = makers.make_member(market)
    before = dict(keys_in(path))[MEMBERS].id

    call_command("rotate_keys", purpose="members", break_glass=REASON)

    after = dict(keys_in(path))[MEMBERS].id
    wrapped = ScopeKey.objects.filter(purpose=MEMBERS).values_list("wrapped", flat=True)
    assert after != before
    assert {bytes(each)[1:9].hex() for each in wrapped} == {after}
    assert opened_afresh(member) == "ext:1"
    assert f"Added the key {after}" in capsys.readouterr().out


def test_the_command_rewraps_the_keys_of_campaigns_and_their_codes_stay(path):
    campaign = makers.make_campaign()
    codes = [codebook(campaign).code_of(serial) for serial in range(5)]
    before = bytes(campaign.wrapped_key)

    call_command("rotate_keys", purpose="campaign-codes", break_glass=REASON)

    campaign.refresh_from_db()
    assert bytes(campaign.wrapped_key) != before
    assert not keyring().is_stale(Purpose.CAMPAIGN_CODES, campaign.wrapped_key)
    assert [codebook(campaign).code_of(serial) for serial in range(5)] == codes


def test_a_token_stays_the_same_under_a_new_wrapping_key():
    market = makers.make_market()
    member = makers.make_member(market)

    call_command("rotate_keys", purpose="tokens", break_glass=REASON)

    forget_scopes()
    keyring().forget()
    assert member_token(market.pk, "ext:1") == bytes(member.reference_token)


def test_the_public_half_of_an_old_signing_key_stays_published():
    old = signing_key(Purpose.MANIFESTS)

    call_command("rotate_keys", purpose="manifests", break_glass=REASON)

    new = signing_key(Purpose.MANIFESTS)
    assert new.public_key() != old.public_key()
    published = {row.public_pem: row.retired_at for row in signing_keys().filter(purpose="manifests")}
    assert len(published) == 2
    assert SigningKey.objects.get(purpose="manifests", retired_at=None).key_id in str(
        SigningKey.objects.last()
    )


def test_second_factors_are_sealed_anew_and_still_open():
    person = makers.make_person("ana")
    secret = sealed("JBSWY3DP", owner=person.public_id, place=TOTP_SECRET)
    factor = Authenticator.objects.create(
        user=person, type="totp", data={"secret": secret, "step": 7}, created_at=makers.NOW
    )

    rotate(Purpose.PEOPLE)

    factor.refresh_from_db()
    assert factor.data["secret"] != secret
    assert factor.data["step"] == 7
    assert opened(factor.data["secret"], owner=person.public_id, place=TOTP_SECRET) == "JBSWY3DP"


def test_the_command_refuses_what_this_process_does_not_hold(settings):
    settings.PROCESS = "web"
    keyring.cache_clear()

    with pytest.raises(CommandError, match="does not hold"):
        call_command("rotate_keys", purpose="trail", break_glass=REASON)

    assert not Rotation.objects.exists()


def test_a_worker_leaves_to_others_what_it_does_not_hold(settings):
    rotate_alone(Purpose.TRAIL, reason=REASON, by=PROCESS, now=clock.now())
    settings.PROCESS = "platform-worker"
    keyring.cache_clear()

    reseal()

    assert Rotation.objects.get().finished_at is None


def test_a_change_that_was_killed_half_way_is_taken_up(path):
    market = makers.make_market()
    members = [makers.make_member(market, f"ext:{number}") for number in range(1500)]
    environment = on_these_engines() | {"PROCESS": "migrate", "KEY_FILE": str(path)}
    command = [sys.executable, "manage.py", "rotate_keys", "--purpose", "members"]
    command += ["--break-glass", REASON]

    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not Rotation.objects.filter(done__gte=500).exists():
            assert process.poll() is None
            time.sleep(0.002)
    finally:
        process.kill()
        process.wait()
    half_way = Rotation.objects.get()
    keyring.cache_clear()
    reseal()

    whole = Rotation.objects.get()
    assert half_way.finished_at is None
    assert whole.finished_at is not None
    assert whole.done == whole.total
    assert not SubjectKey.objects.filter(scope_key__retired_at__isnull=False).exists()
    assert {opened_afresh(member) for member in members[::100]} == {f"ext:{n}" for n in range(0, 1500, 100)}
