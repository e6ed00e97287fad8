"""A run that is killed in the midst of a chunk: nothing is lost half, nothing goes twice, the certificate is right."""

import hashlib
import json
import os
import signal
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from portal.accounts.actors import SYSTEM
from portal.audit.models import Entry
from portal.core import clock
from portal.keys.models import Certificate
from portal.mail.models import Mail, MailState
from portal.retention.operations.runs import CHUNK, advance_run, begin_run, carry_out
from portal.retention.policies import policy_named
from tests.processes import running

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MAILS = 2 * CHUNK + 500


def wait_until_blocked(cursor):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE relation = 'audit_entry'::regclass AND NOT granted"
        )
        if cursor.fetchone()[0]:
            return
        time.sleep(0.05)
    raise AssertionError("the run never came to write its entry")


def digest_of(names):
    digest = ""
    for start in range(0, len(names), CHUNK):
        lines = "\n".join([digest, *names[start : start + CHUNK]])
        digest = hashlib.sha256(lines.encode()).hexdigest()
    return digest


def test_a_run_killed_half_way_is_finished_by_the_next():
    now = clock.now()
    long_ago = now - timedelta(days=91)
    Mail.objects.bulk_create(
        Mail(state=MailState.SENT, created_at=long_ago, sent_at=long_ago) for _number in range(MAILS)
    )
    names = list(Mail.objects.order_by("pk").values_list("public_id", flat=True))
    policy = policy_named("mails")
    begun = advance_run(begin_run(policy, None, by=SYSTEM, now=now), by=SYSTEM, now=now)

    command = ("manage.py", "retain", "--policy", "mails", "--apply")
    with running(*command) as process, transaction.atomic(), connection.cursor() as cursor:
        # It has deleted the second chunk, and now waits to write down that it did.
        cursor.execute("LOCK TABLE audit_entry IN SHARE MODE")
        wait_until_blocked(cursor)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    begun.refresh_from_db()
    left = Mail.objects.count()
    whole = carry_out(policy, None, by=SYSTEM, clock=clock.now)

    told = json.loads(Certificate.objects.get(public_id=whole.certificate).content)
    removed = Entry.objects.filter(act="retention.advanced").values_list("facts__rows", flat=True)
    assert (begun.done, left) == (CHUNK, MAILS - CHUNK)
    assert (whole.public_id, whole.done, Mail.objects.count()) == (begun.public_id, MAILS, 0)
    assert sum(removed) == MAILS
    assert (told["rows"], told["digest"]) == (MAILS, digest_of(names))
    assert (told["first"], told["last"]) == (names[0], names[-1])
