"""Orders, payments, refunds, subscriptions."""

import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models

from accounts.base import tables


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_access'),
    ]

    operations = [
        migrations.CreateModel(
            name='Checkout',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('currency', models.CharField(choices=[('EUR', 'EUR'), ('USD', 'USD'), ('HUF', 'HUF')], max_length=3)),
                ('amount', models.PositiveIntegerField(help_text='the price that was shown, in hundredths')),
                ('language', models.CharField(max_length=10)),
                ('terms_version', models.CharField(help_text='the day of the terms that were accepted', max_length=20)),
                ('consent_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='when access at once was asked for, and with it no withdrawal')),
                ('gateway', models.CharField(max_length=20)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.productversion')),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='TestCardSession',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('checkout_id', models.UUIDField(unique=True)),
                ('title', models.CharField(max_length=200)),
                ('amount', models.PositiveIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('months', models.PositiveSmallIntegerField(help_text='of each payment of a subscription', null=True)),
                ('return_url', models.CharField(max_length=500)),
                ('cancel_url', models.CharField(max_length=500)),
                ('paid_at', models.DateTimeField(null=True)),
                ('canceled_at', models.DateTimeField(null=True)),
                ('refunded_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='CheckoutEnd',
            fields=[
                ('checkout', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='end', serialize=False, to='accounts.checkout')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='CheckoutSession',
            fields=[
                ('checkout', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='session', serialize=False, to='accounts.checkout')),
                ('session_id', models.CharField(max_length=255, unique=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('checkout', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='subscription', serialize=False, to='accounts.checkout')),
                ('subscription_id', models.CharField(max_length=80, unique=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='Purchase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('payment_id', models.CharField(max_length=80, unique=True)),
                ('amount', models.PositiveIntegerField(help_text='what was paid, in hundredths')),
                ('currency', models.CharField(max_length=3)),
                ('paid_at', models.DateTimeField()),
                ('period_starts_at', models.DateTimeField(help_text='of a subscription', null=True)),
                ('period_ends_at', models.DateTimeField(help_text='of a subscription', null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('checkout', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='purchases', to='accounts.checkout')),
            ],
            options={
                'ordering': ['-paid_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='PurchaseEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gateway', models.CharField(max_length=20)),
                ('event_id', models.CharField(max_length=255)),
                ('kind', models.CharField(max_length=80)),
                ('object_id', models.CharField(blank=True, max_length=255)),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('checkout', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='accounts.checkout')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('refund_id', models.CharField(max_length=80, unique=True)),
                ('amount', models.PositiveIntegerField()),
                ('refunded_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('purchase', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='accounts.purchase')),
            ],
        ),
        migrations.CreateModel(
            name='SubscriptionState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('runs', models.BooleanField(help_text='whether further payments may follow')),
                ('ends_at', models.DateTimeField(help_text='when it ends, once it is canceled', null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('subscription', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='states', to='accounts.subscription')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.AddIndex(
            model_name='checkout',
            index=models.Index(fields=['user'], name='checkout_of_user'),
        ),
        migrations.AddIndex(
            model_name='checkout',
            index=models.Index(fields=['-created_at'], name='checkout_newest'),
        ),
        migrations.AddConstraint(
            model_name='checkout',
            constraint=models.CheckConstraint(condition=models.Q(('currency__in', ['EUR', 'USD', 'HUF'])), name='checkout_currency_known'),
        ),
        migrations.AddConstraint(
            model_name='checkout',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='checkout_above_zero'),
        ),
        migrations.AddConstraint(
            model_name='purchase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('period_ends_at', None), ('period_starts_at', None)), ('period_ends_at__gt', models.F('period_starts_at')), _connector='OR'), name='purchase_period_whole'),
        ),
        migrations.AddConstraint(
            model_name='purchaseevent',
            constraint=models.UniqueConstraint(fields=('gateway', 'event_id'), name='purchase_event_once'),
        ),
        tables.protect("accounts_checkout", tables.insert_only("user_id")),
        tables.protect("accounts_checkoutsession", tables.INSERT_ONLY),
        tables.protect("accounts_checkoutend", tables.INSERT_ONLY),
        tables.protect("accounts_purchase", tables.INSERT_ONLY),
        tables.protect("accounts_refund", tables.INSERT_ONLY),
        tables.protect("accounts_subscription", tables.INSERT_ONLY),
        tables.protect("accounts_subscriptionstate", tables.INSERT_ONLY),
        tables.protect("accounts_purchaseevent", tables.INSERT_ONLY),
    ]
