"""Anchors: signed, put outside, tried again while the store is away, and stronger than whoever rules the database."""

import json
import secrets
from datetime import timedelta

import boto3
import pytest
from django.core.management import CommandError, call_command
from moto import mock_aws

from portal.accounts.actors import SYSTEM
from portal.audit import tasks
from portal.audit.models import Anchor, Link, Verification
from portal.audit.operations.anchoring import (
    ANCHOR_EVERY,
    AnchorConflictError,
    NothingToAnchorError,
    anchor_head,
    anchor_key,
    put_anchors,
    trail_bucket,
)
from portal.audit.queries.anchored import verify_anchors
from portal.audit.queries.verifying import verify_chain
from portal.audit.signing import signer
from portal.core.keys import keyring
from portal.core.storage_errors import StorageError
from portal.crypto.chain import BreakKind, ChainError
from portal.crypto.signatures import public_from_pem, verify
from tests import makers
from tests.makers import NOW, still
from tests.portal.audit.scenes import above_the_rules, seal_all, write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _bucket(settings):
    settings.PROCESS = "trail-worker"
    keyring.cache_clear()
    settings.TRAIL_BUCKET = f"trail-{secrets.token_hex(6)}"
    trail_bucket().create()
    yield
    keyring.cache_clear()


@pytest.fixture
def market():
    market = makers.make_market()
    write(market, 4)
    seal_all()
    return market


def anchored(now=NOW):
    anchor = anchor_head(by=SYSTEM, clock=still(now))
    put_anchors(by=SYSTEM, clock=still(now))
    return anchor


def broken(**options):
    with pytest.raises(ChainError) as found:
        verify_anchors(**options)
    return found.value.broken


def test_an_anchor_is_the_head_of_the_chain_signed(market):
    anchor = anchored()

    head = Link.objects.order_by("-position").first()
    document = json.loads(anchor.document)
    assert (document["position"], document["digest"]) == (head.position, bytes(head.digest).hex())
    verify(public_from_pem(signer().public_keys()[anchor.key_id]), anchor.signature, anchor.document.encode())


def test_an_anchor_lies_in_its_bucket_as_it_was_signed(market):
    anchor = anchored()

    stored = json.loads(trail_bucket().get(f"{anchor.position:020d}.json", 10_000))
    assert (stored["document"], stored["signature"]) == (anchor.document, anchor.signature)
    assert Anchor.objects.get().put_at == NOW


def test_there_is_no_anchor_while_nothing_new_is_sealed(market):
    anchored()

    with pytest.raises(NothingToAnchorError):
        anchor_head(by=SYSTEM, clock=still(NOW + timedelta(days=1)))


def test_there_is_a_new_anchor_once_time_has_passed_and_something_was_sealed(market):
    anchored()
    write(market)
    seal_all()

    with pytest.raises(NothingToAnchorError):
        anchor_head(by=SYSTEM, clock=still(NOW + ANCHOR_EVERY - timedelta(microseconds=1)))
    assert anchor_head(by=SYSTEM, clock=still(NOW + ANCHOR_EVERY)).position == 6


def test_an_anchor_is_put_later_when_the_store_is_away(market, settings):
    there, settings.TRAIL_BUCKET = settings.TRAIL_BUCKET, "no-such-bucket"
    tasks.anchor()
    put_off = Anchor.objects.get().put_at
    settings.TRAIL_BUCKET = there

    tasks.anchor()

    assert put_off is None
    assert Anchor.objects.get().put_at is not None
    assert verify_anchors().put == 1


def test_an_anchor_that_was_put_by_a_run_that_died_is_found_there(market):
    anchored()
    Anchor.objects.update(put_at=None)

    assert put_anchors(by=SYSTEM, clock=still()) == 1


def test_another_object_under_an_anchors_name_stops_everything(market):
    anchor = anchor_head(by=SYSTEM, clock=still())
    trail_bucket().put(anchor_key(anchor), b"{}", "application/json")

    with pytest.raises(AnchorConflictError):
        put_anchors(by=SYSTEM, clock=still())


def test_without_a_bucket_anchors_stay_in_the_database(market, settings):
    settings.TRAIL_BUCKET = ""
    anchor_head(by=SYSTEM, clock=still())

    assert put_anchors(by=SYSTEM, clock=still()) == 0
    assert verify_anchors().kept == 1


@pytest.fixture
def aws(settings, monkeypatch):
    settings.S3_ENDPOINT_URL = None
    settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY = f"AKIA{secrets.token_hex(8)}", "secret"
    settings.TRAIL_LOCK_DAYS = 365
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=settings.TRAIL_BUCKET, ObjectLockEnabledForBucket=True)
        yield client


