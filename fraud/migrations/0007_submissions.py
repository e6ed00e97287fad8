"""Submissions with their states, the chunks in which their rows are worked on, and keys for encrypted files."""

from importlib import import_module

import django.db.models.deletion
import fraud.rules.submissions
import portal.core.language
import portal.core.models
import portal.crypto.keyring
import portal.keys.fields
from django.db import migrations, models


within_institution = import_module("fraud.migrations.0002_row_level_security").within_institution


class Migration(migrations.Migration):

    dependencies = [
        ('fraud', '0006_mappings'),
    ]

    operations = [
        migrations.CreateModel(
            name='Chunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('first_row', models.PositiveIntegerField()),
                ('rows', models.PositiveSmallIntegerField()),
                ('state', models.CharField(choices=[(fraud.rules.submissions.ChunkState['WAITING'], fraud.rules.submissions.ChunkState['WAITING']), (fraud.rules.submissions.ChunkState['STORING'], fraud.rules.submissions.ChunkState['STORING']), (fraud.rules.submissions.ChunkState['STORED'], fraud.rules.submissions.ChunkState['STORED']), (fraud.rules.submissions.ChunkState['SCREENING'], fraud.rules.submissions.ChunkState['SCREENING']), (fraud.rules.submissions.ChunkState['SCREENED'], fraud.rules.submissions.ChunkState['SCREENED']), (fraud.rules.submissions.ChunkState['FAILED'], fraud.rules.submissions.ChunkState['FAILED'])], default=fraud.rules.submissions.ChunkState['WAITING'], max_length=12)),
                ('attempt', models.PositiveSmallIntegerField(default=0)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('heard_at', models.DateTimeField(null=True)),
                ('retry_at', models.DateTimeField(null=True)),
                ('problem', portal.core.language.PhraseField(blank=True, default='')),
                ('rejected', models.PositiveSmallIntegerField(default=0)),
                ('clear', models.PositiveSmallIntegerField(default=0)),
                ('review', models.PositiveSmallIntegerField(default=0)),
                ('refer', models.PositiveSmallIntegerField(default=0)),
                ('degraded', models.PositiveSmallIntegerField(default=0)),
                ('faults', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='IntakeKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('ink'), editable=False, max_length=32, unique=True)),
                ('recipient', models.CharField(max_length=80)),
                ('sealed', portal.keys.fields.SealedField(longest=200, purpose=portal.crypto.keyring.Purpose['APPLICANTS'])),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='submission',
            name='arrived_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='attempt',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='submission',
            name='created_by',
            field=models.CharField(blank=True, default='', max_length=32),
        ),
        migrations.AddField(
            model_name='submission',
            name='declared_rows',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='declared_sha256',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='submission',
            name='declared_size',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='declared_total',
            field=models.DecimalField(decimal_places=4, max_digits=24, null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='door',
            field=models.CharField(choices=[(fraud.rules.submissions.SubmissionDoor['PORTAL'], fraud.rules.submissions.SubmissionDoor['PORTAL']), (fraud.rules.submissions.SubmissionDoor['API'], fraud.rules.submissions.SubmissionDoor['API']), (fraud.rules.submissions.SubmissionDoor['DROP'], fraud.rules.submissions.SubmissionDoor['DROP'])], default=fraud.rules.submissions.SubmissionDoor['API'], max_length=8),
        ),
        migrations.AddField(
            model_name='submission',
            name='ended_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='file_name',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='submission',
            name='head',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='submission',
            name='heard_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='is_framed',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='submission',
            name='is_paused',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='submission',
            name='layout',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='submission',
            name='mapping',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='submission',
            name='mapping_checksum',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='submission',
            name='object_key',
            field=models.CharField(blank=True, default='', max_length=400),
        ),
        migrations.AddField(
            model_name='submission',
            name='problem',
            field=portal.core.language.PhraseField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='submission',
            name='rejects_sha256',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='submission',
            name='rejects_signature',
            field=models.CharField(blank=True, default='', max_length=88),
        ),
        migrations.AddField(
            model_name='submission',
            name='rejects_size',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='result_sha256',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='submission',
            name='result_signature',
            field=models.CharField(blank=True, default='', max_length=88),
        ),
        migrations.AddField(
            model_name='submission',
            name='result_size',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='rows',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='submission',
            name='same_as',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repeats', to='fraud.submission'),
        ),
        migrations.AddField(
            model_name='submission',
            name='sha256',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='submission',
            name='size',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='split_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='started_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='state',
            field=models.CharField(choices=[(fraud.rules.submissions.SubmissionState['WAITING_FOR_UPLOAD'], fraud.rules.submissions.SubmissionState['WAITING_FOR_UPLOAD']), (fraud.rules.submissions.SubmissionState['RECEIVED'], fraud.rules.submissions.SubmissionState['RECEIVED']), (fraud.rules.submissions.SubmissionState['SPLITTING'], fraud.rules.submissions.SubmissionState['SPLITTING']), (fraud.rules.submissions.SubmissionState['WORKING'], fraud.rules.submissions.SubmissionState['WORKING']), (fraud.rules.submissions.SubmissionState['ASSEMBLING'], fraud.rules.submissions.SubmissionState['ASSEMBLING']), (fraud.rules.submissions.SubmissionState['FINISHED'], fraud.rules.submissions.SubmissionState['FINISHED']), (fraud.rules.submissions.SubmissionState['FINISHED_WITH_REJECTS'], fraud.rules.submissions.SubmissionState['FINISHED_WITH_REJECTS']), (fraud.rules.submissions.SubmissionState['FAILED'], fraud.rules.submissions.SubmissionState['FAILED']), (fraud.rules.submissions.SubmissionState['CANCELLED'], fraud.rules.submissions.SubmissionState['CANCELLED']), (fraud.rules.submissions.SubmissionState['DUPLICATE'], fraud.rules.submissions.SubmissionState['DUPLICATE'])], default=fraud.rules.submissions.SubmissionState['WAITING_FOR_UPLOAD'], max_length=24),
        ),
        migrations.AddField(
            model_name='submission',
            name='stored_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='upload_id',
            field=models.CharField(blank=True, default='', max_length=1024),
        ),
        migrations.AddIndex(
            model_name='submission',
            index=models.Index(fields=['institution', '-created_at', '-id'], name='submissions_by_time'),
        ),
        migrations.AddIndex(
            model_name='submission',
            index=models.Index(condition=models.Q(('state__in', ['received', 'splitting', 'working', 'assembling'])), fields=['id'], name='submissions_at_work'),
        ),
        migrations.AddConstraint(
            model_name='submission',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('sha256', ''), _negated=True), ('state__in', [fraud.rules.submissions.SubmissionState['ASSEMBLING'], fraud.rules.submissions.SubmissionState['FINISHED'], fraud.rules.submissions.SubmissionState['FINISHED_WITH_REJECTS'], fraud.rules.submissions.SubmissionState['RECEIVED'], fraud.rules.submissions.SubmissionState['SPLITTING'], fraud.rules.submissions.SubmissionState['WORKING']])), fields=('institution', 'sha256', 'mapping_checksum'), name='one_submission_per_file'),
        ),
        migrations.AddConstraint(
            model_name='submission',
            constraint=models.UniqueConstraint(condition=models.Q(('door', fraud.rules.submissions.SubmissionDoor['DROP']), models.Q(('object_key', ''), _negated=True)), fields=('institution', 'object_key'), name='one_submission_per_dropped_object'),
        ),
        migrations.AddField(
            model_name='chunk',
            name='institution',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.institution'),
        ),
        migrations.AddField(
            model_name='chunk',
            name='submission',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='chunks', to='fraud.submission'),
        ),
        migrations.AddField(
            model_name='intakekey',
            name='institution',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='intake_key', to='fraud.institution'),
        ),
        migrations.AddIndex(
            model_name='chunk',
            index=models.Index(condition=models.Q(('state__in', ['screened', 'failed']), _negated=True), fields=['submission', 'state'], name='chunks_to_work_on'),
        ),
        migrations.AddConstraint(
            model_name='chunk',
            constraint=models.UniqueConstraint(fields=('submission', 'number'), name='one_chunk_per_number'),
        ),
        within_institution("chunk"),
        within_institution("intakekey"),
    ]
