"""Where institutions are told of what was decided later, and each telling."""

from importlib import import_module

import django.db.models.deletion
import fraud.rules.webhooks
import portal.core.models
from django.db import migrations, models

within_institution = import_module("fraud.migrations.0002_row_level_security").within_institution


class Migration(migrations.Migration):

    dependencies = [
        ('fraud', '0008_backtest_cursor'),
    ]

    operations = [
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('wbh'), editable=False, max_length=32, unique=True)),
                ('event', models.CharField(choices=[(fraud.rules.webhooks.Event['DECIDED'], fraud.rules.webhooks.Event['DECIDED']), (fraud.rules.webhooks.Event['CHANGED'], fraud.rules.webhooks.Event['CHANGED']), (fraud.rules.webhooks.Event['VERDICT'], fraud.rules.webhooks.Event['VERDICT'])], max_length=24)),
                ('state', models.CharField(choices=[(fraud.rules.webhooks.DeliveryState['WAITING'], fraud.rules.webhooks.DeliveryState['WAITING']), (fraud.rules.webhooks.DeliveryState['DELIVERED'], fraud.rules.webhooks.DeliveryState['DELIVERED']), (fraud.rules.webhooks.DeliveryState['GIVEN_UP'], fraud.rules.webhooks.DeliveryState['GIVEN_UP'])], default=fraud.rules.webhooks.DeliveryState['WAITING'], max_length=12)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('problem', models.CharField(blank=True, default='', max_length=32)),
                ('created_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('whe'), editable=False, max_length=32, unique=True)),
                ('url', models.CharField(max_length=500, verbose_name='address')),
                ('created_at', models.DateTimeField()),
                ('disabled_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(condition=models.Q(('submission__isnull', True)), fields=['arrived_at'], name='applications_that_came_alone'),
        ),
        migrations.AddField(
            model_name='webhookdelivery',
            name='application',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='webhook_deliveries', to='fraud.application'),
        ),
        migrations.AddField(
            model_name='webhookdelivery',
            name='institution',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.institution'),
        ),
        migrations.AddField(
            model_name='webhookdelivery',
            name='screening',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fraud.screening'),
        ),
        migrations.AddField(
            model_name='webhookendpoint',
            name='institution',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='webhook_endpoint', to='fraud.institution'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='deliveries_to_send'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['institution', '-id'], name='deliveries_by_institution'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due_at__isnull', False), ('ended_at__isnull', True), ('state', fraud.rules.webhooks.DeliveryState['WAITING'])), models.Q(models.Q(('state', fraud.rules.webhooks.DeliveryState['WAITING']), _negated=True), ('due_at__isnull', True), ('ended_at__isnull', False)), _connector='OR'), name='a_delivery_is_due_or_ended'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.UniqueConstraint(fields=('screening', 'event'), name='one_delivery_per_screening_and_event'),
        ),
        within_institution("webhookendpoint"),
        within_institution("webhookdelivery"),
    ]
