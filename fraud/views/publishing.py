"""What waits for a second person about a rulebook or a mapping, as its pages show it."""

from typing import Any

from portal.approvals.kinds import ApprovalKind
from portal.approvals.models import ApprovalState
from portal.approvals.queries import may_decide, request_about
from portal.audit.operations import Subject
from portal.core import clock
from portal.web.requests import PageRequest


def publication_asked(request: PageRequest, kind: ApprovalKind, version: Subject | None) -> dict[str, Any]:
    """Say whether publishing a version waits for somebody, and for whom, for templates/fraud/parts/approval.html."""
    asked = request_about(kind, version) if version is not None else None
    if asked is None or asked.state != ApprovalState.PENDING:
        return {}
    return {
        "asked": asked,
        "is_asker": asked.is_asked_by(request.actor),
        "may_decide": may_decide(asked, request.actor, now=clock.now()),
    }
