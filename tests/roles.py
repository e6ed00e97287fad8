"""The database roles of the processes in tests: a request runs as the web process's role, under its policies."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponseBase

from portal.privileges import Process


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Grant in the test's database what the page of privileges says, as the stack does after its migrations."""
    with django_db_blocker.unblock():
        call_command("apply_privileges", stdout=io.StringIO())


@contextmanager
def acting_as(process: Process) -> Iterator[None]:
    """Go on as this process's role, in the same transaction."""
    link: psycopg.Connection[Any] = connection.connection
    link.execute(f'SET ROLE "{process.role}"')
    try:
        yield
    finally:
        # Whoever closed it, as a server does after a request, has given the role back with it.
        if connection.connection is link:
            link.execute("RESET ROLE")


@contextmanager
def connected_as(process: Process) -> Iterator["psycopg.Connection[Any]"]:
    """Sign in as this process does, and see what has been committed."""
    base = connection.settings_dict
    with psycopg.connect(
        host=base["HOST"],
        port=base["PORT"],
        dbname=base["NAME"],
        user=process.role,
        password=settings.DATABASE_PASSWORDS[process.role],
        autocommit=True,
    ) as link:
        yield link


# What web sends on to another kind of process.
ANSWERED_BY = {"/api/v1/applications": Process.SCREEN}


class RoleMiddleware:
    """Answer each request as its process's role does, with its grants and under its policies: web's, for most."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # A test that has not touched the database has nothing there to see.
        if connection.connection is None:
            return self.get_response(request)
        process = next((of for path, of in ANSWERED_BY.items() if request.path.startswith(path)), Process.WEB)
        with acting_as(process):
            return self.get_response(request)


settings.MIDDLEWARE.insert(0, f"{__name__}.RoleMiddleware")
