"""What lies on the ground floor of the world: requests, alerts, holds, certificates, invitations, keys at work."""

from dataclasses import dataclass, field
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from campaigns.models import Brand, Market, Member
from campaigns.retention import POLICIES
from portal.accounts.actors import SYSTEM, Actor, OrganizationKind
from portal.accounts.invitations import token_of
from portal.accounts.models import Client, Organization
from portal.accounts.operations.invitations import invite_person
from portal.accounts.operations.signing_keys import register_signing_key
from portal.accounts.operations.single_sign_on import SignOnFacts, set_single_sign_on
from portal.accounts.roles import Role
from portal.approvals.key_changes import ask_for_key_change
from portal.approvals.models import Approval
from portal.approvals.operations import approve_request, refuse_request
from portal.approvals.trail_exports import ask_for_export
from portal.audit.models import Entry
from portal.core import clock
from portal.crypto.keyring import Purpose
from portal.crypto.signatures import public_pem
from portal.keys.models import Rotation
from portal.mail.models import Mail
from portal.retention.operations.holds import ask_to_lift, hold_organization, hold_subject
from portal.retention.operations.periods import ask_for_days
from portal.retention.operations.runs import carry_out
from portal.retention.operations.subjects import ask_to_erase
from portal.security.models import Canary
from portal.security.operations.alerts import acknowledge_alert, close_alert, note_on_alert
from portal.security.operations.canaries import mark_canary
from tests import makers
from tests.portal.security.scenes import note, watched

OLD = timedelta(days=1100)
# Nobody translates what people write.
REASON = (
    "Dossier 2026-117, tribunal de commerce, audience du 14 juillet, selon courrier recommandé du greffe."
)


@dataclass
class Ground:
    """What pages are about, by the first word of their names; `more` are addresses beside one of each kind."""

    ids: dict[str, str] = field(default_factory=dict)
    more: list[str] = field(default_factory=list)
    invitation: str = ""
    signing_key: str = ""

    def add(self, name: str, *public_ids: str) -> None:
        """Take the first as what pages of this name are about, and the page of each other besides."""
        self.ids[name] = public_ids[0]
        places = {"request": "requests", "alert": "alerts", "subject": "subjects"}
        self.more += [f"/{places[name]}/{public_id}/" for public_id in public_ids[1:]]


def make_ground(market: Market, brand: Brand, client: Client, *, operator: Actor) -> Ground:
    """Set it up around a market; *operator* is one of the two who ask each other."""
    ground = Ground()
    second = makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house())
    privacy = makers.an_actor("Petra Privacy", Role.PRIVACY, market)
    _invite(ground, market, by=second)
    _let_sign(ground, client, by=second)
    _hold_and_erase(ground, market, brand, by=privacy, operator=second)
    _raise_alarms(ground, market, by=second)
    _take_away(ground, asker=operator, by=second)
    ask_for_key_change(Purpose.MEMBERS, by=second, now=clock.now())
    Rotation.objects.create(purpose=Purpose.PEOPLE, started_at=clock.now(), done=500, total=2000)
    ground.add("request", *Approval.objects.order_by("-pk").values_list("public_id", flat=True))
    return ground


def _invite(ground: Ground, market: Market, *, by: Actor) -> None:
    """Invite somebody by mail, and let the people of the market sign in elsewhere."""
    organization = _organization(market)
    invitation = invite_person(
        "ines.invited@example.com",
        organization=organization,
        role=Role.FINANCE,
        language="fr",
        by=by,
        now=clock.now(),
    )
    facts = SignOnFacts(
        issuer="https://login.lumo.example/tenants/3f2b7c1e5a0d4c119d6b0a1b2c3d4e5f/v2.0",
        client_id="countersign",
        client_secret="nobody reads this",
        domains=["lumo.example", "a-rather-long-domain-name.example"],
        roles={"Marketing": "marketer", "cn=Money,ou=groups,dc=lumo,dc=example": "finance"},
    )
    single_sign_on = set_single_sign_on(organization, facts=facts, by=by, now=clock.now())
    ground.ids |= {
        "invitation": invitation.user.public_id,
        "single": single_sign_on.public_id,
        "mail": Mail.objects.latest("pk").public_id,
    }
    ground.more.append(f"/people/{invitation.user.public_id}/")
    ground.invitation = f"/invitation/?link={token_of(invitation)}"


def _let_sign(ground: Ground, client: Client, *, by: Actor) -> None:
    public = public_pem(Ed25519PrivateKey.generate().public_key())
    key = register_signing_key(client, public, by=by, now=clock.now())
    ground.signing_key = key.public_id


def _hold_and_erase(ground: Ground, market: Market, brand: Brand, *, by: Actor, operator: Actor) -> None:
    """Members who are gone, held, asked about and due; and what was asked about periods and holds."""
    now = clock.now()
    gone = makers.make_member(market, "ext:gone", now=now - OLD)
    run = carry_out(POLICIES[0], _organization(market), by=SYSTEM, clock=clock.now)
    assert run is not None
    makers.make_member(market, "ext:due", now=now - OLD)
    held, leaving, live = (makers.make_member(market, f"ext:{name}", now=now) for name in "abc")
    hold = hold_subject(
        held.public_id, place={OrganizationKind.MARKET: market.pk}, reason=REASON, by=by, now=now
    )
    hold_organization(_organization(brand), reason="Case 7", by=operator, now=now)
    ask_to_erase(leaving.public_id, by=by, now=now)
    ask_for_days(POLICIES[0], organization=_organization(market), days=400, by=by, now=now)
    lifting = ask_to_lift(hold, by=by, now=now)
    refuse_request(lifting, reason=REASON, by=_another_officer(market), now=now)
    ground.add("subject", *(member.public_id for member in (live, held, leaving, gone)))
    ground.ids |= {"hold": hold.public_id, "certificate": run.certificate}


def _organization(place: Organization) -> Organization:
    return Organization.objects.get(pk=place.pk)


def _another_officer(market: Market) -> Actor:
    return makers.an_actor("Paul Privacy", Role.PRIVACY, market)


def _raise_alarms(ground: Ground, market: Market, *, by: Actor) -> None:
    """An alert that waits, one in hand with a note, one that is closed; and a canary."""
    support = makers.an_actor("Sofia Support", Role.SUPPORT, market)
    bait = Member.objects.order_by("pk").last()
    assert bait is not None
    mark_canary(bait.public_id, note=REASON, by=by, now=clock.now())
    for act in ("record.looked_up", "subject.exported"):
        note(support, act, bait, at=clock.now())
    note(makers.a_marketer(market), "record.looked_up", bait, at=clock.now())
    waiting, taken, closed, *_others = watched(clock.now())
    acknowledge_alert(taken, by=by, now=clock.now())
    note_on_alert(taken, text=REASON, by=by, now=clock.now())
    close_alert(closed, reason=REASON, by=by, now=clock.now())
    ground.add("alert", waiting.public_id, taken.public_id, closed.public_id)
    ground.ids |= {"canary": Canary.objects.get().public_id}


def _take_away(ground: Ground, *, asker: Actor, by: Actor) -> None:
    export = ask_for_export(1, None, by=asker, now=clock.now())
    approve_request(export, by=by, now=clock.now())
    ground.ids["trail"] = export.subject_id


def an_entry() -> int:
    """The number of an entry of the trail that has facts."""
    return Entry.objects.filter(act="batch.planned").latest("pk").pk
