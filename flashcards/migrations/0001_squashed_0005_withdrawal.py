"""The tables of flashcards as version 1.0.0 has them."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from accounts.base import tables

# Full text search: vectors of stems and of words without accents, which the database generates.
SEARCH = """
ALTER TABLE flashcards_cardtext
  ADD COLUMN search_stems tsvector GENERATED ALWAYS AS (
    passline_search_stems(language, front_html, back_html || ' ' || trap_html)) STORED,
  ADD COLUMN search_plain tsvector GENERATED ALWAYS AS (
    passline_search_plain(front_html, back_html || ' ' || trap_html)) STORED;
CREATE INDEX card_text_stems ON flashcards_cardtext USING gin (search_stems);
CREATE INDEX card_text_plain ON flashcards_cardtext USING gin (search_plain);
"""
# Only the text of somebody's own card ends, with the card: what the deck has said stays.
KEEP_DECK_TEXT = """
CREATE FUNCTION passline_keep_deck_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM flashcards_card WHERE id = OLD.card_id AND owner_id IS NULL) THEN
    RAISE EXCEPTION 'DELETE of flashcards_cardtext is refused: it is kept as it was'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER keep_deck_text BEFORE DELETE ON flashcards_cardtext
  FOR EACH ROW EXECUTE FUNCTION passline_keep_deck_text();
"""
# An undo cancels a review of the same person and card. Checked at the end, since an erasure empties several rows.
SAME_PERSON = """
ALTER TABLE flashcards_review
  ADD CONSTRAINT review_of_person UNIQUE (id, user_id, card_id),
  ADD CONSTRAINT review_cancels_own FOREIGN KEY (cancels_id, user_id, card_id)
    REFERENCES flashcards_review (id, user_id, card_id) DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('flashcards', '0001_initial'),
        ('flashcards', '0002_own_cards_and_export'),
        ('flashcards', '0003_search'),
        ('flashcards', '0004_publication'),
        ('flashcards', '0005_withdrawal'),
    ]

    dependencies = [
        ('exams', '0001_squashed_0041_profile'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Card',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(blank=True, help_text='as in the files; empty: own card', max_length=20)),
                ('domain', models.PositiveSmallIntegerField(null=True)),
                ('task', models.CharField(blank=True, max_length=12)),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list)),
                ('coverage', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), default=list)),
                ('is_preview', models.BooleanField(default=False, help_text='open to everybody')),
                ('position', models.PositiveIntegerField(help_text='the order in which new cards come')),
                ('item_code', models.CharField(blank=True, help_text='the question that an own card was made from', max_length=40)),
                ('retired_at', models.DateTimeField(help_text='when it left the files, or its owner took it out', null=True)),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.certification')),
                ('owner', models.ForeignKey(help_text='NULL: of the deck', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='the last change of its facts')),
                ('key', models.CharField(blank=True, db_default='', default='', help_text='what files know an own card by; empty: of the deck', max_length=64)),
                ('standing_log', models.ForeignKey(db_index=False, editable=False, help_text='the act that withdrew it or brought it back; NULL: files decide, or its owner', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.publishlog')),
            ],
            options={
                'ordering': ['position'],
                'verbose_name': 'flashcard',
                'verbose_name_plural': 'flashcards',
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('owner__isnull', True)), fields=('certification', 'code'), name='card_code_once'),
                    models.UniqueConstraint(condition=models.Q(('item_code', ''), _negated=True), fields=('owner', 'certification', 'item_code'), name='card_of_item_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('domain__isnull', False), ('item_code', ''), ('owner__isnull', True), models.Q(('code', ''), _negated=True)), models.Q(('code', ''), ('is_preview', False), ('owner__isnull', False)), _connector='OR'), name='card_of_deck_or_own'),
                    models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('owner', 'certification', 'key'), name='card_key_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='CardState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due', models.DateTimeField()),
                ('stability', models.FloatField(help_text='days in which the chance of recall falls to 90 %')),
                ('difficulty', models.FloatField(help_text='1 to 10')),
                ('phase', models.PositiveSmallIntegerField(help_text='1 learning, 2 review, 3 relearning')),
                ('step', models.PositiveSmallIntegerField(help_text='within learning and relearning', null=True)),
                ('reps', models.PositiveIntegerField()),
                ('lapses', models.PositiveIntegerField(help_text='how often it was forgotten after it had been learned')),
                ('introduced_at', models.DateTimeField(help_text='the first review')),
                ('last_review', models.DateTimeField()),
                ('card', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='flashcards.card')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('user', 'card'), name='card_state_once'),
                    models.CheckConstraint(condition=models.Q(('due__gte', models.F('last_review'))), name='card_state_due_after_review'),
                ],
            },
        ),
        migrations.CreateModel(
            name='CardText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=12)),
                ('revision', models.PositiveIntegerField()),
                ('front', models.TextField(help_text='Markdown, as written')),
                ('front_html', models.TextField()),
                ('back', models.TextField()),
                ('back_html', models.TextField()),
                ('trap', models.TextField(blank=True)),
                ('trap_html', models.TextField(blank=True)),
                ('digest', models.CharField(help_text='SHA-256 of the texts as written', max_length=64)),
                ('published_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('card', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='texts', to='flashcards.card')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('card', 'language', 'revision'), name='card_text_once'),
                    models.CheckConstraint(condition=models.Q(('revision__gte', 1)), name='card_text_from_1'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rating', models.PositiveSmallIntegerField(help_text='1 again, 2 hard, 3 good, 4 easy', null=True)),
                ('reviewed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('retention', models.FloatField(help_text='desired chance of recall when it is due', null=True)),
                ('rules', models.PositiveSmallIntegerField(help_text='revision of parameters, steps and spread', null=True)),
                ('elapsed', models.DurationField(help_text='since the review before', null=True)),
                ('taken_ms', models.PositiveIntegerField(help_text='from front to rating, as the page measured', null=True)),
                ('cancels', models.OneToOneField(help_text='the review that is undone', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cancelled_by', to='flashcards.review')),
                ('card', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='flashcards.card')),
                ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['user', 'card', 'id'], name='review_of_card'),
                    models.Index(fields=['user', 'reviewed_at'], name='review_of_day'),
                ],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('cancels__isnull', True), ('rating__isnull', False), ('rating__range', (1, 4)), ('retention__gt', 0), ('retention__isnull', False), ('retention__lt', 1), ('rules__isnull', False)), models.Q(('cancels__isnull', False), ('rating__isnull', True), ('retention__isnull', True), ('rules__isnull', True)), _connector='OR'), name='review_rated_or_cancels')],
            },
        ),
        migrations.CreateModel(
            name='StudySettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('new_per_day', models.PositiveSmallIntegerField(default=10)),
                ('retention', models.FloatField(default=0.9)),
                ('domain', models.PositiveSmallIntegerField(help_text='only cards of this domain; NULL: all', null=True)),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='exams.certification')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('user', 'certification'), name='study_settings_once'),
                    models.CheckConstraint(condition=models.Q(('new_per_day__lte', 200), ('retention__gte', 0.7), ('retention__lte', 0.97)), name='study_settings_in_range'),
                ],
            },
        ),
        migrations.RunSQL(SEARCH),
        migrations.AddField(
            model_name='cardtext',
            name='log',
            field=models.ForeignKey(editable=False, help_text='NULL: an own card', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.publishlog'),
        ),
        tables.protect("flashcards_review", tables.insert_only("user_id", "card_id")),
        tables.protect("flashcards_cardtext", tables.LOG),
        migrations.RunSQL(KEEP_DECK_TEXT),
        migrations.RunSQL(SAME_PERSON),
    ]
