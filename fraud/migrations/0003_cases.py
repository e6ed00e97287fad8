"""Cases, notes on them, and what two analysts found on its way to the registry; with policies by institution."""


from importlib import import_module

import django.contrib.postgres.fields
import django.db.models.deletion
import fraud.rules.cases
import fraud.rules.consortium
import portal.core.language
import portal.core.models
import portal.crypto.keyring
import portal.keys.fields
from django.db import migrations, models

within_institution = import_module("fraud.migrations.0002_row_level_security").within_institution


class Migration(migrations.Migration):

    dependencies = [
        ('fraud', '0002_row_level_security'),
    ]

    operations = [
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('cas'), editable=False, max_length=32, unique=True)),
                ('state', models.CharField(choices=[(fraud.rules.cases.CaseState['OPEN'], fraud.rules.cases.CaseState['OPEN']), (fraud.rules.cases.CaseState['CLAIMED'], fraud.rules.cases.CaseState['CLAIMED']), (fraud.rules.cases.CaseState['CONFIRMING'], fraud.rules.cases.CaseState['CONFIRMING']), (fraud.rules.cases.CaseState['DECIDED'], fraud.rules.cases.CaseState['DECIDED']), (fraud.rules.cases.CaseState['REOPENED'], fraud.rules.cases.CaseState['REOPENED'])], default=fraud.rules.cases.CaseState['OPEN'], max_length=12)),
                ('origin', models.CharField(choices=[(fraud.rules.cases.CaseOrigin['SCREENING'], fraud.rules.cases.CaseOrigin['SCREENING']), (fraud.rules.cases.CaseOrigin['RETRO'], fraud.rules.cases.CaseOrigin['RETRO']), (fraud.rules.cases.CaseOrigin['DEGRADED'], fraud.rules.cases.CaseOrigin['DEGRADED'])], max_length=12)),
                ('priority', models.PositiveSmallIntegerField()),
                ('reasons', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=48), default=list, size=None)),
                ('opened_at', models.DateTimeField()),
                ('reopened_at', models.DateTimeField(null=True)),
                ('claimed_by', models.CharField(blank=True, default='', max_length=32)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('verdict', models.CharField(blank=True, choices=[('', ''), (fraud.rules.cases.Verdict['FRAUD'], fraud.rules.cases.Verdict['FRAUD']), (fraud.rules.cases.Verdict['CLEAR'], fraud.rules.cases.Verdict['CLEAR']), (fraud.rules.cases.Verdict['UNSURE'], fraud.rules.cases.Verdict['UNSURE'])], default='', max_length=8)),
                ('decided_by', models.CharField(blank=True, default='', max_length=32)),
                ('decided_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.CharField(blank=True, default='', max_length=32)),
                ('fraud_type', models.CharField(blank=True, choices=[('', ''), (fraud.rules.consortium.FraudType['IDENTITY_THEFT'], fraud.rules.consortium.FraudType['IDENTITY_THEFT']), (fraud.rules.consortium.FraudType['SYNTHETIC_IDENTITY'], fraud.rules.consortium.FraudType['SYNTHETIC_IDENTITY']), (fraud.rules.consortium.FraudType['FIRST_PARTY'], fraud.rules.consortium.FraudType['FIRST_PARTY']), (fraud.rules.consortium.FraudType['ACCOUNT_TAKEOVER'], fraud.rules.consortium.FraudType['ACCOUNT_TAKEOVER']), (fraud.rules.consortium.FraudType['MONEY_MULE'], fraud.rules.consortium.FraudType['MONEY_MULE']), (fraud.rules.consortium.FraudType['FORGED_DOCUMENT'], fraud.rules.consortium.FraudType['FORGED_DOCUMENT']), (fraud.rules.consortium.FraudType['OTHER'], fraud.rules.consortium.FraudType['OTHER'])], default='', max_length=24)),
                ('fraud_role', models.CharField(blank=True, choices=[('', ''), (fraud.rules.consortium.RecordRole['PERPETRATOR'], fraud.rules.consortium.RecordRole['PERPETRATOR']), (fraud.rules.consortium.RecordRole['VICTIM'], fraud.rules.consortium.RecordRole['VICTIM']), (fraud.rules.consortium.RecordRole['MULE'], fraud.rules.consortium.RecordRole['MULE'])], default='', max_length=12)),
                ('proof', models.CharField(blank=True, choices=[('', ''), (fraud.rules.cases.Proof['VICTIM_STATEMENT'], fraud.rules.cases.Proof['VICTIM_STATEMENT']), (fraud.rules.cases.Proof['ISSUER_CONFIRMED'], fraud.rules.cases.Proof['ISSUER_CONFIRMED']), (fraud.rules.cases.Proof['DOCUMENT_EXAMINED'], fraud.rules.cases.Proof['DOCUMENT_EXAMINED']), (fraud.rules.cases.Proof['ADMISSION'], fraud.rules.cases.Proof['ADMISSION']), (fraud.rules.cases.Proof['POLICE_REPORT'], fraud.rules.cases.Proof['POLICE_REPORT']), (fraud.rules.cases.Proof['ACCOUNT_ACTIVITY'], fraud.rules.cases.Proof['ACCOUNT_ACTIVITY'])], default='', max_length=24)),
                ('party', models.PositiveSmallIntegerField(default=0)),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), default=list, size=None)),
                ('application', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='case', to='fraud.application')),
                ('institution', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='fraud.institution')),
            ],
        ),
        migrations.CreateModel(
            name='CaseNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('nte'), editable=False, max_length=32, unique=True)),
                ('sealed', portal.keys.fields.SealedField(longest=16000, purpose=portal.crypto.keyring.Purpose['APPLICANTS'])),
                ('written_by', models.CharField(max_length=32)),
                ('written_at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='fraud.case')),
                ('institution', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.institution')),
            ],
        ),
        migrations.CreateModel(
            name='Contribution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('ctb'), editable=False, max_length=32, unique=True)),
                ('state', models.CharField(choices=[(fraud.rules.cases.ContributionState['WAITING'], fraud.rules.cases.ContributionState['WAITING']), (fraud.rules.cases.ContributionState['REGISTERED'], fraud.rules.cases.ContributionState['REGISTERED']), (fraud.rules.cases.ContributionState['RETRACTING'], fraud.rules.cases.ContributionState['RETRACTING']), (fraud.rules.cases.ContributionState['RETRACTED'], fraud.rules.cases.ContributionState['RETRACTED']), (fraud.rules.cases.ContributionState['REFUSED'], fraud.rules.cases.ContributionState['REFUSED'])], default=fraud.rules.cases.ContributionState['WAITING'], max_length=12)),
                ('fraud_type', models.CharField(choices=[(fraud.rules.consortium.FraudType['IDENTITY_THEFT'], fraud.rules.consortium.FraudType['IDENTITY_THEFT']), (fraud.rules.consortium.FraudType['SYNTHETIC_IDENTITY'], fraud.rules.consortium.FraudType['SYNTHETIC_IDENTITY']), (fraud.rules.consortium.FraudType['FIRST_PARTY'], fraud.rules.consortium.FraudType['FIRST_PARTY']), (fraud.rules.consortium.FraudType['ACCOUNT_TAKEOVER'], fraud.rules.consortium.FraudType['ACCOUNT_TAKEOVER']), (fraud.rules.consortium.FraudType['MONEY_MULE'], fraud.rules.consortium.FraudType['MONEY_MULE']), (fraud.rules.consortium.FraudType['FORGED_DOCUMENT'], fraud.rules.consortium.FraudType['FORGED_DOCUMENT']), (fraud.rules.consortium.FraudType['OTHER'], fraud.rules.consortium.FraudType['OTHER'])], max_length=24)),
                ('role', models.CharField(choices=[(fraud.rules.consortium.RecordRole['PERPETRATOR'], fraud.rules.consortium.RecordRole['PERPETRATOR']), (fraud.rules.consortium.RecordRole['VICTIM'], fraud.rules.consortium.RecordRole['VICTIM']), (fraud.rules.consortium.RecordRole['MULE'], fraud.rules.consortium.RecordRole['MULE'])], max_length=12)),
                ('proof', models.CharField(choices=[(fraud.rules.cases.Proof['VICTIM_STATEMENT'], fraud.rules.cases.Proof['VICTIM_STATEMENT']), (fraud.rules.cases.Proof['ISSUER_CONFIRMED'], fraud.rules.cases.Proof['ISSUER_CONFIRMED']), (fraud.rules.cases.Proof['DOCUMENT_EXAMINED'], fraud.rules.cases.Proof['DOCUMENT_EXAMINED']), (fraud.rules.cases.Proof['ADMISSION'], fraud.rules.cases.Proof['ADMISSION']), (fraud.rules.cases.Proof['POLICE_REPORT'], fraud.rules.cases.Proof['POLICE_REPORT']), (fraud.rules.cases.Proof['ACCOUNT_ACTIVITY'], fraud.rules.cases.Proof['ACCOUNT_ACTIVITY'])], max_length=24)),
                ('party', models.PositiveSmallIntegerField(default=0)),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), default=list, size=None)),
                ('record', models.CharField(blank=True, default='', max_length=32)),
                ('made_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('retry_at', models.DateTimeField(null=True)),
                ('problem', portal.core.language.PhraseField(blank=True, default='')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contributions', to='fraud.case')),
                ('institution', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.institution')),
            ],
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('state__in', [fraud.rules.cases.CaseState['OPEN'], fraud.rules.cases.CaseState['REOPENED']])), fields=['-priority', 'opened_at', 'id'], name='cases_that_wait'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['institution', 'state', '-priority'], name='cases_by_institution'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('state__in', [fraud.rules.cases.CaseState['CLAIMED'], fraud.rules.cases.CaseState['CONFIRMING']])), fields=['claimed_by'], name='cases_of_an_analyst'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('priority__gte', 0), ('priority__lte', 1000)), name='a_priority_is_0_to_1000'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', [fraud.rules.cases.CaseState['CLAIMED'], fraud.rules.cases.CaseState['CONFIRMING']]), _negated=True), models.Q(models.Q(('claimed_by', ''), _negated=True), ('claimed_at__isnull', False)), _connector='OR'), name='a_held_case_has_its_analyst'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', fraud.rules.cases.CaseState['DECIDED']), _negated=True), models.Q(models.Q(('verdict', ''), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='a_decided_case_has_a_verdict'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', fraud.rules.cases.CaseState['DECIDED']), ('verdict', fraud.rules.cases.Verdict['FRAUD']), _negated=True), models.Q(models.Q(('confirmed_by', ''), _negated=True), models.Q(('confirmed_by', models.F('decided_by')), _negated=True)), _connector='OR'), name='fraud_is_found_by_two_people'),
        ),
        migrations.AddIndex(
            model_name='contribution',
            index=models.Index(condition=models.Q(('state__in', ['retracting', 'waiting'])), fields=['retry_at', 'id'], name='contributions_to_send'),
        ),
        migrations.AddConstraint(
            model_name='contribution',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['registered', 'waiting'])), fields=('case',), name='one_live_contribution_per_case'),
        ),
        *(within_institution(table) for table in ("case", "casenote", "contribution")),
    ]
