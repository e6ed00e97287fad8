"""Disputes on both of their sides, in the registry, and where each member stands."""


import django.db.models.deletion
import fraud.rules.cases
import fraud.rules.consortium
import fraud.rules.disputes
import portal.core.models
from importlib import import_module

from django.db import migrations, models

within_institution = import_module("fraud.migrations.0002_row_level_security").within_institution


class Migration(migrations.Migration):

    dependencies = [
        ('fraud', '0018_elements_by_application'),
    ]

    operations = [
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('dsp'), editable=False, max_length=32, unique=True)),
                ('side', models.CharField(choices=[(fraud.rules.disputes.DisputeSide['RAISED'], fraud.rules.disputes.DisputeSide['RAISED']), (fraud.rules.disputes.DisputeSide['RECEIVED'], fraud.rules.disputes.DisputeSide['RECEIVED'])], max_length=8)),
                ('state', models.CharField(choices=[(fraud.rules.disputes.DisputeState['WAITING'], fraud.rules.disputes.DisputeState['WAITING']), (fraud.rules.disputes.DisputeState['ASKED'], fraud.rules.disputes.DisputeState['ASKED']), (fraud.rules.disputes.DisputeState['ANSWERED'], fraud.rules.disputes.DisputeState['ANSWERED']), (fraud.rules.disputes.DisputeState['ENDED'], fraud.rules.disputes.DisputeState['ENDED']), (fraud.rules.disputes.DisputeState['REFUSED'], fraud.rules.disputes.DisputeState['REFUSED'])], default=fraud.rules.disputes.DisputeState['WAITING'], max_length=8)),
                ('reason', models.CharField(choices=[(fraud.rules.disputes.DisputeReason['ANOTHER_PERSON'], fraud.rules.disputes.DisputeReason['ANOTHER_PERSON']), (fraud.rules.disputes.DisputeReason['MISUSED'], fraud.rules.disputes.DisputeReason['MISUSED']), (fraud.rules.disputes.DisputeReason['WRONG_FACTS'], fraud.rules.disputes.DisputeReason['WRONG_FACTS']), (fraud.rules.disputes.DisputeReason['CLEARED'], fraud.rules.disputes.DisputeReason['CLEARED'])], max_length=16)),
                ('fraud_type', models.CharField(choices=[(fraud.rules.consortium.FraudType['IDENTITY_THEFT'], fraud.rules.consortium.FraudType['IDENTITY_THEFT']), (fraud.rules.consortium.FraudType['SYNTHETIC_IDENTITY'], fraud.rules.consortium.FraudType['SYNTHETIC_IDENTITY']), (fraud.rules.consortium.FraudType['FIRST_PARTY'], fraud.rules.consortium.FraudType['FIRST_PARTY']), (fraud.rules.consortium.FraudType['ACCOUNT_TAKEOVER'], fraud.rules.consortium.FraudType['ACCOUNT_TAKEOVER']), (fraud.rules.consortium.FraudType['MONEY_MULE'], fraud.rules.consortium.FraudType['MONEY_MULE']), (fraud.rules.consortium.FraudType['FORGED_DOCUMENT'], fraud.rules.consortium.FraudType['FORGED_DOCUMENT']), (fraud.rules.consortium.FraudType['OTHER'], fraud.rules.consortium.FraudType['OTHER'])], max_length=24)),
                ('role', models.CharField(choices=[(fraud.rules.consortium.RecordRole['PERPETRATOR'], fraud.rules.consortium.RecordRole['PERPETRATOR']), (fraud.rules.consortium.RecordRole['VICTIM'], fraud.rules.consortium.RecordRole['VICTIM']), (fraud.rules.consortium.RecordRole['MULE'], fraud.rules.consortium.RecordRole['MULE'])], max_length=12)),
                ('record', models.CharField(blank=True, default='', max_length=32)),
                ('month', models.CharField(blank=True, default='', max_length=7)),
                ('answer', models.CharField(blank=True, choices=[(fraud.rules.disputes.DisputeAnswer['UPHELD'], fraud.rules.disputes.DisputeAnswer['UPHELD']), (fraud.rules.disputes.DisputeAnswer['CORRECTED'], fraud.rules.disputes.DisputeAnswer['CORRECTED']), (fraud.rules.disputes.DisputeAnswer['RETRACTED'], fraud.rules.disputes.DisputeAnswer['RETRACTED']), (fraud.rules.disputes.DisputeAnswer['LAPSED'], fraud.rules.disputes.DisputeAnswer['LAPSED'])], default='', max_length=12)),
                ('due_on', models.DateField(null=True)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.CharField(blank=True, default='', max_length=32)),
                ('ended_at', models.DateTimeField(null=True)),
                ('retry_at', models.DateTimeField(null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='RegistryDispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('application', models.CharField(max_length=32)),
                ('fraud_type', models.CharField(choices=[(fraud.rules.consortium.FraudType['IDENTITY_THEFT'], fraud.rules.consortium.FraudType['IDENTITY_THEFT']), (fraud.rules.consortium.FraudType['SYNTHETIC_IDENTITY'], fraud.rules.consortium.FraudType['SYNTHETIC_IDENTITY']), (fraud.rules.consortium.FraudType['FIRST_PARTY'], fraud.rules.consortium.FraudType['FIRST_PARTY']), (fraud.rules.consortium.FraudType['ACCOUNT_TAKEOVER'], fraud.rules.consortium.FraudType['ACCOUNT_TAKEOVER']), (fraud.rules.consortium.FraudType['MONEY_MULE'], fraud.rules.consortium.FraudType['MONEY_MULE']), (fraud.rules.consortium.FraudType['FORGED_DOCUMENT'], fraud.rules.consortium.FraudType['FORGED_DOCUMENT']), (fraud.rules.consortium.FraudType['OTHER'], fraud.rules.consortium.FraudType['OTHER'])], max_length=24)),
                ('role', models.CharField(choices=[(fraud.rules.consortium.RecordRole['PERPETRATOR'], fraud.rules.consortium.RecordRole['PERPETRATOR']), (fraud.rules.consortium.RecordRole['VICTIM'], fraud.rules.consortium.RecordRole['VICTIM']), (fraud.rules.consortium.RecordRole['MULE'], fraud.rules.consortium.RecordRole['MULE'])], max_length=12)),
                ('reason', models.CharField(choices=[(fraud.rules.disputes.DisputeReason['ANOTHER_PERSON'], fraud.rules.disputes.DisputeReason['ANOTHER_PERSON']), (fraud.rules.disputes.DisputeReason['MISUSED'], fraud.rules.disputes.DisputeReason['MISUSED']), (fraud.rules.disputes.DisputeReason['WRONG_FACTS'], fraud.rules.disputes.DisputeReason['WRONG_FACTS']), (fraud.rules.disputes.DisputeReason['CLEARED'], fraud.rules.disputes.DisputeReason['CLEARED'])], max_length=16)),
                ('raised_at', models.DateTimeField()),
                ('due_on', models.DateField()),
                ('answer', models.CharField(blank=True, choices=[(fraud.rules.disputes.DisputeAnswer['UPHELD'], fraud.rules.disputes.DisputeAnswer['UPHELD']), (fraud.rules.disputes.DisputeAnswer['CORRECTED'], fraud.rules.disputes.DisputeAnswer['CORRECTED']), (fraud.rules.disputes.DisputeAnswer['RETRACTED'], fraud.rules.disputes.DisputeAnswer['RETRACTED']), (fraud.rules.disputes.DisputeAnswer['LAPSED'], fraud.rules.disputes.DisputeAnswer['LAPSED'])], max_length=12)),
                ('answered_at', models.DateTimeField(null=True)),
                ('received_at', models.DateTimeField(null=True)),
                ('heard_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Standing',
            fields=[
                ('institution', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='standing', serialize=False, to='fraud.institution')),
                ('quota', models.PositiveIntegerField(default=0)),
                ('wanted_quota', models.PositiveIntegerField(null=True)),
                ('is_quota_told', models.BooleanField(default=True)),
                ('asked_today', models.PositiveIntegerField(default=0)),
                ('asked', models.PositiveIntegerField(default=0)),
                ('given', models.PositiveIntegerField(default=0)),
                ('records', models.PositiveIntegerField(default=0)),
                ('heard_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='contribution',
            name='one_live_contribution_per_case',
        ),
        migrations.RemoveIndex(
            model_name='contribution',
            name='contributions_to_send',
        ),
        migrations.AlterField(
            model_name='contribution',
            name='state',
            field=models.CharField(choices=[(fraud.rules.cases.ContributionState['WAITING'], fraud.rules.cases.ContributionState['WAITING']), (fraud.rules.cases.ContributionState['REGISTERED'], fraud.rules.cases.ContributionState['REGISTERED']), (fraud.rules.cases.ContributionState['RETRACTING'], fraud.rules.cases.ContributionState['RETRACTING']), (fraud.rules.cases.ContributionState['RETRACTED'], fraud.rules.cases.ContributionState['RETRACTED']), (fraud.rules.cases.ContributionState['CORRECTING'], fraud.rules.cases.ContributionState['CORRECTING']), (fraud.rules.cases.ContributionState['REFUSED'], fraud.rules.cases.ContributionState['REFUSED'])], default=fraud.rules.cases.ContributionState['WAITING'], max_length=12),
        ),
        migrations.AddIndex(
            model_name='contribution',
            index=models.Index(condition=models.Q(('state__in', ['correcting', 'retracting', 'waiting'])), fields=['retry_at', 'id'], name='contributions_to_send'),
        ),
        migrations.AddConstraint(
            model_name='contribution',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['correcting', 'registered', 'waiting'])), fields=('case',), name='one_live_contribution_per_case'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='application',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='fraud.application'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='contribution',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='fraud.contribution'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='institution',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.institution'),
        ),
        migrations.AddField(
            model_name='registrydispute',
            name='member',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='fraud.registrymember'),
        ),
        migrations.AddField(
            model_name='registrydispute',
            name='record',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='fraud.registryrecord'),
        ),
        migrations.AddIndex(
            model_name='dispute',
            index=models.Index(condition=models.Q(('state__in', [fraud.rules.disputes.DisputeState['WAITING'], fraud.rules.disputes.DisputeState['ANSWERED']])), fields=['id'], name='disputes_to_send'),
        ),
        migrations.AddIndex(
            model_name='dispute',
            index=models.Index(fields=['institution', '-id'], name='disputes_by_institution'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.UniqueConstraint(condition=models.Q(('side', fraud.rules.disputes.DisputeSide['RAISED']), ('state__in', [fraud.rules.disputes.DisputeState['WAITING'], fraud.rules.disputes.DisputeState['ASKED'], fraud.rules.disputes.DisputeState['ANSWERED']])), fields=('application', 'fraud_type', 'role'), name='one_live_dispute_of_a_hit'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.UniqueConstraint(condition=models.Q(('side', fraud.rules.disputes.DisputeSide['RECEIVED']), ('state__in', [fraud.rules.disputes.DisputeState['WAITING'], fraud.rules.disputes.DisputeState['ASKED'], fraud.rules.disputes.DisputeState['ANSWERED']])), fields=('institution', 'record'), name='one_live_dispute_of_a_record'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('application__isnull', False), ('side', fraud.rules.disputes.DisputeSide['RAISED'])), models.Q(('side', fraud.rules.disputes.DisputeSide['RECEIVED']), models.Q(('record', ''), _negated=True)), _connector='OR'), name='a_dispute_is_about_something'),
        ),
        migrations.AddIndex(
            model_name='registrydispute',
            index=models.Index(condition=models.Q(('received_at', None)), fields=['id'], name='disputes_to_receive'),
        ),
        migrations.AddIndex(
            model_name='registrydispute',
            index=models.Index(condition=models.Q(('heard_at', None)), fields=['id'], name='disputes_to_hear'),
        ),
        migrations.AddIndex(
            model_name='registrydispute',
            index=models.Index(condition=models.Q(('answer', '')), fields=['due_on'], name='disputes_by_due_day'),
        ),
        migrations.AddIndex(
            model_name='registrydispute',
            index=models.Index(fields=['member', 'raised_at'], name='disputes_by_member'),
        ),
        migrations.AddIndex(
            model_name='registrydispute',
            index=models.Index(fields=['application'], name='disputes_by_application'),
        ),
        migrations.AddConstraint(
            model_name='registrydispute',
            constraint=models.UniqueConstraint(fields=('record', 'application'), name='a_record_is_disputed_once_for_each'),
        ),
        *(within_institution(table) for table in ("dispute", "standing")),
    ]
