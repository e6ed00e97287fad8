"""Every table either has a policy, or a reason here why its rows are nobody's in particular or guarded otherwise."""

from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

# Why the database lets whoever has a grant (portal/privileges.py) reach every row.
REASONS = {
    # Known before anybody is: whoever signs in or presents a key has no tenant yet.
    "accounts_user": "read to sign in, before it is known whose rows are in reach",
    "accounts_membership": "says whose rows are in reach",
    "accounts_organization": "the tenants themselves; a name, and what kind it is",
    "accounts_client": "read to let a client in",
    "accounts_client_organizations": "says whose rows a client reaches",
    "accounts_clientkey": "read to let a client in; digests only",
    "accounts_signingkey": "read to let a client in; public keys only",
    "accounts_invitation": "read by whoever holds its word, before they can sign in",
    "accounts_singlesignon": "read to sign in; its secret is sealed",
    "accounts_signondomain": "read to sign in",
    "accounts_signonidentity": "read to sign in, by the provider's own name for a person",
    "mfa_authenticator": "read to let a person in, by that person's row; sealed",
    "usersessions_usersession": "read to let a person in, by that person's row",
    "account_emailaddress": "read to sign in",
    "account_emailconfirmation": "never written",
    "django_session": "read to sign in, by a key of 160 random bits",
    "api_idempotentrequest": "reached by a client's own number and key alone; gone after days",
    # Shown to everybody who orders: which markets, brands and printers there are.
    "campaigns_market": "an organization, with what everybody may know of it",
    "fraud_institution": "an organization, with what everybody may know of it",
    "campaigns_brand": "an organization, with what everybody may know of it",
    "campaigns_printer": "an organization; whoever orders chooses among all; holds no secrets",
    # The system's own.
    "keys_scopekey": "wrapped keys; what they open has policies of its own",
    "keys_subjectkey": "wrapped keys; what they open has policies of its own",
    "keys_signingkey": "wrapped keys, and public ones that everybody may know",
    "keys_certificate": "says that something was destroyed, and nothing of what it was",
    "keys_rotation": "how far a rotation of keys has come",
    "retention_retentionperiod": "durations",
    "retention_retentionrun": "how far a run has come; names of rows as a digest",
    "retention_legalhold": "a hold that is out of sight would not be kept",
    "security_canary": "ids of things that nobody touches; only those who see everywhere see the list",
    "security_streamcursor": "how far a reader of the trail has come",
    "mail_mail": "the outbox: written before anybody has signed in, and emptied by one worker",
    "audit_link": "digests and positions, of everybody's entries together",
    "audit_mark": "the sealer's notes",
    "audit_anchor": "digests and positions, of everybody's entries together",
    "audit_verification": "the result of a check of the whole chain",
    # The registry knows no institutions, only pseudonyms, and no other process has a grant there.
    "fraud_sweep": "moments, and nobody's",
    "fraud_registrymember": "pseudonyms; one process alone has a grant",
    "fraud_registrytally": "counts by pseudonym; one process alone has a grant",
    "fraud_registryrecord": "what all members share; its contributor is sealed; one process alone has a grant",
    "fraud_registrytoken": "tokens of what all members share; one process alone has a grant",
    "fraud_registryinquiry": "compared with every record; one process alone has a grant",
    "fraud_registryinquirytoken": "compared with every record; one process alone has a grant",
    "fraud_registrydispute": "by pseudonym; one process alone has a grant",
    "fraud_registrynotice": "by pseudonym; one process alone has a grant",
    "django_content_type": "names of tables",
    "django_admin_log": "never written: the admin changes nothing",
    "auth_group": "never written",
    "auth_group_permissions": "never written",
    "auth_permission": "names of tables",
}


def tables() -> set[str]:
    found = apps.get_models(include_auto_created=True)
    return {model._meta.db_table for model in found if model._meta.managed}


def guarded() -> set[str]:
    """The tables that have policies, and use them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND EXISTS "
            "(SELECT FROM pg_policy WHERE polrelid = pg_class.oid)"
        )
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db
def test_every_table_has_a_policy_or_a_reason() -> None:
    left = sorted(tables() - guarded() - set(REASONS))

    assert not left, f"a policy in a migration, or a reason here, for {', '.join(left)}"


@pytest.mark.django_db
def test_no_reason_is_left_for_a_table_that_has_a_policy_or_is_gone() -> None:
    assert set(REASONS) <= tables() - guarded()


@pytest.mark.django_db
def test_policies_ask_once_for_each_statement() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, coalesce(qual, '') || coalesce(with_check, '') FROM pg_policies")
        policies = cursor.fetchall()

    assert policies
    for table, text in policies:
        asked = (
            text.count("acts_everywhere()") + text.count("acting_tenants()") + text.count("acts_somewhere()")
        )
        once = text.count("SELECT acts_everywhere()") + text.count("SELECT acting_tenants()")
        assert asked == once + text.count("SELECT acts_somewhere()"), table


def test_only_the_doors_say_whose_rows_are_in_reach() -> None:
    root = Path(__file__).resolve().parents[2]
    saying = {
        path.relative_to(root).as_posix()
        for folder in ("portal", "campaigns")
        for path in (root / folder).rglob("*.py")
        if "act_within(" in path.read_text() or "acting_within(" in path.read_text()
    }

    assert saying <= {
        "portal/accounts/actors.py",
        "portal/api/views.py",
        # An export for an outsider holds every entry of the chain, or it could not be verified.
        "portal/audit/queries/exporting.py",
        "portal/celery.py",
        "portal/core/tenancy.py",
        # Figures for /metrics, which nobody in particular asks for.
        "portal/security/figures.py",
        "portal/web/admin.py",
        "portal/web/guards.py",
    }
