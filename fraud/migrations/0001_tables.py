"""Institutions, applications with the tokens that find them again, and screenings."""


import django.contrib.postgres.fields
import django.db.models.deletion
import fraud.rules.canonical
import fraud.rules.decisions
import portal.core.models
import portal.crypto.keyring
import portal.keys.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0007_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Institution',
            fields=[
                ('organization_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='accounts.organization')),
                ('code', models.SlugField(max_length=24, unique=True, verbose_name='code')),
                ('time_zone', models.CharField(max_length=64, verbose_name='time zone')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('language', models.CharField(choices=[('en', 'English'), ('fr', 'French')], max_length=5, verbose_name='language')),
                ('time_budget', models.PositiveIntegerField(default=1500, verbose_name='time budget in ms')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('time_budget__gte', 50), ('time_budget__lte', 30000)), name='a_time_budget_is_50_ms_to_30_s')],
            },
            bases=('accounts.organization',),
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('sub'), editable=False, max_length=32, unique=True)),
                ('created_at', models.DateTimeField()),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='submissions', to='fraud.institution')),
            ],
        ),
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(editable=False, max_length=32, unique=True)),
                ('row_number', models.PositiveIntegerField(default=0)),
                ('reference', models.CharField(max_length=64)),
                ('facts_digest', models.BinaryField(max_length=16)),
                ('product', models.CharField(choices=[(fraud.rules.canonical.Product['CREDIT_CARD'], fraud.rules.canonical.Product['CREDIT_CARD']), (fraud.rules.canonical.Product['LOAN'], fraud.rules.canonical.Product['LOAN']), (fraud.rules.canonical.Product['LINE_OF_CREDIT'], fraud.rules.canonical.Product['LINE_OF_CREDIT'])], max_length=16)),
                ('channel', models.CharField(choices=[(fraud.rules.canonical.Channel['BRANCH'], fraud.rules.canonical.Channel['BRANCH']), (fraud.rules.canonical.Channel['WEB'], fraud.rules.canonical.Channel['WEB']), (fraud.rules.canonical.Channel['MOBILE'], fraud.rules.canonical.Channel['MOBILE']), (fraud.rules.canonical.Channel['PHONE'], fraud.rules.canonical.Channel['PHONE']), (fraud.rules.canonical.Channel['PARTNER'], fraud.rules.canonical.Channel['PARTNER']), (fraud.rules.canonical.Channel['OTHER'], fraud.rules.canonical.Channel['OTHER'])], max_length=12)),
                ('currency', models.CharField(max_length=3)),
                ('amount', models.BigIntegerField()),
                ('submitted_at', models.DateTimeField()),
                ('arrived_at', models.DateTimeField()),
                ('sealed', portal.keys.fields.SealedField(longest=32768, null=True, purpose=portal.crypto.keyring.Purpose['APPLICANTS'])),
                ('facts', models.JSONField(default=dict)),
                ('erased_at', models.DateTimeField(null=True)),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='fraud.institution')),
                ('submission', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='fraud.submission')),
            ],
        ),
        migrations.CreateModel(
            name='FraudElement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=24)),
                ('token', models.BinaryField(max_length=16)),
                ('arrived_at', models.DateTimeField()),
                ('row_number', models.PositiveIntegerField(default=0)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='elements', to='fraud.application')),
                ('institution', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.institution')),
            ],
            options={
                'indexes': [models.Index(models.F('token'), models.OrderBy(models.F('arrived_at'), descending=True), name='elements_by_token')],
            },
        ),
        migrations.CreateModel(
            name='Screening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('scr'), editable=False, max_length=32, unique=True)),
                ('kind', models.CharField(choices=[(fraud.rules.decisions.ScreeningKind['FIRST'], fraud.rules.decisions.ScreeningKind['FIRST']), (fraud.rules.decisions.ScreeningKind['RECHECK'], fraud.rules.decisions.ScreeningKind['RECHECK']), (fraud.rules.decisions.ScreeningKind['RETRO'], fraud.rules.decisions.ScreeningKind['RETRO'])], max_length=8)),
                ('outcome', models.CharField(choices=[(fraud.rules.decisions.Outcome['CLEAR'], fraud.rules.decisions.Outcome['CLEAR']), (fraud.rules.decisions.Outcome['REVIEW'], fraud.rules.decisions.Outcome['REVIEW']), (fraud.rules.decisions.Outcome['REFER'], fraud.rules.decisions.Outcome['REFER'])], max_length=8)),
                ('score', models.PositiveSmallIntegerField()),
                ('reasons', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=48), default=list, size=None)),
                ('explanation', models.JSONField(default=list)),
                ('hits', models.JSONField(default=list)),
                ('is_degraded', models.BooleanField(default=False)),
                ('screened_at', models.DateTimeField()),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='screenings', to='fraud.application')),
                ('institution', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.institution')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('is_degraded', True)), fields=['screened_at'], name='screenings_to_ask_again')],
                'constraints': [models.CheckConstraint(condition=models.Q(('score__gte', 0), ('score__lte', 1000)), name='a_score_is_0_to_1000'), models.UniqueConstraint(condition=models.Q(('kind', fraud.rules.decisions.ScreeningKind['FIRST'])), fields=('application',), name='one_first_screening_per_application')],
            },
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(fields=['institution', '-arrived_at', '-id'], name='applications_by_arrival'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(condition=models.Q(('submission__isnull', False)), fields=['submission', 'row_number'], name='applications_by_row'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.UniqueConstraint(fields=('institution', 'reference'), name='one_application_per_reference'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='an_amount_is_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('erased_at__isnull', True), ('sealed__isnull', False)), models.Q(('erased_at__isnull', False), ('sealed__isnull', True)), _connector='OR'), name='an_application_is_sealed_or_erased'),
        ),
    ]
