"""Let an institution's webhook rest for a while."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fraud', '0010_elements_follow_their_application'),
    ]

    operations = [
        migrations.AddField(
            model_name='webhookendpoint',
            name='paused_at',
            field=models.DateTimeField(null=True),
        ),
    ]
