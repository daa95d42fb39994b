"""Statistics of editions and items, and what authors decide by them."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

from accounts.base import tables


class Migration(migrations.Migration):
    dependencies = [
        ("exams", "0028_draft_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ItemStatistics",
            fields=[
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="statistics",
                        serialize=False,
                        to="exams.itemversion",
                    ),
                ),
                ("computed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("n", models.PositiveIntegerField(help_text="sittings counted")),
                ("facility", models.FloatField(help_text="share of sittings that answered it correctly")),
                ("point_biserial", models.FloatField(help_text="correlation with the rest score", null=True)),
                ("discrimination", models.FloatField(help_text="upper less lower 27 percent")),
                (
                    "flags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list
                    ),
                ),
                ("figures", models.JSONField(help_text="all of them, see exams.statistics.counting")),
            ],
        ),
        migrations.CreateModel(
            name="EditionStatistics",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("computed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("n", models.PositiveIntegerField(help_text="sittings counted")),
                ("figures", models.JSONField(help_text="of the form, see exams.statistics.counting")),
                ("items", models.JSONField(help_text="figures by position, in order")),
                (
                    "edition",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="exams.formedition",
                    ),
                ),
                (
                    "until_score",
                    models.ForeignKey(
                        db_index=False,
                        help_text="the newest that counted",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="exams.score",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["edition", "-id"], name="edition_statistics_newest")],
            },
        ),
        migrations.CreateModel(
            name="ItemDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("promote", "Promote: let it count"),
                            ("retire", "Retire: take it out"),
                            ("wait", "Wait: keep collecting data"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "proposed",
                    models.CharField(
                        choices=[("promote", "promote"), ("retire", "retire"), ("wait", "wait")],
                        help_text="by the figures then",
                        max_length=8,
                    ),
                ),
                (
                    "figures",
                    models.JSONField(help_text="n, facility and correlation by which it was decided"),
                ),
                ("reason", models.TextField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="exams.itemversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision about a question",
                "verbose_name_plural": "decisions about questions",
                "constraints": [
                    models.UniqueConstraint(fields=("version", "number"), name="item_decision_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["promote", "retire", "wait"])),
                        name="item_decision_kind",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.GreaterThan(
                            django.db.models.functions.text.Length("reason"), 0
                        ),
                        name="item_decision_has_a_reason",
                    ),
                ],
            },
        ),
        tables.protect("exams_editionstatistics", tables.INSERT_ONLY),
        tables.protect("exams_itemdecision", tables.insert_only("actor_id")),
    ]