def test_an_anchor_is_locked_for_the_days_of_the_setting(market, aws, settings):
    anchor = anchored()

    stored = aws.head_object(Bucket=settings.TRAIL_BUCKET, Key=f"anchors/{anchor_key(anchor)}")
    assert stored["ObjectLockMode"] == "COMPLIANCE"
    assert stored["ObjectLockRetainUntilDate"].date() == (NOW + timedelta(days=365)).date()


def test_a_chain_and_its_anchors_written_anew_are_found_by_the_bucket(market):
    anchored()
    with above_the_rules("audit_entry", "audit_link", "audit_anchor") as cursor:
        cursor.execute("DELETE FROM audit_anchor")
        cursor.execute("DELETE FROM audit_link")
        cursor.execute("UPDATE audit_mark SET sealed_to = 0")
        cursor.execute("UPDATE audit_entry SET act = 'market.blamed' WHERE act = 'market.praised'")
    seal_all()

    assert verify_chain().links == 5
    assert broken()[:2] == (5, BreakKind.ANCHOR_MISMATCH)


def test_a_chain_cut_behind_an_anchor_is_found_by_the_anchor(market):
    anchored()
    with above_the_rules("audit_entry", "audit_link") as cursor:
        cursor.execute(
            "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_link WHERE position > 3)"
        )
        cursor.execute("DELETE FROM audit_link WHERE position > 3")

    with pytest.raises(ChainError) as found:
        verify_chain()

    assert found.value.broken[:2] == (4, BreakKind.MISSING_LINK)


def test_a_link_changed_together_with_all_after_it_is_found_by_the_anchor(market):
    anchored()
    with above_the_rules("audit_entry", "audit_link") as cursor:
        cursor.execute("UPDATE audit_entry SET act = 'market.blamed' WHERE act = 'market.praised'")
        cursor.execute("DELETE FROM audit_link")
        cursor.execute("UPDATE audit_mark SET sealed_to = 0")
    seal_all()

    with pytest.raises(ChainError) as found:
        verify_chain()

    assert found.value.broken[:2] == (5, BreakKind.ANCHOR_MISMATCH)


def test_a_signature_by_another_key_is_found(market):
    anchored()
    with above_the_rules("audit_anchor") as cursor:
        cursor.execute("UPDATE audit_anchor SET signature = repeat('A', 86) || '=='")

    assert broken()[:2] == (5, BreakKind.BAD_SIGNATURE)


@pytest.mark.parametrize(
    "document", ["no document", "[]", '{"position": 5}', '{"position": 4, "digest": ""}']
)
def test_an_anchor_that_says_something_else_is_found(market, document):
    anchored()
    with above_the_rules("audit_anchor") as cursor:
        cursor.execute("UPDATE audit_anchor SET document = %s", [document])

    with pytest.raises(ChainError) as found:
        verify_chain()

    assert found.value.broken[:2] == (5, BreakKind.ANCHOR_MISMATCH)


def test_an_anchor_that_is_gone_from_its_bucket_is_found(market):
    anchor = anchored()
    trail_bucket().delete(anchor_key(anchor))

    assert broken()[:2] == (5, BreakKind.ANCHOR_MISMATCH)


def test_the_command_reads_the_bucket_when_asked(market, capsys):
    anchored()

    call_command("verify_trail", anchors=True)

    assert "Sound: 1 anchor, 1 object in the bucket, 2 signatures." in capsys.readouterr().out


def test_the_command_says_that_the_bucket_could_not_be_read(market, settings):
    anchored()
    settings.TRAIL_BUCKET = "no-such-bucket"

    with pytest.raises(CommandError, match="could not be read"):
        call_command("verify_trail", anchors=True)


def test_the_nightly_verification_notes_that_all_is_well(market):
    anchored()

    tasks.verify_trail()

    assert (Verification.objects.get().problem, Verification.objects.get().links) == ("", 5)


def test_the_nightly_verification_notes_the_first_break(market):
    with above_the_rules("audit_entry") as cursor:
        cursor.execute("UPDATE audit_entry SET facts = '{}' WHERE act = 'market.praised'")

    tasks.verify_trail()

    assert (Verification.objects.get().problem, Verification.objects.get().position) == ("changed-entry", 2)


def test_a_store_that_is_away_is_no_break(market, settings):
    anchored()
    settings.TRAIL_BUCKET = "no-such-bucket"
    with pytest.raises(StorageError):
        verify_anchors()

    tasks.verify_trail()

    assert Verification.objects.get().problem == ""
