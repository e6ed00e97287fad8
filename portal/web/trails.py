"""The trail as people read it: who did what, in words, newest first."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.accounts.queries import names
from portal.audit.models import Entry
from portal.audit.operations import Subject
from portal.audit.queries import history
from portal.core.actors import ActorKind
from portal.web.navigation import Words
from portal.web.pieces import Event

# The longest timeline that a page shows; what is older stays in the trail.
MOST_EVENTS = 50

More = Callable[[Mapping[str, Any]], Words]
_words: dict[str, tuple[Words, More | None]] = {
    "client.registered": (_("registered the client"), None),
    "client.changed": (_("changed how the client calls"), None),
    "client.disabled": (_("disabled the client"), None),
    "client.enabled": (_("enabled the client"), None),
    "client.refused_address": (_("called from an address that is not on its list"), None),
    "signing_key.registered": (_("registered a signing key"), None),
    "signing_key.revoked": (_("revoked a signing key"), None),
    "key.issued": (_("issued a key"), None),
    "key.revoked": (_("revoked a key"), None),
    "person.created": (_("added the person"), None),
    "person.read": (_("opened the person's page"), None),
    "role.granted": (_("granted a role"), None),
    "role.revoked": (_("revoked a role"), None),
    "retention.started": (_("began to remove what is due"), None),
    "retention.advanced": (_("removed what is due"), None),
    "retention.finished": (_("removed the last of what was due"), None),
    "period.asked_for": (_("asked to change how long this is kept"), None),
    "period.changed": (_("changed how long this is kept"), None),
    "hold.placed": (_("placed a hold"), None),
    "hold.lift_asked_for": (_("asked to lift the hold"), None),
    "hold.lifted": (_("lifted the hold"), None),
    "subject.looked_up": (_("looked up what is held"), None),
    "subject.exported": (_("was given what is held"), None),
    "subject.erasure_asked_for": (_("asked to erase what is held"), None),
    "subject.erased": (_("erased what was held"), None),
    "request.made": (_("asked for a second signature"), None),
    "request.approved": (_("approved the request"), None),
    "request.refused": (_("refused the request"), None),
    "request.withdrawn": (_("took the request back"), None),
    "request.expired": (_("ended the request, which nobody decided in time"), None),
    "request.renewed": (_("asked again"), None),
    "trail.verified": (_("verified the trail"), None),
    "trail.broken": (_("found the chain of the trail broken"), None),
    "trail.export_allowed": (_("allowed an export of the trail"), None),
    "trail.exported": (_("downloaded an export of the trail"), None),
    "list.exported": (_("downloaded a list"), None),
    "rows.removed": (_("removed rows under a certificate"), None),
    "alert.opened": (_("opened the alert"), None),
    "alert.acknowledged": (_("acknowledged the alert"), None),
    "alert.noted": (_("wrote a note"), None),
    "alert.closed": (_("closed the alert"), None),
    "alert.reopened": (_("reopened the alert"), None),
    "canary.marked": (_("marked a canary"), None),
    "canary.unmarked": (_("took the mark from a canary"), None),
    "code.looked_up": (_("checked a code"), None),
    "person.signed_in": (_("signed in"), None),
    "person.sign_in_refused": (_("was refused at the sign-in"), None),
    "person.locked_out": (_("was locked out"), None),
}
# Who looked is asked of the trail itself; among what was done it would hide the rest.
_quiet: set[str] = {"person.read"}


def register(acts: Mapping[str, tuple[Words, More | None]], *, quiet: Collection[str] = ()) -> None:
    """Add the words of a domain's acts, and how to say more from an entry's facts.

    `quiet` acts stay in the trail but out of timelines, where their number would hide the rest.
    """
    _words.update(acts)
    _quiet.update(quiet)


def timeline(subject: Subject) -> list[Event]:
    """Tell what happened to one thing that the caller may see, in three queries."""
    return all_told(list(history(subject).exclude(act__in=_quiet)[:MOST_EVENTS]))


def all_told(entries: Collection[Entry]) -> list[Event]:
    """Say entries in words, in two queries."""
    known = names({entry.actor_id for entry in entries})
    return [told(entry, known) for entry in entries]


def acts_in_words() -> list[tuple[str, Words]]:
    """List every act that has words, as choices in the order of their names."""
    return [(act, f"{words} ({act})") for act, (words, _more) in sorted(_words.items())]


def told(entry: Entry, known: Mapping[str, str]) -> Event:
    """Say an entry in words; *known* are the names of those who act, by their ids."""
    is_system = entry.actor_kind == ActorKind.SYSTEM
    who: Words = _("Countersign") if is_system else known.get(entry.actor_id, entry.actor_id)
    what, more = _words.get(entry.act, (entry.act, None))
    return Event(who=who, what=what, at=entry.at, more=more(entry.facts) if more else "")
