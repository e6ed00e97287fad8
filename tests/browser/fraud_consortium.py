"""What a bank has to do with the consortium and with case systems: records, disputes, its standing, a feed, a key."""

from datetime import datetime

from fraud.models import Application, Contribution, Dispute, Institution, MappingVersion
from fraud.operations.cases.settling import settle_contribution
from fraud.operations.standings import keep_standing
from fraud.operations.submissions.keys import make_intake_key
from fraud.rules.cases import ContributionState
from fraud.rules.disputes import DisputeSide, DisputeState
from fraud.rules.standing import MemberStanding
from portal.accounts.actors import SYSTEM
from tests.makers_fraud import make_case_mapping, make_feed


def add_consortium(bank: Institution, now: datetime) -> dict[str, str]:
    """Add one thing of each kind to a bank whose analysts have found one fraud; give what pages are about."""
    contribution = Contribution.objects.get()
    told = ContributionState.WAITING
    contribution = settle_contribution(contribution, told=told, name="rec_abcdefgh", by=SYSTEM, now=now)
    said = MemberStanding(institution=bank.public_id, quota=10_000, asked_today=812, asked=24_310, given=37)
    keep_standing(bank, said, records=37, now=now)
    make_intake_key(bank, by=SYSTEM, now=now)
    feed = make_feed(make_case_mapping(bank), created_at=now, started_at=now)
    return {
        "record": contribution.public_id,
        "dispute": _disputes(contribution, now),
        "standing": bank.public_id,
        "case-feed": feed.public_id,
        "case-feed-new": bank.public_id,
        "mapping-document": MappingVersion.objects.earliest("pk").public_id,
    }


def _disputes(contribution: Contribution, now: datetime) -> str:
    """One that this bank has to answer, and one that it raised itself."""
    facts = {"fraud_type": contribution.fraud_type, "role": contribution.role, "made_at": now}
    facts |= {"institution": contribution.institution, "reason": "misused", "due_on": now.date()}
    Dispute.objects.create(
        side=DisputeSide.RAISED,
        state=DisputeState.WAITING,
        application=Application.objects.earliest("pk"),
        **facts,
    )
    received = Dispute.objects.create(
        side=DisputeSide.RECEIVED,
        state=DisputeState.ASKED,
        contribution=contribution,
        record=contribution.record,
        month="2026-02",
        **facts,
    )
    return received.public_id
