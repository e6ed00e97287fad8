"""Feeds of case systems, files of them, and deliveries that go there."""

from importlib import import_module

import django.contrib.postgres.fields
import django.db.models.deletion
import fraud.rules.decisions
import fraud.rules.feeds
import fraud.rules.webhooks
import portal.core.models
from django.db import migrations, models

within_institution = import_module("fraud.migrations.0002_row_level_security").within_institution


class Migration(migrations.Migration):

    dependencies = [
        ('fraud', '0014_what_is_left'),
    ]

    operations = [
        migrations.AlterField(
            model_name='webhookdelivery',
            name='event',
            field=models.CharField(choices=[(fraud.rules.webhooks.Event['DECIDED'], fraud.rules.webhooks.Event['DECIDED']), (fraud.rules.webhooks.Event['CHANGED'], fraud.rules.webhooks.Event['CHANGED']), (fraud.rules.webhooks.Event['VERDICT'], fraud.rules.webhooks.Event['VERDICT']), (fraud.rules.webhooks.Event['CASE_NEW'], fraud.rules.webhooks.Event['CASE_NEW']), (fraud.rules.webhooks.Event['CASE_CHANGED'], fraud.rules.webhooks.Event['CASE_CHANGED'])], max_length=24),
        ),
        migrations.CreateModel(
            name='CaseFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('cfd'), editable=False, max_length=32, unique=True)),
                ('channel', models.CharField(choices=[(fraud.rules.feeds.Channel['WEBHOOK'], fraud.rules.feeds.Channel['WEBHOOK']), (fraud.rules.feeds.Channel['FOLDER'], fraud.rules.feeds.Channel['FOLDER'])], max_length=8)),
                ('url', models.CharField(blank=True, default='', max_length=500)),
                ('recipient', models.CharField(blank=True, default='', max_length=200)),
                ('outcomes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[(fraud.rules.decisions.Outcome['CLEAR'], fraud.rules.decisions.Outcome['CLEAR']), (fraud.rules.decisions.Outcome['REVIEW'], fraud.rules.decisions.Outcome['REVIEW']), (fraud.rules.decisions.Outcome['REFER'], fraud.rules.decisions.Outcome['REFER'])], max_length=8), size=None)),
                ('state', models.CharField(choices=[(fraud.rules.feeds.FeedState['WAITING'], fraud.rules.feeds.FeedState['WAITING']), (fraud.rules.feeds.FeedState['ACTIVE'], fraud.rules.feeds.FeedState['ACTIVE']), (fraud.rules.feeds.FeedState['PAUSED'], fraud.rules.feeds.FeedState['PAUSED']), (fraud.rules.feeds.FeedState['ENDED'], fraud.rules.feeds.FeedState['ENDED']), (fraud.rules.feeds.FeedState['REFUSED'], fraud.rules.feeds.FeedState['REFUSED'])], default=fraud.rules.feeds.FeedState['WAITING'], max_length=8)),
                ('created_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='case_feeds', to='fraud.institution')),
                ('mapping', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='feeds', to='fraud.mapping')),
            ],
        ),
        migrations.AddField(
            model_name='webhookdelivery',
            name='feed',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='fraud.casefeed'),
        ),
        migrations.CreateModel(
            name='CaseFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('cfl'), editable=False, max_length=32, unique=True)),
                ('rows', models.PositiveIntegerField(default=0)),
                ('sha256', models.CharField(blank=True, default='', max_length=64)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('problem', models.CharField(blank=True, default='', max_length=32)),
                ('created_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('feed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='fraud.casefeed')),
                ('institution', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.institution')),
            ],
        ),
        migrations.AddField(
            model_name='webhookdelivery',
            name='file',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='fraud.casefile'),
        ),
        migrations.AddConstraint(
            model_name='casefeed',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', [fraud.rules.feeds.FeedState['ACTIVE'], fraud.rules.feeds.FeedState['PAUSED']])), fields=('institution',), name='one_case_feed_in_use_per_institution'),
        ),
        migrations.AddConstraint(
            model_name='casefeed',
            constraint=models.UniqueConstraint(condition=models.Q(('state', fraud.rules.feeds.FeedState['WAITING'])), fields=('institution',), name='one_case_feed_asked_for_per_institution'),
        ),
        migrations.AddConstraint(
            model_name='casefeed',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('channel', fraud.rules.feeds.Channel['WEBHOOK']), ('recipient', ''), models.Q(('url', ''), _negated=True)), models.Q(('channel', fraud.rules.feeds.Channel['FOLDER']), ('url', ''), models.Q(('recipient', ''), _negated=True)), _connector='OR'), name='a_case_feed_leads_somewhere'),
        ),
        migrations.AddIndex(
            model_name='casefile',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='case_files_to_write'),
        ),
        within_institution("casefeed"),
        within_institution("casefile"),
    ]
