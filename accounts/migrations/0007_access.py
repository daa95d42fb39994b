"""What is sold, who may open what and for how long, and vouchers."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.math
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

from accounts.base import tables


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_accommodation_labels'),
    ]

    operations = [
        migrations.CreateModel(
            name='Voucher',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code_sha256', models.BinaryField(max_length=32, unique=True)),
                ('hint', models.CharField(help_text='the last characters of the code', max_length=4)),
            ],
        ),
        migrations.CreateModel(
            name='Entitlement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=80)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('source', models.CharField(choices=[('purchase', 'Purchase'), ('subscription', 'Subscription'), ('voucher', 'Voucher'), ('grant', 'Granted by support')], max_length=12)),
                ('source_id', models.CharField(help_text='what it comes from; it gives a code only once', max_length=80)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='EntitlementEnd',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ends_at', models.DateTimeField(help_text='of several the earliest counts')),
                ('reason', models.TextField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entitlement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ends', to='accounts.entitlement')),
            ],
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(help_text='in addresses, such as mls-c01', max_length=60, unique=True)),
                ('kind', models.CharField(choices=[('certification', 'One certification'), ('subscription', 'Monthly subscription'), ('bundle', 'Content bundle')], max_length=14)),
                ('on_sale', models.BooleanField(default=True, help_text='whether it stands on the pricing page')),
                ('place', models.PositiveSmallIntegerField(default=1, help_text='in the order of the pricing page')),
            ],
            options={
                'ordering': ['place', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['certification', 'subscription', 'bundle'])), name='product_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='ProductVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('codes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), help_text='what it opens, such as cert:mls-c01')),
                ('months', models.PositiveSmallIntegerField(help_text='calendar months; of a subscription, of each payment')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='accounts.product')),
            ],
            options={
                'ordering': ['product', '-number'],
            },
        ),
        migrations.CreateModel(
            name='Price',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(choices=[('EUR', 'EUR'), ('USD', 'USD'), ('HUF', 'HUF')], max_length=3)),
                ('amount', models.PositiveIntegerField(help_text='in hundredths, of HUF too: 9,900 Ft is 990000')),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='prices', to='accounts.productversion')),
            ],
        ),
        migrations.CreateModel(
            name='Redemption',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('voucher', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='redemptions', to='accounts.voucher')),
            ],
        ),
        migrations.CreateModel(
            name='VoucherBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uses', models.PositiveSmallIntegerField(help_text='of each code, by different people')),
                ('expires_at', models.DateTimeField(help_text='empty when it does not expire', null=True)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('created_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.productversion')),
            ],
            options={
                'verbose_name_plural': 'voucher batches',
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='voucher',
            name='batch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='vouchers', to='accounts.voucherbatch'),
        ),
        migrations.AddIndex(
            model_name='entitlement',
            index=models.Index(fields=['user', 'code'], name='entitlement_of_user'),
        ),
        migrations.AddConstraint(
            model_name='entitlement',
            constraint=models.UniqueConstraint(fields=('source', 'source_id', 'code'), name='entitlement_once'),
        ),
        migrations.AddConstraint(
            model_name='entitlement',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='entitlement_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='entitlement',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['purchase', 'subscription', 'voucher', 'grant'])), name='entitlement_source_known'),
        ),
        migrations.AddConstraint(
            model_name='productversion',
            constraint=models.UniqueConstraint(fields=('product', 'number'), name='product_version_once'),
        ),
        migrations.AddConstraint(
            model_name='productversion',
            constraint=models.CheckConstraint(condition=models.Q(('months__gte', 1), ('months__lte', 36)), name='product_version_months'),
        ),
        migrations.AddConstraint(
            model_name='productversion',
            constraint=models.CheckConstraint(condition=models.Q(('codes__len__gte', 1)), name='product_version_opens_something'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.UniqueConstraint(fields=('version', 'currency'), name='price_once'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.CheckConstraint(condition=models.Q(('currency__in', ['EUR', 'USD', 'HUF'])), name='price_currency_known'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='price_above_zero'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('currency', 'HUF'), _negated=True), django.db.models.lookups.Exact(django.db.models.functions.math.Mod('amount', 100), 0), _connector='OR'), name='price_of_whole_forints'),
        ),
        migrations.AddIndex(
            model_name='redemption',
            index=models.Index(fields=['user'], name='redemption_of_user'),
        ),
        migrations.AddConstraint(
            model_name='redemption',
            constraint=models.UniqueConstraint(fields=('voucher', 'number'), name='redemption_number_once'),
        ),
        migrations.AddConstraint(
            model_name='redemption',
            constraint=models.UniqueConstraint(fields=('voucher', 'user'), name='redemption_once_for_each_user'),
        ),
        migrations.AddConstraint(
            model_name='redemption',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='redemption_from_1'),
        ),
        migrations.AddConstraint(
            model_name='voucherbatch',
            constraint=models.CheckConstraint(condition=models.Q(('uses__gte', 1), ('uses__lte', 10000)), name='voucher_batch_uses'),
        ),
        tables.protect("accounts_productversion", tables.INSERT_ONLY),
        tables.protect("accounts_price", tables.INSERT_ONLY),
        tables.protect("accounts_entitlement", tables.insert_only("user_id")),
        tables.protect("accounts_entitlementend", tables.insert_only("actor_id")),
        tables.protect("accounts_voucherbatch", tables.insert_only("created_by_id")),
        tables.protect("accounts_voucher", tables.INSERT_ONLY),
        tables.protect("accounts_redemption", tables.insert_only("user_id")),
    ]
