"""Addresses of the pages of the fraud domain."""

from django.urls import URLPattern, path

from fraud.views import (
    applications,
    backtests,
    cases,
    deliveries,
    disputes,
    feeds,
    files,
    institutions,
    mapping_questions,
    mapping_samples,
    mapping_studio,
    mappings,
    records,
    rulebook_drafts,
    rulebook_questions,
    rulebook_rules,
    rulebook_trials,
    rulebooks,
    shadows,
    standings,
    submissions,
    uploading,
    verdicts,
    watch,
)

urlpatterns: list[URLPattern] = [
    # ── Cases ──
    path("cases/", cases.case_list, name="cases"),
    path("cases/next/", cases.claim_next, name="case-next"),
    path("cases/<str:public_id>/", cases.case_detail, name="case"),
    path("cases/<str:public_id>/claim/", cases.claim, name="case-claim"),
    path("cases/<str:public_id>/release/", cases.release, name="case-release"),
    path("cases/<str:public_id>/decide/", verdicts.decide, name="case-decide"),
    path("cases/<str:public_id>/reopen/", cases.reopen, name="case-reopen"),
    path(
        "cases/<str:public_id>/disputes/<str:fraud_type>/<str:role>/",
        disputes.raise_from_case,
        name="case-dispute",
    ),
    path("cases/<str:public_id>/notes/", cases.note, name="case-note"),
    # ── Applications ──
    path("applications/", applications.application_list, name="applications"),
    path("applications/find/", applications.look_up, name="application-look-up"),
    path("applications/<str:public_id>/", applications.application_detail, name="application"),
    path("applications/<str:public_id>/people/<int:party>/", applications.reveal, name="application-reveal"),
    # ── Institutions ──
    path("institutions/", institutions.institution_list, name="institutions"),
    path("institutions/new/", institutions.new_institution, name="institution-new"),
    path("institutions/<str:public_id>/", institutions.institution_detail, name="institution"),
    path("institutions/<str:public_id>/edit/", institutions.edit_institution, name="institution-edit"),
    path("institutions/<str:public_id>/layouts/", files.default_layouts, name="institution-layouts"),
    path("institutions/<str:public_id>/intake-key/", files.intake_key, name="institution-intake-key"),
    path("institutions/<str:public_id>/intake-key/new/", files.make_key, name="institution-intake-key-make"),
    path(
        "institutions/<str:public_id>/intake-key/replace/",
        files.replace_key,
        name="institution-intake-key-replace",
    ),
    path("institutions/<str:public_id>/webhook/", institutions.webhook, name="institution-webhook"),
    path("institutions/<str:public_id>/webhook/pause/", deliveries.pause, name="webhook-pause"),
    path("institutions/<str:public_id>/webhook/resume/", deliveries.resume, name="webhook-resume"),
    path("institutions/<str:public_id>/webhook/off/", deliveries.switch_off, name="webhook-off"),
    path("institutions/<str:public_id>/deliveries/", deliveries.delivery_list, name="institution-deliveries"),
    path("deliveries/<str:public_id>/again/", deliveries.resend, name="delivery-again"),
    # ── Feeds of case systems ──
    path("institutions/<str:public_id>/case-feed/new/", feeds.new_feed, name="case-feed-new"),
    path("case-feeds/<str:public_id>/", feeds.feed_detail, name="case-feed"),
    path("case-feeds/<str:public_id>/pause/", feeds.pause, name="case-feed-pause"),
    path("case-feeds/<str:public_id>/resume/", feeds.resume, name="case-feed-resume"),
    path("case-feeds/<str:public_id>/end/", feeds.end, name="case-feed-end"),
    # ── Rulebooks ──
    path("rulebooks/", rulebooks.rulebook_list, name="rulebooks"),
    path("rulebooks/reads/", rulebook_rules.reads, name="rulebook-reads"),
    path("rulebooks/versions/<str:public_id>/", rulebooks.rulebook_version, name="rulebook-version"),
    path(
        "rulebooks/versions/<str:public_id>/roll-back/",
        rulebook_questions.roll_back,
        name="rulebook-roll-back",
    ),
    path("rulebooks/backtests/<str:public_id>/", backtests.backtest_detail, name="backtest"),
    path(
        "rulebooks/backtests/<str:public_id>/progress/", backtests.backtest_progress, name="backtest-progress"
    ),
    path("rulebooks/backtests/<str:public_id>/cancel/", backtests.cancel, name="backtest-cancel"),
    path("rulebooks/<str:public_id>/backtests/", backtests.backtest_list, name="backtests"),
    path("rulebooks/<str:public_id>/backtests/new/", backtests.new_backtest, name="backtest-new"),
    path("rulebooks/<str:public_id>/", rulebooks.rulebook_detail, name="rulebook"),
    path("rulebooks/<str:public_id>/compare/", rulebooks.compare, name="rulebook-compare"),
    path("rulebooks/<str:public_id>/draft/", rulebook_drafts.draft, name="rulebook-draft"),
    path("rulebooks/<str:public_id>/draft/bands/", rulebook_drafts.bands, name="rulebook-bands"),
    path("rulebooks/<str:public_id>/draft/rules/new/", rulebook_rules.new_rule, name="rulebook-rule-new"),
    path(
        "rulebooks/<str:public_id>/draft/rules/<int:place>/", rulebook_rules.edit_rule, name="rulebook-rule"
    ),
    path(
        "rulebooks/<str:public_id>/draft/rules/<int:place>/remove/",
        rulebook_rules.remove_rule,
        name="rulebook-rule-remove",
    ),
    path("rulebooks/<str:public_id>/draft/try/", rulebook_trials.try_on, name="rulebook-try"),
    path("rulebooks/<str:public_id>/draft/publish/", rulebook_questions.publish, name="rulebook-publish"),
    path("rulebooks/<str:public_id>/draft/discard/", rulebook_questions.discard, name="rulebook-discard"),
    path("rulebooks/<str:public_id>/shadow/", shadows.shadow, name="rulebook-shadow"),
    path("rulebooks/<str:public_id>/shadow/end/", shadows.shadow_off, name="rulebook-shadow-off"),
    path("rulebooks/versions/<str:public_id>/shadow/", shadows.shadow_on, name="rulebook-shadow-on"),
    # ── Mappings ──
    path("mappings/", mappings.mapping_list, name="mappings"),
    path("mappings/new/", mappings.new_mapping, name="mapping-new"),
    path("mappings/versions/<str:public_id>/", mappings.mapping_version, name="mapping-version"),
    path(
        "mappings/versions/<str:public_id>/document.json", mappings.mapping_document, name="mapping-document"
    ),
    path("mappings/versions/<str:public_id>/publish/", mapping_questions.publish, name="mapping-publish"),
    path("mappings/versions/<str:public_id>/discard/", mapping_questions.discard, name="mapping-discard"),
    path(
        "mappings/versions/<str:public_id>/roll-back/", mapping_questions.roll_back, name="mapping-roll-back"
    ),
    path("mappings/samples/<str:public_id>/", mapping_samples.show_sample, name="mapping-sample"),
    path(
        "mappings/samples/<str:public_id>/reveal/",
        mapping_samples.reveal_sample,
        name="mapping-sample-reveal",
    ),
    path(
        "mappings/samples/<str:public_id>/remove/",
        mapping_samples.remove_sample,
        name="mapping-sample-remove",
    ),
    path("mappings/<str:public_id>/", mappings.mapping_detail, name="mapping"),
    path("mappings/<str:public_id>/compare/", mappings.compare, name="mapping-compare"),
    path("mappings/<str:public_id>/draft/", mapping_studio.draft, name="mapping-draft"),
    path("mappings/<str:public_id>/retire/", mapping_questions.retire, name="mapping-retire"),
    # ── Submissions ──
    path("submissions/", submissions.submission_list, name="submissions"),
    path("submissions/new/", uploading.submission_new, name="submission-new"),
    path("submissions/<str:public_id>/", submissions.submission_detail, name="submission"),
    path("submissions/<str:public_id>/file/", uploading.submission_upload, name="submission-upload"),
    path(
        "submissions/<str:public_id>/progress/", submissions.submission_progress, name="submission-progress"
    ),
    path("submissions/<str:public_id>/pause/", submissions.pause, name="submission-pause"),
    path("submissions/<str:public_id>/resume/", submissions.resume, name="submission-resume"),
    path("submissions/<str:public_id>/retry/", submissions.retry, name="submission-retry"),
    path("submissions/<str:public_id>/cancel/", submissions.cancel, name="submission-cancel"),
    path("submissions/<str:public_id>/<str:kind>/", submissions.submission_file, name="submission-file"),
    # ── The consortium ──
    path("records/", records.record_list, name="records"),
    path("records/<str:public_id>/correct/", records.correct, name="record-correct"),
    path("records/<str:public_id>/retract/", records.retract, name="record-retract"),
    path("disputes/", disputes.dispute_list, name="disputes"),
    path("disputes/<str:public_id>/", disputes.dispute_detail, name="dispute"),
    path("disputes/<str:public_id>/confirm/", disputes.uphold, name="dispute-uphold"),
    path("disputes/<str:public_id>/correct/", disputes.correct, name="dispute-correct"),
    path("disputes/<str:public_id>/retract/", disputes.retract, name="dispute-retract"),
    path("consortium/", standings.standing_list, name="standings"),
    path("consortium/<str:public_id>/", standings.standing, name="standing"),
    path("consortium/<str:public_id>/quota/", standings.quota, name="standing-quota"),
    # ── Watch lists ──
    path("watch-lists/", watch.watch_list, name="watch-lists"),
    path("watch-lists/new/", watch.new_entry, name="watch-new"),
    path("watch-lists/<str:public_id>/remove/", watch.remove, name="watch-remove"),
]
