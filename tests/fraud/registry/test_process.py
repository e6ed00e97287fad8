"""The registry as a process of its own, asked by whoever screens: over HTTP, with its own role and keys."""

import time

import msgspec
import pytest
import urllib3
from django.conf import settings
from django.test import override_settings

from fraud.models import RegistryInquiry, RegistryMember
from fraud.registry_api.door import ANSWER_BYTES
from fraud.rules.consortium import Answer, Change, Inquiry, NoticeKind, RecordChange
from fraud.screening.consortium import NoAnswerError, Nobody, Registry, SaidNoError
from fraud.screening.notices import tend
from fraud.tasks import tend_registry
from portal.privileges import Process, purposes
from tests.fraud.registry.process import SECRET, registry_process
from tests.fraud.registry.scenes import BANK_A, BANK_B, facts, inquiry, question, report
from tests.fraud.registry.scenes import tokens as tokens_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def http():
    return urllib3.PoolManager(retries=False)


@pytest.fixture
def url():
    with registry_process() as address:
        yield address


def post(http, url: str, message: object, secret: str = SECRET) -> urllib3.BaseHTTPResponse:
    headers = {"Authorization": f"Bearer {secret}"}
    return http.request("POST", url, body=msgspec.json.encode(message), headers=headers)


def test_a_fraud_goes_its_whole_way_and_back(url) -> None:
    registry = Registry(url, SECRET)

    assert registry.ask(BANK_A, [question()]) == [Answer(application="app_00000001")]

    told = registry.report(report())
    assert registry.report(report()).record == told.record
    (answer,) = registry.ask(BANK_A, [question("app_00000002")])
    assert [hit.kinds for hit in answer.hits] == [("name-birth", "sin")]

    (notice,) = registry.notices()
    assert (notice.institution, notice.kind) == (BANK_A, NoticeKind.RETRO_HIT)
    assert notice.answer == Answer(application="app_00000001", hits=answer.hits)
    registry.acknowledge([notice.id])
    assert registry.notices() == ()

    registry.change(Change(record=told.record, institution=BANK_B, change=RecordChange.RETRACT))
    assert [each.kind for each in registry.notices()] == [NoticeKind.RETRACTION] * 2
    assert registry.ask(BANK_A, [question("app_00000002")])[0].hits == ()
    registry.tidy()


def test_a_hit_looks_like_a_miss_from_outside(url, http) -> None:
    Registry(url, SECRET).report(report(value="7"))

    hit = post(http, f"{url}/inquiries", inquiry(question("app_00000001", "7")))
    miss = post(http, f"{url}/inquiries", inquiry(question("app_00000002", "8")))

    assert len(hit.data) == len(miss.data) == ANSWER_BYTES
    assert set(hit.headers) == set(miss.headers)
    assert [bool(msgspec.json.decode(each.data)["answers"][0]["hits"]) for each in (hit, miss)] == [
        True,
        False,
    ]
    for word in (BANK_B, "ctb_", "rec_", "2026-03-02", "2026-02-"):
        assert word.encode() not in hit.data


def test_the_largest_hit_fits_the_size_of_every_answer(url, http) -> None:
    kinds = ["sin.1", "account.1", "name-birth.1", "family-birth-postal.1", "given-birth-postal.1"]
    kinds += ["birth-phone.1", "birth-email.1", "name-phone.1", "name-email.1", "name-civic-postal.1"]
    registry = Registry(url, SECRET)
    for number, fraud_type in enumerate(
        ("identity-theft", "synthetic-identity", "account-takeover", "other", "money-mule")
    ):
        given = report(
            f"ctb_0000000{number}",
            tokens=tokens_of("7", *kinds),
            facts=facts(fraud_type=fraud_type, role="perpetrator"),
        )
        registry.report(given)

    answer = post(http, f"{url}/inquiries", inquiry(question("app_00000001", "7", *kinds)))

    assert len(msgspec.json.decode(answer.data)["answers"][0]["hits"]) == 4
    assert len(answer.data) == ANSWER_BYTES


def test_refuses_whoever_does_not_know_the_secret(url, http) -> None:
    for secret in ("", "wrong", SECRET + "x"):
        assert post(http, f"{url}/inquiries", inquiry(), secret).status == 401
    assert http.request("GET", f"{url}/notices").status == 401
    assert post(http, f"{url}/inquiries", inquiry()).status == 200


