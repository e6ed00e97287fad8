"""Accesses that must be refused, one by one: a test tries each, and docs/privileges.md lists them; pure data."""

from portal.privileges import Process, Verb

P, V = Process, Verb

# Who, on which table, doing what, to which column: beside the page, so that a change there cannot quietly allow one.
REFUSED: tuple[tuple[Process, str, Verb, str], ...] = (
    # The trail is written once, by everybody, and sealed by one.
    *((process, "audit_entry", V.UPDATE, "act") for process in (P.WEB, P.REDEEM, P.TRAIL, P.PLATFORM)),
    *((process, "audit_entry", V.DELETE, "") for process in (P.WEB, P.REDEEM, P.TRAIL, P.PLATFORM)),
    (P.REDEEM, "audit_entry", V.SELECT, "act"),
    (P.CAMPAIGNS, "audit_entry", V.SELECT, "act"),
    (P.WEB, "audit_link", V.INSERT, ""),
    (P.WEB, "audit_mark", V.UPDATE, "source"),
    (P.TRAIL, "audit_link", V.UPDATE, "digest"),
    # What was redeemed stays redeemed, and the ledger as it was written.
    *((process, "campaigns_redemption", V.UPDATE, "serial") for process in (P.WEB, P.REDEEM, P.CAMPAIGNS)),
    *((process, "campaigns_redemption", V.DELETE, "") for process in (P.WEB, P.REDEEM, P.CAMPAIGNS)),
    *((process, "campaigns_ledgerentry", V.UPDATE, "points") for process in (P.WEB, P.REDEEM)),
    # Redemption spends codes: it orders, approves and voids none, and knows no second factors or sessions.
    (P.REDEEM, "campaigns_batch", V.UPDATE, "state"),
    (P.REDEEM, "campaigns_batch", V.INSERT, ""),
    (P.REDEEM, "campaigns_campaign", V.UPDATE, "points_per_code"),
    (P.REDEEM, "campaigns_voidrange", V.INSERT, ""),
    (P.REDEEM, "campaigns_printer", V.SELECT, "bucket"),
    (P.REDEEM, "mfa_authenticator", V.SELECT, "data"),
    (P.REDEEM, "django_session", V.SELECT, "session_data"),
    (P.REDEEM, "accounts_membership", V.SELECT, "role"),
    (P.REDEEM, "accounts_user", V.UPDATE, "email"),
    *(
        (process, "accounts_user", V.SELECT, column)
        for process in (P.REDEEM, P.SCREEN)
        for column in ("password", "email", "name", "last_login")
    ),
    # The worker of files moves a batch on, and neither orders nor approves one, nor spends its codes.
    (P.CAMPAIGNS, "campaigns_batch", V.INSERT, ""),
    (P.CAMPAIGNS, "campaigns_batch", V.UPDATE, "approved_by"),
    (P.CAMPAIGNS, "campaigns_batch", V.UPDATE, "quantity"),
    (P.CAMPAIGNS, "campaigns_campaign", V.UPDATE, "wrapped_key"),
    (P.CAMPAIGNS, "campaigns_redemption", V.INSERT, ""),
    (P.CAMPAIGNS, "campaigns_member", V.SELECT, "balance"),
    (P.CAMPAIGNS, "accounts_user", V.SELECT, "email"),
    (P.CAMPAIGNS, "accounts_clientkey", V.SELECT, "digest"),
    # The sealer reads what it seals, and changes none of it.
    (P.TRAIL, "campaigns_redemption", V.INSERT, ""),
    (P.TRAIL, "campaigns_campaign", V.SELECT, "wrapped_key"),
    (P.TRAIL, "mfa_authenticator", V.SELECT, "data"),
    # Upkeep spends nothing and orders nothing.
    (P.PLATFORM, "campaigns_redemption", V.INSERT, ""),
    (P.PLATFORM, "campaigns_batch", V.UPDATE, "state"),
    (P.PLATFORM, "django_session", V.UPDATE, "session_data"),
    (P.PLATFORM, "accounts_clientkey", V.INSERT, ""),
    # Whoever screens applies rulebooks and watch lists, and writes none.
    *((process, "fraud_rulebookversion", V.UPDATE, "document") for process in (P.SCREEN, P.FRAUD)),
    *((process, "fraud_rulebook", V.UPDATE, "live_id") for process in (P.SCREEN, P.FRAUD)),
    *((process, "fraud_watchentry", V.INSERT, "") for process in (P.SCREEN, P.FRAUD)),
    (P.WEB, "fraud_watchentry", V.UPDATE, "token"),
    # Whoever translates reads mappings, and neither writes them nor opens the samples that test them.
    *((process, "fraud_mappingversion", V.UPDATE, "document") for process in (P.SCREEN, P.FRAUD)),
    *((process, "fraud_goldensample", V.SELECT, "sealed_record") for process in (P.SCREEN, P.FRAUD)),
    (P.WEB, "fraud_goldensample", V.UPDATE, "sealed_expected"),
    # Whoever seals decisions reads neither what the consortium told of people nor which rules spoke, and changes none.
    *((P.TRAIL, "fraud_screening", V.SELECT, column) for column in ("hits", "explanation")),
    *((process, "fraud_screening", V.UPDATE, "outcome") for process in (P.TRAIL, P.PLATFORM, P.WEB, P.FRAUD)),
    # Screening and fraud have no business with campaigns.
    *(
        (process, table, V.SELECT, column)
        for process in (P.SCREEN, P.FRAUD)
        for table, column in (
            ("campaigns_campaign", "wrapped_key"),
            ("campaigns_batch", "state"),
            ("campaigns_member", "balance"),
            ("campaigns_redemption", "serial"),
        )
    ),
    # Screening opens cases; it neither claims nor decides them, and reads no notes. The worker changes no finding.
    *((process, "fraud_case", V.UPDATE, "verdict") for process in (P.SCREEN, P.FRAUD)),
    *((process, "fraud_case", V.UPDATE, "confirmed_by") for process in (P.SCREEN, P.FRAUD, P.PLATFORM)),
    *((process, "fraud_casenote", V.SELECT, "sealed") for process in (P.SCREEN, P.FRAUD, P.REGISTRY)),
    (P.FRAUD, "fraud_contribution", V.INSERT, ""),
    (P.FRAUD, "fraud_contribution", V.UPDATE, "fraud_type"),
    (P.SCREEN, "fraud_contribution", V.SELECT, "state"),
    (P.WEB, "fraud_case", V.UPDATE, "priority"),
    # Who screens knows no record of the registry, and the registry no applicant: neither can try out what the other
    # holds.
    *(
        (process, table, V.SELECT, column)
        for process in (P.WEB, P.SCREEN, P.FRAUD, P.PLATFORM)
        for table, column in (
            ("fraud_registryrecord", "contributor"),
            ("fraud_registrytoken", "token"),
            ("fraud_registryinquiry", "application"),
            ("fraud_registryinquirytoken", "head"),
            ("fraud_registrymember", "mark"),
        )
    ),
    *(
        (P.REGISTRY, table, V.SELECT, column)
        for table, column in (
            ("fraud_application", "sealed"),
            ("fraud_fraudelement", "token"),
            ("fraud_screening", "hits"),
            ("fraud_institution", "code"),
            ("accounts_user", "email"),
            ("accounts_clientkey", "digest"),
            ("audit_entry", "facts"),
            ("security_canary", "note"),
        )
    ),
    (P.REGISTRY, "fraud_registryinquiry", V.UPDATE, "tokens"),
    (P.REGISTRY, "fraud_registrytoken", V.UPDATE, "token"),
    # The keeper of the timetable reaches nothing at all.
    (P.BEAT, "audit_entry", V.INSERT, ""),
    (P.BEAT, "campaigns_batch", V.SELECT, "state"),
    (P.BEAT, "accounts_user", V.SELECT, "email"),
)
