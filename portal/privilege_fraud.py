"""The part of the page of privileges about tables of the fraud domain; pure data, see portal/privileges.py."""

from collections.abc import Mapping

from portal.privilege_rights import (
    ADD,
    ALL,
    CHANGE,
    DELETE,
    INSERT,
    READ,
    SELECT,
    TAKE,
    UPDATE,
    Process,
    Table,
)

P = Process

FRAUD_TABLES: Mapping[str, Table] = {
    "fraud_institution": {
        P.WEB: CHANGE,
        **dict.fromkeys((P.SCREEN, P.FRAUD, P.PLATFORM), READ),
        # When people there are at work.
        P.TRAIL: (SELECT.of("organization_ptr_id", "time_zone"),),
    },
    "fraud_submission": {
        P.WEB: CHANGE,
        P.FRAUD: CHANGE,
        P.SCREEN: READ,
        # Retention ends its files.
        P.PLATFORM: (SELECT, UPDATE.of("files_erased_at", "state", "ended_at")),
    },
    "fraud_intakekey": {
        P.WEB: (SELECT, INSERT, UPDATE.of("closes_at")),
        P.FRAUD: READ,
        P.PLATFORM: (SELECT, UPDATE.of("erased_at")),
    },
    "fraud_clientlayout": {P.WEB: ALL},
    # Pausing, cancelling and trying again are marks on the submission and its waiting chunks.
    "fraud_chunk": {
        P.WEB: (SELECT, UPDATE.of("state", "tries", "retry_at", "problem")),
        P.FRAUD: ALL,
        P.SCREEN: READ,
    },
    # Stored once, and never changed but to be erased; or, before it is screened, to give way to an earlier row of its
    # file with the same reference.
    "fraud_application": {
        P.SCREEN: ADD,
        P.FRAUD: (
            *ADD,
            UPDATE.of(
                "row_number",
                "facts_digest",
                "product",
                "channel",
                "currency",
                "amount",
                "submitted_at",
                "sealed",
                "facts",
            ),
        ),
        # Erasing somebody takes the sealed facts away, and all that finds them again.
        **dict.fromkeys((P.WEB, P.PLATFORM), (SELECT, UPDATE.of("sealed", "facts", "erased_at"))),
    },
    "fraud_fraudelement": {
        P.SCREEN: ADD,
        P.FRAUD: (*ADD, DELETE),
        **dict.fromkeys((P.WEB, P.PLATFORM), (SELECT, DELETE)),
    },
    "fraud_screening": {
        P.SCREEN: ADD,
        # Who was decided about without the consortium is marked once it has been heard.
        P.FRAUD: (SELECT, INSERT, UPDATE.of("heard_at")),
        P.WEB: READ,
        P.PLATFORM: (SELECT, UPDATE.of("explanation", "hits")),
        # What is sealed of each; the platform's worker verifies it.
        P.TRAIL: (
            SELECT.of(
                *(
                    "id",
                    "public_id",
                    "institution_id",
                    "application_id",
                    "kind",
                    "outcome",
                    "score",
                    "reasons",
                ),
                *("is_degraded", "rulebook_version_id", "screened_at"),
            ),
        ),
    },
    "fraud_sweep": {P.FRAUD: CHANGE},
    # Drafted, asked for and published at the portal; whoever translates reads what is live.
    "fraud_mapping": {P.WEB: CHANGE, P.SCREEN: READ, P.FRAUD: READ},
    "fraud_mappingversion": {P.WEB: CHANGE, P.SCREEN: READ, P.FRAUD: READ},
    "fraud_goldensample": {P.WEB: (SELECT, INSERT, DELETE)},
    "fraud_mappingdrift": {P.SCREEN: CHANGE, P.FRAUD: CHANGE, P.WEB: READ},
    # Whoever decides or answers late puts an event there; one worker sends it.
    "fraud_webhookendpoint": {P.WEB: CHANGE, P.FRAUD: READ},
    "fraud_webhookdelivery": {
        # What is screened online goes to the case system as well.
        P.SCREEN: ADD,
        P.WEB: CHANGE,
        P.FRAUD: CHANGE,
        P.PLATFORM: TAKE,
    },
    # Feeds of case systems are set up by two people; whoever screens asks where records go, and the worker sends them.
    "fraud_casefeed": {P.WEB: CHANGE, P.SCREEN: READ, P.FRAUD: READ},
    "fraud_casefile": {P.FRAUD: CHANGE, P.WEB: READ},
    # Rulebooks are written and published at the portal; whoever screens reads the versions in force.
    "fraud_rulebook": {P.WEB: CHANGE, P.SCREEN: READ, P.FRAUD: READ},
    "fraud_rulebookversion": {P.WEB: ALL, P.SCREEN: READ, P.FRAUD: READ},
    # Asked for and cancelled by people, moved on by the worker.
    "fraud_backtest": {
        # A draft that is thrown away takes its backtests along.
        P.WEB: ALL,
        P.FRAUD: (
            SELECT,
            UPDATE.of(
                "state",
                "total",
                "done",
                "cursor",
                "cursor_at",
                "results",
                "problem",
                "heard_at",
                "finished_at",
            ),
        ),
    },
    "fraud_backtestchange": {P.WEB: (SELECT, DELETE), P.FRAUD: ADD},
    # Tokens alone.
    "fraud_watchentry": {P.WEB: (SELECT, INSERT, DELETE), P.SCREEN: READ, P.FRAUD: READ},
    # Screening opens cases and brings them back; people at the portal alone decide them.
    "fraud_case": {
        P.WEB: (
            SELECT,
            UPDATE.of(
                *("state", "reopened_at", "claimed_by", "claimed_at", "verdict", "decided_by", "decided_at"),
                *("confirmed_by", "fraud_type", "fraud_role", "proof", "party", "kinds"),
            ),
        ),
        **dict.fromkeys(
            (P.SCREEN, P.FRAUD), (SELECT, INSERT, UPDATE.of("state", "reopened_at", "priority", "reasons"))
        ),
        P.PLATFORM: READ,
    },
    "fraud_casenote": {P.WEB: ADD},
    # What two people found goes out by the worker, which changes nothing of what it says.
    "fraud_contribution": {
        P.WEB: (
            SELECT,
            INSERT,
            UPDATE.of("state", "settled_at", "retry_at", "fraud_type", "role", "proof"),
        ),
        P.FRAUD: (
            SELECT,
            UPDATE.of("state", "record", "settled_at", "tries", "retry_at", "problem"),
        ),
    },
    # Raised by whoever screens for an institution's system, answered at the portal, taken on by the worker.
    "fraud_dispute": {P.WEB: CHANGE, P.SCREEN: ADD, P.FRAUD: CHANGE},
    "fraud_standing": {P.WEB: CHANGE, P.FRAUD: CHANGE},
    # The registry: it knows tokens, and nobody else knows its tables. A member, a record or a look-up is never deleted
    # by whoever shows pages; what has expired goes by the registry's own upkeep.
    "fraud_registrymember": {P.REGISTRY: CHANGE},
    "fraud_registrytally": {P.REGISTRY: CHANGE},
    "fraud_registryrecord": {P.REGISTRY: ALL},
    "fraud_registrytoken": {P.REGISTRY: (SELECT, INSERT, DELETE)},
    "fraud_registryinquiry": {P.REGISTRY: (SELECT, INSERT, DELETE)},
    "fraud_registryinquirytoken": {P.REGISTRY: (SELECT, INSERT, DELETE)},
    "fraud_registrynotice": {P.REGISTRY: ALL},
    "fraud_registrydispute": {P.REGISTRY: ALL},
}
