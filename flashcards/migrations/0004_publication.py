"""What a card of a deck says names the act that published it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exams', '0022_publication'),
        ('flashcards', '0003_search'),
    ]

    operations = [
        migrations.AddField(
            model_name='cardtext',
            name='log',
            field=models.ForeignKey(editable=False, help_text='NULL: an own card', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.publishlog'),
        ),
    ]
