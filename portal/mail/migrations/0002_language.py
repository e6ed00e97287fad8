"""The language of a mail, for whoever reads it out."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mail', '0001_outbox'),
    ]

    operations = [
        migrations.AddField(
            model_name='mail',
            name='language',
            field=models.CharField(blank=True, max_length=5),
        ),
    ]
