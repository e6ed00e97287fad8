"""Rulebooks with versions that stay, backtests, watch lists, and which version decided; with policies by institution."""


from importlib import import_module

import django.db.models.deletion
import fraud.rules.decisions
import fraud.rules.rulebook.states
import pgtrigger.compiler
import pgtrigger.migrations
import portal.core.language
import portal.core.models
from django.db import migrations, models

within_institution = import_module("fraud.migrations.0002_row_level_security").within_institution


class Migration(migrations.Migration):

    dependencies = [
        ('fraud', '0003_cases'),
    ]

    operations = [
        migrations.CreateModel(
            name='Backtest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('bkt'), editable=False, max_length=32, unique=True)),
                ('checksum', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('working', 'working'), ('finished', 'finished'), ('cancelled', 'cancelled'), ('failed', 'failed')], default=fraud.rules.rulebook.states.BacktestState['WAITING'], max_length=10)),
                ('days', models.PositiveSmallIntegerField()),
                ('total', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('cursor', models.BigIntegerField(default=0)),
                ('last', models.BigIntegerField(default=0)),
                ('results', models.JSONField(default=dict)),
                ('problem', portal.core.language.PhraseField(blank=True, default='')),
                ('started_at', models.DateTimeField()),
                ('started_by', models.CharField(max_length=32)),
                ('heard_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Rulebook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('rbk'), editable=False, max_length=32, unique=True)),
                ('shadow_since', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='RulebookVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('rbv'), editable=False, max_length=32, unique=True)),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('draft', 'draft'), ('waiting', 'waiting'), ('published', 'published')], default=fraud.rules.rulebook.states.VersionState['DRAFT'], max_length=10)),
                ('document', models.JSONField()),
                ('checksum', models.CharField(max_length=64)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('saved_at', models.DateTimeField()),
                ('saved_by', models.CharField(max_length=32)),
                ('published_at', models.DateTimeField(null=True)),
                ('published_by', models.CharField(blank=True, max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name='WatchEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('wat'), editable=False, max_length=32, unique=True)),
                ('listed', models.CharField(choices=[('known-fraud', 'known-fraud'), ('suspect', 'suspect'), ('trusted', 'trusted')], max_length=16)),
                ('kind', models.CharField(max_length=24)),
                ('token', models.BinaryField(max_length=16)),
                ('reason', models.CharField(choices=[('confirmed-fraud', 'confirmed-fraud'), ('charge-back', 'charge-back'), ('police-report', 'police-report'), ('customer-report', 'customer-report'), ('pattern', 'pattern'), ('shared-place', 'shared-place'), ('known-customer', 'known-customer'), ('other', 'other')], max_length=20)),
                ('added_at', models.DateTimeField()),
                ('added_by', models.CharField(max_length=32)),
            ],
        ),
        migrations.RemoveIndex(
            model_name='fraudelement',
            name='elements_by_token',
        ),
        migrations.AddField(
            model_name='screening',
            name='shadow_outcome',
            field=models.CharField(choices=[(fraud.rules.decisions.Outcome['CLEAR'], fraud.rules.decisions.Outcome['CLEAR']), (fraud.rules.decisions.Outcome['REVIEW'], fraud.rules.decisions.Outcome['REVIEW']), (fraud.rules.decisions.Outcome['REFER'], fraud.rules.decisions.Outcome['REFER'])], max_length=8, null=True),
        ),
        migrations.AddField(
            model_name='screening',
            name='shadow_score',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name='fraudelement',
            index=models.Index(models.F('token'), models.OrderBy(models.F('arrived_at'), descending=True), models.OrderBy(models.F('row_number'), descending=True), name='elements_in_their_order'),
        ),
        migrations.AddField(
            model_name='backtest',
            name='institution',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.institution'),
        ),
        migrations.AddField(
            model_name='rulebook',
            name='institution',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='rulebook', to='fraud.institution'),
        ),
        migrations.AddField(
            model_name='rulebookversion',
            name='institution',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.institution'),
        ),
        migrations.AddField(
            model_name='rulebookversion',
            name='restores',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.rulebookversion'),
        ),
        migrations.AddField(
            model_name='rulebookversion',
            name='rulebook',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='fraud.rulebook'),
        ),
        migrations.AddField(
            model_name='rulebook',
            name='live',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.rulebookversion'),
        ),
        migrations.AddField(
            model_name='rulebook',
            name='shadow',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.rulebookversion'),
        ),
        migrations.AddField(
            model_name='backtest',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='backtests', to='fraud.rulebookversion'),
        ),
        migrations.AddField(
            model_name='screening',
            name='rulebook_version',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.rulebookversion'),
        ),
        migrations.AddField(
            model_name='screening',
            name='shadow_version',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.rulebookversion'),
        ),
        migrations.AddIndex(
            model_name='screening',
            index=models.Index(condition=models.Q(('shadow_version__isnull', False)), fields=['shadow_version', 'screened_at'], name='screenings_with_a_shadow'),
        ),
        migrations.AddField(
            model_name='watchentry',
            name='institution',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.institution'),
        ),
        migrations.AddConstraint(
            model_name='rulebookversion',
            constraint=models.UniqueConstraint(fields=('rulebook', 'number'), name='one_rulebook_version_per_number'),
        ),
        migrations.AddConstraint(
            model_name='rulebookversion',
            constraint=models.UniqueConstraint(condition=models.Q(('state', fraud.rules.rulebook.states.VersionState['DRAFT'])), fields=('rulebook',), name='one_draft_per_rulebook'),
        ),
        migrations.AddConstraint(
            model_name='rulebookversion',
            constraint=models.UniqueConstraint(condition=models.Q(('state', fraud.rules.rulebook.states.VersionState['WAITING'])), fields=('rulebook',), name='one_waiting_version_per_rulebook'),
        ),
        migrations.AddConstraint(
            model_name='rulebookversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', fraud.rules.rulebook.states.VersionState['PUBLISHED']), ('published_at__isnull', False), models.Q(('published_by', ''), _negated=True)), models.Q(models.Q(('state', fraud.rules.rulebook.states.VersionState['PUBLISHED']), _negated=True), ('published_at__isnull', True), ('published_by', '')), _connector='OR'), name='a_published_rulebook_has_its_publisher'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rulebookversion',
            trigger=pgtrigger.compiler.Trigger(name='published_rulebooks_stay', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" = \'published\')', func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a33ce3cf54557393dd907b1f82b3c46ad5214940', operation='UPDATE OR DELETE', pgid='pgtrigger_published_rulebooks_stay_60d76', table='fraud_rulebookversion', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='rulebook',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('shadow__isnull', True), ('shadow_since__isnull', True)), models.Q(('shadow__isnull', False), ('shadow_since__isnull', False)), _connector='OR'), name='a_shadow_has_a_beginning'),
        ),
        migrations.AddConstraint(
            model_name='backtest',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', (fraud.rules.rulebook.states.BacktestState['WAITING'], fraud.rules.rulebook.states.BacktestState['WORKING']))), fields=('version',), name='one_backtest_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='backtest',
            constraint=models.CheckConstraint(condition=models.Q(('days__gte', 1), ('days__lte', 365)), name='a_backtest_looks_back_a_year_at_most'),
        ),
        migrations.AddIndex(
            model_name='watchentry',
            index=models.Index(fields=['institution', '-id'], name='watch_entries_by_institution'),
        ),
        migrations.AddConstraint(
            model_name='watchentry',
            constraint=models.UniqueConstraint(fields=('token', 'listed'), name='on_a_watch_list_once'),
        ),
        *(within_institution(table) for table in ("rulebook", "rulebookversion", "backtest", "watchentry")),
    ]
