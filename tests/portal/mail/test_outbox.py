"""The outbox: a mail is a row that a worker sends once, later when the server is away, and then forgets."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection, transaction
from django.test import override_settings
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from portal.celery import app
from portal.core import clock
from portal.core.mail_routes import Route, Way, read_route
from portal.core.mail_ses import _client
from portal.mail.letters import Letter
from portal.mail.models import Mail, MailState
from portal.mail.operations import GIVE_UP_AFTER, LEASE, claim_mail, post, send_mails
from tests.makers import NOW
from tests.post_office import PostOffice, post_office
from tests.processes import running

pytestmark = pytest.mark.django_db(transaction=True)

LETTER = Letter(
    "Come in", ["Somebody opened a door.", "Is <it> & you?"], "Open", "https://x.example/?a=1&b=2"
)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as office, override_settings(MAIL_ROUTE=Route(Way.SMTP, office.options)):
        yield office


def posted(recipient: str = "ana@example.com", letter: Letter = LETTER) -> Mail:
    with transaction.atomic():
        return post(letter, recipient, now=NOW)


def send(now=NOW) -> int:
    return send_mails(by=None, clock=lambda: now)


def test_a_mail_arrives_as_text_and_as_a_page(office):
    posted()

    assert send() == 1
    (message,) = office.came
    text, page = (part.get_payload(decode=True).decode() for part in message.get_payload())
    assert (message["To"], message["Subject"]) == ("ana@example.com", "Come in")
    assert "Is <it> & you?" in text
    assert "https://x.example/?a=1&b=2" in text
    assert "Is &lt;it&gt; &amp; you?" in page


def test_a_mail_that_left_is_forgotten(office):
    mail = posted()

    send()

    mail.refresh_from_db()
    assert (mail.state, mail.sent_at, mail.due_at) == (MailState.SENT, NOW, None)
    assert (mail.recipient, mail.subject, mail.text, mail.html) == ("", "", "", "")


def test_a_second_run_sends_nothing(office):
    posted()
    send()

    assert send() == 0
    assert len(office.came) == 1


def test_a_mail_belongs_to_the_transaction_that_it_tells_of(office):
    with transaction.atomic():
        post(LETTER, "ana@example.com", now=NOW)
        transaction.set_rollback(True)

    assert not Mail.objects.exists()


def test_nothing_is_lost_while_the_server_is_away(office):
    mails = [posted(f"p{number}@example.com") for number in range(3)]
    with override_settings(MAIL_ROUTE=Route(Way.SMTP, {"host": "127.0.0.1", "port": 9, "timeout": 1})):
        assert send() == 0

    assert send(NOW + timedelta(hours=1)) == 3
    assert {message["To"] for message in office.came} == {mail.recipient for mail in mails}


def test_a_server_that_is_away_is_asked_once_in_a_round(office):
    for number in range(3):
        posted(f"p{number}@example.com")
    with override_settings(MAIL_ROUTE=Route(Way.SMTP, {"host": "127.0.0.1", "port": 9, "timeout": 1})):
        send()

    assert Mail.objects.filter(tries=1, problem="ConnectionRefusedError").count() == 1
    assert Mail.objects.filter(tries=0).count() == 2


def test_pauses_double_and_end_after_three_days(office):
    mail = posted()
    office.says["RCPT"] = "451 later"
    pauses, now = [], NOW
    while mail.due_at is not None:
        send(now)
        mail.refresh_from_db()
        if mail.due_at:
            pauses.append((mail.due_at - now).total_seconds())
            now = mail.due_at

    assert pauses[:5] == [60, 120, 240, 480, 960]
    assert max(pauses) == 3600
    assert mail.state == MailState.FAILED
    assert now <= NOW + GIVE_UP_AFTER


@pytest.mark.parametrize("command", ["RCPT", "."])
def test_a_refusal_for_good_is_not_tried_again(office, command):
    mail = posted()
    office.says[command] = "550 nobody here"

    send()

    mail.refresh_from_db()
    assert (mail.state, mail.due_at) == (MailState.FAILED, None)
    assert (mail.recipient, mail.text) == ("", "")


@pytest.mark.parametrize("command", ["RCPT", "."])
def test_a_refusal_for_now_is_tried_again(office, command):
    mail = posted()
    office.says[command] = "451 later"

    send()

    mail.refresh_from_db()
    assert mail.state == MailState.WAITING
    assert mail.due_at > NOW


def test_one_refused_address_holds_up_nobody_else(office):
    posted("first@example.com")
    office.says["RCPT"] = "550 nobody here"
    send()
    office.says.clear()
    posted("second@example.com")

    assert send() == 1


def test_a_mail_whose_worker_died_is_sent_again_under_the_same_id(office):
    mail = posted()
    claim_mail(now=NOW)

    assert send(NOW + LEASE - timedelta(seconds=1)) == 0
    assert send(NOW + LEASE) == 1
    assert office.came[0]["Message-ID"].startswith(f"<{mail.public_id}@")


WORKER = """
import django
django.setup()
from portal.core import clock
from portal.mail.operations import send_mails
send_mails(by=None, clock=clock.now)
"""


def test_a_worker_that_is_killed_while_it_sends_loses_nothing(office, monkeypatch):
    host, port = office.server_address
    monkeypatch.setenv("EMAIL_URL", f"smtp://{host}:{port}")
    mail = posted()
    office.gate.clear()
    with running("-c", WORKER):
        assert office.reached.wait(30)
    office.gate.set()
    mail.refresh_from_db()

    sent_at_once, sent_later = send(clock.now()), send(clock.now() + LEASE)

    assert mail.state == MailState.SENDING
    assert (sent_at_once, sent_later) == (0, 1)
    assert {message["Message-ID"] for message in office.came} == {office.came[0]["Message-ID"]}
    mail.refresh_from_db()
    assert mail.state == MailState.SENT


def test_two_workers_send_each_mail_once(office):
    for number in range(12):
        posted(f"p{number}@example.com")

    def work() -> None:
        send()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(message["To"] for message in office.came) == sorted(f"p{n}@example.com" for n in range(12))


def test_logs_name_neither_the_recipient_nor_what_the_server_said(office, caplog):
    posted("secret.person@example.com")
    office.says["RCPT"] = "550 secret.person@example.com is unknown"
    caplog.set_level("WARNING", logger="portal.mail")

    send()

    assert "mail.put_off" in caplog.text
    assert "secret.person" not in caplog.text


def test_a_line_break_in_a_subject_makes_no_header(office):
    posted(letter=Letter("Come in\r\nBcc: all@example.com", ["Hello."]))

    send()

    assert office.came[0]["Bcc"] is None
    assert office.came[0]["Subject"] == "Come in Bcc: all@example.com"


def test_on_the_local_stack_mail_stays_where_it_can_be_read():
    mail = posted()

    assert send() == 0
    mail.refresh_from_db()
    assert (mail.state, mail.recipient) == (MailState.KEPT, "ana@example.com")


def test_libraries_send_through_the_outbox(office):
    message = EmailMultiAlternatives("Hello", "text", to=["a@example.com", "b@example.com"])
    message.attach_alternative("<p>page</p>", "text/html")

    get_connection("portal.mail.outbox.OutboxBackend").send_messages([message])

    assert sorted(Mail.objects.values_list("recipient", "text", "html")) == [
        ("a@example.com", "text", "<p>page</p>"),
        ("b@example.com", "text", "<p>page</p>"),
    ]


def test_the_worker_sends_what_is_due(office):
    posted()
    app.loader.import_default_modules()

    app.tasks["platform.send_mail"].apply().get()

    assert len(office.came) == 1


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    _client.cache_clear()
    with (
        mock_aws(),
        override_settings(
            MAIL_ROUTE=read_route("ses://eu-west-1"), DEFAULT_FROM_EMAIL="Countersign <hello@example.com>"
        ),
    ):
        yield
    _client.cache_clear()


def test_ses_takes_a_mail_of_a_verified_sender(ses):
    boto3.client("sesv2", region_name="eu-west-1").create_email_identity(EmailIdentity="hello@example.com")
    posted()

    assert send() == 1
    (message,) = ses_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].sent_messages
    assert set(message.destinations) == {"ana@example.com"}
    assert "Somebody opened a door." in message.raw_data


def test_a_mail_that_ses_refuses_fails_with_its_code(ses):
    mail = posted()

    assert send() == 0
    mail.refresh_from_db()
    assert (mail.state, mail.problem) == (MailState.FAILED, "MessageRejected")


def test_ses_that_does_not_answer_is_tried_later(ses, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    _client.cache_clear()
    mail = posted()

    assert send() == 0
    mail.refresh_from_db()
    assert mail.state == MailState.WAITING


def test_ses_that_does_not_answer_is_asked_once_in_a_round(ses, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    _client.cache_clear()
    for number in range(3):
        posted(f"p{number}@example.com")

    send()

    assert sorted(Mail.objects.values_list("tries", flat=True)) == [0, 0, 1]


@pytest.mark.parametrize("address", ["", "mail.example.com", "http://mail.example.com", "smtp://", "ses://"])
def test_a_route_that_cannot_be_read_stops_the_start(address):
    with pytest.raises(ValueError, match="EMAIL_URL"):
        read_route(address)


@pytest.mark.parametrize(
    ("address", "port", "use_tls", "use_ssl"),
    [
        ("smtp://mail.example.com", 25, False, False),
        ("smtp://mail.example.com:587/?tls=True", 587, True, False),
        ("submission://mail.example.com", 587, True, False),
        ("smtps://mail.example.com", 465, False, True),
        ("smtps://mail.example.com:4650", 4650, False, True),
    ],
)
def test_a_mail_server_is_reached_by_the_tls_that_its_address_says(address, port, use_tls, use_ssl):
    options = read_route(address).options

    assert (options["port"], options["use_tls"], options["use_ssl"]) == (port, use_tls, use_ssl)


def test_routes_are_read_from_one_address():
    smtp = read_route("smtp://user:p%40ss@mail.example.com:587/?tls=True")

    assert (smtp.way, smtp.options["host"], smtp.options["port"]) == (Way.SMTP, "mail.example.com", 587)
    assert (smtp.options["username"], smtp.options["password"], smtp.options["use_tls"]) == (
        "user",
        "p@ss",
        True,
    )
    assert "p@ss" not in repr(smtp)
    assert read_route("ses://eu-west-1").options == {"region": "eu-west-1"}
