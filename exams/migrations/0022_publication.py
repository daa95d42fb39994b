"""Publication as rows: a log of acts that all that is published names, and pointers to what is current.

What was published before names entry 1, by the default of the column: no row is rewritten, so no trigger is
asked. The default stays, so that the image before can go on publishing while a site is upgraded.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from accounts.base import tables

LOGGED = {
    "itemversion": "exams_itemversion",
    "itemtext": "exams_itemtext",
    "formedition": "exams_formedition",
    "sheetedition": "exams_sheetedition",
}
FIRST = """
INSERT INTO exams_publishlog (id, at, source, reason) SELECT 1, now(), 'files', 'before the log'
WHERE EXISTS (SELECT FROM exams_itemversion) OR EXISTS (SELECT FROM exams_sheetedition);
SELECT setval(pg_get_serial_sequence('exams_publishlog', 'id'), 1);
"""
# The columns are made by hand: Django would drop the default, and one statement fills all rows at once.
COLUMN = """
ALTER TABLE {table} ADD COLUMN log_id bigint NOT NULL DEFAULT 1;
ALTER TABLE {table} ADD CONSTRAINT {table}_log FOREIGN KEY (log_id) REFERENCES exams_publishlog (id)
  DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX {table}_log ON {table} (log_id);
"""
NO_COLUMN = "ALTER TABLE {table} DROP COLUMN log_id"

POINTERS = """
UPDATE exams_item i SET current_id = (
  SELECT v.id FROM exams_itemversion v WHERE v.item_id = i.id AND v.published_at IS NOT NULL
  ORDER BY v.published_at DESC, v.number DESC LIMIT 1);
UPDATE exams_examform f SET current_id = (
  SELECT e.id FROM exams_formedition e WHERE e.form_id = f.id AND e.published_at IS NOT NULL
  ORDER BY e.published_at DESC, e.number DESC LIMIT 1);
"""
GUARDS = """
CREATE FUNCTION passline_guard_current_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.current_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM exams_itemversion
    WHERE id = NEW.current_id AND item_id = NEW.id AND published_at IS NOT NULL) THEN
    RAISE EXCEPTION 'version % is not a published version of item %', NEW.current_id, NEW.id
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_current_version BEFORE INSERT OR UPDATE OF current_id ON exams_item
FOR EACH ROW EXECUTE FUNCTION passline_guard_current_version();

CREATE FUNCTION passline_guard_current_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.current_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM exams_formedition
    WHERE id = NEW.current_id AND form_id = NEW.id AND published_at IS NOT NULL) THEN
    RAISE EXCEPTION 'edition % is not a published edition of form %', NEW.current_id, NEW.id
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_current_edition BEFORE INSERT OR UPDATE OF current_id ON exams_examform
FOR EACH ROW EXECUTE FUNCTION passline_guard_current_edition();
"""
NO_GUARDS = """
DROP TRIGGER guard_current_edition ON exams_examform;
DROP FUNCTION passline_guard_current_edition();
DROP TRIGGER guard_current_version ON exams_item;
DROP FUNCTION passline_guard_current_version();
"""


def log() -> models.ForeignKey:
    """Return the field by which a published row names its entry."""
    return models.ForeignKey(
        editable=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="exams.publishlog",
    )


def pointer(to: str) -> models.ForeignKey:
    """Return the field that says what is current."""
    return models.ForeignKey(
        blank=True,
        editable=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=to,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("exams", "0021_support"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PublishLog",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("files", "content files"),
                            ("person", "a person"),
                            ("import", "an import"),
                            ("errata", "a correction"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["-id"]},
        ),
        migrations.RunSQL(FIRST, migrations.RunSQL.noop),
        tables.protect("exams_publishlog", tables.insert_only("actor_id")),
        *(
            migrations.SeparateDatabaseAndState(
                database_operations=[
                    migrations.RunSQL(COLUMN.format(table=table), NO_COLUMN.format(table=table))
                ],
                state_operations=[migrations.AddField(model, "log", log())],
            )
            for model, table in LOGGED.items()
        ),
        migrations.AddField("item", "current", pointer("exams.itemversion")),
        migrations.AddField("examform", "current", pointer("exams.formedition")),
        migrations.RunSQL(POINTERS, migrations.RunSQL.noop),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