def test_refuses_what_is_no_question_and_says_no_value_of_it(url, http) -> None:
    message = msgspec.to_builtins(inquiry())
    for wrong in (
        {**message, "institution": "046454286"},
        {**message, "questions": []},
        {**message, "why": "046454286"},
        {**message, "questions": [{**message["questions"][0], "purpose": "curiosity-046454286"}]},
        {**message, "questions": [{"tokens": message["questions"][0]["tokens"]}]},
        b"\xff{",
    ):
        answer = post(http, f"{url}/inquiries", wrong)

        assert answer.status == 422
        assert b"046454286" not in answer.data
    assert RegistryInquiry.objects.count() == 0


def test_has_no_other_addresses(url, http) -> None:
    for path in ("/", "/admin/", "/api/v1/applications", "/metrics"):
        assert http.request("GET", f"{url}{path}").status == 404
    assert post(http, f"{url}/notices", {}).status == 405


def test_a_thousand_questions_are_one_request_and_more_are_several(url) -> None:
    questions = [question(f"app_0000{number:04}", str(number)) for number in range(1_500)]

    found = Registry(url, SECRET).ask(BANK_A, questions)

    assert [answer.application for answer in found] == [each.application for each in questions]


def test_questions_that_cannot_be_answered_in_time_stay_open(url) -> None:
    registry = Registry(url, SECRET)

    assert registry.ask(BANK_A, [question()], deadline=time.monotonic()) == [None]
    assert registry.ask(BANK_A, [question()], deadline=time.monotonic() + 5) != [None]


@override_settings(REGISTRY_FAILURES=2, REGISTRY_PAUSE=0.2)
def test_a_registry_that_went_away_is_left_alone_and_found_again_when_it_is_back() -> None:
    with registry_process() as url:
        registry = Registry(url, SECRET)
        assert registry.ask(BANK_A, [question()]) != [None]
        port = url.rpartition(":")[2]
    for _ in range(3):
        assert registry.ask(BANK_A, [question()]) == [None]
    with pytest.raises(NoAnswerError, match="OpenError"):
        registry.notices()

    with registry_process() as url:
        registry._pool.port = int(url.rpartition(":")[2])
        time.sleep(0.2)
        assert registry.ask(BANK_A, [question()]) != [None]
    assert port


@override_settings(REGISTRY_FAILURES=2, REGISTRY_PAUSE=60)
def test_a_member_whose_quota_is_spent_costs_no_other_its_answers(url) -> None:
    registry = Registry(url, SECRET)
    assert registry.ask(BANK_A, [question()]) != [None]
    RegistryMember.objects.update(quota=0)

    refused = [registry.ask(BANK_A, [question()]) for _ in range(3)]

    assert refused == [[None]] * 3
    assert registry.ask(BANK_B, [question("app_00000002")]) != [None]


def test_what_the_registry_refuses_is_told_from_its_absence(url) -> None:
    unknown = Change(record="rec_00000000", institution=BANK_A, change=RecordChange.RETRACT)

    with pytest.raises(SaidNoError) as refusal:
        Registry(url, SECRET).change(unknown)
    with pytest.raises(NoAnswerError) as absence:
        Registry("http://127.0.0.1:9", SECRET).change(unknown)

    assert refusal.value.status == 404
    assert not isinstance(absence.value, SaidNoError)


def test_without_a_consortium_every_question_stays_open() -> None:
    assert Nobody().ask(BANK_A, [question(), question("app_00000002")]) == [None, None]


def test_no_process_holds_both_halves_of_the_keys() -> None:
    halves = {"tokens-screening", "tokens-registry"}

    for process in set(Process) - {Process.MIGRATE}:
        assert not halves <= {str(purpose) for purpose in purposes(process)}
    assert {str(purpose) for purpose in purposes(Process.REGISTRY)} == {"tokens-registry"}
    assert Inquiry.__struct_fields__ == ("institution", "questions")
    assert settings.REGISTRY_SECRET == ""


def test_what_an_import_left_is_compared_by_the_upkeep(url, monkeypatch) -> None:
    registry = Registry(url, SECRET)
    monkeypatch.setattr("fraud.screening.notices.registry", lambda: registry)
    registry.ask(BANK_A, [question()])
    assert registry.report_many([report()]).new == 1
    assert registry.notices() == ()

    tend_registry()

    assert [notice.answer.application for notice in registry.notices()] == ["app_00000001"]


def test_upkeep_without_a_registry_is_left_for_later(monkeypatch) -> None:
    monkeypatch.setattr("fraud.screening.notices.registry", lambda: Registry("http://127.0.0.1:9", SECRET))
    assert tend() is False

    monkeypatch.setattr("fraud.screening.notices.registry", lambda: None)
    assert tend() is False
