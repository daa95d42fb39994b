"""The tables of accounts as version 1.0.0 has them."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.math
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.profile.models
import accounts.users.models
from accounts.base import tables

# `TG_ARGV` names the columns that may become NULL, such as the actor after an erasure.
INSERT_ONLY_FUNCTION = """
CREATE FUNCTION passline_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before jsonb; after jsonb; cleared text;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    before := to_jsonb(OLD);
    after := to_jsonb(NEW);
    FOR number IN 0 .. TG_NARGS - 1 LOOP
      cleared := TG_ARGV[number];
      IF after -> cleared = 'null'::jsonb THEN
        before := before - cleared;
        after := after - cleared;
      END IF;
    END LOOP;
    IF before = after THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION '% of % is refused: it is kept as it was', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('accounts', '0001_initial'),
        ('accounts', '0002_normalize_domains'),
        ('accounts', '0003_insert_only'),
        ('accounts', '0004_ground'),
        ('accounts', '0005_confirmations'),
        ('accounts', '0006_accommodation_labels'),
        ('accounts', '0007_access'),
        ('accounts', '0008_payments'),
        ('accounts', '0009_privacy'),
        ('accounts', '0010_sessions'),
        ('accounts', '0011_reminders'),
        ('accounts', '0012_devices'),
        ('accounts', '0013_support'),
        ('accounts', '0014_payments_keys'),
        ('accounts', '0015_sign_in_codes'),
        ('accounts', '0016_refund_failures'),
        ('accounts', '0017_support_second_factor'),
        ('accounts', '0018_subscription_askings'),
        ('accounts', '0019_token_scope'),
        ('accounts', '0020_extra_time'),
        ('accounts', '0021_names'),
        ('accounts', '0022_mail_claim'),
    ]

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('sessions', '0001_initial'),
    ]

    operations = [
        # What every insert-only table asks, here and in the packages above.
        migrations.RunSQL(INSERT_ONLY_FUNCTION),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='email')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'permissions': [('remove_second_factor', 'Can remove the second factor of a person'), ('set_extra_time', 'Can see and set the extra time of a candidate')],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_any_case')],
            },
            managers=[
                ('objects', accounts.users.models.EmailUserManager()),
            ],
        ),
        migrations.CreateModel(
            name='Profile',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='profile', serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('ui_language', models.CharField(default='en', max_length=10, validators=[accounts.profile.models.check_language], verbose_name='language of the site')),
                ('content_language', models.CharField(blank=True, default='', max_length=10, validators=[accounts.profile.models.check_language], verbose_name='language of the questions')),
                ('time_zone', models.CharField(default='UTC', max_length=64, validators=[accounts.profile.models.check_time_zone], verbose_name='time zone')),
                ('single_keys', models.BooleanField(default=True, verbose_name='keyboard shortcuts')),
                ('accommodation', models.CharField(choices=[('none', 'None'), ('esl', "Extra minutes, because the exam isn't in your first language"), ('percent_25', '25% more time'), ('percent_50', '50% more time'), ('percent_100', 'Double time')], default='none', max_length=12, verbose_name='extra time')),
                ('access_reminders', models.BooleanField(db_default=True, default=True, verbose_name='reminders before access ends')),
            ],
            options={
                'verbose_name': 'profile',
                'verbose_name_plural': 'profiles',
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, max_length=80, verbose_name='name')),
                ('prefix', models.CharField(max_length=8, verbose_name='begins with')),
                ('digest', models.CharField(max_length=64, unique=True, verbose_name='SHA-256')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='created')),
                ('last_used_at', models.DateTimeField(blank=True, null=True, verbose_name='last used')),
                ('expires_at', models.DateTimeField(verbose_name='expires')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('scope', models.CharField(blank=True, db_default='', default='', help_text='The one part of the API that it opens; empty for that of candidates.', max_length=20, verbose_name='scope')),
            ],
            options={
                'verbose_name': 'API token',
                'verbose_name_plural': 'API tokens',
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=40)),
                ('parameters', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='waiting', max_length=8)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('claim', models.UUIDField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('not_before', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('heartbeat_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('done', models.PositiveIntegerField(default=0)),
                ('total', models.PositiveIntegerField(default=0, help_text='0 while nobody knows')),
                ('step', models.CharField(blank=True, help_text='key of the text that says what it does now', max_length=60)),
                ('result', models.JSONField(default=dict)),
                ('error', models.TextField(blank=True)),
                ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='jobs', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
                'indexes': [
                    models.Index(condition=models.Q(('state__in', ['waiting', 'running'])), fields=['not_before'], name='job_unfinished'),
                    models.Index(fields=['owner', '-created_at'], name='job_of_owner'),
                    models.Index(condition=models.Q(('state', 'failed')), fields=['-finished_at'], name='job_failed_newest'),
                ],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('state__in', ['done', 'failed'])), models.Q(('finished_at', None), ('state__in', ['waiting', 'running'])), _connector='OR'), name='job_finished_has_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=80)),
                ('dedupe_key', models.CharField(max_length=120, unique=True)),
                ('to_address', models.EmailField(max_length=254)),
                ('language', models.CharField(max_length=10)),
                ('sealed', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('not_before', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('not_after', models.DateTimeField(help_text='later than this the mail would be of no use')),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('given_up_at', models.DateTimeField(blank=True, null=True)),
                ('last_error', models.TextField(blank=True)),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('claim', models.UUIDField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'email',
                'ordering': ['-created_at'],
                'verbose_name_plural': 'emails',
                'indexes': [
                    models.Index(condition=models.Q(('given_up_at', None), ('sent_at', None)), fields=['not_before'], name='mail_waiting'),
                    models.Index(fields=['-created_at'], name='mail_newest'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('sent_at', None), ('sealed', ''), _connector='OR'), name='mail_sent_is_empty'),
                    models.CheckConstraint(condition=models.Q(('sent_at', None), ('given_up_at', None), _connector='OR'), name='mail_sent_or_given_up'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('action', models.CharField(max_length=40)),
                ('subject_type', models.CharField(help_text='app.model, such as exams.attempt', max_length=60)),
                ('subject_id', models.CharField(max_length=64)),
                ('reason', models.TextField(blank=True)),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('actor', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.DB_SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'audit entry',
                'verbose_name_plural': 'audit entries',
                'ordering': ['-at', '-pk'],
                'indexes': [
                    models.Index(fields=['subject_type', 'subject_id', 'at'], name='audit_of_subject'),
                    models.Index(fields=['-at'], name='audit_newest'),
                    models.Index(fields=['actor'], name='audit_of_actor'),
                ],
            },
        ),
        migrations.CreateModel(
            name='JobFile',
            fields=[
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='file', serialize=False, to='accounts.job')),
                ('name', models.CharField(max_length=120)),
                ('media_type', models.CharField(max_length=100)),
                ('content', models.BinaryField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'indexes': [models.Index(fields=['created_at'], name='job_file_oldest')],
                'constraints': [models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('content'), 20971520), name='job_file_size')],
            },
        ),
        migrations.CreateModel(
            name='PendingConfirmation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('address', models.EmailField(max_length=254, verbose_name='email')),
                ('password', models.CharField(blank=True, help_text='hashed; of a sign-up only', max_length=128)),
                ('language', models.CharField(default='en', max_length=10)),
                ('time_zone', models.CharField(blank=True, max_length=64)),
                ('next_path', models.TextField(blank=True, help_text='where the person was going')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires_at', models.DateTimeField(help_text='later than this neither link nor code is valid')),
                ('code_number', models.PositiveSmallIntegerField(default=1, help_text='how many codes there have been')),
                ('code_expires_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0, help_text='of this code')),
                ('address_number', models.PositiveSmallIntegerField(default=1, help_text='1 is the address first typed')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'pending confirmation',
                'indexes': [models.Index(fields=['expires_at'], name='pending_expires')],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('user', None), models.Q(('password', ''), _negated=True)), models.Q(('password', ''), ('user__isnull', False)), _connector='OR'), name='pending_has_user_or_password'),
                    models.UniqueConstraint(fields=('user', 'address'), name='pending_once_for_each_user'),
                ],
            },
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
                ('replaces', models.OneToOneField(help_text='what it was before it moved up', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='accounts.entitlement')),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [
                    models.Index(fields=['user', 'code'], name='entitlement_of_user'),
                    models.Index(fields=['ends_at'], name='entitlement_by_end'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='entitlement_ends_after_start'),
                    models.CheckConstraint(condition=models.Q(('source__in', ['purchase', 'subscription', 'voucher', 'grant'])), name='entitlement_source_known'),
                    models.UniqueConstraint(condition=models.Q(('replaces', None)), fields=('source', 'source_id', 'code'), name='entitlement_once'),
                ],
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
                'constraints': [
                    models.UniqueConstraint(fields=('product', 'number'), name='product_version_once'),
                    models.CheckConstraint(condition=models.Q(('months__gte', 1), ('months__lte', 36)), name='product_version_months'),
                    models.CheckConstraint(condition=models.Q(('codes__len__gte', 1)), name='product_version_opens_something'),
                ],
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
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('version', 'currency'), name='price_once'),
                    models.CheckConstraint(condition=models.Q(('currency__in', ['EUR', 'USD', 'HUF'])), name='price_currency_known'),
                    models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='price_above_zero'),
                    models.CheckConstraint(condition=models.Q(models.Q(('currency', 'HUF'), _negated=True), django.db.models.lookups.Exact(django.db.models.functions.math.Mod('amount', 100), 0), _connector='OR'), name='price_of_whole_forints'),
                ],
            },
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
                'constraints': [models.CheckConstraint(condition=models.Q(('uses__gte', 1), ('uses__lte', 10000)), name='voucher_batch_uses')],
            },
        ),
        migrations.CreateModel(
            name='Voucher',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code_sha256', models.BinaryField(max_length=32, unique=True)),
                ('hint', models.CharField(help_text='the last characters of the code', max_length=4)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='vouchers', to='accounts.voucherbatch')),
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
            options={
                'indexes': [models.Index(fields=['user'], name='redemption_of_user')],
                'constraints': [
                    models.UniqueConstraint(fields=('voucher', 'number'), name='redemption_number_once'),
                    models.UniqueConstraint(fields=('voucher', 'user'), name='redemption_once_for_each_user'),
                    models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='redemption_from_1'),
                ],
            },
        ),
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
                'indexes': [
                    models.Index(fields=['user'], name='checkout_of_user'),
                    models.Index(fields=['-created_at'], name='checkout_newest'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('currency__in', ['EUR', 'USD', 'HUF'])), name='checkout_currency_known'),
                    models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='checkout_above_zero'),
                ],
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
                ('closed_at', models.DateTimeField(help_text='from then on it cannot be paid', null=True)),
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
                'indexes': [models.Index(fields=['-paid_at'], name='purchase_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('period_ends_at', None), ('period_starts_at', None)), ('period_ends_at__gt', models.F('period_starts_at')), _connector='OR'), name='purchase_period_whole')],
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
                'constraints': [models.UniqueConstraint(fields=('gateway', 'event_id'), name='purchase_event_once')],
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
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='when the gateway was asked: what was asked for earlier is no news')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='ErasureRequest',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('due_at', models.DateTimeField(help_text='from then on the account is deleted and cannot come back')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reopens', models.BooleanField(db_default=True, help_text='whether taking it back opens the account: not when staff closed it')),
            ],
            options={
                'indexes': [models.Index(fields=['due_at'], name='erasure_due')],
            },
        ),
        migrations.CreateModel(
            name='BrowserSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('browser', models.CharField(blank=True, max_length=40)),
                ('system', models.CharField(blank=True, max_length=40)),
                ('first_seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('last_seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.DB_CASCADE, related_name='+', to='sessions.session')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('confirmed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('asked_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-last_seen_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='SignInCode',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('address', models.EmailField(max_length=254, verbose_name='email')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires_at', models.DateTimeField(help_text='later than this neither link nor code is valid')),
                ('code_number', models.PositiveSmallIntegerField(default=1, help_text='how many codes there have been')),
                ('code_expires_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0, help_text='of this code')),
            ],
            options={
                'verbose_name': 'sign-in code',
                'indexes': [models.Index(fields=['expires_at'], name='sign_in_code_expires')],
            },
        ),
        migrations.CreateModel(
            name='RefundFailure',
            fields=[
                ('refund', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='failure', serialize=False, to='accounts.refund')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='SubscriptionAsking',
            fields=[
                ('subscription', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='asking', serialize=False, to='accounts.subscription')),
                ('asked_at', models.DateTimeField()),
            ],
        ),
        tables.protect("accounts_auditentry", tables.insert_only("actor_id")),
        tables.protect("accounts_jobfile", tables.LOG),
        tables.protect("accounts_productversion", tables.INSERT_ONLY),
        tables.protect("accounts_price", tables.INSERT_ONLY),
        tables.protect("accounts_entitlement", tables.insert_only("user_id")),
        tables.protect("accounts_entitlementend", tables.insert_only("actor_id")),
        tables.protect("accounts_voucherbatch", tables.insert_only("created_by_id")),
        tables.protect("accounts_voucher", tables.INSERT_ONLY),
        tables.protect("accounts_redemption", tables.insert_only("user_id")),
        tables.protect("accounts_checkout", tables.insert_only("user_id")),
        tables.protect("accounts_checkoutsession", tables.INSERT_ONLY),
        tables.protect("accounts_checkoutend", tables.INSERT_ONLY),
        tables.protect("accounts_purchase", tables.INSERT_ONLY),
        tables.protect("accounts_refund", tables.INSERT_ONLY),
        tables.protect("accounts_subscription", tables.INSERT_ONLY),
        tables.protect("accounts_subscriptionstate", tables.INSERT_ONLY),
        tables.protect("accounts_purchaseevent", tables.INSERT_ONLY),
        tables.protect("accounts_refundfailure", tables.INSERT_ONLY),
    ]
