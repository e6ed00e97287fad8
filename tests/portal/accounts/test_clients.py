"""Clients and their keys: shown once, hashed at rest, rotated with overlap, revoked at once."""

import hashlib
from datetime import timedelta

import pytest

from portal.accounts.actors import OrganizationKind
from portal.accounts.models import Client, ClientKey, Organization
from portal.accounts.operations.clients import (
    OVERLAP,
    issue_key,
    register_client,
    revoke_key,
    touch_key,
)
from portal.accounts.operations.people import AlreadyThereError
from portal.accounts.queries import client_actor
from portal.accounts.roles import CLIENT_ACTS, Act, ClientKind, Role
from portal.audit.models import Entry
from portal.core.errors import ForbiddenError, InvalidError, WrongStateError
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
    Client.objects.filter(pk=website.pk).update(disabled_at=NOW)

    with pytest.raises(WrongStateError):
        issue(website, operator)

    assert client_actor(key, now=NOW) is None


def test_a_marketer_issues_no_keys(website, marketer):
    with pytest.raises(ForbiddenError):
        issue(website, marketer)


def test_a_marketer_revokes_no_keys(website, operator, marketer):
    row, _key = issue(website, operator)

    with pytest.raises(ForbiddenError):
        revoke_key(row, by=marketer, now=NOW)


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
