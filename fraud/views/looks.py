"""What the states and acts of the fraud domain are called and look like in the frame's tables."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from fraud.forms.cases import REASON_NAMES
from fraud.views.words import FRAUD_TYPES, ORIGINS
from portal.core.language import grouped
from portal.web import states, trails
from portal.web.navigation import Words
from portal.web.states import Family
from portal.web.trails import More

STATES: dict[str, tuple[Family, Words]] = {
    "waiting-for-upload": (Family.WAITS, gettext_lazy("Waiting for its file")),
    "received": (Family.PLANNED, pgettext_lazy("submission", "Received")),
    "splitting": (Family.WORKING, pgettext_lazy("submission", "Being read")),
    "assembling": (Family.WORKING, pgettext_lazy("submission", "Getting its result")),
    "finished": (Family.LIVE, pgettext_lazy("submission", "Finished")),
    "finished-with-rejects": (Family.WAITS, pgettext_lazy("submission", "Finished with rejects")),
    "duplicate": (Family.PLANNED, pgettext_lazy("submission", "Sent before")),
    "storing": (Family.WORKING, pgettext_lazy("chunk", "Being stored")),
    "stored": (Family.WORKING, pgettext_lazy("chunk", "Stored")),
    "screening": (Family.WORKING, pgettext_lazy("chunk", "Being screened")),
    "screened": (Family.LIVE, pgettext_lazy("chunk", "Screened")),
    "reopened": (Family.WAITS, pgettext_lazy("case", "Came back")),
    "claimed": (Family.WORKING, pgettext_lazy("case", "In work")),
    "confirming": (Family.WAITS, pgettext_lazy("case", "Waits for a second analyst")),
    "decided": (Family.LIVE, pgettext_lazy("case", "Decided")),
    "clear": (Family.LIVE, pgettext_lazy("outcome", "Clear")),
    "review": (Family.WAITS, pgettext_lazy("outcome", "Review")),
    "refer": (Family.FAILED, pgettext_lazy("outcome", "Refer")),
    "unscreened": (Family.PLANNED, pgettext_lazy("outcome", "Not screened yet")),
    "fraud": (Family.FAILED, pgettext_lazy("verdict", "Fraud")),
    "unsure": (Family.DISPUTED, pgettext_lazy("verdict", "Unsure")),
    "published": (Family.PLANNED, pgettext_lazy("version", "Published")),
    "discarded": (Family.PLANNED, pgettext_lazy("version", "Discarded")),
    "registered": (Family.LIVE, gettext_lazy("Registered")),
    "retracting": (Family.WORKING, gettext_lazy("Being retracted")),
    "given-up": (Family.FAILED, gettext_lazy("Given up")),
    "correcting": (Family.WORKING, gettext_lazy("Being corrected")),
    "asked": (Family.WAITS, pgettext_lazy("dispute", "Waits for an answer")),
    "answered": (Family.WORKING, pgettext_lazy("dispute", "Answered")),
    "upheld": (Family.LIVE, gettext_lazy("Upheld")),
    "corrected": (Family.LIVE, gettext_lazy("Corrected")),
    "lapsed": (Family.PLANNED, gettext_lazy("Not answered in time")),
    "retracted": (Family.PLANNED, gettext_lazy("Retracted")),
}


def _verdict(facts: Mapping[str, Any]) -> str:
    return str(states.look(facts["verdict"])[1]) if facts.get("verdict") else ""


def _fields(facts: Mapping[str, Any]) -> str:
    count = _("%(count)s fields") % {"count": len(facts.get("fields", ()))}
    return _joined(count, REASON_NAMES.get(str(facts.get("reason")), ""))


def _why(facts: Mapping[str, Any]) -> str:
    """Say what brought a case, and the score of the screening; a person's reason is a note on the case."""
    score = _("score %(score)s") % {"score": grouped(facts["score"])} if "score" in facts else ""
    return _joined(ORIGINS.get(str(facts.get("origin")), ""), score)


