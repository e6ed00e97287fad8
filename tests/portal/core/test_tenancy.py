"""Whose rows are in reach: on the connection whenever it is used, and never another request's."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from portal.accounts.actors import NOBODY, SYSTEM, Actor, Grant, OrganizationKind
from portal.accounts.roles import Act
from portal.core.actors import ActorKind
from portal.core.db import prepared_together
from portal.core.postgres.base import DatabaseWrapper
from portal.core.tenancy import (
    EVERYWHERE,
    NOTHING,
    TenancyMiddleware,
    act_within,
    acting_within,
    organizations,
    tenants,
)

K = OrganizationKind


def told(on: Any = connection) -> str:
    """What the server knows at this moment."""
    with on.cursor() as cursor:
        cursor.execute("SELECT current_setting('countersign.tenants', TRUE)")
        return str(cursor.fetchone()[0])


# ── The actor ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        ([{}], EVERYWHERE),
        ([{K.MARKET: {3}}], "3"),
        ([{K.MARKET: {3}}, {K.MARKET: {1, 2}}], "1,2,3"),
        ([{K.MARKET: {3}, K.BRAND: {7}}], "3"),
        ([{K.BRAND: {7}, K.PRINTER: {5}}], "5"),
        ([{K.INSTITUTION: {9}, K.BRAND: {7}}], "9"),
        ([{K.BRAND: {7}}], "7"),
        ([{K.MARKET: {3}}, {}], EVERYWHERE),
        ([{K.MARKET: set()}], NOTHING),
        ([], NOTHING),
    ],
)
def test_an_actor_reaches_the_organizations_of_each_grants_most_telling_kind(
    grants: list[dict[OrganizationKind, set[int]]], expected: str
) -> None:
    limited = tuple(
        Grant(frozenset({Act.BATCH_READ}), {kind: frozenset(ids) for kind, ids in within.items()})
        for within in grants
    )

    assert Actor(kind=ActorKind.PERSON, id="usr_1", label="", grants=limited).tenants == expected


def test_the_system_reaches_everything_and_nobody_nothing() -> None:
    assert (SYSTEM.tenants, NOBODY.tenants) == (EVERYWHERE, NOTHING)


# ── The thread of work ───────────────────────────────────────────────────────────────────────────────────


def test_a_block_gives_back_what_was_in_reach_before_it() -> None:
    with acting_within("1"):
        with acting_within("2"):
            act_within("3")
            assert tenants() == "3"
        assert tenants() == "1"
    assert tenants() == NOTHING


def test_a_request_begins_with_nothing_and_leaves_nothing() -> None:
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(tenants())
        act_within("7")
        return HttpResponse()

    with acting_within("5"):
        TenancyMiddleware(view)(HttpRequest())
        assert tenants() == "5"

    assert seen == [NOTHING]


def test_a_request_that_fails_leaves_nothing() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        act_within("7")
        raise LookupError

    with pytest.raises(LookupError):
        TenancyMiddleware(view)(HttpRequest())

    assert tenants() == NOTHING


def test_an_answer_that_is_read_later_by_another_thread_reaches_what_its_request_did() -> None:
    def view(request: HttpRequest) -> StreamingHttpResponse:
        act_within("7")
        return StreamingHttpResponse(tenants() for _part in range(3))

    response = TenancyMiddleware(view)(HttpRequest())
    with ThreadPoolExecutor(1) as another:
        parts = another.submit(list, response).result()
        left = another.submit(tenants).result()

    assert (parts, left) == ([b"7", b"7", b"7"], NOTHING)


# ── The connection ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_the_server_is_told_before_a_statement_runs() -> None:
    for wanted in ("1,2", EVERYWHERE, NOTHING):
        with acting_within(wanted):
            assert told() == wanted


@pytest.mark.django_db
def test_prepared_statements_are_told_too() -> None:
    statement: tuple[str, dict[str, Any]] = ("SELECT current_setting('countersign.tenants', TRUE)", {})

    with acting_within("4"):
        one = prepared_together(statement)
        two = prepared_together(statement, statement)

    assert one == [[("4",)]]
    assert two == [[("4",)], [("4",)]]


@pytest.mark.django_db
def test_prepared_statements_are_planned_once_and_kept_by_the_server() -> None:
    statement: tuple[str, dict[str, Any]] = ("SELECT 'kept by the server' || %(end)s::text", {"end": "!"})

    for _time in range(3):
        prepared_together(statement)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%kept by%'"
        )
        plans = cursor.fetchall()

    assert plans == [(3, 0)]


@pytest.mark.django_db
def test_what_a_rolled_back_savepoint_was_told_is_told_again() -> None:
    with acting_within("1"):
        assert told() == "1"
        with acting_within("2"):
            with transaction.atomic():
                assert told() == "2"
                transaction.set_rollback(True)
            assert told() == "2"
        assert told() == "1"


@pytest.mark.django_db(transaction=True)
def test_what_a_rolled_back_transaction_was_told_is_told_again() -> None:
    with acting_within("1"):
        assert told() == "1"
    with acting_within("2"):
        with transaction.atomic():
            assert told() == "2"
            transaction.set_rollback(True)
        assert told() == "2"


@pytest.mark.django_db
def test_a_failed_statement_is_refused_for_its_own_fault_when_tenants_change_after_it() -> None:
    with (
        pytest.raises(DatabaseError, match="division by zero"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT 1 / 0")

    with acting_within("3"):
        assert told() == "3"


# ── The pool ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def small(transactional_db: None) -> Iterator["Pool"]:
    pool = Pool()
    yield pool
    pool.wrapper().close_pool()


class Small(DatabaseWrapper):
    """The tests' database by connections of its own."""

    _connection_pools: ClassVar[dict[str, Any]] = {}


