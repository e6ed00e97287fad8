"""Who works on cases: two analysts and a lead of everybody's house, and analysts of one bank."""

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
def bank_b(db: None) -> Institution:
    return make_institution("bank-b")


@pytest.fixture
def analyst(db: None) -> Actor:
    return makers.an_actor("Anil Analyst", Role.ANALYST, makers.make_house())


@pytest.fixture
def second_analyst(db: None) -> Actor:
    return makers.an_actor("Bea Analyst", Role.ANALYST, makers.make_house())


@pytest.fixture
def lead(db: None) -> Actor:
    return makers.an_actor("Lea Lead", Role.LEAD, makers.make_house())


@pytest.fixture
def analyst_of_b(bank_b: Institution) -> Actor:
    return makers.an_actor("Boris Bank", Role.ANALYST, bank_b)
