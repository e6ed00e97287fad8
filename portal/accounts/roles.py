"""Who may do what, on one page: every role's acts, and what each kind of client may be given."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Act(StrEnum):
    """What can be done; written as thing:verb. Also the scopes that a client can hold."""

    MARKET_READ = "markets:read"
    MARKET_EDIT = "markets:edit"
    BRAND_READ = "brands:read"
    BRAND_EDIT = "brands:edit"
    PRINTER_READ = "printers:read"
    PRINTER_EDIT = "printers:edit"
    CAMPAIGN_READ = "campaigns:read"
    CAMPAIGN_EDIT = "campaigns:edit"
    BATCH_READ = "batches:read"
    BATCH_PLAN = "batches:plan"
    BATCH_APPROVE = "batches:approve"
    BATCH_ACKNOWLEDGE = "batches:acknowledge"
    BATCH_ACTIVATE = "batches:activate"
    BATCH_RECALL = "batches:recall"
    CODE_CHECK = "codes:check"
    CODE_REDEEM = "codes:redeem"
    CLIENT_READ = "clients:read"
    CLIENT_EDIT = "clients:edit"
    PERSON_READ = "people:read"
    PERSON_EDIT = "people:edit"
    REQUEST_READ = "requests:read"
    REQUEST_DECIDE = "requests:decide"
    RETENTION_READ = "retention:read"
    RETENTION_EDIT = "retention:edit"
    SUBJECT_ACCESS = "subjects:access"
    TRAIL_READ = "trail:read"
    TRAIL_EXPORT = "trail:export"
    KEY_READ = "keys:read"
    KEY_EDIT = "keys:edit"
    MEMBER_READ = "members:read"
    MEMBER_REVEAL = "members:reveal"
    ALERT_READ = "alerts:read"
    ALERT_EDIT = "alerts:edit"
    INSTITUTION_READ = "institutions:read"
    INSTITUTION_EDIT = "institutions:edit"
    APPLICATION_READ = "applications:read"
    APPLICATION_SEND = "applications:send"
    APPLICANT_REVEAL = "applicants:reveal"
    SUBMISSION_READ = "submissions:read"
    SUBMISSION_SEND = "submissions:send"
    MAPPING_READ = "mappings:read"
    MAPPING_EDIT = "mappings:edit"
    MAPPING_APPROVE = "mappings:approve"
    RULEBOOK_READ = "rulebooks:read"
    RULEBOOK_EDIT = "rulebooks:edit"
    RULEBOOK_APPROVE = "rulebooks:approve"
    WATCH_EDIT = "watchlists:edit"
    CASE_READ = "cases:read"
    CASE_WORK = "cases:work"
    CASE_CONFIRM = "cases:confirm"
    CASE_ASSIGN = "cases:assign"
    RECORD_READ = "records:read"
    RECORD_EDIT = "records:edit"
    ADMIN_SEE = "admin:see"


class Role(StrEnum):
    MARKETER = "marketer"
    APPROVER = "approver"
    PRINTER = "printer"
    SUPPORT = "support"
    FINANCE = "finance"
    ANALYST = "analyst"
    LEAD = "lead"
    PRIVACY = "privacy"
    AUDITOR = "auditor"
    OPERATOR = "operator"


ROLE_NAMES = {
    Role.MARKETER: _("Marketer"),
    Role.APPROVER: _("Approver"),
    Role.PRINTER: _("Printer operator"),
    Role.SUPPORT: _("Support"),
    Role.FINANCE: _("Finance"),
    Role.ANALYST: _("Fraud analyst"),
    Role.LEAD: _("Team lead"),
    Role.PRIVACY: _("Privacy officer"),
    Role.AUDITOR: _("Auditor"),
    Role.OPERATOR: _("Operator"),
}

A = Act
_SEE_CAMPAIGNS = frozenset({A.MARKET_READ, A.BRAND_READ, A.PRINTER_READ, A.CAMPAIGN_READ, A.BATCH_READ})

_SEE_SCREENING = frozenset({A.INSTITUTION_READ, A.SUBMISSION_READ, A.MAPPING_READ, A.RULEBOOK_READ})
_ANALYSE = _SEE_SCREENING | {
    A.APPLICATION_READ,
    A.APPLICANT_REVEAL,
    A.WATCH_EDIT,
    A.CASE_READ,
    A.CASE_WORK,
    # The second analyst's word on a fraud; never the first's.
    A.CASE_CONFIRM,
    A.RECORD_READ,
    A.REQUEST_READ,
}

ACTS: dict[Role, frozenset[Act]] = {
    Role.MARKETER: _SEE_CAMPAIGNS
    | {
        A.CAMPAIGN_EDIT,
        A.BATCH_PLAN,
        A.BATCH_ACTIVATE,
        A.BATCH_RECALL,
        A.CODE_CHECK,
        A.CODE_REDEEM,
        A.CLIENT_READ,
        A.REQUEST_READ,
    },
    # May do what a marketer does as well, so that a small market can swap the two seats; never for one batch.
    Role.APPROVER: _SEE_CAMPAIGNS
    | {
        A.BATCH_PLAN,
        A.BATCH_APPROVE,
        A.BATCH_ACTIVATE,
        A.BATCH_RECALL,
        A.CODE_CHECK,
        A.CLIENT_READ,
        A.REQUEST_READ,
        A.REQUEST_DECIDE,
        A.TRAIL_READ,
    },
    Role.PRINTER: frozenset({A.PRINTER_READ, A.BATCH_READ, A.BATCH_ACKNOWLEDGE}),
    Role.SUPPORT: _SEE_CAMPAIGNS | {A.CODE_CHECK, A.MEMBER_READ},
    Role.FINANCE: _SEE_CAMPAIGNS,
    Role.ANALYST: _ANALYSE,
    Role.LEAD: _ANALYSE
    | {
        # Gives back what somebody else has claimed.
        A.CASE_ASSIGN,
        A.SUBMISSION_SEND,
        A.MAPPING_EDIT,
        A.MAPPING_APPROVE,
        A.RULEBOOK_EDIT,
        A.RULEBOOK_APPROVE,
        A.RECORD_EDIT,
        A.CLIENT_READ,
        A.TRAIL_READ,
    },
    Role.PRIVACY: frozenset(
        {
            A.REQUEST_READ,
            A.REQUEST_DECIDE,
            A.RETENTION_READ,
            A.RETENTION_EDIT,
            A.SUBJECT_ACCESS,
            A.TRAIL_READ,
            A.TRAIL_EXPORT,
            A.KEY_READ,
            A.MEMBER_READ,
            A.MEMBER_REVEAL,
            A.ALERT_READ,
            A.ALERT_EDIT,
        }
    ),
    Role.AUDITOR: _SEE_CAMPAIGNS
    | _SEE_SCREENING
    | {
        A.CASE_READ,
        A.RECORD_READ,
        A.CLIENT_READ,
        A.PERSON_READ,
        A.REQUEST_READ,
        A.RETENTION_READ,
        A.TRAIL_READ,
        A.TRAIL_EXPORT,
        A.KEY_READ,
        A.ALERT_READ,
        A.ADMIN_SEE,
    },
    Role.OPERATOR: _SEE_CAMPAIGNS
    | _SEE_SCREENING
    | {
        A.INSTITUTION_EDIT,
        A.MARKET_EDIT,
        A.BRAND_EDIT,
        A.PRINTER_EDIT,
        A.CAMPAIGN_EDIT,
        A.BATCH_RECALL,
        A.CODE_CHECK,
        A.CLIENT_READ,
        A.CLIENT_EDIT,
        A.PERSON_READ,
        A.PERSON_EDIT,
        A.REQUEST_READ,
        A.REQUEST_DECIDE,
        A.RETENTION_READ,
        A.RETENTION_EDIT,
        A.TRAIL_READ,
        A.TRAIL_EXPORT,
        A.KEY_READ,
        A.KEY_EDIT,
        A.ALERT_READ,
        A.ALERT_EDIT,
        A.ADMIN_SEE,
    },
}


# What a stolen session alone must not do: these ask for a second factor shown lately, and whoever holds one of
# them has a second factor in the first place.
FRESH: frozenset[Act] = frozenset(
    {
        A.BATCH_APPROVE,
        A.BATCH_ACTIVATE,
        A.BATCH_RECALL,
        A.PRINTER_EDIT,
        A.CLIENT_EDIT,
        A.PERSON_EDIT,
        A.REQUEST_DECIDE,
        A.TRAIL_EXPORT,
        A.KEY_EDIT,
        A.MEMBER_REVEAL,
        A.RETENTION_EDIT,
        A.SUBJECT_ACCESS,
        A.ALERT_EDIT,
        A.INSTITUTION_EDIT,
        A.APPLICANT_REVEAL,
        A.MAPPING_APPROVE,
        A.RULEBOOK_APPROVE,
        A.CASE_CONFIRM,
        A.RECORD_EDIT,
        A.ADMIN_SEE,
    }
)


class ClientKind(StrEnum):
    """What a client is; decides what it may be given and what it may learn from a refusal."""

    WEBSITE = "website"
    SUPPORT_DESK = "support-desk"
    AUTOMATION = "automation"
    PRINTER = "printer"
    INSTITUTION = "institution"


CLIENT_KIND_NAMES = {
    ClientKind.WEBSITE: _("Brand's website or app"),
    ClientKind.SUPPORT_DESK: _("Support desk"),
    ClientKind.AUTOMATION: _("Marketing automation"),
    ClientKind.PRINTER: _("Printer"),
    ClientKind.INSTITUTION: _("Institution's system"),
}

_ORDERS = frozenset(
    {A.CAMPAIGN_READ, A.BATCH_READ, A.BATCH_PLAN, A.BATCH_APPROVE, A.BATCH_ACTIVATE, A.BATCH_RECALL}
)
CLIENT_ACTS: dict[ClientKind, frozenset[Act]] = {
    ClientKind.WEBSITE: frozenset({A.CODE_REDEEM, A.CODE_CHECK}) | _ORDERS,
    ClientKind.SUPPORT_DESK: frozenset({A.CODE_CHECK, A.CAMPAIGN_READ, A.BATCH_READ}),
    ClientKind.AUTOMATION: _ORDERS,
    ClientKind.PRINTER: frozenset({A.BATCH_READ, A.BATCH_ACKNOWLEDGE}),
    ClientKind.INSTITUTION: frozenset(
        {A.APPLICATION_SEND, A.APPLICATION_READ, A.SUBMISSION_SEND, A.SUBMISSION_READ}
    ),
}
