"""Browsers in which those who work on cases have signed in."""

import pytest
from django.test import Client as Browser

from fraud.models import Case, Institution
from fraud.operations.cases.claiming import claim_case
from portal.accounts.actors import Actor
from portal.core import clock
from tests.cast import signed_in
from tests.fraud.cases.conftest import analyst, analyst_of_b, bank_a, bank_b, lead, second_analyst
from tests.makers_fraud import make_case

__all__ = ["analyst", "analyst_of_b", "bank_a", "bank_b", "lead", "second_analyst"]


@pytest.fixture
def analyst_browser(analyst: Actor) -> Browser:
    return signed_in(analyst)


@pytest.fixture
def second_browser(second_analyst: Actor) -> Browser:
    return signed_in(second_analyst)


@pytest.fixture
def browser_of_b(analyst_of_b: Actor) -> Browser:
    return signed_in(analyst_of_b)


@pytest.fixture
def case(bank_a: Institution) -> Case:
    return make_case(bank_a)


@pytest.fixture
def claimed(case: Case, analyst: Actor) -> Case:
    return claim_case(case, by=analyst, now=clock.now())
