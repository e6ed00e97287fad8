"""Entries of the trail as OCSF events, the form in which a SIEM reads them; pure: an entry in, a dict out."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

import orjson

from portal.core.actors import ActorKind
from portal.security.classes import (
    ACTIVITY_NAMES,
    CLASS_NAMES,
    OTHER,
    EventClass,
    Meaning,
    Severity,
    meaning_of,
)

# https://schema.ocsf.io/1.7.0; the tests validate every act against this version.
VERSION = "1.7.0"
PRODUCT = {"name": "Countersign", "vendor_name": "Countersign"}
_CATEGORY_NAMES = {2: "Findings", 3: "Identity & Access Management"}
_SEVERITY_NAMES = {severity: severity.name.capitalize() for severity in Severity}
_USER_TYPES: dict[str, tuple[int, str]] = {
    ActorKind.PERSON: (1, "User"),
    ActorKind.SYSTEM: (3, "System"),
    ActorKind.CLIENT: (4, "Service"),
}
# OCSF's numbers for the state of a finding, by the verb of the act.
_FINDING_STATES = {"opened": (1, "New"), "reopened": (1, "New"), "closed": (4, "Resolved")}


class Written(Protocol):
    """An entry of the trail."""

    @property
    def id(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def actor_kind(self) -> str: ...
    @property
    def actor_id(self) -> str: ...
    @property
    def act(self) -> str: ...
    @property
    def subject_kind(self) -> str: ...
    @property
    def subject_id(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...
    @property
    def within(self) -> list[int]: ...


def event_of(entry: Written, *, position: int, digest: bytes) -> dict[str, Any]:
    """Make the OCSF event of an entry that was sealed at a position of the chain, with this digest.

    `metadata.uid` is the entry's id, by which a receiver drops repeats, and `metadata.sequence` its position in
    the chain. Facts without a place of their own lie in `unmapped`, with the digest that seals the entry.
    """
    meaning = meaning_of(entry.act)
    event = _frame(entry, meaning) | _PARTS[meaning.event_class](entry, meaning)
    event["metadata"]["sequence"] = position
    event["unmapped"] = {
        "facts": dict(entry.facts),
        "subject_kind": entry.subject_kind,
        "organizations": list(entry.within),
        "digest": digest.hex(),
    }
    return event


def line_of(entry: Written, *, position: int, digest: bytes) -> bytes:
    """Write the event of an entry as one line of JSON, without the line's end."""
    return orjson.dumps(event_of(entry, position=position, digest=digest))


def _frame(entry: Written, meaning: Meaning) -> dict[str, Any]:
    """Give what events of every class have."""
    event_class, activity = meaning.event_class, meaning.activity
    name = entry.act if activity == OTHER else ACTIVITY_NAMES[event_class][activity]
    severity = _severity(entry, meaning)
    category = event_class // 1000
    return {
        "activity_id": activity,
        "activity_name": name,
        "category_uid": category,
        "category_name": _CATEGORY_NAMES[category],
        "class_uid": int(event_class),
        "class_name": CLASS_NAMES[event_class],
        "type_uid": event_class * 100 + activity,
        "type_name": f"{CLASS_NAMES[event_class]}: {name}",
        "time": _milliseconds(entry.at),
        "severity_id": int(severity),
        "severity": _SEVERITY_NAMES[severity],
        "status_id": 1 if meaning.is_success else 2,
        "status": "Success" if meaning.is_success else "Failure",
        "message": f"{entry.act} {entry.subject_id}",
        "metadata": {
            "version": VERSION,
            "product": PRODUCT,
            "uid": f"entry-{entry.id}",
            "event_code": entry.act,
            "log_name": "trail",
        },
    }


