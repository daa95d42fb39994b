"""Cards that a person has suspended."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

# The version before erases people and cards without knowing of these rows: the server deletes them.
FOLLOW = """
ALTER TABLE flashcards_suspendedcard
  ADD CONSTRAINT suspended_card_user FOREIGN KEY (user_id)
    REFERENCES accounts_user ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  ADD CONSTRAINT suspended_card_card FOREIGN KEY (card_id)
    REFERENCES flashcards_card ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('flashcards', '0001_squashed_0005_withdrawal'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SuspendedCard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('card', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='flashcards.card')),
                ('user', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'card'), name='suspended_card_once')],
            },
        ),
        migrations.RunSQL(FOLLOW),
    ]
