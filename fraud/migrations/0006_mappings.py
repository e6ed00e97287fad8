"""Mappings with their versions, golden samples and drift; with policies by institution."""

from importlib import import_module

import django.db.models.deletion
import fraud.rules.mapping_states
import fraud.rules.translation.document
import portal.core.models
import portal.crypto.keyring
import portal.keys.fields
from django.db import migrations, models

within_institution = import_module("fraud.migrations.0002_row_level_security").within_institution


class Migration(migrations.Migration):

    dependencies = [
        ('fraud', '0005_registry'),
    ]

    operations = [
        migrations.CreateModel(
            name='Mapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('map'), editable=False, max_length=32, unique=True)),
                ('name', models.SlugField(max_length=40)),
                ('direction', models.CharField(choices=[(fraud.rules.translation.document.Direction['INBOUND'], fraud.rules.translation.document.Direction['INBOUND']), (fraud.rules.translation.document.Direction['CONSORTIUM'], fraud.rules.translation.document.Direction['CONSORTIUM']), (fraud.rules.translation.document.Direction['CASE_SYSTEM'], fraud.rules.translation.document.Direction['CASE_SYSTEM'])], max_length=12)),
                ('created_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(null=True)),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mappings', to='fraud.institution')),
            ],
        ),
        migrations.CreateModel(
            name='MappingVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('mpv'), editable=False, max_length=32, unique=True)),
                ('number', models.PositiveIntegerField()),
                ('document', models.JSONField()),
                ('checksum', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[(fraud.rules.mapping_states.VersionState['DRAFT'], fraud.rules.mapping_states.VersionState['DRAFT']), (fraud.rules.mapping_states.VersionState['WAITING'], fraud.rules.mapping_states.VersionState['WAITING']), (fraud.rules.mapping_states.VersionState['PUBLISHED'], fraud.rules.mapping_states.VersionState['PUBLISHED']), (fraud.rules.mapping_states.VersionState['DISCARDED'], fraud.rules.mapping_states.VersionState['DISCARDED'])], default=fraud.rules.mapping_states.VersionState['DRAFT'], max_length=12)),
                ('restores', models.PositiveIntegerField(null=True)),
                ('written_by', models.CharField(max_length=32)),
                ('written_at', models.DateTimeField()),
                ('published_by', models.CharField(blank=True, default='', max_length=32)),
                ('published_at', models.DateTimeField(null=True)),
                ('institution', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.institution')),
                ('mapping', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='fraud.mapping')),
            ],
        ),
        migrations.CreateModel(
            name='MappingDrift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('seen', models.JSONField()),
                ('institution', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.institution')),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='drift', to='fraud.mappingversion')),
            ],
        ),
        migrations.AddField(
            model_name='mapping',
            name='live',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='live_of', to='fraud.mappingversion'),
        ),
        migrations.CreateModel(
            name='GoldenSample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('gol'), editable=False, max_length=32, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('sealed_record', portal.keys.fields.SealedField(longest=32768, purpose=portal.crypto.keyring.Purpose['APPLICANTS'])),
                ('sealed_expected', portal.keys.fields.SealedField(longest=32768, purpose=portal.crypto.keyring.Purpose['APPLICANTS'])),
                ('added_by', models.CharField(max_length=32)),
                ('added_at', models.DateTimeField()),
                ('institution', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.institution')),
                ('mapping', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='samples', to='fraud.mapping')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('mapping', 'name'), name='one_golden_sample_per_name')],
            },
        ),
        migrations.AddConstraint(
            model_name='mappingversion',
            constraint=models.UniqueConstraint(fields=('mapping', 'number'), name='one_version_per_number_of_a_mapping'),
        ),
        migrations.AddConstraint(
            model_name='mappingversion',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', [fraud.rules.mapping_states.VersionState['DRAFT'], fraud.rules.mapping_states.VersionState['WAITING']])), fields=('mapping',), name='one_open_version_per_mapping'),
        ),
        migrations.AddConstraint(
            model_name='mappingversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', fraud.rules.mapping_states.VersionState['PUBLISHED']), _negated=True), models.Q(('published_at__isnull', False), models.Q(('published_by', ''), _negated=True)), _connector='OR'), name='a_published_mapping_says_by_whom'),
        ),
        migrations.AddConstraint(
            model_name='mappingdrift',
            constraint=models.UniqueConstraint(fields=('version', 'day'), name='one_drift_per_version_and_day'),
        ),
        migrations.AddConstraint(
            model_name='mapping',
            constraint=models.UniqueConstraint(condition=models.Q(('retired_at__isnull', True)), fields=('institution', 'name'), name='one_mapping_of_a_name_per_institution'),
        ),
        *(within_institution(table) for table in ("mapping", "mappingversion", "goldensample", "mappingdrift")),
    ]
