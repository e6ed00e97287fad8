"""Verdicts: clear and unsure by one analyst, fraud by two, of whom the second is never the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from fraud.models import Case
from fraud.operations.cases.contributing import contribute, take_back
from fraud.operations.cases.moves import check_own, move_case
from fraud.operations.webhooks import Telling, tell
from fraud.rules.cases import CaseState, Proof, Verdict
from fraud.rules.consortium import FraudType, RecordRole
from fraud.rules.elements import REGISTRY_KINDS, ElementKind
from fraud.rules.webhooks import Event
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.approvals.kinds import ApprovalKind
from portal.approvals.models import Approval
from portal.approvals.operations import ask
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import InvalidError
from portal.core.phrases import marked

S = CaseState
_FINDING = ["fraud_type", "fraud_role", "proof", "party", "kinds"]
MOST_PARTIES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found: which fraud, by what proof, what the person was in it, and which elements are registered.

    *party*: the place of the person in the application, from 0. *kinds*: of elements that leave for the consortium.
    """

    fraud_type: FraudType
    role: RecordRole
    proof: Proof
    party: int
    kinds: Sequence[ElementKind]


@transaction.atomic(durable=True)
def decide_case(case: Case, *, verdict: Verdict, by: Actor, now: datetime) -> Case:
    """Decide that there is no fraud, or that nobody can tell; what was registered before is taken back.

    :raises InvalidError: the verdict is fraud, for which there is `find_fraud`
    :raises ForbiddenError: somebody else works on it
    :raises WrongStateError: nobody works on it, or it is decided
    """
    permit(by, Act.CASE_WORK, case.place)
    if verdict == Verdict.FRAUD:
        raise InvalidError.of("verdict", _("A verdict of fraud needs what was found, and a second analyst."))
    case = locked(Case, case, "application")
    check_own(case, by)
    _decide(case, verdict, decided_by=by.person, now=now)
    take_back(case, by=by, now=now)
    record(by, "case.decided", case, now=now, verdict=str(verdict))
    return case


@transaction.atomic(durable=True)
def find_fraud(case: Case, finding: Finding, *, by: Actor, now: datetime) -> Case:
    """Say that it is fraud, and ask a second analyst; nothing is registered before they agree.

    :raises InvalidError: no elements to register, or ones that may not leave
    :raises ForbiddenError: somebody else works on it
    :raises WrongStateError: nobody works on it, or it is decided
    """
    permit(by, Act.CASE_WORK, case.place)
    _check_finding(finding)
    case = locked(Case, case, "application", "institution")
    check_own(case, by)
    move_case(case, S.CONFIRMING)
    case.fraud_type, case.fraud_role, case.proof = finding.fraud_type, finding.role, finding.proof
    case.party, case.kinds = finding.party, sorted(str(kind) for kind in finding.kinds)
    case.save(update_fields=["state", *_FINDING])
    ask(FRAUD_VERDICT, case, by=by, now=now, place=case.place, facts=_facts(case))
    record(by, "verdict.asked_for", case, now=now, fraud_type=str(finding.fraud_type))
    return case


def _facts(case: Case) -> dict[str, str | int]:
    return {
        "case": case.public_id,
        "institution": case.institution.name,
        "score": case.priority,
        "elements": len(case.kinds),
    }


def _check_finding(finding: Finding) -> None:
    if not finding.kinds:
        raise InvalidError.of(
            "kinds", _("Choose what is registered; a record without elements finds nobody.")
        )
    if not set(finding.kinds) <= REGISTRY_KINDS:
        raise InvalidError.of("kinds", _("Some of these never leave the institution."))
    if not 0 <= finding.party < MOST_PARTIES:
        raise InvalidError.of("party", _("There is no such person in this application."))


def _decide(case: Case, verdict: Verdict, *, decided_by: str, now: datetime, confirmed_by: str = "") -> None:
    move_case(case, S.DECIDED)
    case.verdict, case.decided_by, case.decided_at, case.confirmed_by = verdict, decided_by, now, confirmed_by
    case.save(update_fields=["state", "verdict", "decided_by", "decided_at", "confirmed_by"])
    tell([Telling(case.institution_id, case.application_id, Event.VERDICT)], now=now)


def _confirm(approval: Approval, *, by: Actor, now: datetime) -> None:
    """Decide for fraud: two people say so, and the record goes out."""
    case = locked(Case, Case.objects.get(public_id=approval.subject_id), "application")
    _decide(case, Verdict.FRAUD, decided_by=case.claimed_by, confirmed_by=by.person, now=now)
    contribute(case, by=by, now=now)
    record(by, "case.decided", case, now=now, verdict=str(Verdict.FRAUD))


def _return(approval: Approval, *, by: Actor, now: datetime) -> None:
    """Give the case back to the first analyst, with what they found still in the form."""
    case = locked(Case, Case.objects.get(public_id=approval.subject_id))
    move_case(case, S.CLAIMED)
    case.save(update_fields=["state"])
    record(by, "verdict.withdrawn", case, now=now)


FRAUD_VERDICT = ApprovalKind(
    name="fraud verdict",
    ask_act=Act.CASE_WORK,
    decide_act=Act.CASE_CONFIRM,
    lasts=timedelta(days=14),
    title=marked("Confirm fraud in a case of {institution}"),
    sentences=(
        marked("The score of the application is {score} of 1,000."),
        marked("Once confirmed, {elements} elements of the person are registered with the consortium."),
        marked("Other members learn the kind of fraud and its month, never who registered it."),
    ),
    page="case",
    carry_out=_confirm,
    refused=_return,
    yours=marked("You found this. A second analyst has to confirm it."),
    expired=marked("The request has expired. Whoever works on the case can ask again."),
)
