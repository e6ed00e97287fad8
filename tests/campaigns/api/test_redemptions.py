"""Redemption over HTTP: what is given, and what is refused in which words."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import close_old_connections, connection
from django.db.backends.postgresql.psycopg_any import NumericRange
from prometheus_client import REGISTRY

from campaigns.models import Batch, Campaign, LedgerEntry, Member, Redemption, VoidRange
from campaigns.queries import codebooks
from campaigns.rules.states import BatchState
from portal.accounts.operations.clients import revoke_key
from portal.accounts.roles import ClientKind
from portal.core.keys import keyring
from portal.keys.scopes import forget_scopes
from tests.campaigns.api.conftest import (
    NOW,
    Caller,
    World,
    everywhere,
    in_state,
    make_brand,
    make_campaign,
    make_client,
    make_delivered,
    make_market,
    word_in,
)


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Check the shape of a refusal and give its body."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "code", "errors", "request_id"}
    assert (body["code"], body["status"]) == (code, status)
    assert body["request_id"] == answer["X-Request-Id"]
    assert Redemption.objects.count() == LedgerEntry.objects.count()
    return body


def test_redeems_a_code_for_points(world: World, website: Caller) -> None:
    answer = website.redeem(world.code(0), "ext:123")

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert body["status"] == "redeemed"
    assert body["campaign"] == "summer"
    assert body["awards"] == [{"type": "points", "base": 10, "multiplier": 1, "total": 10}]
    assert body["balance"] == 10
    assert Redemption.objects.get().public_id == body["id"]
    assert LedgerEntry.objects.get().balance_after == 10
    assert Member.objects.get().balance == 10


def test_adds_up_the_balance_of_a_member(world: World, website: Caller) -> None:
    website.redeem(world.code(0))

    answer = website.redeem(world.code(1))

    assert answer.json()["balance"] == 20
    assert list(LedgerEntry.objects.order_by("pk").values_list("balance_after", flat=True)) == [10, 20]
    assert Member.objects.get().balance == 20


def test_takes_a_code_as_people_type_it(world: World, website: Caller) -> None:
    typed = world.code(0).lower().replace("-", " ").replace("0", "o").replace("1", "l")

    answer = website.redeem(typed)

    assert answer.status_code == 201


def test_finds_the_campaign_of_a_code_by_itself(world: World, website: Caller) -> None:
    make_campaign(world.market, world.brand, "winter")

    answer = website.post("redemptions", {"code": world.code(0), "member": "ext:1"})

    assert answer.status_code == 201
    assert answer.json()["campaign"] == "summer"


def test_takes_the_id_of_a_campaign_for_its_name(world: World, website: Caller) -> None:
    answer = website.redeem(world.code(0), campaign=world.campaign.public_id)

    assert answer.status_code == 201


def test_refuses_a_code_that_the_member_has_redeemed(world: World, website: Caller) -> None:
    website.redeem(world.code(0))

    answer = website.redeem(world.code(0))

    refused(answer, 409, "code-already-yours")


def test_refuses_a_code_that_another_has_redeemed_and_says_nothing_of_them(
    world: World, website: Caller
) -> None:
    website.redeem(world.code(0), "ext:someone")

    answer = website.redeem(world.code(0), "ext:2")

    body = refused(answer, 409, "code-already-redeemed")
    assert "someone" not in answer.content.decode()
    assert body["detail"] == "This code has been redeemed already."


def test_refuses_a_code_with_a_wrong_check_character(world: World, website: Caller) -> None:
    code = world.code(0)
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")

    answer = website.redeem(wrong)

    refused(answer, 422, "code-malformed")


def test_refuses_a_code_that_was_never_ordered(world: World, website: Caller) -> None:
    answer = website.redeem(world.code(1_000_000))

    refused(answer, 404, "code-unknown")


def test_refuses_a_code_that_the_word_screen_skipped(world: World, website: Caller) -> None:
    file, skipped = word_in(world.batch)
    world.batch.files.filter(pk=file.pk).update(skipped=[skipped])

    answer = website.redeem(world.code(skipped))

    refused(answer, 404, "code-unknown")


def test_redeems_a_code_that_a_newer_word_hits_but_that_was_printed(world: World, website: Caller) -> None:
    _file, printed = word_in(world.batch)

    answer = website.redeem(world.code(printed))

    assert answer.status_code == 201


def test_refuses_a_code_reserved_behind_the_last_row_of_a_file(world: World, website: Caller) -> None:
    last = world.batch.files.get(number=1).last_serial
    assert last is not None

    answer = website.redeem(world.code(last + 1))

    refused(answer, 404, "code-unknown")


def test_refuses_a_test_code(world: World, website: Caller) -> None:
    answer = website.redeem(world.code(world.campaign.format.space - 1))

    refused(answer, 404, "code-unknown")


@pytest.mark.parametrize("state", [BatchState.DELIVERED, BatchState.ACKNOWLEDGED, BatchState.DISPUTED])
def test_refuses_a_code_whose_batch_is_not_active(world: World, website: Caller, state: BatchState) -> None:
    in_state(world.batch, state)

    answer = website.redeem(world.code(0))

    refused(answer, 409, "code-not-active")


def alarms() -> float:
    """Count the alarms so far, of every kind: the figure that operators watch."""
    samples = (sample for metric in REGISTRY.collect() for sample in metric.samples)
    return sum(sample.value for sample in samples if sample.name == "code_alarms_total")


@pytest.mark.parametrize("state", [BatchState.PLANNED, BatchState.APPROVED, BatchState.DELIVERING])
def test_refuses_a_code_that_nobody_can_have_yet(
    world: World, website: Caller, state: BatchState, caplog: pytest.LogCaptureFixture
) -> None:
    in_state(world.batch, state)
    before = alarms()

    answer = website.redeem(world.code(0))

    refused(answer, 404, "code-unknown")
    assert alarms() == before + 1
    assert world.code(0).replace("-", "") not in caplog.text.replace("-", "")


def test_refuses_a_code_of_a_recalled_batch(world: World, website: Caller) -> None:
    in_state(world.batch, BatchState.RECALLED)

    answer = website.redeem(world.code(0))

    refused(answer, 410, "code-void")


def test_refuses_a_void_code_and_takes_its_neighbour(world: World, website: Caller) -> None:
    VoidRange.objects.create(batch=world.batch, serials=NumericRange(10, 20), reason="stolen", voided_at=NOW)

    answer = website.redeem(world.code(19))

    refused(answer, 410, "code-void")
    assert website.redeem(world.code(20)).status_code == 201


def test_refuses_a_code_of_a_campaign_that_has_closed(world: World, website: Caller) -> None:
    Campaign.objects.update(closes_at=NOW - timedelta(seconds=1))

    answer = website.redeem(world.code(0))

    refused(answer, 410, "code-expired")


def test_refuses_a_code_of_a_campaign_that_is_paused(world: World, website: Caller) -> None:
    Campaign.objects.update(paused_at=NOW)

    answer = website.redeem(world.code(0))

    refused(answer, 409, "code-not-active")


def test_refuses_a_code_of_a_campaign_that_has_not_opened(world: World, website: Caller) -> None:
    Campaign.objects.update(opens_at=NOW + timedelta(hours=1))

    answer = website.redeem(world.code(0))

    refused(answer, 409, "code-not-active")


def test_answers_alike_for_a_campaign_of_another_market_and_for_none(world: World, website: Caller) -> None:
    make_campaign(make_market("mx"), world.brand, "verano")

    foreign = refused(website.redeem(world.code(0), campaign="verano"), 404, "not-found")
    missing = refused(website.redeem(world.code(0), campaign="nothing"), 404, "not-found")

    assert foreign | {"request_id": ""} == missing | {"request_id": ""}


def test_does_not_try_campaigns_of_another_market(world: World) -> None:
    elsewhere = make_client(world.planner, ClientKind.WEBSITE, [make_market("mx"), world.brand], "Sitio")

    answer = elsewhere.post("redemptions", {"code": world.code(0), "member": "ext:1"})

    refused(answer, 404, "code-unknown")


def test_refuses_a_client_that_may_only_check(world: World, desk: Caller) -> None:
    answer = desk.redeem(world.code(0))

    refused(answer, 403, "forbidden")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "K",
        "Ж" * 12,
        "A" * 10_000,
        "\u200bK7QWM2XF9RTD",
        "К7QW-M2XF-9RTD",  # the first letter is Cyrillic
        "K7QW\u202eM2XF9RTD",
        "K7QWM2XF9RTD" * 3,
        "’; DROP TABLE",
    ],
)
def test_refuses_what_is_no_code(world: World, website: Caller, text: str) -> None:
    answer = website.redeem(text or " ")

    refused(answer, 422, "code-malformed")


@pytest.mark.parametrize("member", ["", "a\u200bb", "x" * 129, "two\nlines", "\u202egnol"])
def test_refuses_what_is_no_reference_of_a_member(world: World, website: Caller, member: str) -> None:
    answer = website.redeem(world.code(0), member)

    body = refused(answer, 422, "invalid")
    assert body["errors"][0]["field"] == "member"


def test_twenty_threads_on_one_code_make_one_redemption(world: World, website: Caller) -> None:
    code = world.code(0)

    def redeem(number: int) -> int:
        try:
            return int(website.redeem(code, f"ext:{number}", key=f"thread-{number}").status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        statuses = sorted(threads.map(redeem, range(20)))

    assert statuses == [201] + [409] * 19
    assert Redemption.objects.count() == LedgerEntry.objects.count() == Member.objects.count() == 1


def test_twenty_threads_for_one_new_member_lose_no_point(world: World, website: Caller) -> None:
    def redeem(number: int) -> int:
        try:
            return int(website.redeem(world.code(number + 10), "ext:new", key=f"thread-{number}").status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        statuses = set(threads.map(redeem, range(20)))

    assert statuses == {201}
    assert Member.objects.get().balance == 200
    assert sorted(LedgerEntry.objects.values_list("balance_after", flat=True)) == list(range(10, 201, 10))


def test_a_retry_after_a_crash_finds_its_own_redemption(world: World, website: Caller) -> None:
    first = website.redeem(world.code(0), key="once")
    # The process died after the redemption and before its answer was kept; the lease has run out.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE api_idempotentrequest SET status = NULL, body = NULL, leased_until = %s",
            [datetime.now(UTC) - timedelta(seconds=1)],
        )

    again = website.redeem(world.code(0), key="once")

    assert again.status_code == 201
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["balance"] == first.json()["balance"]
    assert LedgerEntry.objects.count() == 1


def test_a_key_revoked_in_mid_request_redeems_nothing(world: World, website: Caller) -> None:
    # The door lets the key in from memory, as it would a request that was on its way when the key was revoked.
    website.redeem(world.code(0))
    revoke_key(website.key, by=everywhere(world.planner), now=datetime.now(UTC))

    answer = website.redeem(world.code(1))

    refused(answer, 401, "unauthenticated")
    assert Redemption.objects.count() == 1


def test_a_redemption_waits_for_a_recall_under_way_and_then_obeys_it(world: World, website: Caller) -> None:
    """The recall holds the batch in one connection; the redemption must not pass it in another."""
    from threading import Event, Thread

    from django.db import transaction

    holding, answers = Event(), []

    def redeem() -> None:
        holding.wait(5)
        try:
            answers.append(website.redeem(world.code(0)))
        finally:
            connection.close()

    thread = Thread(target=redeem)
    thread.start()
    with transaction.atomic():
        Batch.objects.select_for_update().get(pk=world.batch.pk)
        holding.set()
        thread.join(0.3)
        assert thread.is_alive()
        Batch.objects.update(state=BatchState.RECALLED)
    thread.join(5)

    refused(answers[0], 410, "code-void")


def test_a_redemption_sees_a_void_range_made_while_it_waited(world: World, website: Caller) -> None:
    """The void range is a row of another table: only a look after the wait can see it."""
    from threading import Event, Thread

    from django.db import transaction

    holding, answers = Event(), []

    def redeem() -> None:
        holding.wait(5)
        try:
            answers.append(website.redeem(world.code(0)))
        finally:
            connection.close()

    thread = Thread(target=redeem)
    thread.start()
    with transaction.atomic():
        Batch.objects.select_for_update().get(pk=world.batch.pk)
        holding.set()
        thread.join(0.3)
        VoidRange.objects.create(
            batch=world.batch, serials=NumericRange(0, 1), reason="stolen", voided_at=NOW
        )
    thread.join(5)

    refused(answers[0], 410, "code-void")


def test_needs_few_statements(world: World, website: Caller, django_assert_max_num_queries: Any) -> None:
    website.redeem(world.code(0))

    # Two of the idempotency key and none for key or campaign, which are remembered; the redemption's own three go
    # past Django's counter.
    with django_assert_max_num_queries(4):
        answer = website.redeem(world.code(1))

    assert answer.status_code == 201
    close_old_connections()


def test_a_serial_belongs_to_the_batch_of_its_own_campaign(world: World, website: Caller) -> None:
    winter = make_campaign(world.market, make_brand("other"), "winter")
    make_delivered(winter, world.printer, world.planner, world.approver)

    answer = website.redeem(world.code(0, winter))

    assert answer.status_code == 404


def test_a_key_file_that_was_damaged_meanwhile_is_answered_in_words(website, world, settings, tmp_path):
    whole = settings.KEY_FILE.read_bytes()
    settings.KEY_FILE = tmp_path / "keys.json"
    settings.KEY_FILE.touch(mode=0o600)
    settings.KEY_FILE.write_bytes(whole)
    keyring.cache_clear()
    codebooks.codebook(world.batch.campaign)
    settings.KEY_FILE.write_text("not json")
    forget_scopes()

    answer = website.redeem(world.code(0), "ext:new")
    keyring.cache_clear()

    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
    assert not Redemption.objects.exists()
    assert not Member.objects.exists()