def _severity(entry: Written, meaning: Meaning) -> Severity:
    """Take the severity of an alert from the alert, that of other acts from the table."""
    graded = str(entry.facts.get("severity", "")).upper()
    if meaning.event_class is EventClass.DETECTION_FINDING and graded in Severity.__members__:
        return Severity[graded]
    return meaning.severity


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _actor(entry: Written) -> dict[str, Any]:
    return {"app_name": PRODUCT["name"], "user": _user(entry.actor_kind, entry.actor_id)}


def _user(kind: str, public_id: str) -> dict[str, Any]:
    number, name = _USER_TYPES.get(kind, (0, "Unknown"))
    return {"uid": public_id or "nobody", "type_id": number, "type": name}


def _subject_user(entry: Written) -> dict[str, Any]:
    """Name the account that an act is about: a person, or a program that calls the API."""
    return _user(ActorKind.CLIENT if entry.subject_kind == "client" else ActorKind.PERSON, entry.subject_id)


def _authentication(entry: Written, _meaning: Meaning) -> dict[str, Any]:
    facts = entry.facts
    event: dict[str, Any] = {
        "user": _subject_user(entry),
        "actor": _actor(entry),
        "service": {"name": "Countersign portal"},
        "is_remote": True,
        "logon_type_id": 3,
        "logon_type": "Network",
    }
    # Neither addresses nor devices are named: both are keyed tokens, alike for the same one.
    source = {"uid": facts.get("address"), "instance_uid": facts.get("device")}
    endpoint: dict[str, Any] = {name: str(value) for name, value in source.items() if value}
    if endpoint and facts.get("country"):
        endpoint["location"] = {"country": str(facts["country"])}
    return event | ({"src_endpoint": endpoint} if endpoint else {})


def _account_change(entry: Written, _meaning: Meaning) -> dict[str, Any]:
    return {"user": _subject_user(entry), "actor": _actor(entry)}


def _user_access(entry: Written, _meaning: Meaning) -> dict[str, Any]:
    event: dict[str, Any] = {
        "user": _subject_user(entry),
        "actor": _actor(entry),
        "privileges": [str(entry.facts.get("role", "unknown"))],
    }
    place = entry.facts.get("organization")
    return event | ({"resources": [{"uid": str(place), "type": "organization"}]} if place else {})


def _entity_management(entry: Written, _meaning: Meaning) -> dict[str, Any]:
    entity = {"uid": entry.subject_id or "none", "type": entry.subject_kind, "type_id": OTHER}
    return {"actor": _actor(entry), "entity": entity}


def _detection_finding(entry: Written, meaning: Meaning) -> dict[str, Any]:
    facts, at = entry.facts, _milliseconds(entry.at)
    detector = str(facts.get("detector", "unknown"))
    state, name = _FINDING_STATES.get(entry.act.rpartition(".")[2], (2, "In Progress"))
    finding: dict[str, Any] = {
        "uid": entry.subject_id,
        "title": detector.replace("_", " "),
        "analytic": {"uid": detector, "name": detector, "type_id": 1, "type": "Rule"},
        ("created_time" if meaning.activity == 1 else "modified_time"): at,
        "related_events": [{"uid": f"entry-{number}"} for number in facts.get("entries", ())],
    }
    event = {"finding_info": finding, "is_alert": True, "status_id": state, "status": name}
    culprit, kind = facts.get("actor"), facts.get("actor_kind")
    if culprit:
        # Whom the alert is about; who acknowledged or closed it stands in the comment.
        event["evidences"] = [{"actor": {"user": _user(str(kind), str(culprit))}}]
    return event | {"comment": f"by {entry.actor_id}"}


_PARTS: dict[EventClass, Callable[[Written, Meaning], dict[str, Any]]] = {
    EventClass.AUTHENTICATION: _authentication,
    EventClass.ACCOUNT_CHANGE: _account_change,
    EventClass.USER_ACCESS: _user_access,
    EventClass.ENTITY_MANAGEMENT: _entity_management,
    EventClass.DETECTION_FINDING: _detection_finding,
}