class Pool:
    """A pool of its own with one connection, from which each thread of work takes its turn."""

    def __init__(self, size: int = 1) -> None:
        self._settings = deepcopy(connection.settings_dict)
        self._settings["OPTIONS"]["pool"] |= {"min_size": 0, "max_size": size, "timeout": 20.0}

    def wrapper(self) -> Small:
        return Small(self._settings)

    def request(self, wanted: str) -> str:
        """Serve one request with these tenants, as far as the database is concerned."""
        wrapper = self.wrapper()
        try:
            with acting_within(wanted):
                return told(wrapper)
        finally:
            wrapper.close()


def test_a_connection_comes_out_of_the_pool_without_the_tenants_of_its_last_request(small: "Pool") -> None:
    assert small.request("1") == "1"

    assert small.request(NOTHING) == NOTHING


def test_a_connection_that_left_a_failed_transaction_behind_is_told_anew(small: "Pool") -> None:
    wrapper = small.wrapper()
    with acting_within("1"):
        wrapper.set_autocommit(False)
        told(wrapper)
        with pytest.raises(DatabaseError), wrapper.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
    wrapper.connection._pool.putconn(wrapper.connection)
    wrapper.connection = None

    assert [small.request(wanted) for wanted in ("2", NOTHING)] == ["2", NOTHING]


def test_telling_costs_no_statement_of_its_own_at_the_start_of_a_request(small: "Pool") -> None:
    sent: list[str] = []
    small.request("1")
    wrapper = small.wrapper()
    with acting_within("2"):
        wrapper.ensure_connection()
        execute = wrapper.connection.execute

        def noted(statement: str, *values: Any) -> Any:
            sent.append(statement)
            return execute(statement, *values)

        wrapper.connection.execute = noted
        answer = told(wrapper)
    wrapper.close()

    assert (answer, sent) == ("2", [])


def test_interleaved_requests_on_one_connection_each_find_their_own(small: "Pool") -> None:
    together = threading.Barrier(4)

    def many(number: int) -> list[tuple[str, str]]:
        together.wait()
        wishes = [organizations([number, step]) if step % 3 else NOTHING for step in range(40)]
        return [(wanted, small.request(wanted)) for wanted in wishes]

    with ThreadPoolExecutor(4) as threads:
        results = [pair for each in threads.map(many, range(100, 104)) for pair in each]

    assert [pair for pair in results if pair[0] != pair[1]] == []


def test_a_connection_that_died_in_the_pool_is_replaced(small: "Pool") -> None:
    wrapper = small.wrapper()
    wrapper.ensure_connection()
    server = wrapper.connection.info.backend_pid
    wrapper.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [server])

    assert small.request("2") == "2"
