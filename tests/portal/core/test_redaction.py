"""What the log withholds, by name and by look; and what it must not withhold, or nobody could read it."""

import logging
import sys

import pytest
import structlog
from django.db import IntegrityError, transaction

from portal.accounts.models import User
from portal.core.redaction import WITHHELD, redact, withheld
from tests import makers
from tests.log_watch import Watch


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("the key cs_ab12cd34_Zm9vYmFyYmF6cXV4 is old", f"the key {WITHHELD} is old"),
        ("Authorization: Bearer abcdefgh12345678", f"Authorization: {WITHHELD}"),
        ("write to ana.lopez+caps@mail.example.com now", f"write to {WITHHELD} now"),
        ("redis://:hunter2hunter2@127.0.0.1:6379/0", f"redis://{WITHHELD}@127.0.0.1:6379/0"),
        ("Key (email)=(ana@x) already exists.", f"Key {WITHHELD} already exists."),
        ("AGE-SECRET-KEY-1QQQQ0000", WITHHELD),
    ],
)
def test_secrets_and_addresses_are_withheld(text: str, rest: str) -> None:
    assert withheld(text) == rest


@pytest.mark.parametrize(
    "text",
    [
        "batch bat_01m80pz0q5bz4neppvf4gz7vfq delivered in 3.2 s",
        "connection to countersign@127.0.0.1 refused",
        "https://portal.example/batches/?state=planned",
        "campaigns@vm ready",
    ],
)
def test_what_operators_need_stays(text: str) -> None:
    assert withheld(text) == text


@pytest.mark.parametrize(
    "name", ["password", "new_password", "Authorization", "cookie", "totp_secret", "email"]
)
def test_fields_are_withheld_by_their_names(name: str) -> None:
    event = redact(None, "info", {"event": "signed in", name: "anything", "count": 3})

    assert event == {"event": "signed in", name: WITHHELD, "count": 3}


def test_nested_fields_are_withheld_too() -> None:
    event = redact(None, "info", {"event": "x", "request": {"headers": [{"cookie": "a=b"}], "size": 3}})

    assert event["request"] == {"headers": [{"cookie": WITHHELD}], "size": 3}


@pytest.mark.django_db
def test_a_row_that_the_database_refuses_is_not_quoted_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch()
    person = makers.make_person("Ana Again")
    record = None

    try:
        with transaction.atomic():
            User.objects.create(email=person.email, name="Other", created_at=makers.NOW)
    except IntegrityError:
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "refused", None, sys.exc_info())

    assert record is not None
    line = watch.format(record)
    assert "one_person_per_address" in line
    assert person.email not in line


def test_the_watch_sees_what_is_planted() -> None:
    watch = Watch()

    watch.emit(logging.LogRecord("x", logging.INFO, "x", 1, f"member ext:{7}", None, None))

    assert len(watch.found) == 1


def test_structlog_writes_through_the_same_net(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger("portal.test").warning("trial", password=makers.PASSWORD)

    assert makers.PASSWORD not in capsys.readouterr().err


def test_the_watch_is_on_in_every_test() -> None:
    assert any(isinstance(handler, Watch) for handler in logging.getLogger().handlers)