def _fraud(facts: Mapping[str, Any]) -> str:
    return str(FRAUD_TYPES.get(str(facts.get("fraud_type")), ""))


def _joined(*parts: Words) -> str:
    return " · ".join(filter(None, map(str, parts)))


def _rows(facts: Mapping[str, Any]) -> str:
    return _("%(count)s rows") % {"count": grouped(facts["rows"])} if "rows" in facts else ""


def _rejected(facts: Mapping[str, Any]) -> str:
    return _("%(count)s rejected") % {"count": grouped(facts["rejected"])} if facts.get("rejected") else ""


def _version(facts: Mapping[str, Any]) -> str:
    return _("version %(number)s") % {"number": facts["version"]} if "version" in facts else ""


def _added(facts: Mapping[str, Any]) -> str:
    return _("%(count)s entries") % {"count": facts["added"]} if "added" in facts else ""


ACTS: dict[str, tuple[Words, More | None]] = {
    "case.opened": (gettext_lazy("opened the case"), _why),
    "case.reopened": (gettext_lazy("brought the case back"), _why),
    "case.changed": (gettext_lazy("screened the application again"), _why),
    "case.claimed": (gettext_lazy("took the case"), None),
    "case.released": (gettext_lazy("gave the case back"), None),
    "case.decided": (gettext_lazy("decided the case"), _verdict),
    "case.noted": (gettext_lazy("wrote a note on the case"), None),
    "case.read": (gettext_lazy("opened the case’s page"), None),
    "verdict.asked_for": (gettext_lazy("found fraud and asked a second analyst"), _fraud),
    "verdict.withdrawn": (gettext_lazy("did not confirm the fraud"), None),
    "webhook.changed": (gettext_lazy("changed where the institution is told"), None),
    "webhook.paused": (gettext_lazy("paused what the institution is told"), None),
    "webhook.resumed": (gettext_lazy("went on telling the institution"), None),
    "webhook.disabled": (gettext_lazy("told the institution nothing any more"), None),
    "webhook.resent": (gettext_lazy("sent a webhook again"), None),
    "case_feed.asked_for": (gettext_lazy("asked a second person to feed the case system"), None),
    "case_feed.started": (gettext_lazy("began to feed the case system"), None),
    "case_feed.refused": (gettext_lazy("did not let the case system be fed"), None),
    "case_feed.paused": (gettext_lazy("paused the feed of the case system"), None),
    "case_feed.resumed": (gettext_lazy("resumed the feed of the case system"), None),
    "case_feed.ended": (gettext_lazy("ended the feed of the case system"), None),
    "contribution.made": (gettext_lazy("handed a record to the consortium"), None),
    "contribution.kept": (gettext_lazy("registered the record"), None),
    "contribution.removed": (gettext_lazy("retracted the record"), None),
    "contribution.refused": (gettext_lazy("could not register the record"), None),
    "contribution.withdrawn": (gettext_lazy("took a record back from the consortium"), None),
    "contribution.changed": (gettext_lazy("corrected the record"), None),
    "dispute.opened": (gettext_lazy("disputed what the consortium told"), None),
    "dispute.delivered": (gettext_lazy("handed the dispute to the consortium"), None),
    "dispute.refused": (gettext_lazy("found nothing that others answer for"), None),
    "dispute.received": (gettext_lazy("received a dispute of a record"), None),
    "dispute.decided": (gettext_lazy("answered the dispute"), None),
    "dispute.ended": (gettext_lazy("ended the dispute"), None),
    "standing.changed": (gettext_lazy("set the quota of look-ups"), None),
    "application.read": (gettext_lazy("opened the application’s page"), None),
    "application.revealed": (gettext_lazy("saw who applied"), _fields),
    "application.looked_up": (gettext_lazy("looked applications up"), None),
    "application.erased": (gettext_lazy("erased who applied"), None),
    "mapping.created": (gettext_lazy("set up the mapping"), None),
    "mapping.drafted": (gettext_lazy("wrote a draft of the mapping"), None),
    "mapping.draft_discarded": (gettext_lazy("gave the draft of the mapping up"), None),
    "mapping.asked_for": (gettext_lazy("asked a second person to publish the mapping"), None),
    "mapping.published": (gettext_lazy("published the mapping"), None),
    "mapping.sent_back": (gettext_lazy("sent the mapping back to its draft"), None),
    "mapping.rolled_back": (gettext_lazy("asked to bring an older version of the mapping back"), None),
    "mapping.retired": (gettext_lazy("took the mapping out of use"), None),
    "golden_sample.added": (gettext_lazy("kept a record as a golden sample"), None),
    "golden_sample.removed": (gettext_lazy("removed a golden sample"), None),
    "golden_sample.read": (gettext_lazy("looked at a kept test of the mapping"), None),
    "golden_sample.revealed": (gettext_lazy("saw a kept test of the mapping whole"), None),
    "rulebook.created": (gettext_lazy("began a rulebook"), None),
    "rulebook.changed": (gettext_lazy("saved a draft of the rulebook"), _version),
    "rulebook.draft_removed": (gettext_lazy("threw a draft of the rulebook away"), _version),
    "rulebook.asked_for": (gettext_lazy("asked a second person to publish the rulebook"), _version),
    "rulebook.published": (gettext_lazy("published the rulebook"), _version),
    "rulebook.rolled_back": (gettext_lazy("asked to bring an older rulebook back"), _version),
    "rulebook.shadow_started": (gettext_lazy("let a version run in the shadow"), _version),
    "rulebook.shadow_ended": (gettext_lazy("ended the run in the shadow"), None),
    "backtest.started": (gettext_lazy("tried a rulebook on the past"), None),
    "backtest.cancelled": (gettext_lazy("stopped a backtest"), None),
    "backtest.finished": (gettext_lazy("finished a backtest"), None),
    "watch_list.changed": (gettext_lazy("added to a watch list"), _added),
    "watch_entry.removed": (gettext_lazy("took an entry off a watch list"), None),
    "institution.created": (gettext_lazy("set up the institution"), None),
    "submission.announced": (gettext_lazy("announced the file"), None),
    "submission.upload_begun": (gettext_lazy("began the upload"), None),
    "submission.received": (gettext_lazy("sent the file"), None),
    "submission.repeated": (gettext_lazy("sent the same file again"), None),
    "submission.started": (gettext_lazy("began to read the file"), None),
    "submission.split": (gettext_lazy("read the file"), _rows),
    "submission.screened": (gettext_lazy("screened the last row"), None),
    "submission.finished": (gettext_lazy("made and signed the result"), _rejected),
    "submission.failed": (gettext_lazy("could not work on the file"), None),
    "submission.paused": (gettext_lazy("paused the submission"), None),
    "submission.resumed": (gettext_lazy("resumed the submission"), None),
    "submission.retried": (gettext_lazy("had the failed parts tried again"), None),
    "submission.cancelled": (gettext_lazy("cancelled the submission"), None),
    "submission.returned": (gettext_lazy("put the result into the drop folder"), None),
    "submission.downloaded": (gettext_lazy("downloaded a file of the submission"), None),
    "submission.files_deleted": (gettext_lazy("deleted the files, whose time was over"), None),
    "intake_key.made": (gettext_lazy("made the key for encrypted files"), None),
    "intake_key.replaced": (gettext_lazy("replaced the key for encrypted files"), None),
    "institution.layouts_changed": (gettext_lazy("set the layouts that count by default"), None),
    "institution.changed": (gettext_lazy("changed the institution"), None),
}
# Who looked is asked of the trail itself; among what was done it would hide the rest.
QUIET = frozenset({"case.read", "application.read", "golden_sample.read"})


def register() -> None:
    """Hang the domain's states and acts into the tables of the frame."""
    states.register(STATES)
    trails.register(ACTS, quiet=QUIET)
