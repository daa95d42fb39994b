"""What was given as it counts now: a view, so that every query says it alike."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Gateways take the money for the next period an hour or so after it began, and once more the day after when
# a card was refused: so long what renews stays open past the end that is told.
VIEW = """
CREATE VIEW accounts_activeentitlement AS
SELECT given.*, statement_timestamp() AS read_at,
  CASE WHEN closes_at <= greatest(starts_at, statement_timestamp()) THEN 'ended'
    WHEN starts_at > statement_timestamp() THEN 'upcoming' ELSE 'running' END AS state
FROM (
  SELECT e.id, e.user_id, e.code, e.source, e.starts_at, least(e.ends_at, early.at) AS ends_at,
    coalesce(early.at < e.ends_at, FALSE) AS is_cut,
    e.source = 'subscription' AND early.at IS NULL AS renews,
    least(e.ends_at, early.at) + CASE WHEN e.source = 'subscription' AND early.at IS NULL
      THEN interval '1 day' ELSE interval '0' END AS closes_at
  FROM accounts_entitlement e LEFT JOIN LATERAL (
    SELECT min(ends_at) AS at FROM accounts_entitlementend WHERE entitlement_id = e.id) AS early ON TRUE
  WHERE NOT EXISTS (SELECT FROM accounts_entitlement moved WHERE moved.replaces_id = e.id)) AS given
"""


class Migration(migrations.Migration):

    dependencies = [('accounts', '0001_squashed_0022_mail_claim')]

    operations = [
        migrations.CreateModel(
            name='CacheRow',
            fields=[
                ('cache_key', models.CharField(max_length=255, primary_key=True, serialize=False)),
                ('value', models.TextField()),
                ('expires', models.DateTimeField()),
            ],
            options={
                'db_table': 'cache',
                'default_permissions': (),
                'managed': False,
            },
        ),
        migrations.RunSQL(VIEW, 'DROP VIEW accounts_activeentitlement'),
        migrations.CreateModel(
            name='ActiveEntitlement',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=80)),
                ('source', models.CharField(choices=[('purchase', 'Purchase'), ('subscription', 'Subscription'), ('voucher', 'Voucher'), ('grant', 'Granted by support')], max_length=12)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('closes_at', models.DateTimeField()),
                ('is_cut', models.BooleanField()),
                ('renews', models.BooleanField()),
                ('state', models.CharField(choices=[('running', 'Running'), ('upcoming', 'Upcoming'), ('ended', 'Ended')], max_length=8)),
                ('read_at', models.DateTimeField(help_text='by the clock of the database')),
                ('user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'accounts_activeentitlement',
                'default_permissions': (),
                'managed': False,
            },
        ),
    ]
