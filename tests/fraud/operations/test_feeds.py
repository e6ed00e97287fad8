"""Setting feeds of case systems up: two people, a mapping that fits, and one feed at a time."""

from typing import Any

import pyrage
import pytest

from fraud.models import CaseFeed, Institution, Mapping, WebhookDelivery
from fraud.operations.feeds import (
    FEED,
    FeedFacts,
    ask_for_feed,
    end_feed,
    pause_feed,
    resume_feed,
)
from fraud.operations.mappings.publishing import retire_mapping
from fraud.rules.decisions import Outcome
from fraud.rules.feeds import Channel, FeedState
from fraud.rules.webhooks import Event
from portal.accounts.actors import SYSTEM, Actor
from portal.accounts.roles import Role
from portal.approvals.operations import approve_request, refuse_request
from portal.approvals.queries import request_about
from portal.core.errors import FourEyesError, InvalidError, WrongStateError
from tests import makers
from tests.makers_fraud import (
    NOW,
    make_application,
    make_case_mapping,
    make_feed,
    make_institution,
    make_screening,
)

pytestmark = pytest.mark.django_db(transaction=True)
KEY = str(pyrage.x25519.Identity.generate().to_public())


@pytest.fixture
def bank() -> Institution:
    return make_institution()


@pytest.fixture
def mapping(bank: Institution) -> Mapping:
    return make_case_mapping(bank)


@pytest.fixture
def privacy() -> Actor:
    return makers.an_actor("Pia Privacy", Role.PRIVACY, makers.make_house())


def facts(mapping: Mapping, **changes: Any) -> FeedFacts:
    given = {
        "mapping": mapping,
        "channel": Channel.WEBHOOK,
        "outcomes": [Outcome.REFER],
        "url": "https://cases.example/in",
    }
    return FeedFacts(**given | changes)


def asked(mapping: Mapping, by: Actor, **changes: Any) -> CaseFeed:
    return ask_for_feed(mapping.institution, facts(mapping, **changes), by=by, now=NOW)


def decide(feed: CaseFeed, by: Actor) -> None:
    request = request_about(FEED, feed)
    assert request is not None
    approve_request(request, by=by, now=NOW)
    feed.refresh_from_db()


def test_nothing_leaves_before_a_second_person_allows_it(
    mapping: Mapping, operator: Actor, privacy: Actor
) -> None:
    feed = asked(mapping, operator)
    before = feed.state
    with pytest.raises(FourEyesError):
        decide(feed, operator)

    decide(feed, privacy)

    assert (before, feed.state) == (FeedState.WAITING, FeedState.ACTIVE)


def test_a_refused_feed_sends_nothing(mapping: Mapping, operator: Actor, privacy: Actor) -> None:
    feed = asked(mapping, operator)
    request = request_about(FEED, feed)
    assert request is not None

    refuse_request(request, reason="No contract yet.", by=privacy, now=NOW)

    feed.refresh_from_db()
    assert feed.state == FeedState.REFUSED


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"outcomes": []}, "outcomes"),
        ({"url": "http://cases.example/in"}, "url"),
        ({"url": "https://me:secret@cases.example/in"}, "url"),
        ({"channel": Channel.FOLDER, "url": "", "recipient": "age1nobody"}, "recipient"),
        ({"channel": Channel.FOLDER, "url": "", "recipient": ""}, "recipient"),
    ],
)
def test_refuses_what_cannot_work(
    mapping: Mapping, operator: Actor, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidError) as refusal:
        asked(mapping, operator, **changes)

    assert field in refusal.value.fields


def test_a_folder_takes_an_age_key(mapping: Mapping, operator: Actor) -> None:
    feed = asked(mapping, operator, channel=Channel.FOLDER, url="", recipient=KEY)

    assert feed.recipient == KEY


def test_refuses_a_mapping_of_another_institution_or_direction(mapping: Mapping, operator: Actor) -> None:
    other = make_institution("bank-b")
    inbound = Mapping.objects.create(
        institution=mapping.institution, name="in", direction="inbound", live=mapping.live, created_at=NOW
    )

    with pytest.raises(InvalidError):
        ask_for_feed(other, facts(mapping), by=operator, now=NOW)
    with pytest.raises(InvalidError):
        asked(inbound, operator)


def test_files_are_no_xml(bank: Institution, operator: Actor) -> None:
    mapping = make_case_mapping(bank, kind="fixed")

    with pytest.raises(InvalidError):
        asked(mapping, operator, channel=Channel.FOLDER, url="", recipient=KEY)


def test_only_one_feed_waits_for_a_second_person(mapping: Mapping, operator: Actor) -> None:
    asked(mapping, operator)

    with pytest.raises(WrongStateError):
        asked(mapping, operator)


def test_a_new_feed_takes_the_place_of_the_old_with_what_waits(
    mapping: Mapping, operator: Actor, privacy: Actor
) -> None:
    old = make_feed(mapping)
    screening = make_screening(make_application(mapping.institution))
    waiting = WebhookDelivery.objects.create(
        institution=mapping.institution,
        application=screening.application,
        screening=screening,
        feed=old,
        event=Event.CASE_NEW,
        created_at=NOW,
        due_at=NOW,
    )
    feed = asked(mapping, operator, url="https://cases.example/new")

    decide(feed, privacy)

    old.refresh_from_db()
    waiting.refresh_from_db()
    assert (old.state, feed.state) == (FeedState.ENDED, FeedState.ACTIVE)
    assert waiting.feed_id == feed.pk


def test_ending_takes_the_request_back(mapping: Mapping, operator: Actor, privacy: Actor) -> None:
    feed = asked(mapping, operator)

    end_feed(feed, by=operator, now=NOW)

    with pytest.raises(WrongStateError):
        decide(feed, privacy)
    with pytest.raises(WrongStateError):
        end_feed(feed, by=operator, now=NOW)


def test_refuses_to_pause_or_resume_what_is_not(mapping: Mapping) -> None:
    feed = make_feed(mapping)
    with pytest.raises(WrongStateError):
        resume_feed(feed, by=SYSTEM, now=NOW)
    pause_feed(feed, by=SYSTEM, now=NOW)

    with pytest.raises(WrongStateError):
        pause_feed(feed, by=SYSTEM, now=NOW)


def test_a_mapping_that_feeds_a_case_system_stays(mapping: Mapping) -> None:
    feed = make_feed(mapping)
    with pytest.raises(WrongStateError):
        retire_mapping(mapping, by=SYSTEM, now=NOW)
    end_feed(feed, by=SYSTEM, now=NOW)

    retired = retire_mapping(mapping, by=SYSTEM, now=NOW)

    assert retired.retired_at == NOW
