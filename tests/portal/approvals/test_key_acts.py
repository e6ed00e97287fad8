"""Keys changed and removed on the command line: by two people, or by one who says why and is heard."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portal.accounts.actors import Actor
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.approvals.key_acts import (
    CHANGE,
    LASTS,
    RETIREMENT,
    ask_for_key_act,
    begin_allowed_rotation,
    permission,
    retire_allowed,
)
from portal.approvals.kinds import ApprovalKind
from portal.approvals.models import Approval
from portal.approvals.operations import approve_request, refuse_request
from portal.audit.models import Entry
from portal.core import clock
from portal.core.errors import ForbiddenError, FourEyesError, WrongStateError
from portal.core.keys import keyring, make_key_file, write_shares
from portal.crypto.key_file import add_keys, keys_in, share_of
from portal.crypto.keyring import Purpose
from portal.keys.models import Rotation, ScopeKey
from portal.keys.operations.retirement import retirable_keys
from portal.keys.operations.rotation import carry_out_rotation
from portal.keys.scopes import PROCESS, forget_scopes, scope_keys
from tests import makers
from tests.portal.security.scenes import watched

MEMBERS = Purpose.MEMBERS
REASON = "The file was copied to a laptop"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def path(settings: Any, tmp_path: Path) -> Any:
    """A key file of this test's own, with one scope's key under it."""
    settings.KEY_FILE = tmp_path / "keys.json"
    make_key_file()
    keyring.cache_clear()
    forget_scopes()
    scope_keys(MEMBERS, "market:1")
    yield settings.KEY_FILE
    keyring.cache_clear()
    forget_scopes()


@pytest.fixture
def operator() -> Actor:
    return makers.an_actor("operator-1", Role.OPERATOR, makers.make_house())


@pytest.fixture
def second() -> Actor:
    return makers.an_actor("operator-2", Role.OPERATOR, makers.make_house())


def allow(kind: ApprovalKind, *, by: Actor, second: Actor, now: Any = None) -> Approval:
    moment = now or clock.now()
    approval = ask_for_key_act(kind, MEMBERS, by=by, now=moment)
    return approve_request(approval, by=second, now=moment)


def ids(path: Path) -> list[str]:
    return [facts.id for purpose, facts in keys_in(path) if purpose is MEMBERS]


def superseded(path: Path) -> None:
    """Let a newer key have been there for hours."""
    add_keys(path, [MEMBERS], created_at=(clock.now() - timedelta(hours=3)).isoformat())
    write_shares()


def rewrapped(path: Path) -> None:
    superseded(path)
    call_command("rotate_keys", purpose="members", keep_wrapping_key=True, break_glass=REASON)


# ── Changing ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_command_asks_first_and_changes_once_it_is_allowed(path, operator, second, capsys):
    before = ids(path)
    email = User.objects.get(public_id=operator.person).email

    call_command("rotate_keys", "--purpose", "members", "--as", email)
    asked = Approval.objects.get()
    after_asking = ids(path)
    approve_request(asked, by=second, now=clock.now())
    call_command("rotate_keys", purpose="members")

    assert after_asking == before
    assert len(ids(path)) == 2
    assert Rotation.objects.get().finished_at is not None
    assert Entry.objects.get(act="rotation.begun").facts["request"] == asked.public_id
    assert not Entry.objects.filter(act="four_eyes.bypassed").exists()
    assert asked.public_id in capsys.readouterr().out


def test_the_command_changes_nothing_while_nobody_has_decided(path, operator, capsys):
    ask_for_key_act(CHANGE, MEMBERS, by=operator, now=clock.now())
    before = ids(path)

    call_command("rotate_keys", purpose="members")

    assert "waits for a second person" in capsys.readouterr().out
    assert ids(path) == before
    assert not Rotation.objects.exists()


def test_whoever_asked_does_not_allow_it(path, operator):
    approval = ask_for_key_act(CHANGE, MEMBERS, by=operator, now=clock.now())

    with pytest.raises(FourEyesError):
        approve_request(approval, by=operator, now=clock.now())


def test_the_command_asks_in_nobodys_name(path):
    with pytest.raises(CommandError, match="takes two people"):
        call_command("rotate_keys", purpose="members")

    assert not Approval.objects.exists()


def test_the_command_asks_in_the_name_of_people_who_are_there(path):
    with pytest.raises(CommandError, match="Nobody signs in as"):
        call_command("rotate_keys", "--purpose", "members", "--as", "nobody@example.com")


def test_who_may_not_ask_in_the_portal_may_not_here(path, mexico):
    marketer = User.objects.get(public_id=makers.a_marketer(mexico).person)

    with pytest.raises(CommandError, match="role does not include"):
        call_command("rotate_keys", "--purpose", "members", "--as", marketer.email)


def test_what_was_refused_allows_nothing(path, operator, second):
    approval = ask_for_key_act(CHANGE, MEMBERS, by=operator, now=clock.now())
    refuse_request(approval, reason="Not this week", by=second, now=clock.now())

    with pytest.raises(CommandError, match="takes two people"):
        call_command("rotate_keys", purpose="members")


def test_a_permission_allows_one_change(path, operator, second):
    allowed = allow(CHANGE, by=operator, second=second)
    rotation = begin_allowed_rotation(allowed, by=PROCESS, now=clock.now())
    carry_out_rotation(rotation, by=PROCESS, clock=clock.now)

    with pytest.raises(WrongStateError, match="used or has run out"):
        begin_allowed_rotation(allowed, by=PROCESS, now=clock.now())

    assert permission(CHANGE, MEMBERS, now=clock.now()) is None


@pytest.mark.parametrize(("late", "is_good"), [(timedelta(seconds=-1), True), (timedelta(0), False)])
def test_a_permission_runs_out(path, operator, second, late, is_good):
    allowed = allow(CHANGE, by=operator, second=second)
    assert allowed.decided_at

    found = permission(CHANGE, MEMBERS, now=allowed.decided_at + LASTS + late)

    assert (found is not None) is is_good


def test_a_permission_for_one_act_allows_no_other(path, operator, second):
    allow(CHANGE, by=operator, second=second)

    assert permission(RETIREMENT, MEMBERS, now=clock.now()) is None
    assert permission(CHANGE, Purpose.PEOPLE, now=clock.now()) is None


# ── Breaking the glass ───────────────────────────────────────────────────────────────────────────────────


def test_acting_alone_is_recorded_and_opens_an_alert(path):
    call_command("rotate_keys", purpose="members", break_glass=REASON)

    (alert,) = watched(clock.now())
    entry = Entry.objects.get(act="four_eyes.bypassed")
    assert entry.facts == {"purpose": "members", "doing": "change", "reason": REASON}
    assert (alert.detector, alert.severity) == ("four_eyes_bypassed", 5)
    assert Rotation.objects.get().finished_at is not None


def test_a_change_that_two_people_made_opens_none(path, operator, second):
    allow(CHANGE, by=operator, second=second)

    call_command("rotate_keys", purpose="members")

    assert watched(clock.now()) == []


@pytest.mark.parametrize("reason", ["", "because", "x y", "a b c" + "d" * 300])
def test_acting_alone_takes_a_reason_that_says_something(path, reason):
    before = ids(path)

    with pytest.raises(CommandError, match="Say why"):
        call_command("rotate_keys", purpose="members", break_glass=reason)

    assert ids(path) == before


# ── Removing ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_key_that_wraps_nothing_is_removed_by_two_people(path, operator, second):
    rewrapped(path)
    old, new = ids(path)
    allow(RETIREMENT, by=operator, second=second)

    call_command("retire_keys", purpose="members")

    assert ids(path) == ids(share_of(path, "platform-worker")) == [new]
    assert Entry.objects.get(act="key.retired").facts == {"purpose": "members", "keys": [old]}
    forget_scopes()
    keyring().forget()
    assert scope_keys(MEMBERS, "market:1").newest


def test_a_key_is_removed_alone_and_heard(path):
    rewrapped(path)

    call_command("retire_keys", purpose="members", break_glass=REASON)

    assert len(ids(path)) == 1
    assert {alert.facts["doing"] for alert in watched(clock.now())} == {"change", "retirement"}


def test_removing_asks_first(path, operator):
    rewrapped(path)
    email = User.objects.get(public_id=operator.person).email

    call_command("retire_keys", "--purpose", "members", "--as", email)

    assert len(ids(path)) == 2
    assert Approval.objects.get().kind == RETIREMENT.name


def test_a_key_that_still_wraps_something_stays(path):
    superseded(path)

    with pytest.raises(CommandError, match="still wraps something"):
        call_command("retire_keys", purpose="members", break_glass=REASON)

    assert len(ids(path)) == 2
    assert not Entry.objects.filter(act__in=["key.retired", "four_eyes.bypassed"]).exists()


def test_the_key_of_a_campaign_holds_its_wrapping_key(path):
    makers.make_campaign()
    add_keys(path, [Purpose.CAMPAIGN_CODES], created_at="2026-01-01T00:00:00+00:00")

    with pytest.raises(WrongStateError, match="still wraps something"):
        retirable_keys(Purpose.CAMPAIGN_CODES, now=clock.now())


def test_a_scope_key_that_was_destroyed_holds_nothing(path):
    ScopeKey.objects.update(wrapped=None, destroyed_at=clock.now())
    superseded(path)

    assert [facts.id for facts in retirable_keys(MEMBERS, now=clock.now())] == ids(path)[:1]


def test_the_only_key_of_a_purpose_stays(path):
    with pytest.raises(CommandError, match="none to remove"):
        call_command("retire_keys", purpose="members", break_glass=REASON)


def test_a_key_stays_for_an_hour_after_it_was_superseded(path):
    call_command("rotate_keys", purpose="members", break_glass=REASON)
    now = clock.now()

    with pytest.raises(WrongStateError, match="less than an hour"):
        retirable_keys(MEMBERS, now=now)

    assert retirable_keys(MEMBERS, now=now + timedelta(hours=1, seconds=2))


def test_no_key_goes_while_keys_change(path):
    superseded(path)
    Rotation.objects.create(purpose="members", started_at=clock.now())

    with pytest.raises(WrongStateError, match="under way"):
        retirable_keys(MEMBERS, now=clock.now())


def test_the_first_signing_key_is_made_before_its_origin_goes(path):
    add_keys(path, [Purpose.MANIFESTS], created_at="2026-01-01T00:00:00+00:00")

    with pytest.raises(WrongStateError, match="still to be derived"):
        retirable_keys(Purpose.MANIFESTS, now=clock.now())


def test_a_permission_to_remove_is_kept_when_a_key_came_to_wrap_something(path, operator, second):
    rewrapped(path)
    allowed = allow(RETIREMENT, by=operator, second=second)
    superseded(path)

    with pytest.raises(WrongStateError, match="still wraps something"):
        retire_allowed(allowed, by=PROCESS, now=clock.now())

    allowed.refresh_from_db()
    assert allowed.used_at is None


def test_keys_in_a_key_service_are_removed_there(path, settings):
    settings.KEY_PROVIDER = "kms"

    with pytest.raises(WrongStateError, match="key service"):
        retirable_keys(MEMBERS, now=clock.now())


def test_nobody_without_the_act_asks_for_it(path, mexico):
    marketer = makers.a_marketer(mexico)

    with pytest.raises(ForbiddenError):
        ask_for_key_act(RETIREMENT, MEMBERS, by=marketer, now=clock.now())
