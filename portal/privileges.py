"""The one page of what each kind of process may: tables, sequences, key purposes, buckets and queues; pure data.

Database roles and grants are made from it (`manage.py apply_privileges`), and docs/privileges.md shows it. What is not
here is refused. Whoever adds a table, purpose, bucket or queue adds it here, with the least that serves.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.crypto.keyring import Purpose
from portal.privilege_fraud import FRAUD_TABLES
from portal.privilege_rights import (
    ADD,
    ALL,
    CHANGE,
    DELETE,
    GRANTED,
    HOLD,
    INSERT,
    OWNER,
    READ,
    SELECT,
    TAKE,
    UPDATE,
    Process,
    Right,
    Rights,
    Table,
    Verb,
)

__all__ = ["GRANTED", "OWNER", "Process", "Right", "Rights", "Table", "Verb"]

P = Process
_WORKERS = (P.CAMPAIGNS, P.FRAUD, P.TRAIL, P.PLATFORM)
# Everybody who has something to do with the database.
_SERVING = (P.WEB, P.REDEEM, P.SCREEN, P.REGISTRY, *_WORKERS)

# What the migrations alone touch.
_NOBODY: Table = {}

TABLES: Mapping[str, Table] = {
    # ── Django's own ─────────────────────────────────────────────────────────────────────────────────────
    "django_migrations": _NOBODY,
    "auth_group": _NOBODY,
    "auth_group_permissions": _NOBODY,
    "auth_permission": _NOBODY,
    "django_content_type": {P.WEB: READ},
    "django_admin_log": {P.WEB: READ},
    # What has ended goes by the platform's worker, here and below: see portal/retention.
    "django_session": {P.WEB: ALL, P.PLATFORM: (SELECT, UPDATE.of("session_key"), DELETE)},
    # ── The trail ────────────────────────────────────────────────────────────────────────────────────────
    # Everybody writes down what they did; nobody changes what is written.
    "audit_entry": {
        P.WEB: ADD,
        P.TRAIL: ADD,
        P.PLATFORM: ADD,
        **dict.fromkeys((P.REDEEM, P.SCREEN, P.CAMPAIGNS, P.FRAUD, P.REGISTRY), (INSERT,)),
    },
    # The chain has one writer, who never changes a link; what it notes for itself moves on.
    # The nightly verification takes minutes, which the sealer has not: another worker reads it all.
    "audit_link": {P.TRAIL: ADD, P.WEB: READ, P.PLATFORM: READ},
    "audit_mark": {P.TRAIL: CHANGE, P.WEB: READ, P.PLATFORM: READ},
    "audit_anchor": {P.TRAIL: (SELECT, INSERT, UPDATE.of("put_at")), P.WEB: READ, P.PLATFORM: READ},
    "audit_verification": {P.PLATFORM: ADD, P.WEB: READ},
    # ── Keys, all of them wrapped ────────────────────────────────────────────────────────────────────────
    # A scope's first key is made by whoever first seals something there.
    "keys_scopekey": {
        **dict.fromkeys((P.WEB, P.REDEEM, P.SCREEN, P.FRAUD, P.REGISTRY), ADD),
        P.PLATFORM: CHANGE,
    },
    # Destroying one takes its wrapped form out of the row, which stays.
    "keys_subjectkey": {
        P.WEB: CHANGE,
        **dict.fromkeys((P.REDEEM, P.SCREEN, P.FRAUD), ADD),
        P.PLATFORM: CHANGE,
    },
    "keys_signingkey": {P.WEB: CHANGE, P.CAMPAIGNS: ADD, P.FRAUD: ADD, P.TRAIL: ADD, P.PLATFORM: CHANGE},
    "keys_certificate": {P.WEB: ADD, P.PLATFORM: ADD},
    "keys_rotation": {P.WEB: CHANGE, P.PLATFORM: CHANGE},
    # ── People, organizations, clients ───────────────────────────────────────────────────────────────────
    "accounts_organization": {P.WEB: CHANGE, **dict.fromkeys((P.REDEEM, P.SCREEN, *_WORKERS), READ)},
    "accounts_user": {
        P.WEB: CHANGE,
        # Who issued a client's key, by id alone: no name, no address, no password's hash.
        **dict.fromkeys((P.REDEEM, P.SCREEN), (SELECT.of("id", "public_id"),)),
        P.TRAIL: READ,
        # Who was invited and never came in goes with the invitation; nobody else is ever deleted.
        P.PLATFORM: (SELECT, DELETE),
    },
    "accounts_membership": {P.WEB: ALL, P.TRAIL: READ, P.PLATFORM: (SELECT, DELETE)},
    # An organization's provider, its domains, and whom it knows by which id.
    # A change of keys seals secrets anew.
    "accounts_singlesignon": {P.WEB: CHANGE, P.PLATFORM: (SELECT, UPDATE.of("client_secret"))},
    "accounts_signondomain": {P.WEB: (SELECT, INSERT, DELETE)},
    "accounts_signonidentity": {P.WEB: (SELECT, INSERT, DELETE)},
    "accounts_invitation": {P.WEB: CHANGE, P.PLATFORM: (*TAKE, UPDATE.of("mail_id"))},
    # Second factors and sessions of people; nobody's address is kept a second time.
    "mfa_authenticator": {P.WEB: ALL, P.PLATFORM: (SELECT, UPDATE.of("data"))},
    "usersessions_usersession": {P.WEB: ALL, P.PLATFORM: TAKE},
    # Deleted with the person whom it names.
    "account_emailaddress": {P.WEB: (SELECT, DELETE)},
    "account_emailconfirmation": _NOBODY,
    "accounts_client": {P.WEB: CHANGE, P.REDEEM: READ, P.SCREEN: READ, P.TRAIL: READ},
    "accounts_client_organizations": {
        P.WEB: ADD,
        **dict.fromkeys((P.REDEEM, P.SCREEN, P.TRAIL, P.PLATFORM), READ),
    },
    "accounts_clientkey": {
        P.WEB: CHANGE,
        **dict.fromkeys((P.REDEEM, P.SCREEN), (SELECT, UPDATE.of("last_used_at"))),
        P.PLATFORM: TAKE,
        # Who answers for a client, so that nobody handles an alert about a key of their own.
        P.TRAIL: (SELECT.of("id", "client_id", "issued_by_id"),),
    },
    # Public keys with which clients sign.
    "accounts_signingkey": {P.WEB: CHANGE, P.REDEEM: READ, P.SCREEN: READ},
    # ── Mail ─────────────────────────────────────────────────────────────────────────────────────────────
    # Whoever writes a mail puts it into the outbox; one worker sends it and forgets what it said.
    "mail_mail": {P.WEB: ADD, P.PLATFORM: (SELECT, UPDATE, DELETE)},
    # ── Second signatures ────────────────────────────────────────────────────────────────────────────────
    "approvals_approval": {P.WEB: CHANGE, P.PLATFORM: (SELECT, UPDATE.of("state", "decided_at"), DELETE)},
    # ── Retention ────────────────────────────────────────────────────────────────────────────────────────
    "retention_retentionperiod": {P.WEB: CHANGE, P.PLATFORM: READ},
    "retention_legalhold": {P.WEB: CHANGE, P.PLATFORM: READ},
    "retention_retentionrun": {P.WEB: READ, P.PLATFORM: CHANGE},
    # ── Alerts and streams ───────────────────────────────────────────────────────────────────────────────
    # The trail's worker opens alerts and sends events; people handle the alerts, and mark the canaries.
    "security_alert": {
        P.WEB: (SELECT, UPDATE.of("state", "holder_id", "closed_at")),
        P.TRAIL: CHANGE,
        P.PLATFORM: TAKE,
    },
    "security_alertnote": {P.WEB: ADD, P.PLATFORM: TAKE},
    # The registry asks whether a record that somebody met is one.
    "security_canary": {
        P.WEB: (SELECT, INSERT, DELETE, HOLD),
        P.TRAIL: READ,
        P.REGISTRY: (SELECT.of("subject_id"),),
    },
    "security_streamcursor": {P.WEB: READ, P.TRAIL: CHANGE},
    # ── The API's memory of requests ─────────────────────────────────────────────────────────────────────
    "api_idempotentrequest": {P.WEB: ALL, P.REDEEM: ALL, P.SCREEN: ALL, P.CAMPAIGNS: (SELECT, DELETE)},
    # ── Campaigns ────────────────────────────────────────────────────────────────────────────────────────
    "campaigns_market": {
        P.WEB: CHANGE,
        P.REDEEM: READ,
        P.CAMPAIGNS: READ,
        P.PLATFORM: READ,
        # When people there are at work.
        P.TRAIL: (SELECT.of("organization_ptr_id", "time_zone"),),
    },
    "campaigns_brand": {P.WEB: CHANGE, P.REDEEM: READ, P.CAMPAIGNS: READ, P.PLATFORM: READ},
    "campaigns_printer": {P.WEB: CHANGE, P.CAMPAIGNS: READ},
    "campaigns_campaign": {P.WEB: CHANGE, P.REDEEM: READ, P.CAMPAIGNS: READ, P.PLATFORM: READ},
    # A worker moves a batch on, but neither plans nor approves one.
    "campaigns_batch": {
        P.WEB: CHANGE,
        P.REDEEM: (SELECT, HOLD),
        P.CAMPAIGNS: (
            SELECT,
            UPDATE.of(
                *("state", "delivery_started_at", "delivered_at", "acknowledged_at", "activated_at"),
                *("ended_at", "end_reason", "manifest", "manifest_signature", "receipt", "differences"),
                "problem",
            ),
        ),
        P.PLATFORM: (SELECT, UPDATE.of("request_key")),
    },
    "campaigns_batchfile": {P.WEB: CHANGE, P.REDEEM: READ, P.CAMPAIGNS: (SELECT, UPDATE)},
    "campaigns_voidrange": {P.WEB: ADD, P.REDEEM: READ, P.CAMPAIGNS: READ},
    # Erasing a member replaces the token and takes the sealed reference away.
    "campaigns_member": {
        P.WEB: (SELECT, INSERT, UPDATE.of("balance", "reference_token", "sealed_reference", "erased_at")),
        P.REDEEM: (SELECT, INSERT, UPDATE.of("balance")),
        P.PLATFORM: (SELECT, UPDATE.of("reference_token", "sealed_reference", "erased_at")),
    },
    "campaigns_redemption": {P.WEB: ADD, P.REDEEM: ADD, P.TRAIL: READ, P.PLATFORM: READ},
    "campaigns_ledgerentry": {P.WEB: ADD, P.REDEEM: ADD, P.TRAIL: READ, P.PLATFORM: READ},
    **FRAUD_TABLES,
}

# What the policies themselves look up: ids of what is in reach, past the policy of the table that they are of.
VIEWS: Mapping[str, tuple[Process, ...]] = dict.fromkeys(
    (
        "campaigns_campaign_in_reach",
        "campaigns_batch_in_reach",
        "campaigns_member_in_reach",
    ),
    _SERVING,
)

# Sequences that statements of ours draw from by name; identity columns draw from theirs without a grant.
SEQUENCES: Mapping[str, tuple[Process, ...]] = {
    "campaigns_member_id_seq": (P.WEB, P.REDEEM),
    # The sealer asks how many ids have been drawn.
    **dict.fromkeys(
        (
            *("audit_entry_id_seq", "campaigns_redemption_id_seq", "campaigns_ledgerentry_id_seq"),
            "fraud_screening_id_seq",
        ),
        (P.TRAIL,),
    ),
}

# Functions of the policies (row-level security), which ask as whoever reads the table.
FUNCTIONS: Mapping[str, tuple[Process, ...]] = {
    **dict.fromkeys(("acts_everywhere()", "acts_somewhere()", "acting_tenants()"), _SERVING),
    **dict.fromkeys(("campaigns_printed()", "campaigns_markets_of_brands()"), _SERVING),
    "campaigns_voided_at(bigint, bigint)": (P.WEB, P.REDEEM),
}

# Who may open keys of a purpose.
KEYS: Mapping[Purpose, tuple[Process, ...]] = {
    # Codes are read where they are typed in, and written where files are made.
    Purpose.CAMPAIGN_CODES: (P.WEB, P.REDEEM, P.CAMPAIGNS, P.MIGRATE),
    # A printer's test file is signed while somebody waits for it.
    Purpose.MANIFESTS: (P.WEB, P.CAMPAIGNS, P.MIGRATE),
    # Redemption seals the reference of a new member and finds known ones by their tokens.
    Purpose.MEMBERS: (P.WEB, P.REDEEM, P.PLATFORM, P.MIGRATE),
    Purpose.TOKENS: (P.WEB, P.REDEEM, P.SCREEN, P.FRAUD, P.PLATFORM, P.MIGRATE),
    Purpose.PEOPLE: (P.WEB, P.PLATFORM, P.MIGRATE),
    Purpose.TRAIL: (P.TRAIL, P.MIGRATE),
    Purpose.CERTIFICATES: (P.WEB, P.PLATFORM, P.MIGRATE),
    Purpose.RESULTS: (P.FRAUD, P.MIGRATE),
    Purpose.APPLICANTS: (P.WEB, P.SCREEN, P.FRAUD, P.PLATFORM, P.MIGRATE),
    # Whoever screens holds the first half; the registry alone holds the second.
    Purpose.TOKENS_SCREENING: (P.SCREEN, P.FRAUD, P.MIGRATE),
    Purpose.TOKENS_REGISTRY: (P.REGISTRY, P.MIGRATE),
}


@dataclass(frozen=True, slots=True)
class Access:
    """What a process may do to the objects of a bucket."""

    reads: bool = True
    writes: bool = False
    deletes: bool = False


# By what a bucket is for. The setting NAME_BUCKET names the one for `name`; printers each name their own.
BUCKETS: Mapping[str, Mapping[Process, Access]] = {
    # The test of a printer writes, reads back and deletes a tiny object while somebody waits for it.
    "printers": dict.fromkeys((P.WEB, P.CAMPAIGNS), Access(writes=True, deletes=True)),
    # Anchors are put once and never taken away.
    "trail": {P.TRAIL: Access(writes=True), P.PLATFORM: Access()},
    # Files of applications, sealed: the portal takes them in and hands results out, the worker does the rest.
    "submissions": {
        **dict.fromkeys((P.WEB, P.FRAUD), Access(writes=True, deletes=True)),
        P.PLATFORM: Access(deletes=True),
    },
}

# Who works on a queue; anybody may put a nudge there, since a nudge is only a row's number.
QUEUES: Mapping[str, Process] = {
    "campaigns": P.CAMPAIGNS,
    "fraud": P.FRAUD,
    "trail": P.TRAIL,
    "platform": P.PLATFORM,
}


def rights(process: Process, table: str) -> Rights:
    """Give what a process may do to a table; nothing for a table that is not on the page."""
    return TABLES.get(table, _NOBODY).get(process, ())


def purposes(process: Process) -> frozenset[Purpose]:
    """Give the purposes whose keys a process may open."""
    return frozenset(purpose for purpose, whose in KEYS.items() if process in whose)
