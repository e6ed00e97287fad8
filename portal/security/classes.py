"""Which OCSF class and activity each act of the trail is: a table of special acts, and one of verbs for the rest."""

from dataclasses import dataclass
from enum import IntEnum


class Severity(IntEnum):
    """How grave an event is, in OCSF's numbers."""

    INFORMATIONAL = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5


class EventClass(IntEnum):
    """The OCSF classes in use."""

    DETECTION_FINDING = 2004
    ACCOUNT_CHANGE = 3001
    AUTHENTICATION = 3002
    ENTITY_MANAGEMENT = 3004
    USER_ACCESS = 3005


OTHER = 99
CLASS_NAMES = {
    EventClass.DETECTION_FINDING: "Detection Finding",
    EventClass.ACCOUNT_CHANGE: "Account Change",
    EventClass.AUTHENTICATION: "Authentication",
    EventClass.ENTITY_MANAGEMENT: "Entity Management",
    EventClass.USER_ACCESS: "User Access Management",
}
ACTIVITY_NAMES: dict[EventClass, dict[int, str]] = {
    EventClass.DETECTION_FINDING: {1: "Create", 2: "Update", 3: "Close"},
    EventClass.ACCOUNT_CHANGE: {
        1: "Create",
        2: "Enable",
        3: "Password Change",
        4: "Password Reset",
        5: "Disable",
        6: "Delete",
        9: "Lock",
        10: "MFA Factor Enable",
        11: "MFA Factor Disable",
        12: "Unlock",
    },
    EventClass.AUTHENTICATION: {1: "Logon", 2: "Logoff"},
    EventClass.ENTITY_MANAGEMENT: {
        1: "Create",
        2: "Read",
        3: "Update",
        4: "Delete",
        8: "Enable",
        9: "Disable",
        10: "Activate",
        11: "Deactivate",
        12: "Suspend",
        13: "Resume",
    },
    EventClass.USER_ACCESS: {1: "Assign Privileges", 2: "Revoke Privileges"},
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an act is to a SIEM: its class, its activity there, how grave it is, and whether it succeeded."""

    event_class: EventClass
    activity: int
    severity: Severity = Severity.INFORMATIONAL
    is_success: bool = True


_ACCOUNT, _SIGN_IN = EventClass.ACCOUNT_CHANGE, EventClass.AUTHENTICATION
_ENTITY, _ACCESS = EventClass.ENTITY_MANAGEMENT, EventClass.USER_ACCESS
_FINDING = EventClass.DETECTION_FINDING
_LOW, _MEDIUM, _HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH

ACTS: dict[str, Meaning] = {
    "person.signed_in": Meaning(_SIGN_IN, 1),
    "person.sign_in_refused": Meaning(_SIGN_IN, 1, _LOW, is_success=False),
    "person.locked_out": Meaning(_SIGN_IN, 1, _MEDIUM, is_success=False),
    "person.signed_out": Meaning(_SIGN_IN, 2),
    "session.revoked": Meaning(_SIGN_IN, 2, _LOW),
    "sessions.revoked": Meaning(_SIGN_IN, 2, _LOW),
    "person.confirmed": Meaning(_SIGN_IN, OTHER),
    "person.stepped_up": Meaning(_SIGN_IN, OTHER),
    "person.created": Meaning(_ACCOUNT, 1, _LOW),
    "person.invited": Meaning(_ACCOUNT, 1, _LOW),
    "person.joined": Meaning(_ACCOUNT, 2, _LOW),
    "person.reactivated": Meaning(_ACCOUNT, 2, _MEDIUM),
    "person.deactivated": Meaning(_ACCOUNT, 5, _MEDIUM),
    "person.password_changed": Meaning(_ACCOUNT, 3, _LOW),
    "person.password_reset": Meaning(_ACCOUNT, 4, _MEDIUM),
    "person.password_reset_asked": Meaning(_ACCOUNT, OTHER, _LOW),
    "person.second_factor_added": Meaning(_ACCOUNT, 10, _LOW),
    "person.second_factor_removed": Meaning(_ACCOUNT, 11, _MEDIUM),
    "person.recovery_codes_made": Meaning(_ACCOUNT, OTHER, _LOW),
    "client.registered": Meaning(_ACCOUNT, 1, _LOW),
    "client.disabled": Meaning(_ACCOUNT, 5, _LOW),
    "client.enabled": Meaning(_ACCOUNT, 2, _LOW),
    "role.granted": Meaning(_ACCESS, 1, _LOW),
    "role.revoked": Meaning(_ACCESS, 2, _LOW),
    "alert.opened": Meaning(_FINDING, 1, _MEDIUM),
    "alert.acknowledged": Meaning(_FINDING, 2),
    "alert.noted": Meaning(_FINDING, 2),
    "alert.reopened": Meaning(_FINDING, 2),
    "alert.closed": Meaning(_FINDING, 3),
    "four_eyes.bypassed": Meaning(_ENTITY, OTHER, _HIGH),
    "code.alarmed": Meaning(_ENTITY, OTHER, _HIGH),
    "organization.founded": Meaning(_ENTITY, 1, _LOW),
    # Only what is bait is written down when it is met.
    "record.matched": Meaning(_ENTITY, OTHER, _HIGH),
    "record.corrected": Meaning(_ENTITY, 3, _LOW),
    "record.disputed": Meaning(_ENTITY, 3, _LOW),
    "record.upheld": Meaning(_ENTITY, 3, _LOW),
    "record.retracted": Meaning(_ENTITY, 4, _LOW),
}

_CREATE, _READ, _UPDATE, _DELETE = 1, 2, 3, 4
# The last word of an act says what happened, whatever it happened to.
_VERBS: dict[Meaning, str] = {
    Meaning(
        _ENTITY, _CREATE
    ): "created planned founded registered asked requested made scheduled added opened",
    Meaning(_ENTITY, _CREATE, _LOW): "issued invited placed marked imported restored",
    Meaning(_ENTITY, _READ): "read seen listed shown verified checked looked_up found certified",
    Meaning(_ENTITY, _READ, _LOW): "revealed exported unwrapped searched downloaded",
    Meaning(_ENTITY, _UPDATE): (
        "changed signed delivered acknowledged tested sealed anchored noted sent resent kept moved renamed taken "
        "drafted published claimed assigned linked decided used reported started begun advanced finished completed "
        "done ended announced received repeated split screened returned"
    ),
    Meaning(_ENTITY, _UPDATE, _LOW): (
        "approved allowed accepted rotated resealed rewrapped renewed replaced reset reopened granted lifted "
        "released held rolled"
    ),
    Meaning(_ENTITY, _DELETE, _LOW): (
        "deleted removed unmarked unlinked redacted withdrawn cancelled expired forgotten archived discarded"
    ),
    Meaning(_ENTITY, _DELETE, _MEDIUM): "erased shredded destroyed voided revoked retired",
    Meaning(_ENTITY, 8, _LOW): "enabled",
    Meaning(_ENTITY, 9, _LOW): "disabled",
    Meaning(_ENTITY, 10, _LOW): "activated",
    Meaning(_ENTITY, 11): "closed",
    Meaning(_ENTITY, 11, _MEDIUM): "recalled",
    Meaning(_ENTITY, 12, _LOW): "paused",
    Meaning(_ENTITY, 13, _LOW): "resumed",
    Meaning(_ENTITY, 13): "retried",
    Meaning(_ENTITY, OTHER, _LOW, is_success=False): "refused denied declined failed missing",
    Meaning(_ENTITY, OTHER, _MEDIUM, is_success=False): "disputed",
    Meaning(_ENTITY, OTHER, _HIGH, is_success=False): "broken",
}
# The verb of an act says what happened, whatever it happened to.
VERBS = {verb: meaning for meaning, verbs in _VERBS.items() for verb in verbs.split()}
UNKNOWN = Meaning(_ENTITY, OTHER)


def meaning_of(act: str) -> Meaning:
    """Say what an act is to a SIEM; an act that no table has is still an event, of the class "other"."""
    return ACTS.get(act) or _of_verb(act) or UNKNOWN


def is_mapped(act: str) -> bool:
    """Say whether one of the tables has the act."""
    return act in ACTS or _of_verb(act) is not None


def _of_verb(act: str) -> Meaning | None:
    """Look up the verb of an act, or the first of its words that is one, as in `client.refused_address`."""
    verb = act.rpartition(".")[2]
    words = (verb, *verb.split("_"))
    return next((VERBS[word] for word in words if word in VERBS), None)
