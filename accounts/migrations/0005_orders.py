"""Short order numbers for people; refunds that a buyer asks for."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from accounts.base import tables

# The factor scatters numbers that follow each other; it has no divisor in common with 28^6 = 481890304, so no
# two are alike. Without letters that are read as digits or make words. It runs as the owner of the sequence,
# on which the site's role has no right.
NUMBER = """
CREATE SEQUENCE passline_order_number;
CREATE FUNCTION passline_order_number() RETURNS text LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT 'PL-' || string_agg(substr('23456789BCDFGHJKMNPQRSTVWXYZ', (n / place % 28)::int + 1, 1), '' ORDER BY place DESC)
  FROM (SELECT nextval('passline_order_number') * 297823537 % 481890304 AS n) AS scattered,
    unnest(ARRAY[1, 28, 784, 21952, 614656, 17210368]) AS place
$$;
"""
NO_NUMBER = "DROP FUNCTION passline_order_number(); DROP SEQUENCE passline_order_number"


class Migration(migrations.Migration):

    dependencies = [('accounts', '0004_study_reminders')]

    operations = [
        migrations.RunSQL(NUMBER, NO_NUMBER),
        migrations.AddField(
            model_name='checkout',
            name='number',
            field=models.CharField(
                db_default=models.Func(function='passline_order_number'),
                editable=False,
                help_text='what people call the order: PL-7K3M9Q',
                max_length=9,
                unique=True,
            ),
        ),
        migrations.CreateModel(
            name='RefundRequest',
            fields=[
                (
                    'purchase',
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name='refund_request',
                        serialize=False,
                        to='accounts.purchase',
                    ),
                ),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='RefundDecline',
            fields=[
                (
                    'request',
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name='decline',
                        serialize=False,
                        to='accounts.refundrequest',
                    ),
                ),
                ('reason', models.TextField(help_text='as the buyer reads it')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        tables.protect('accounts_refundrequest', tables.INSERT_ONLY),
        tables.protect('accounts_refunddecline', tables.INSERT_ONLY),
        migrations.AlterField(
            model_name='product',
            name='kind',
            field=models.CharField(
                choices=[
                    ('certification', 'One certification'),
                    ('subscription', 'Monthly subscription'),
                    ('bundle', 'All access'),
                ],
                max_length=14,
            ),
        ),
    ]
