"""Telling the registry what two analysts found, and taking it back: the outbox, row by row."""

from collections.abc import Callable
from datetime import datetime

from fraud.models import Contribution
from fraud.operations.cases.settling import put_off_contribution, refuse_contribution, settle_contribution
from fraud.queries.applicants import opened_application
from fraud.queries.contributions import contributions_to_send
from fraud.rules import consortium as told
from fraud.rules.cases import ContributionState, Proof
from fraud.rules.consortium import (
    Change,
    Facts,
    FraudType,
    KindToken,
    RecordChange,
    RecordRole,
    Report,
    Withdrawal,
)
from fraud.rules.elements.elements import registry_elements
from fraud.rules.fraud_types import month_of
from fraud.screening.consortium import NoAnswerError, Registry, SaidNoError, registry
from portal.accounts.actors import Actor
from portal.core.errors import WrongStateError
from portal.core.phrases import Phrase
from portal.crypto.keyring import Purpose
from portal.crypto.tokens import token
from portal.keys.scopes import PLATFORM, scope_keys
from portal.keys.sealed import ErasedError

Clock = Callable[[], datetime]
# So many in one go: what is left is found at the next.
_MOST = 200
_GONE = 404
_AWAY = Phrase("The consortium does not answer. It is told again later.")
_ERASED = Phrase("The applicant was erased before the record was registered.")
_NOTHING = Phrase("The application has none of the elements that were chosen.")
_SAID_NO = Phrase("The consortium would not take it. It is told again later; its log says why.")
# What a court or the person said stands by itself.
_ESTABLISHED = frozenset({Proof.ADMISSION})


class _NothingToTellError(Exception):
    """None of the chosen elements is in the application."""


def send_contributions(*, by: Actor, clock: Clock) -> int:
    """Tell the registry what waits, the oldest first; return how many were settled.

    While it does not answer the rest is put off as well: its breaker is open, and nobody waits for it.
    """
    service, done = registry(), 0
    if service is None:
        return 0
    for contribution in contributions_to_send(now=clock())[:_MOST]:
        try:
            done += _send(service, contribution, by, clock)
        except SaidNoError:
            put_off_contribution(contribution, problem=_SAID_NO, by=by, now=clock())
        except NoAnswerError:
            put_off_contribution(contribution, problem=_AWAY, by=by, now=clock())
    return done


def _send(service: Registry, contribution: Contribution, by: Actor, clock: Clock) -> bool:
    state = ContributionState(contribution.state)
    try:
        name = _told(service, contribution, state)
        settle_contribution(contribution, told=state, name=name, by=by, now=clock())
    except ErasedError:
        refuse_contribution(contribution, problem=_ERASED, by=by, now=clock())
    except _NothingToTellError:
        refuse_contribution(contribution, problem=_NOTHING, by=by, now=clock())
    except WrongStateError:
        # Somebody took it back meanwhile; the next round tells that.
        return False
    return True


def _told(service: Registry, contribution: Contribution, state: ContributionState) -> str:
    """Say to the registry what a contribution says in this state; give the name of its record."""
    institution = contribution.institution.public_id
    if state is ContributionState.WAITING:
        # Told again under its own id it is the same record, so a lost answer is asked for by telling once more.
        return service.report(_report(contribution)).record
    if not contribution.record:
        name, facts = contribution.public_id, _facts(contribution)
        return service.withdraw(Withdrawal(contribution=name, institution=institution, facts=facts)).record
    if state is ContributionState.CORRECTING:
        facts, change = _facts(contribution), RecordChange.CORRECT
        name = contribution.record
        service.change(Change(record=name, institution=institution, change=change, facts=facts))
        return name
    _retract(service, contribution.record, institution)
    return contribution.record


def _retract(service: Registry, name: str, institution: str) -> None:
    try:
        service.change(Change(record=name, institution=institution, change=RecordChange.RETRACT))
    except SaidNoError as error:
        # What has expired meanwhile is gone as well.
        if error.status != _GONE:
            raise


def _facts(contribution: Contribution) -> Facts:
    return Facts(
        fraud_type=FraudType(contribution.fraud_type),
        role=RecordRole(contribution.role),
        month=month_of(contribution.made_at.date()),
        proof=told.Proof.ESTABLISHED if contribution.proof in _ESTABLISHED else told.Proof.EVIDENCED,
    )


def _report(contribution: Contribution) -> Report:
    return Report(
        contribution=contribution.public_id,
        institution=contribution.institution.public_id,
        facts=_facts(contribution),
        tokens=_tokens(contribution),
        application=contribution.case.application.public_id,
    )


def _tokens(contribution: Contribution) -> tuple[KindToken, ...]:
    application = opened_application(contribution.case.application)
    secret = scope_keys(Purpose.TOKENS_SCREENING, PLATFORM).newest.key.secret
    chosen = {
        (str(each.kind), each.value)
        for each in registry_elements(application)
        if each.party == contribution.party and str(each.kind) in contribution.kinds
    }
    if not chosen:
        raise _NothingToTellError
    return tuple(KindToken(kind, token(secret, kind, value)) for kind, value in sorted(chosen))
