"""Pages of submissions: a file goes in by the browser, is followed, and its result is handed out to its own people."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

from fraud.models import Institution, Submission
from fraud.operations.submissions.objects import submission_bucket
from fraud.rules.submissions import SubmissionState as S
from portal.accounts.roles import Role
from tests import makers
from tests.cast import signed_in
from tests.fraud.submissions.conftest import content, finished, received, rows
from tests.makers_fraud import make_institution

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead(bank: Institution) -> Browser:
    return signed_in(makers.an_actor("Lea Lead", Role.LEAD, bank))


@pytest.fixture
def stranger(db: None) -> Browser:
    return signed_in(makers.an_actor("Sam Stranger", Role.LEAD, make_institution("bank-b")))


def announced(browser: Browser, bank: Institution) -> Submission:
    answer = browser.post(
        reverse("submission-new"), {"institution": bank.public_id, "layout": "", "rows": ""}
    )
    assert answer.status_code == 302
    return Submission.objects.get()


def test_a_file_is_sent_and_followed_to_its_result(lead, bank):
    submission = announced(lead, bank)
    body = content(rows(3)) + b"nope\n"

    sent = lead.post(
        reverse("submission-upload", args=[submission.public_id]),
        {"file": SimpleUploadedFile("m.jsonl", body)},
    )
    finished(Submission.objects.get())
    page = lead.get(reverse("submission", args=[submission.public_id])).content.decode()
    result = lead.get(reverse("submission-file", args=[submission.public_id, "result"]))

    assert sent.status_code == 302
    assert "json-wrong" in page
    assert len(b"".join(result.streaming_content).splitlines()) == 3


@pytest.mark.parametrize(("has_secret", "state"), [(True, S.RECEIVED), (False, S.WAITING_FOR_UPLOAD)])
def test_a_file_from_another_site_leaves_nothing(lead, bank, has_secret, state):
    submission = announced(lead, bank)
    address = reverse("submission-upload", args=[submission.public_id])
    strict = Browser(enforce_csrf_checks=True)
    strict.cookies = lead.cookies
    page = strict.get(address)
    secret = {"csrfmiddlewaretoken": page.cookies["csrftoken"].value} if has_secret else {}

    answer = strict.post(address, {**secret, "file": SimpleUploadedFile("m.jsonl", content(rows(1)))})

    assert answer.status_code == (302 if has_secret else 403)
    assert Submission.objects.get().state == state
    assert len(submission_bucket().list(f"{submission.public_id}/")) == int(has_secret)


def test_no_file_is_said_beside_its_field(lead, bank):
    submission = announced(lead, bank)

    answer = lead.post(reverse("submission-upload", args=[submission.public_id]), {})

    assert answer.status_code == 422
    assert "Choose a file" in answer.content.decode()


def test_strangers_find_nothing(lead, stranger, bank):
    submission = finished(received(bank, content(rows(1))))
    address = reverse("submission", args=[submission.public_id])

    seen, hidden = lead.get(address), stranger.get(address)

    assert (seen.status_code, hidden.status_code) == (200, 404)
    assert submission.public_id not in stranger.get(reverse("submissions")).content.decode()


@pytest.mark.parametrize(("verb", "is_paused"), [("pause", True), ("cancel", False)])
def test_is_paused_and_cancelled_after_a_question(lead, bank, verb, is_paused):
    submission = received(bank, content(rows(1)))
    address = reverse(f"submission-{verb}", args=[submission.public_id])

    asked = lead.get(address)
    answer = lead.post(address)

    assert (asked.status_code, answer.status_code) == (200, 302)
    assert Submission.objects.get().is_paused == is_paused


def test_why_rows_were_rejected_is_said_in_words(lead, bank):
    submission = finished(received(bank, content([*rows(1), b"nothing", b'{"reference": "R-2"}'])))

    page = lead.get(reverse("submission", args=[submission.public_id])).content.decode()

    assert "The line is no JSON object that can be read." in page
    assert "A value is needed here." in page
