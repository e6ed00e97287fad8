"""What a file looked like is counted under the version of the mapping that read it, and never a value of it."""

from typing import Any

import pytest

from fraud.models import Institution, MappingDrift
from fraud.operations.mappings.drafting import create_mapping, save_mapping_draft
from fraud.operations.mappings.publishing import ask_to_publish_mapping
from fraud.operations.submissions.splitting import split_submission
from fraud.queries.layouts import current_layout
from fraud.rules.translation import Direction
from portal.accounts.actors import SYSTEM
from portal.accounts.roles import Role
from portal.approvals.models import Approval
from portal.approvals.operations import approve_request
from portal.core import clock
from tests import makers
from tests.fraud.rules.translation.sample import ROW, document
from tests.fraud.submissions.conftest import content, fetched, finished, received, rows
from tests.makers_fraud import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def published(bank: Institution) -> dict[str, Any]:
    """The bank's own layout, as a file is announced in it."""
    lead = makers.an_actor("Lea Lead", Role.LEAD, bank)
    other = makers.an_actor("Sami Second", Role.LEAD, bank)
    mapping = create_mapping(bank, name="cards-csv", direction=Direction.INBOUND, by=lead, now=NOW)
    version = save_mapping_draft(mapping, document(), by=lead, now=NOW)
    ask_to_publish_mapping(version, by=lead, now=NOW)
    approve_request(Approval.objects.get(subject_id=version.public_id), by=other, now=NOW)
    name, kept, checksum = current_layout(bank, "cards-csv")
    return {"layout": name, "mapping": kept, "mapping_checksum": checksum}


def test_a_file_in_a_banks_layout_is_counted(bank):
    layout = published(bank)
    lines = [ROW | {"Neu": "1"}, ROW | {"No": "A-78", "NAS": "1", "Neu": "2"}]
    body = content([";".join(lines[0]).encode(), *(";".join(each.values()).encode() for each in lines)])

    submission = finished(received(bank, body, **layout))

    seen = MappingDrift.objects.get().seen
    assert (seen["records"], seen["faulty"], seen["unknown"]) == (2, 1, {"Neu": 2})
    assert "TREMBLAY" not in str(seen)
    assert submission.state == "finished-with-rejects"


def test_of_a_file_that_lost_its_header_nothing_is_kept(bank):
    layout = published(bank)
    row = ";".join(ROW.values())

    submission = received(bank, content([row.encode(), row.encode()]), **layout)
    split_submission(submission, by=SYSTEM, clock=clock.now)

    left = fetched(submission)
    assert left.state == "failed"
    assert "none of the columns" in left.problem
    assert "TREMBLAY" not in f"{left.problem} {left.head}"
    assert not MappingDrift.objects.exists()


def test_canonical_json_has_no_version_to_count_under(bank):
    finished(received(bank, content(rows(2))))

    assert not MappingDrift.objects.exists()
