"""Clients get networks, signatures and scopes of each key; keys that would live for ever get a year."""

import django.contrib.postgres.fields
import django.db.models.deletion
import portal.core.models
from django.conf import settings
from django.db import migrations, models

# What a key could do until now was all that its client may do.
FORWARDS = """
UPDATE accounts_clientkey AS key SET acts = client.acts, expires_at = coalesce(key.expires_at, now() + interval '365 days')
FROM accounts_client AS client WHERE client.id = key.client_id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_client_key_issued_by'),
    ]

    operations = [
        migrations.AddField(
            model_name='client',
            name='networks',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=49), default=list, size=None, verbose_name='networks'),
        ),
        migrations.AddField(
            model_name='client',
            name='requires_signature',
            field=models.BooleanField(default=False, verbose_name='every request is signed'),
        ),
        migrations.AddField(
            model_name='clientkey',
            name='acts',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), default=list, size=None, verbose_name='scopes'),
        ),
        migrations.RunSQL(FORWARDS, migrations.RunSQL.noop),
        migrations.CreateModel(
            name='SigningKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('sig'), editable=False, max_length=32, unique=True)),
                ('key_id', models.CharField(max_length=16, unique=True)),
                ('public_key', models.BinaryField(max_length=32)),
                ('created_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signing_keys', to='accounts.client')),
                ('registered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
    ]
