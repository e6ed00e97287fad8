"""The fraud part of the demonstration: two banks, their applications with rings among them, cases, a submission."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from fraud.management.demo_cases import Desk
from fraud.management.demo_papers import Papers
from fraud.models import Institution
from fraud.operations.institutions import InstitutionFacts, create_institution
from fraud.operations.registry.asking import answer_inquiry
from fraud.operations.registry.comparing import take_record
from fraud.operations.watch_lists import add_to_watch_list
from fraud.rules.canonical import Application
from fraud.rules.consortium import Answer, Facts, FraudType, Inquiry, Question, RecordRole, Report
from fraud.rules.consortium import Purpose as Why
from fraud.rules.elements import ElementKind
from fraud.rules.fraud_types import month_of
from fraud.rules.people.applications import Labelled, labelled_applications
from fraud.rules.watching import WatchList, WatchReason
from fraud.screening.intake import Incoming, Taken, take
from fraud.screening.pipeline import screen
from fraud.screening.tokens import consortium_tokens, own_tokens
from portal.accounts import factors
from portal.accounts.actors import SYSTEM, Actor
from portal.accounts.models import Organization, User
from portal.accounts.operations.clients import issue_key, register_client
from portal.accounts.operations.people import create_person, grant_role
from portal.accounts.operations.second_factors import add_totp
from portal.accounts.queries import actor_of, must_have_second_factor
from portal.accounts.roles import CLIENT_ACTS, ClientKind, Role

Say = Callable[[str], Any]
SEED = 11
APPLICATIONS = 1_500
# Of so many applications one goes to the second bank.
_SECOND_SHARE = 3
_AT_ONCE = 100
_DAYS = 6
RECORDS = 40
_WATCHED = 14


class Demo:
    """One seeding; the order of the steps is the story's order."""

    def __init__(self, people: dict[str, dict[str, str]], *, now: datetime, say: Say) -> None:
        self.now = now
        self.say = say
        self.users = people
        self.clients: dict[str, dict[str, str]] = {}
        self.stored: dict[str, tuple[Institution, Taken]] = {}

    def seed(self) -> dict[str, Any]:
        """Tell the story, and give what is added to `demo.json`."""
        self.say("two banks and who works on their cases")
        bank_a = self._institution("Banque du Nord", "bank-a", "fr")
        bank_b = self._institution("Harbour Credit Union", "bank-b", "en")
        house = Organization.objects.get(kind="operator")
        self._person("second_analyst", Role.ANALYST, house, "Bea Roy")
        self._person("bank_analyst", Role.ANALYST, bank_a, "Noémie Gagnon")
        self._person("bank_lead", Role.LEAD, bank_a, "Étienne Roy")
        self._person("second_lead", Role.LEAD, house, "Ines Côté")
        lead, second = self._actor("bank_lead"), self._actor("second_lead")
        papers = Papers(bank_a, lead=lead, second=second, now=self.now, seed=SEED)
        self.say("mappings, a rulebook and another in its shadow")
        papers.write()
        made = list(labelled_applications(SEED, APPLICATIONS))
        self.say(f"{APPLICATIONS:,} applications, {RECORDS} records of the consortium")
        self._records(bank_b, made)
        for bank, own in ((bank_a, made[1::41]), (bank_b, made[::57])):
            self._watch_list(bank, own)
        self._applications(bank_a, [each for at, each in enumerate(made) if at % _SECOND_SHARE])
        self._applications(bank_b, made[::_SECOND_SHARE])
        self.say("files in each state, cases in each state")
        papers.send_files()
        papers.try_on_the_past()
        Desk(self._actor("analyst"), self._actor("second_analyst"), self.stored, now=self.now).work()
        return {
            "users": self.users,
            "clients": self.clients,
            "institutions": {"bank_a": bank_a.public_id, "bank_b": bank_b.public_id},
        }

    def _institution(self, name: str, code: str, language: str) -> Institution:
        facts = InstitutionFacts(
            name=name, code=code, time_zone="America/Toronto", currency="CAD", language=language
        )
        made = create_institution(facts, by=SYSTEM, now=self.now)
        kind = ClientKind.INSTITUTION
        client = register_client(
            f"{name}’s system",
            kind=kind,
            acts=CLIENT_ACTS[kind],
            organizations=Organization.objects.filter(pk=made.pk),
            by=self._actor("operator"),
            now=self.now,
        )
        _row, key = issue_key(client, by=self._actor("operator"), now=self.now)
        self.clients[code.replace("-", "_")] = {"key": key}
        return made

    def _person(self, label: str, role: Role, place: Organization, name: str) -> None:
        password, email = secrets.token_urlsafe(12), f"{label.replace('_', '-')}@countersign.example"
        user = create_person(email, name=name, password=password, by=SYSTEM, now=self.now)
        organization = Organization.objects.get(pk=place.pk)
        grant_role(user, organization=organization, role=role, by=SYSTEM, now=self.now)
        self.users[label] = {"email": email, "password": password}
        if must_have_second_factor(actor_of(user)):
            secret, then = factors.new_secret(), self.now - timedelta(hours=1)
            code = factors.code_at(secret, factors.step_at(then))
            add_totp(user, secret=secret, code=code, by=actor_of(user), now=then)
            self.users[label]["totp_secret"] = secret

    def _actor(self, label: str) -> Actor:
        return actor_of(User.objects.get(email=self.users[label]["email"]))

    def _records(self, bank: Institution, made: Sequence[Labelled]) -> None:
        """Let the second bank have told of some frauds that come again at the first."""
        known = [each for each in made if each.fraud is not None]
        others = list(made[::97])
        month = month_of((self.now - timedelta(days=70)).date())
        for number, each in enumerate((known + others)[:RECORDS]):
            facts = Facts(
                fraud_type=each.fraud or FraudType.IDENTITY_THEFT, role=RecordRole.PERPETRATOR, month=month
            )
            report = Report(
                contribution=f"ctb_demo{number:08d}",
                institution=bank.public_id,
                facts=facts,
                tokens=consortium_tokens(each.application),
            )
            take_record(report, by=SYSTEM, now=self.now)

    def _watch_list(self, bank: Institution, known: Sequence[Labelled]) -> None:
        """Let a bank have noted whom it has caught before; they apply again."""
        kinds = {ElementKind.SIN, ElementKind.PHONE, ElementKind.ACCOUNT, ElementKind.EMAIL}
        elements = [
            (kind, token)
            for each in known[:_WATCHED]
            for kind, token in own_tokens(bank, each.application)
            if kind in kinds
        ]
        listed, reason = WatchList.KNOWN_FRAUD, WatchReason.CONFIRMED_FRAUD
        add_to_watch_list(bank, elements, listed=listed, reason=reason, by=SYSTEM, now=self.now)

    def _applications(self, bank: Institution, made: Sequence[Labelled]) -> None:
        """Let applications arrive over the last days, and screen them as they come."""
        groups = [made[at : at + _AT_ONCE] for at in range(0, len(made), _AT_ONCE)]
        for number, group in enumerate(groups):
            at = self.now - timedelta(days=_DAYS) * (len(groups) - number) / len(groups)
            incoming = [Incoming(self._sent(each.application, at)) for each in group]
            taken = take(bank, incoming, arrived_at=at, by=SYSTEM, now=at)
            screen(bank, taken, told=self._told(bank, taken, at), by=SYSTEM, clock=lambda at=at: at)  # type: ignore[misc]
            self.stored |= {each.public_id: (bank, each) for each in taken}

    def _told(self, bank: Institution, taken: Sequence[Taken], at: datetime) -> dict[str, Answer]:
        """Ask the registry here, since its process does not run yet."""
        questions = tuple(
            Question(
                application=each.public_id, purpose=Why.SCREENING, tokens=consortium_tokens(each.canonical)
            )
            for each in taken
        )
        answers = answer_inquiry(Inquiry(institution=bank.public_id, questions=questions), by=SYSTEM, now=at)
        return {each.application: each for each in answers}

    def _sent(self, application: Application, at: datetime) -> Application:
        return replace(application, submitted_at=at - timedelta(minutes=2))
