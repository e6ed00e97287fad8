"""What analysts of the demonstration have done with the first cases: one case in each state that looks different."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from fraud.models import Case, Institution
from fraud.operations.cases.claiming import claim_next_case
from fraud.operations.cases.deciding import FRAUD_VERDICT, Finding, decide_case, find_fraud
from fraud.operations.cases.noting import note_on_case
from fraud.operations.cases.revealing import RevealReason, reveal_party
from fraud.rules.cases import CaseState, Proof, Verdict
from fraud.rules.consortium import Answer, FraudType, Hit, RecordRole, Tier
from fraud.rules.decisions import ScreeningKind
from fraud.rules.elements import ElementKind
from fraud.rules.fraud_types import month_of
from fraud.screening.intake import Taken
from fraud.screening.pipeline import screen
from portal.accounts.actors import SYSTEM, Actor
from portal.approvals.operations import approve_request, refuse_request
from portal.approvals.queries import request_about

_FOUND = Finding(
    fraud_type=FraudType.SYNTHETIC_IDENTITY,
    role=RecordRole.PERPETRATOR,
    proof=Proof.DOCUMENT_EXAMINED,
    party=0,
    kinds=[ElementKind.SIN, ElementKind.NAME_BIRTH, ElementKind.NAME_PHONE],
)


class Desk:
    """Two analysts at work since this morning; *stored*: what came in, by public id, with its bank."""

    def __init__(
        self, first: Actor, second: Actor, stored: Mapping[str, tuple[Institution, Taken]], *, now: datetime
    ) -> None:
        self.first, self.second, self.stored = first, second, stored
        self.now = now
        self.at = now - timedelta(hours=8)

    def work(self) -> None:
        """Work on as many of the cases as wait, in the order of their urgency."""
        for step in self._steps():
            if not Case.objects.filter(state__in=[CaseState.OPEN, CaseState.REOPENED]).exists():
                return
            case = claim_next_case(by=self.first, now=self._tick())
            step(case)

    def _steps(self) -> list[Callable[[Case], object]]:
        return [self._confirmed, self._asked, self._unsure, self._sent_back, self._in_work, self._clear]

    def _tick(self) -> datetime:
        """Let some minutes go by."""
        self.at += timedelta(minutes=13)
        return self.at

    def _looked_at(self, case: Case, words: str) -> None:
        reason = RevealReason.CASE
        reveal_party(case.application, 0, reason=reason, by=self.first, now=self._tick())
        note_on_case(case, text=words, by=self.first, now=self._tick())

    def _asked(self, case: Case) -> None:
        self._looked_at(case, "The employer does not know the applicant. The payslip was altered.")
        find_fraud(case, _FOUND, by=self.first, now=self._tick())

    def _confirmed(self, case: Case) -> None:
        self._asked(case)
        request = request_about(FRAUD_VERDICT, case)
        if request is not None:
            approve_request(request, by=self.second, now=self._tick())

    def _sent_back(self, case: Case) -> None:
        self._asked(case)
        request = request_about(FRAUD_VERDICT, case)
        if request is not None:
            reason = "Only the payslip speaks for it. Call the branch first."
            refuse_request(request, reason=reason, by=self.second, now=self._tick())

    def _clear(self, case: Case) -> None:
        """Decide a case that others learn something about later: it comes back."""
        note_on_case(
            case, text="Called the employer back; all is as stated.", by=self.first, now=self._tick()
        )
        decide_case(case, verdict=Verdict.CLEAR, by=self.first, now=self._tick())
        bank, taken = self.stored[case.application.public_id]
        told = {taken.public_id: Answer(application=taken.public_id, hits=(self._learned(),))}
        at = self._tick()
        screen(bank, [taken], kind=ScreeningKind.RETRO, told=told, by=SYSTEM, clock=lambda: at)

    def _learned(self) -> Hit:
        return Hit(
            tier=Tier.STRONG,
            kinds=("sin", "name-birth"),
            fraud_type=FraudType.IDENTITY_THEFT,
            role=RecordRole.PERPETRATOR,
            month=month_of(self.now.date()),
            members="1-2",
        )

    def _unsure(self, case: Case) -> None:
        note_on_case(case, text="Nobody answers at the branch.", by=self.first, now=self._tick())
        decide_case(case, verdict=Verdict.UNSURE, by=self.first, now=self._tick())

    def _in_work(self, case: Case) -> None:
        self._looked_at(case, "Waits for a call back by the employer.")
        if Case.objects.filter(state=CaseState.OPEN).exists():
            claim_next_case(by=self.second, now=self._tick())
