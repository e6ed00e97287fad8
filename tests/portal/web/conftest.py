"""People who sign in to pages."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from portal.accounts.models import Membership, Organization, User
from portal.accounts.roles import Role
from tests.cast import browser_of

PASSWORD = "correct horse battery staple"


def person(name: str, organization: Organization | None = None, role: Role | None = None) -> User:
    user = User(email=f"{name.lower()}@example.com", name=name, created_at=datetime(2026, 6, 1, tzinfo=UTC))
    user.set_password(PASSWORD)
    user.save()
    if organization is not None and role is not None:
        Membership.objects.create(user=user, organization=organization, role=role.value)
    return user


@pytest.fixture
def market(db: None) -> Organization:
    return Organization.objects.create(kind="market", name="Mexico")


@pytest.fixture
def operator(db: None) -> User:
    return person("Olga", Organization.objects.create(kind="operator", name="Countersign"), Role.OPERATOR)


@pytest.fixture
def marketer(market: Organization) -> User:
    return person("Maria", market, Role.MARKETER)


@pytest.fixture
def newcomer(db: None) -> User:
    return person("Nina")


@pytest.fixture
def operator_browser(operator: User) -> Client:
    return browser_of(operator)


@pytest.fixture
def marketer_browser(marketer: User) -> Client:
    return browser_of(marketer)
