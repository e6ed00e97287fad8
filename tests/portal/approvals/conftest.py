"""A kind of request for the tests: what is carried out is remembered, and nothing else happens."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from campaigns.models import Market
from portal.accounts.actors import Actor, OrganizationKind
from portal.accounts.roles import Act
from portal.approvals import kinds
from portal.approvals.kinds import ApprovalKind
from portal.approvals.models import Approval
from portal.approvals.operations import ask
from portal.core.errors import WrongStateError
from tests import makers
from tests.makers import NOW


@dataclass
class Done:
    """What was carried out and dropped, by the ids of the requests."""

    carried_out: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    is_impossible: bool = False


@dataclass
class Thing:
    """What a request may be about."""

    public_id: str = "thi_1"


@pytest.fixture
def done() -> Done:
    return Done()


@pytest.fixture
def kind(done: Done) -> Iterator[ApprovalKind]:
    def carry_out(approval: Approval, *, by: Actor, now: datetime) -> None:
        if done.is_impossible:
            raise WrongStateError
        done.carried_out.append(approval.public_id)

    def drop(approval: Approval, *, by: Actor, now: datetime) -> None:
        done.dropped.append(approval.public_id)

    kind = ApprovalKind(
        name="thing",
        ask_act=Act.BATCH_PLAN,
        decide_act=Act.BATCH_APPROVE,
        lasts=timedelta(days=2),
        title="Break {things} things",
        sentences=("All {things} of them.",),
        carry_out=carry_out,
        refused=drop,
    )
    kinds.register(kind)
    yield kind
    del kinds._kinds[kind.name]


def asked(
    kind: ApprovalKind, place: Market, *, by: Actor, now: datetime = NOW, thing: str = "thi_1"
) -> Approval:
    """Ask as an operation of the kind's owner would, in a transaction of its own."""
    where = {OrganizationKind.MARKET: place.pk, OrganizationKind.BRAND: makers.make_brand().pk}
    with transaction.atomic():
        return ask(kind, Thing(thing), by=by, now=now, place=where, facts={"things": 3})


@pytest.fixture
def approval(kind: ApprovalKind, mexico: Market, marketer: Actor) -> Approval:
    return asked(kind, mexico, by=marketer)
