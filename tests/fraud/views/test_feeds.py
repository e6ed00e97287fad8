"""Pages of feeds: asked for by an operator, allowed by somebody else, seen by the institution."""

import pytest
from django.test import Client as Browser

from fraud.models import CaseFeed, Institution
from portal.accounts.actors import Actor
from tests.cast import signed_in
from tests.makers_fraud import make_case_mapping, make_feed

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator_browser(operator: Actor) -> Browser:
    return signed_in(operator)


def test_an_operator_asks_for_a_feed(operator_browser: Browser, bank_a: Institution) -> None:
    mapping = make_case_mapping(bank_a)
    given = {
        "mapping": mapping.public_id,
        "outcomes": ["refer", "review"],
        "channel": "webhook",
        "url": "https://cases.example/in",
    }
    here = f"/institutions/{bank_a.public_id}/case-feed/new/"

    refused = operator_browser.post(here, given | {"url": "ftp://cases.example"})
    answer = operator_browser.post(here, given)

    feed = CaseFeed.objects.get()
    page = operator_browser.get(answer["Location"]).content.decode()
    assert (refused.status_code, answer.status_code) == (422, 302)
    assert (feed.state, feed.outcomes) == ("waiting", ["refer", "review"])
    assert "This waits for somebody else." in page
    assert "https://cases.example/in" in page


def test_an_operator_pauses_resumes_and_ends_it(operator_browser: Browser, bank_a: Institution) -> None:
    feed = make_feed(make_case_mapping(bank_a))
    states = []

    for act in ("pause", "resume", "end"):
        answer = operator_browser.post(f"/case-feeds/{feed.public_id}/{act}/")
        feed.refresh_from_db()
        states.append((answer.status_code, feed.state))

    assert states == [(302, "paused"), (302, "active"), (302, "ended")]


def test_analysts_see_their_own_institutions_feed_and_change_nothing(
    analyst_browser: Browser, browser_of_b: Browser, bank_a: Institution
) -> None:
    feed = make_feed(make_case_mapping(bank_a))
    here = f"/case-feeds/{feed.public_id}/"

    assert analyst_browser.get(here).status_code == 200
    assert analyst_browser.post(f"{here}pause/").status_code == 403
    assert browser_of_b.get(here).status_code == 404


def test_the_institutions_page_names_its_feed(analyst_browser: Browser, bank_a: Institution) -> None:
    feed = make_feed(make_case_mapping(bank_a))

    page = analyst_browser.get(f"/institutions/{bank_a.public_id}/").content.decode()

    assert f"/case-feeds/{feed.public_id}/" in page
