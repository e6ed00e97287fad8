"""Clients and their keys: shown once, hashed at rest, rotated with overlap, revoked at once."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from portal.accounts.actors import OrganizationKind
from portal.accounts.models import Client, ClientKey, Organization
from portal.accounts.operations.clients import (
    KEY_LIFE,
    MOST_LIVE_KEYS,
    MOST_NETWORKS,
    OVERLAP,
    CallerFacts,
    change_client,
    disable_client,
    enable_client,
    issue_key,
    register_client,
    revoke_key,
    rotate_key,
    touch_key,
)
from portal.accounts.operations.people import AlreadyThereError
from portal.accounts.operations.signing_keys import register_signing_key, revoke_signing_key
from portal.accounts.queries import client_actor
from portal.accounts.roles import CLIENT_ACTS, Act, ClientKind, Role
from portal.accounts.trail import trail
from portal.audit.models import Entry
from portal.core.errors import ForbiddenError, InvalidError, WrongStateError
from portal.crypto.signatures import private_key, public_pem
from tests import makers
from tests.makers import NOW

pytestmark = pytest.mark.django_db

WEBSITE = ClientKind.WEBSITE


@pytest.fixture
def website(mexico, lumo, operator):
    return makers.make_client(WEBSITE, mexico, lumo, issuer=operator)


def issue(client, operator, now=NOW, **overlap):
    return issue_key(client, **overlap, by=operator, now=now)


# ── Registering ──────────────────────────────────────────────────────────────────────────────────────────


def register(operator, *places, **changes):
    facts = {"name": "Lumo website", "kind": WEBSITE, "acts": [Act.CODE_REDEEM], **changes}
    within = Organization.objects.filter(pk__in=[place.pk for place in places])
    return register_client(facts.pop("name"), **facts, organizations=within, by=operator, now=NOW)


def test_an_operator_registers_a_client_that_answers_to_them(operator, mexico, lumo):
    client = register(operator, mexico, lumo)

    assert client.issued_by.public_id == operator.person
    assert client.acts == ["codes:redeem"]
    assert set(client.organizations.values_list("pk", flat=True)) == {mexico.pk, lumo.pk}


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": " "}),
        ("acts", {"acts": []}),
        ("acts", {"acts": [Act.PERSON_EDIT]}),
        ("acts", {"acts": [Act.CODE_REDEEM, Act.BATCH_ACKNOWLEDGE]}),
        ("acts", {"kind": ClientKind.SUPPORT_DESK}),
        ("organizations", {"kind": ClientKind.PRINTER, "acts": [Act.BATCH_READ]}),
    ],
)
def test_refuses_a_client_that_could_do_nothing_or_too_much(operator, mexico, lumo, field, changes):
    with pytest.raises(InvalidError) as refused:
        register(operator, mexico, lumo, **changes)

    assert set(refused.value.fields) == {field}


def test_refuses_a_client_that_nothing_limits(operator):
    with pytest.raises(InvalidError, match="at least one market and one brand"):
        register(operator)


def test_refuses_a_client_without_a_brand(operator, mexico):
    with pytest.raises(InvalidError):
        register(operator, mexico)


def test_refuses_a_name_that_is_taken(operator, mexico, lumo):
    register(operator, mexico, lumo)

    with pytest.raises(AlreadyThereError):
        register(operator, mexico, lumo)


def test_a_marketer_registers_no_clients(marketer, mexico, lumo):
    with pytest.raises(ForbiddenError):
        register(marketer, mexico, lumo)


# ── Keys ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_the_hash_of_a_key_is_kept(website, operator):
    row, key = issue(website, operator)

    scheme, prefix, secret = key.split("_", 2)
    assert (scheme, prefix) == ("cs", row.prefix)
    assert bytes(row.digest) == hashlib.sha256(secret.encode()).digest()
    assert secret not in str(list(ClientKey.objects.values())) + str(list(Entry.objects.values()))


def test_whoever_issued_a_key_answers_for_what_is_done_with_it(website):
    another = makers.an_actor("Otto Operator", Role.OPERATOR, makers.make_house())

    _row, key = issue(website, another)

    actor = client_actor(key, now=NOW)
    assert actor.person == another.person != website.issued_by.public_id


def test_a_key_makes_its_client_within_its_places(website, operator, mexico, canada, lumo):
    _row, key = issue(website, operator)

    actor = client_actor(key, now=NOW)

    here = {OrganizationKind.MARKET: mexico.pk, OrganizationKind.BRAND: lumo.pk}
    assert (actor.id, actor.person, actor.client_kind) == (website.public_id, operator.person, WEBSITE)
    assert actor.may(Act.CODE_REDEEM, here)
    assert not actor.may(Act.CODE_REDEEM, here | {OrganizationKind.MARKET: canada.pk})
    assert not actor.may(Act.CODE_REDEEM, here | {OrganizationKind.BRAND: 0})
    assert not actor.may(Act.CODE_REDEEM, {OrganizationKind.MARKET: mexico.pk})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: key[:-1],
        lambda key: key + "x",
        lambda key: key.upper(),
        lambda key: key.replace("cs_", "sk_", 1),
        lambda key: "cs_" + "0" * 8 + key[11:],
        lambda key: key + "\u200b",
        lambda key: key * 100,
        lambda key: "",
        lambda key: "cs__",
        lambda key: "\0",
    ],
)
def test_anything_else_opens_nothing(website, operator, spoil):
    _row, key = issue(website, operator)

    assert client_actor(key, now=NOW) is not None
    assert client_actor(spoil(key), now=NOW) is None


def test_an_old_key_works_on_beside_the_new_one_and_then_ends(website, operator):
    _row, old = issue(website, operator)
    _row, new = issue(website, operator)

    before, after = NOW + OVERLAP - timedelta.resolution, NOW + OVERLAP
    assert [client_actor(key, now=before) is not None for key in (old, new)] == [True, True]
    assert [client_actor(key, now=after) is not None for key in (old, new)] == [False, True]


def test_a_rotation_never_prolongs_a_key_that_was_to_end_sooner(website, operator):
    first, _key = issue(website, operator)
    issue(website, operator, overlap=timedelta(hours=1))

    issue(website, operator)

    first.refresh_from_db()
    assert first.expires_at == NOW + timedelta(hours=1)


def test_a_revoked_key_opens_nothing_from_that_moment(website, operator):
    row, key = issue(website, operator)

    revoke_key(row, by=operator, now=NOW)

    assert client_actor(key, now=NOW) is None


def test_a_key_is_revoked_once(website, operator):
    row, _key = issue(website, operator)
    revoke_key(row, by=operator, now=NOW)

    with pytest.raises(WrongStateError):
        revoke_key(row, by=operator, now=NOW)


def test_a_disabled_client_gets_no_key_and_its_keys_open_nothing(website, operator):
    _row, key = issue(website, operator)
    disable_client(website, by=operator, now=NOW)

    with pytest.raises(WrongStateError):
        issue(website, operator)

    assert client_actor(key, now=NOW) is None


def test_an_enabled_client_opens_again_what_its_keys_opened(website, operator):
    _row, key = issue(website, operator)
    disable_client(website, by=operator, now=NOW)

    enable_client(website, by=operator, now=NOW)

    assert client_actor(key, now=NOW) is not None


def test_a_client_is_disabled_once(website, operator):
    disable_client(website, by=operator, now=NOW)

    with pytest.raises(WrongStateError):
        disable_client(website, by=operator, now=NOW)


def test_only_a_disabled_client_is_enabled(website, operator):
    with pytest.raises(WrongStateError):
        enable_client(website, by=operator, now=NOW)


@pytest.mark.parametrize("act", [disable_client, enable_client])
def test_a_marketer_disables_and_enables_no_clients(website, marketer, act):
    with pytest.raises(ForbiddenError):
        act(website, by=marketer, now=NOW)


def test_a_marketer_issues_no_keys(website, marketer):
    with pytest.raises(ForbiddenError):
        issue(website, marketer)


def test_a_marketer_revokes_no_keys(website, operator, marketer):
    row, _key = issue(website, operator)

    with pytest.raises(ForbiddenError):
        revoke_key(row, by=marketer, now=NOW)


# ── Scopes and lives of keys ─────────────────────────────────────────────────────────────────────────────


def test_a_key_opens_what_it_was_given_of_what_its_client_may_do(website, operator, mexico, lumo):
    here = {OrganizationKind.MARKET: mexico.pk, OrganizationKind.BRAND: lumo.pk}
    _row, key = issue(website, operator, acts=[Act.CODE_CHECK])

    actor = client_actor(key, now=NOW)

    assert actor.may(Act.CODE_CHECK, here)
    assert not actor.may(Act.CODE_REDEEM, here)


def test_a_key_never_opens_more_than_its_client_may_do(website, operator):
    _row, key = issue(website, operator)
    Client.objects.filter(pk=website.pk).update(acts=[Act.CODE_CHECK.value])

    actor = client_actor(key, now=NOW)

    assert actor.may(Act.CODE_CHECK)
    assert not actor.may(Act.CODE_REDEEM)


@pytest.mark.parametrize("acts", [[], [Act.BATCH_ACKNOWLEDGE], [Act.CODE_CHECK, Act.PERSON_EDIT]])
def test_refuses_a_key_with_nothing_or_more_than_its_client(website, operator, acts):
    with pytest.raises(InvalidError) as refused:
        issue(website, operator, acts=acts)

    assert set(refused.value.fields) == {"acts"}


def test_a_key_lives_for_a_year_unless_somebody_says_otherwise(website, operator):
    usual, _key = issue(website, operator)
    short, key = issue(website, operator, life=timedelta(days=30), overlap=None)

    assert (usual.expires_at, short.expires_at) == (NOW + KEY_LIFE, NOW + timedelta(days=30))
    assert client_actor(key, now=NOW + timedelta(days=30) - timedelta.resolution) is not None
    assert client_actor(key, now=NOW + timedelta(days=30)) is None


@pytest.mark.parametrize("days", [0, -1, 91])
def test_refuses_a_key_that_lives_too_long_or_not_at_all(website, operator, settings, days):
    settings.CLIENT_KEY_MOST_DAYS = 90

    assert issue(website, operator, life=timedelta(days=90))
    with pytest.raises(InvalidError, match="1 to 90 days"):
        issue(website, operator, life=timedelta(days=days))


def test_a_rotated_key_has_the_scopes_and_the_life_of_the_old_one(website, operator):
    old, _key = issue(website, operator, acts=[Act.CODE_CHECK], life=timedelta(days=30))
    later = NOW + timedelta(days=20)

    new, _key = rotate_key(old, by=operator, now=later)

    old.refresh_from_db()
    assert (new.acts, new.expires_at) == (["codes:check"], later + timedelta(days=30))
    assert old.expires_at == later + OVERLAP


def test_a_rotation_leaves_other_keys_and_a_sooner_end_as_they_are(website, operator):
    other, _key = issue(website, operator)
    old, _key = issue(website, operator, life=timedelta(days=1), overlap=None)

    rotate_key(old, by=operator, now=NOW)

    old.refresh_from_db()
    other.refresh_from_db()
    assert (other.expires_at, old.expires_at) == (NOW + KEY_LIFE, NOW + timedelta(days=1))


def test_a_key_that_has_ended_is_not_rotated(website, operator):
    old, _key = issue(website, operator)
    revoke_key(old, by=operator, now=NOW)

    with pytest.raises(WrongStateError):
        rotate_key(old, by=operator, now=NOW)


def test_a_marketer_rotates_no_keys(website, operator, marketer):
    old, _key = issue(website, operator)

    with pytest.raises(ForbiddenError):
        rotate_key(old, by=marketer, now=NOW)


def test_a_client_has_so_many_live_keys_and_no_more(website, operator):
    keys = [issue(website, operator, overlap=None)[0] for _number in range(MOST_LIVE_KEYS)]

    with pytest.raises(WrongStateError, match="at most 5 live keys"):
        issue(website, operator, overlap=None)
    revoke_key(keys[0], by=operator, now=NOW)

    assert issue(website, operator, overlap=None)


@pytest.mark.django_db(transaction=True)
def test_rotations_at_once_never_leave_more_live_keys_than_a_client_may_have(website, operator):
    key, _secret = issue(website, operator)

    def rotate(_number):
        try:
            return rotate_key(key, by=operator, now=NOW)
        except WrongStateError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(rotate, range(8)))

    refused = [result for result in results if isinstance(result, WrongStateError)]
    assert len(refused) == 8 - (MOST_LIVE_KEYS - 1)
    assert ClientKey.objects.count() == MOST_LIVE_KEYS


# ── How a client calls ───────────────────────────────────────────────────────────────────────────────────


def change(client, by, **changes):
    return change_client(client, CallerFacts(**{"requests_per_minute": 600, **changes}), by=by, now=NOW)


def test_an_operator_says_how_a_client_calls(website, operator):
    changed = change(website, operator, networks=["203.0.113.0/24", "2001:db8::/32", "198.51.100.7"])

    changed.refresh_from_db()
    assert changed.requests_per_minute == 600
    assert changed.networks == ["203.0.113.0/24", "2001:db8::/32", "198.51.100.7/32"]
    assert Entry.objects.latest("pk").facts == {"fields": ["requests_per_minute", "networks"]}


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("requests_per_minute", {"requests_per_minute": 0}),
        ("requests_per_minute", {"requests_per_minute": 10_000_001}),
        ("networks", {"networks": ["203.0.113.7/24"]}),
        ("networks", {"networks": ["everywhere"]}),
        ("networks", {"networks": [f"10.0.0.{number}" for number in range(MOST_NETWORKS + 1)]}),
    ],
)
def test_refuses_what_is_no_network_and_no_number_of_requests(website, operator, field, changes):
    with pytest.raises(InvalidError) as refused:
        change(website, operator, **changes)

    assert set(refused.value.fields) == {field}


def test_a_client_must_sign_only_once_it_has_a_key_to_check_with(website, operator):
    with pytest.raises(WrongStateError):
        change(website, operator, requires_signature=True)
    pem = public_pem(private_key(bytes(32)).public_key())
    register_signing_key(website, pem, by=operator, now=NOW)

    assert change(website, operator, requires_signature=True).requires_signature


def test_a_marketer_changes_no_clients(website, marketer):
    with pytest.raises(ForbiddenError):
        change(website, marketer)


def test_a_busy_key_is_touched_once_a_minute(website, operator):
    row, _key = issue(website, operator)
    times = [timedelta(0), timedelta(seconds=59), timedelta(seconds=61)]

    seen = []
    for passed in times:
        touch_key(row.pk, now=NOW + passed)
        row.refresh_from_db()
        seen.append(row.last_used_at - NOW)

    assert seen == [timedelta(0), timedelta(0), timedelta(seconds=61)]


def test_a_client_without_places_reaches_nothing(website, operator):
    _row, key = issue(website, operator)
    website.organizations.clear()

    assert not client_actor(key, now=NOW).may(Act.CODE_REDEEM)


@pytest.mark.parametrize("kind", ClientKind)
def test_no_client_can_hold_what_only_people_do(kind):
    people_only = {Act.PERSON_EDIT, Act.CLIENT_EDIT, Act.MARKET_EDIT, Act.PRINTER_EDIT, Act.ADMIN_SEE}

    assert not CLIENT_ACTS[kind] & people_only


# ── Its entries in the trail ─────────────────────────────────────────────────────────────────────────────


def acts_read_by(role, place):
    reader = makers.an_actor(f"{role} of {place.name}", role, place)
    return set(trail(reader).filter(subject_kind="client").values_list("act", flat=True))


@pytest.mark.parametrize("role", [Role.APPROVER, Role.AUDITOR])
def test_a_market_reads_what_was_done_to_the_clients_that_call_within_it(website, operator, mexico, role):
    key, _presented = issue(website, operator)
    revoke_key(key, by=operator, now=NOW)
    disable_client(website, by=operator, now=NOW)

    done = acts_read_by(role, mexico)

    assert done == {"client.registered", "key.issued", "key.revoked", "client.disabled"}


def test_another_market_reads_nothing_of_it(website, operator, canada):
    issue(website, operator)

    assert acts_read_by(Role.APPROVER, canada) == set()


def test_every_market_of_a_client_reads_its_entries(operator, mexico, canada, lumo):
    makers.make_client(WEBSITE, mexico, canada, lumo, issuer=operator)

    assert acts_read_by(Role.APPROVER, mexico) == acts_read_by(Role.APPROVER, canada) == {"client.registered"}


def test_entries_about_keys_that_sign_belong_to_the_clients_places(website, operator, mexico, lumo):
    key = register_signing_key(website, public_pem(private_key(bytes(32)).public_key()), by=operator, now=NOW)
    revoke_signing_key(key, by=operator, now=NOW)

    found = Entry.objects.filter(act__startswith="signing_key.")

    assert [entry.within for entry in found] == [sorted([mexico.pk, lumo.pk])] * 2
