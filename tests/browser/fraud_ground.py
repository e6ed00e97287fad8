"""What lies in the fraud domain of the world: rulebooks, mappings, applications, cases, submissions, watch lists."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from fraud.models import Case, GoldenSample, Institution, Rulebook, Submission, WatchEntry, WebhookEndpoint
from fraud.operations.backtests import advance_backtest, start_backtest
from fraud.operations.cases.claiming import claim_case
from fraud.operations.cases.deciding import Finding, decide_case, find_fraud
from fraud.operations.cases.noting import note_on_case
from fraud.operations.cases.opening import reopen_case
from fraud.operations.mappings.drafting import add_golden_sample, create_mapping, save_mapping_draft
from fraud.operations.mappings.drifting import add_drift
from fraud.operations.mappings.publishing import ask_to_publish_mapping
from fraud.operations.rulebooks import ask_to_publish_rulebook, save_rulebook_draft, set_shadow
from fraud.operations.submissions.assembling import assemble_result
from fraud.operations.submissions.chunks import claim_chunk
from fraud.operations.submissions.objects import submission_bucket
from fraud.operations.submissions.receiving import Announcement, open_submission, receive_stream
from fraud.operations.submissions.splitting import split_submission
from fraud.operations.submissions.steering import cancel_submission, pause_submission
from fraud.operations.watch_lists import add_to_watch_list
from fraud.operations.webhooks import (
    Telling,
    claim_delivery,
    pause_webhook,
    set_webhook,
    settle_delivery,
    tell,
)
from fraud.queries.layouts import current_layout
from fraud.rules.canonical import to_json
from fraud.rules.cases import Proof, Verdict
from fraud.rules.consortium import FraudType, RecordRole
from fraud.rules.decisions import ScreeningKind
from fraud.rules.elements import ElementKind
from fraud.rules.rulebook import default_document
from fraud.rules.rulebook.document import Bands, RulebookDocument
from fraud.rules.submissions import SubmissionDoor
from fraud.rules.translation import Direction
from fraud.rules.translation.drift import Seen
from fraud.rules.watching import WatchList, WatchReason
from fraud.rules.webhooks import Event
from fraud.screening.chunks import work_on_chunk
from fraud.screening.intake import Incoming, take
from fraud.screening.pipeline import screen
from fraud.screening.tokens import own_tokens
from portal.accounts.actors import SYSTEM, Actor
from portal.accounts.roles import Role
from portal.approvals.models import Approval
from portal.approvals.operations import approve_request
from portal.core import clock
from tests import makers
from tests.browser.fraud_consortium import add_consortium
from tests.fraud.rules.translation.sample import ROW, document
from tests.makers_fraud import canonical, make_institution, make_screening, party

REASON = (
    "Dossier 2026-118, appel du 14 juillet, selon courrier recommandé de la succursale de Trois-Rivières."
)
FOUND = Finding(
    fraud_type=FraudType.SYNTHETIC_IDENTITY,
    role=RecordRole.PERPETRATOR,
    proof=Proof.DOCUMENT_EXAMINED,
    party=0,
    kinds=[ElementKind.SIN, ElementKind.NAME_BIRTH, ElementKind.NAME_PHONE],
)
HITS = [
    {
        "tier": tier,
        "kinds": ["sin", "name-birth", "family-birth-postal"],
        "fraud_type": "synthetic-identity",
        "role": "perpetrator",
        "month": "2026-01",
        "members": "3-5",
        "is_disputed": is_disputed,
        "is_own": is_disputed,
    }
    for tier, is_disputed in (("strong", False), ("probable", True))
]
CASES = 8


@dataclass
class FraudGround:
    """What pages are about, by the whole or the first word of their names; `more` are addresses besides."""

    bank: Institution
    ids: dict[str, str] = field(default_factory=dict)
    more: list[str] = field(default_factory=list)

    def add(self, name: str, *public_ids: str) -> None:
        """Take the first as what pages of this name are about, and the page of each other besides."""
        self.ids[name] = public_ids[0]
        self.more += [f"/{name}s/{public_id}/" for public_id in public_ids[1:]]


def make_fraud_ground() -> FraudGround:
    """Set it up around two banks, as two leads and two analysts of the house would."""
    house, now = makers.make_house(), clock.now()
    bank = make_institution("bank-a", name="Caisse populaire du Haut-Saint-Laurent", language="fr")
    make_institution("bank-b", name="Harbour Credit Union")
    ground = FraudGround(bank, {"institution": bank.public_id})
    lead = makers.an_actor("Lea Lead", Role.LEAD, house)
    second = makers.an_actor("Leo Lead", Role.LEAD, house)
    submission_bucket().create()
    set_webhook(bank, url="https://hooks.bank-a.example/countersign", by=SYSTEM, now=now)
    _publish_rulebooks(ground, lead, second, now - timedelta(days=3))
    _map(ground, lead, second, now)
    _screen(ground, now)
    _work_on_cases(ground, now)
    _send_files(ground, now)
    _backtest(ground, lead, now)
    _send_webhooks(ground, now)
    _watch(ground, now)
    ground.ids |= add_consortium(bank, now)
    ground.add("request", *Approval.objects.order_by("-pk").values_list("public_id", flat=True))
    return ground


def _book(**bands: int) -> RulebookDocument:
    shipped = default_document()
    return RulebookDocument(rules=shipped.rules, bands=Bands(**bands))


def _publish_rulebooks(ground: FraudGround, lead: Actor, second: Actor, now: datetime) -> None:
    """Two published versions, a draft that runs in the shadow."""
    versions = []
    for refer in (600, 40):
        version = save_rulebook_draft(
            ground.bank, _book(review=20, refer=refer), note=REASON, by=lead, now=now
        )
        approve_request(ask_to_publish_rulebook(version, by=lead, now=now), by=second, now=now)
        versions.append(version.public_id)
    draft = save_rulebook_draft(ground.bank, _book(review=200, refer=400), note=REASON, by=lead, now=now)
    set_shadow(draft, by=lead, now=now)
    ground.ids |= {
        "rulebook": ground.bank.public_id,
        "rulebook-version": versions[1],
        "rulebook-roll-back": versions[0],
        "rulebook-shadow-on": versions[0],
        "backtests": ground.bank.public_id,
        "backtest-new": ground.bank.public_id,
    }
    ground.more += [f"/rulebooks/versions/{each}/" for each in (versions[0], draft.public_id)]
    ground.more.append(f"/rulebooks/{ground.bank.public_id}/compare/?old=1&new=3")


def _backtest(ground: FraudGround, lead: Actor, now: datetime) -> None:
    """What the draft would have said of the last days."""
    version = Rulebook.objects.get().versions.get(state="draft")
    backtest = start_backtest(version, days=30, by=lead, now=now)
    for _step in range(2):
        backtest = advance_backtest(backtest, by=SYSTEM, now=now)
    ground.ids["backtest"] = backtest.public_id
    running = start_backtest(Rulebook.objects.get().live, days=90, by=lead, now=now)
    ground.ids["backtest-cancel"] = running.public_id
    ground.more.append(f"/rulebooks/backtests/{running.public_id}/")


def _map(ground: FraudGround, lead: Actor, second: Actor, now: datetime) -> None:
    """A mapping with tests and drift: one version was, one is in use, one waits; and a mapping without any."""
    mapping = create_mapping(ground.bank, name="cartes-csv", direction=Direction.INBOUND, by=lead, now=now)
    versions = []
    for delimiter in (";", ","):
        layout = {"kind": "csv", "delimiter": delimiter}
        version = save_mapping_draft(mapping, document(layout=layout), by=lead, now=now)
        if delimiter == ";":
            add_golden_sample(version, ROW, name="Une carte de crédit", by=lead, now=now)
        ask_to_publish_mapping(version, by=lead, now=now)
        approve_request(Approval.objects.latest("pk"), by=second, now=now)
        versions.append(version)
    for at, empty in ((now - timedelta(days=1), 2), (now, 88)):
        seen = Seen(records=100, faulty=empty, empty={"Courriel": empty}, unknown={"Téléphone mobile": empty})
        add_drift(versions[-1], seen, now=at)
    changed = {"target": "parties[0].employer", "source": "Employeur", "steps": [{"step": "trim"}]}
    draft = save_mapping_draft(mapping, document([changed]), by=lead, now=now)
    other = create_mapping(ground.bank, name="prets-xml", direction=Direction.INBOUND, by=lead, now=now)
    sample = GoldenSample.objects.get().public_id
    ground.ids |= {"mapping": mapping.public_id, "mapping-sample": sample, "studio": other.public_id}
    ground.ids |= {"mapping-version": versions[1].public_id, "mapping-roll-back": versions[0].public_id}
    ground.ids |= dict.fromkeys(("mapping-publish", "mapping-discard"), draft.public_id)
    ground.more += [f"/mappings/{other.public_id}/", f"/mappings/{other.public_id}/draft/"]
    ground.more += [f"/mappings/versions/{each.public_id}/" for each in (versions[0], draft)]
    ground.more.append(f"/mappings/{mapping.public_id}/compare/?old=1&new=3")


def _screen(ground: FraudGround, now: datetime) -> None:
    """The same person again and again, the last time with somebody else."""
    joint = party(given_name="Marie-Ève Élisabeth", family_name="Tremblay-Beauregard", role="joint")
    for number in range(CASES + 1):
        at = now - timedelta(hours=40 - number)
        people = [party(), joint | {"national_id": ""}] if number == CASES else [party()]
        told = canonical(f"2026-CARTE-{number:04d}", parties=people)
        taken = take(ground.bank, [Incoming(told)], arrived_at=at, by=SYSTEM, now=at)
        screen(ground.bank, taken, by=SYSTEM, clock=lambda at=at: at)  # type: ignore[misc]


def _work_on_cases(ground: FraudGround, now: datetime) -> None:
    """A case in each state, one of them with hits of the consortium."""
    house = makers.make_house()
    anil, bea = (makers.an_actor(name, Role.ANALYST, house) for name in ("Anil Analyst", "Bea Analyst"))
    last, waits, clear, fraud, confirming, back, claimed = Case.objects.order_by("-pk")[:7]
    make_screening(
        last.application,
        kind=ScreeningKind.RETRO,
        hits=HITS,
        score=940,
        reasons=last.reasons,
        screened_at=now,
    )
    for case in (clear, fraud, confirming, back, claimed, last):
        claim_case(case, by=anil, now=now)
        note_on_case(case, text=REASON, by=anil, now=now)
    decide_case(clear, verdict=Verdict.CLEAR, by=anil, now=now)
    decide_case(back, verdict=Verdict.UNSURE, by=anil, now=now)
    reopen_case(back, reason=REASON, by=bea, now=now)
    for case in (fraud, confirming):
        find_fraud(case, FOUND, by=anil, now=now)
    approve_request(Approval.objects.get(subject_id=fraud.public_id), by=bea, now=now)
    ground.add("case", *(case.public_id for case in (last, waits, clear, fraud, confirming, back, claimed)))
    ground.ids |= {"case-reopen": clear.public_id, "case-release": claimed.public_id}
    ground.ids["application"] = last.application.public_id
    ground.more.append(f"/applications/{waits.application.public_id}/")


def _send_files(ground: FraudGround, now: datetime) -> None:
    """A file in each state that looks different."""
    rows = [to_json(canonical(f"R-{number:06d}")) for number in range(6)]
    body = b"\n".join([*rows, b'{"reference": "R-7"}', b"nothing"]) + b"\n"
    ready = _sent(ground.bank, body, now)
    split_submission(ready, by=SYSTEM, clock=clock.now)
    while claim := claim_chunk(now=clock.now()):
        work_on_chunk(claim, by=SYSTEM, clock=clock.now)
    assemble_result(_fetched(ready), by=SYSTEM, clock=clock.now)
    again = _sent(ground.bank, body, now)
    at_work = _sent(ground.bank, rows[0] + b"\n\n" + rows[1], now)
    split_submission(at_work, by=SYSTEM, clock=clock.now)
    paused = pause_submission(_sent(ground.bank, rows[2], now), by=SYSTEM, now=now)
    gone = cancel_submission(_sent(ground.bank, rows[3], now), by=SYSTEM, now=now)
    failed = _sent(ground.bank, rows[4], now, rows=12)
    split_submission(failed, by=SYSTEM, clock=clock.now)
    empty = open_submission(ground.bank, _announced(ground.bank), by=SYSTEM, now=now)
    all_of_them = (at_work, ready, again, paused, gone, failed, empty)
    ground.add("submission", *(each.public_id for each in all_of_them))
    ground.ids |= {"submission-upload": empty.public_id, "submission-resume": paused.public_id}


def _announced(bank: Institution, **facts: Any) -> Announcement:
    name, layout, checksum = current_layout(bank, "")
    return Announcement(
        layout=name, mapping=layout, mapping_checksum=checksum, door=SubmissionDoor.PORTAL, **facts
    )


def _sent(bank: Institution, body: bytes, now: datetime, **facts: Any) -> Submission:
    announced = _announced(bank, file_name="demandes-de-la-succursale-2026-06.jsonl", **facts)
    submission = open_submission(bank, announced, by=SYSTEM, now=now)
    return receive_stream(submission, [body], by=SYSTEM, clock=clock.now)


def _fetched(submission: Submission) -> Submission:
    return Submission.objects.select_related("institution").get(pk=submission.pk)


def _send_webhooks(ground: FraudGround, now: datetime) -> None:
    """One that arrived, one that is tried again, and one that was given up; where it listens is no longer asked."""
    application = Case.objects.earliest("pk").application
    telling = Telling(ground.bank.pk, application.pk, Event.VERDICT)
    with transaction.atomic():
        tell([telling] * 3, now=now)
    for status, is_final in ((200, False), (503, False), (404, True)):
        delivery = claim_delivery(now=now)
        assert delivery is not None
        problem = "" if status == 200 else "refused"
        settle_delivery(delivery, status=status, problem=problem, is_final=is_final, now=now)
    pause_webhook(WebhookEndpoint.objects.get(), by=SYSTEM, now=now)
    ground.ids |= {"webhook": ground.bank.public_id, "delivery": delivery.public_id}


def _watch(ground: FraudGround, now: datetime) -> None:
    elements = own_tokens(ground.bank, canonical())[:4]
    listed, reason = WatchList.KNOWN_FRAUD, WatchReason.CONFIRMED_FRAUD
    add_to_watch_list(ground.bank, elements, listed=listed, reason=reason, by=SYSTEM, now=now)
    ground.ids["watch"] = WatchEntry.objects.latest("pk").public_id
