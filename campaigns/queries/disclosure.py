"""What a client may learn about a code it asked for, by the tables of campaigns.rules.refusals; and alarms."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.utils.translation import gettext as _
from prometheus_client import Counter

from campaigns.queries.codes import Found, best, read_code, records, within_reach
from campaigns.rules.refusals import ALARMS, TOLD, Audience, Verdict, audience_of, moment_of, status_of
from campaigns.rules.states import in_a_sentence
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.core.errors import ForbiddenError
from portal.core.language import said

log = structlog.get_logger(__name__)
_alarms = Counter("code_alarms", "Codes that nobody can know from a can", ["verdict"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """What one client hears about one code; empty where it may not know or there is nothing."""

    verdict: Verdict
    status: str
    detail: str
    campaign: str = ""
    batch: str = ""
    batch_state: str = ""
    at: datetime | None = None


def checked_code(
    actor: Actor, text: str, *, member: str = "", campaign: str = "", now: datetime
) -> Disclosed:
    """Look a typed code up for whoever may check codes; nothing is locked or written.

    *member*: the reference that may find the code spent by itself. *campaign*: slug or id.

    :raises NotFoundError: there is no such campaign within the actor's scope
    :raises campaigns.queries.codes.KeyEndedError: the actor's key ended in the meantime
    """
    if not actor.may(Act.CODE_CHECK):
        raise ForbiddenError(_("This key may not check codes."))
    readings = read_code(text, within_reach(actor, Act.CODE_CHECK, campaign, now=now), member=member)
    found = readings.otherwise
    if readings.serials:
        found = best(readings, records(actor, readings.serials, now=now), now=now)
    note_alarm(found, actor)
    return disclosed(found, actor.client_kind)


def disclosed(found: Found, client_kind: str) -> Disclosed:
    """Cut what was found down to what this kind of client, or a person at the portal, may know."""
    if audience_of(client_kind) is Audience.DESK:
        return _to_desk(found)
    words = "" if found.verdict is Verdict.REDEEMABLE else _(TOLD[found.verdict].consumer)
    is_redeemable = found.verdict is Verdict.REDEEMABLE and found.reading is not None
    return Disclosed(
        verdict=found.verdict,
        status=status_of(found.verdict),
        detail=words.format(malformed=said(found.malformed)),
        campaign=found.reading.campaign.slug if is_redeemable and found.reading else "",
    )


def _to_desk(found: Found) -> Disclosed:
    reading, record = found.reading, found.record
    at = moment_of(found.verdict, record.facts) if record else None
    words = "" if found.verdict is Verdict.REDEEMABLE else _(TOLD[found.verdict].desk)
    campaign = reading.campaign.slug if reading else ""
    batch = record.batch if record else ""
    state = record.facts.batch_state if record else ""
    shown_at = f"{at:%Y-%m-%d %H:%M} UTC" if at else ""
    detail = words.format(
        malformed=said(found.malformed),
        campaign=campaign,
        batch=batch,
        state=said(in_a_sentence(state)),
        at=shown_at,
    )
    return Disclosed(
        verdict=found.verdict,
        status=status_of(found.verdict),
        detail=detail,
        campaign=campaign,
        batch=batch,
        batch_state=state,
        at=at,
    )


def note_alarm(found: Found, by: Actor) -> None:
    """Count and log a code that nobody can know from a can; its serial is named, the code never."""
    if found.verdict not in ALARMS or found.reading is None:
        return
    _alarms.labels(found.verdict).inc()
    log.warning(
        "code.alarm",
        verdict=str(found.verdict),
        campaign=found.reading.campaign.public_id,
        batch=found.record.batch if found.record else "",
        serial=found.reading.serial,
        client=by.id,
    )
