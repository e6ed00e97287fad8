"""Who works on mappings: two leads of one bank, and a lead of another."""

import pytest

from fraud.models import Institution, Mapping, MappingVersion
from fraud.operations.mappings.drafting import create_mapping, save_mapping_draft
from fraud.rules.translation import Direction
from portal.accounts.actors import Actor
from portal.accounts.roles import Role
from tests import makers
from tests.fraud.rules.translation.sample import document
from tests.makers_fraud import NOW, make_institution


@pytest.fixture
def bank_a(db: None) -> Institution:
    return make_institution("bank-a")


@pytest.fixture
def bank_b(db: None) -> Institution:
    return make_institution("bank-b")


@pytest.fixture
def lead(bank_a: Institution) -> Actor:
    return makers.an_actor("Lea Lead", Role.LEAD, bank_a)


@pytest.fixture
def second_lead(bank_a: Institution) -> Actor:
    return makers.an_actor("Sami Second", Role.LEAD, bank_a)


@pytest.fixture
def lead_of_b(bank_b: Institution) -> Actor:
    return makers.an_actor("Boris Bank", Role.LEAD, bank_b)


@pytest.fixture
def analyst(bank_a: Institution) -> Actor:
    return makers.an_actor("Anil Analyst", Role.ANALYST, bank_a)


@pytest.fixture
def mapping(bank_a: Institution, lead: Actor) -> Mapping:
    return create_mapping(bank_a, name="cards-csv", direction=Direction.INBOUND, by=lead, now=NOW)


@pytest.fixture
def draft(mapping: Mapping, lead: Actor) -> MappingVersion:
    return save_mapping_draft(mapping, document(), by=lead, now=NOW)
