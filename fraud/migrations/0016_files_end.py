"""Say when files of submissions came back and when they go, and take a dropped file's name for another one later."""

import fraud.rules.submissions
from django.db import migrations, models

S = fraud.rules.submissions.SubmissionState


class Migration(migrations.Migration):

    dependencies = [
        ('fraud', '0015_case_feeds'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='submission', name='one_submission_per_file'),
        migrations.RemoveConstraint(model_name='submission', name='one_submission_per_dropped_object'),
        migrations.AddField(model_name='submission', name='dropped_at', field=models.DateTimeField(null=True)),
        migrations.AddField(model_name='submission', name='returned_at', field=models.DateTimeField(null=True)),
        migrations.AddField(model_name='submission', name='files_erased_at', field=models.DateTimeField(null=True)),
        migrations.AddField(model_name='submission', name='files_deleted_at', field=models.DateTimeField(null=True)),
        migrations.RunSQL(
            "UPDATE fraud_submission SET returned_at = ended_at, upload_id = '' WHERE upload_id = 'returned'",
            "UPDATE fraud_submission SET upload_id = 'returned' WHERE returned_at IS NOT NULL",
        ),
        migrations.AddIndex(
            model_name='submission',
            index=models.Index(condition=models.Q(('files_deleted_at', None), ('files_erased_at__isnull', False)), fields=['id'], name='submissions_to_delete_files_of'),
        ),
        migrations.AddConstraint(
            model_name='submission',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('sha256', ''), _negated=True), ('files_erased_at', None), ('state__in', [S['ASSEMBLING'], S['FINISHED'], S['FINISHED_WITH_REJECTS'], S['RECEIVED'], S['SPLITTING'], S['WORKING']])), fields=('institution', 'sha256', 'mapping_checksum'), name='one_submission_per_file'),
        ),
        migrations.AddConstraint(
            model_name='submission',
            constraint=models.UniqueConstraint(condition=models.Q(('door', fraud.rules.submissions.SubmissionDoor['DROP']), models.Q(('object_key', ''), _negated=True)), fields=('institution', 'object_key', 'dropped_at'), name='one_submission_per_dropped_object', nulls_distinct=False),
        ),
    ]
