"""Two leads of everybody's house, who write and sign rulebooks, and one of another bank."""

import pytest

from fraud.models import Institution
from portal.accounts.actors import Actor
from portal.accounts.roles import Role
from tests import makers
from tests.makers_fraud import make_institution


@pytest.fixture
def bank_a(db: None) -> Institution:
    return make_institution("bank-a")


@pytest.fixture
def lead(db: None) -> Actor:
    return makers.an_actor("Lea Lead", Role.LEAD, makers.make_house())


@pytest.fixture
def second_lead(db: None) -> Actor:
    return makers.an_actor("Leo Lead", Role.LEAD, makers.make_house())


@pytest.fixture
def lead_of_b(db: None) -> Actor:
    return makers.an_actor("Berta Lead", Role.LEAD, make_institution("bank-b"))


@pytest.fixture
def analyst(db: None) -> Actor:
    return makers.an_actor("Anil Analyst", Role.ANALYST, makers.make_house())
