"""All settings, from the environment. `PASSLINE_PROFILE` names the profile; production demands secrets."""

import os
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from kombu import Queue

from config import celery_options, databases, env
from config import logging as logs
from config.admin_look import UNFOLD as UNFOLD  # how the admin looks
from i18n import languages

BASE_DIR = Path(__file__).resolve().parent.parent
PROFILE = env.one_of("PASSLINE_PROFILE", ("development", "test", "production"), "development")
PRODUCTION = PROFILE == "production"
DEBUG = env.flag("DEBUG", default=False)
STATE_DIR = Path(env.text("STATE_DIR", str(BASE_DIR / ".run"))).resolve()


def secret(name: str, stand_in: str) -> str:
    """Return a value that production must be given and other profiles may do without."""
    return env.text(name, None if PRODUCTION else stand_in)


SECRET_KEY = secret("SECRET_KEY", "only-for-development-and-tests-never-for-production-000")
if PRODUCTION and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY must have 50 characters or more, made at random")
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG must be 0 in production: its pages show code and settings")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
SITE_URL = secret("SITE_URL", f"http://localhost:{env.integer('PORT', 8000)}").rstrip("/")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", SITE_URL if PRODUCTION else "")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "config.apps.PasslineAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "config",
    "i18n",
    "accounts",
    "exams",
    "flashcards",
]

MIDDLEWARE = [
    "config.middleware.Observe",
    "config.errors.RefusedRequests",
    "exams.api.save_endpoint.SaveEndpoint",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "config.middleware.Probes",
    "config.middleware.AdminPolicy",
    "config.errors.AdminSearches",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "exams.web.offline.CopyCookies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "i18n.middleware.AddressLanguage",
    "config.middleware.LowerCaseCodes",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.web.middleware.PrivatePages",
    "accounts.web.middleware.SeenSessions",
    "accounts.web.middleware.ReaderLanguage",
    "accounts.web.middleware.StaffSecondFactor",
    "accounts.web.middleware.AdminLocale",
    "accounts.web.sessions.ConfirmedDevices",
    "axes.middleware.AxesMiddleware",
]

# What the folder of a certification is made of, in the order in which it is read and loaded.
CONTENT_PARTS = [
    "exams.content.catalog.GuidePart",
    "exams.content_sync.catalog.StoredCatalogPart",
    "exams.content.catalog.CoveragePart",
    "exams.content_sync.files.StoredFiguresPart",
    "exams.content_sync.exams.StoredExamsPart",
    "exams.content.freshness.FactCheckPart",
    "exams.content_sync.exams.StoredSamplePart",
    "exams.content_sync.cheatsheet.StoredCheatSheetPart",
    "flashcards.services.part.StoredFlashcardsPart",
    "exams.content_sync.freshness.StoredChecksPart",
    "exams.content_sync.freshness.StoredWatchedPart",
    "exams.content_sync.files.StoredFilesPart",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "i18n.context.site",
                "accounts.web.legal.contact_context",
                "config.maintenance.banner",
                "config.seo.head",
            ],
            "libraries": {
                "account_pages": "accounts.web.tags",
                "codes": "exams.web.filters",
                "draft_news": "exams.authoring.news_tags",
                "moments": "exams.web.filters",
            },
        },
    },
]

# --- Database, cache, sessions: nothing that a candidate does needs Redis -------------------------
DATABASES = {
    "default": databases.from_url(secret("DATABASE_URL", "postgres://passline@localhost:5432/passline"))
}
# Who may change the schema, where that is somebody else than the site's role: `databases.as_owner`.
DATABASE_OWNER = databases.login_from_url(env.text("DATABASE_OWNER_URL", ""))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "accounts.base.cache.UnevictedDatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}
SESSION_ENGINE = "accounts.base.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600

# --- Who you are ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "accounts.users.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if PROFILE == "test":
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "accounts.users.passwords.MaximumLengthValidator", "OPTIONS": {"max_length": 128}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email"]},
    },
    {"NAME": "accounts.users.passwords.GuessablePasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/dashboard/"
PASSWORD_RESET_TIMEOUT = 3600
# So many browsers can be signed in at once to an account with access; the oldest of more is asked to confirm.
DEVICES_PER_ACCOUNT = env.integer("DEVICES_PER_ACCOUNT", 3, least=1)
# Staff reach the admin only with a second factor, and approve no draft that they wrote.
STAFF_NEEDS_SECOND_FACTOR = env.flag("STAFF_NEEDS_SECOND_FACTOR", default=PRODUCTION)
FOUR_EYES = env.flag("FOUR_EYES", default=True)
# After so many days without a check a question waits in the work queue of authors.
CHECK_DAYS = env.integer("CHECK_DAYS", 180, least=1)
# How many proxies of ours add to X-Forwarded-For; 0 takes the address of the connection.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 1 if env.flag("BEHIND_PROXY", default=False) else 0)

ACCOUNT_ADAPTER = "accounts.web.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.web.forms.LoginForm",
    "signup": "accounts.web.email_verification.SignupForm",
    "reset_password": "accounts.web.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.web.forms.ResetPasswordKeyForm",
    "change_password": "accounts.web.forms.ChangePasswordForm",
    "set_password": "accounts.web.forms.SetPasswordForm",
    "add_email": "accounts.web.forms.AddEmailForm",
    "reauthenticate": "accounts.web.forms.ReauthenticateForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_MAX_EMAIL_ADDRESSES = 3
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_URL.partition(":")[0]
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# The link proves the mailbox, as a code to sign in does; a second factor is still asked for.
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
# The address of a connection is limited by axes too; "key" is the account, wherever the tries come from.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "30/m/ip,30/15m/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/h/key",
    # Mails with a code to one address.
    "confirm_email": "1/m/key,6/h/key",
}
MFA_ADAPTER = "accounts.web.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.web.forms.AuthenticateForm",
    "reauthenticate": "accounts.web.forms.ReauthenticateByCodeForm",
    "activate_totp": "accounts.web.forms.ActivateTOTPForm",
    "add_webauthn": "accounts.web.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.web.forms.EditPasskeyForm",
    "login_webauthn": "accounts.web.forms.LoginPasskeyForm",
    "authenticate_webauthn": "accounts.web.forms.AuthenticatePasskeyForm",
    "reauthenticate_webauthn": "accounts.web.forms.ReauthenticatePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Passline"
MFA_TOTP_TOLERANCE = 1

AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "accounts.web.limits.respond"
AXES_CLIENT_IP_CALLABLE = "accounts.users.requests.client_ip"
AXES_USERNAME_CALLABLE = "accounts.web.limits.counter_of"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "login", "email", "password"]
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
# Its lists of what is not written here are left out (accounts.admin.users).
AXES_ENABLE_ADMIN = False

# --- Mail -------------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = secret("DEFAULT_FROM_EMAIL", "Passline <passline@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
MAIL_SSL = env.flag("MAIL_SSL", default=False)
MAIL_STARTTLS = env.flag("MAIL_STARTTLS", default=not MAIL_SSL)
if MAIL_SSL and MAIL_STARTTLS:
    raise ImproperlyConfigured("MAIL_SSL and MAIL_STARTTLS exclude each other: set one of them to 0")
_mailers: dict[str, dict[str, Any]] = {
    "production": {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": secret("MAIL_HOST", "localhost"),
                "port": env.integer("MAIL_PORT", 587, least=1),
                "username": env.text("MAIL_USER", ""),
                "password": env.text("MAIL_PASSWORD", ""),
                "use_tls": MAIL_STARTTLS,
                "use_ssl": MAIL_SSL,
                "timeout": 10,
            },
        },
    },
    "development": {
        "default": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": str(STATE_DIR / "mail")},
        },
    },
    "test": {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}},
}
MAILERS = _mailers[PROFILE]

# --- Who runs the site: for imprint, privacy notice, contact page and mails ------------------------
# A check refuses production without those that the law asks for (accounts.base.site_operator).
OPERATOR_NAME = env.text("OPERATOR_NAME", "")
OPERATOR_ADDRESS = env.text("OPERATOR_ADDRESS", "")
OPERATOR_REGISTER = env.text("OPERATOR_REGISTER", "")
OPERATOR_VAT_ID = env.text("OPERATOR_VAT_ID", "")
OPERATOR_PHONE = env.text("OPERATOR_PHONE", "")
OPERATOR_RESPONSIBLE = env.text("OPERATOR_RESPONSIBLE", "")
CONTACT_EMAIL = env.text("CONTACT_EMAIL", "")
HOSTING_PROVIDER = env.text("HOSTING_PROVIDER", "")
MAIL_PROVIDER = env.text("MAIL_PROVIDER", "")
# How many nightly backups are kept: the privacy notice names it.
BACKUPS_KEPT = env.integer("BACKUPS_KEPT", 14, least=1)

# --- Payments: without a key of Stripe nothing is for sale, except by the test card -------------------
STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRET = env.text("STRIPE_WEBHOOK_SECRET", "")
# Another server in place of Stripe's, for tests.
STRIPE_API_BASE = env.text("STRIPE_API_BASE", "")
# Takes no money and gives access: a check refuses it in production, and the code does too.
TEST_CARD = env.flag("TEST_CARD", default=not PRODUCTION)

# --- API --------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["accounts.api.parsers.StrictJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.TokenAuthentication",
        "accounts.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "accounts.api.problems.handle",
    "URL_FORMAT_OVERRIDE": None,
    # Without it the schema believes any `?version=` and writes it into a header of the reply.
    "ALLOWED_VERSIONS": ["1"],
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Passline",
    "DESCRIPTION": "Practice exams for certifications. Errors are application/problem+json with a code. Two "
    "requests of one session or token are answered at a time, saves not counted: more wait, and after "
    "5 seconds get 429 `too_many_at_once` with Retry-After.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "CertificationState": "exams.content.states.STATES",
        "ReportReason": "exams.feedback.models.Reason.values",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- Languages and time -----------------------------------------------------------------------------
LANGUAGE_CODE = languages.DEFAULT
LANGUAGES = [(language.code, language.name) for language in languages.LANGUAGES]
LOCALE_PATHS = [BASE_DIR / "i18n" / "locale"]
FORMAT_MODULE_PATH = ["i18n.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
# Three months of access are months of the calendar here, whatever zone a person reads times in.
SITE_ZONE = env.zone("SITE_ZONE", "Europe/Budapest")

# --- Files ------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = STATE_DIR / "collected"
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": {
            "production": "config.static.CompressedStorage",
            "development": "config.static.HashedStorage",
            "test": "django.contrib.staticfiles.storage.StaticFilesStorage",
        }[PROFILE]
    },
}
WHITENOISE_USE_FINDERS = PROFILE == "test"
# Files are looked up when they are asked for: each client of a test would else read all of them first.
WHITENOISE_AUTOREFRESH = PROFILE == "test"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- Celery: hints on Redis, no results (docs/decisions/0009) ---------------------------------------
CELERY_BROKER_URL = secret("REDIS_URL", "redis://localhost:6379/0")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# For scores and mails. A job keeps a heartbeat and limits of its own, and may take long.
CELERY_TASK_SOFT_TIME_LIMIT = 45
CELERY_TASK_TIME_LIMIT = 60
CELERY_TASK_ANNOTATIONS = celery_options.LIMITS
# Two workers: one for `score,mail`, one for `slow`, so that nobody waits for a score behind an import.
# A worker that is told no queues takes them all.
CELERY_TASK_DEFAULT_QUEUE = "score"
CELERY_TASK_QUEUES = [Queue("score"), Queue("mail"), Queue("slow")]
CELERY_TASK_ROUTES = celery_options.ROUTES
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SEND_TASK_EVENTS = False
# A worker keeps its connection (a new one for each task doubled the cost of a score); see config.celery.
CELERY_DB_REUSE_MAX = 1000
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_POOL_ACQUIRE_TIMEOUT = 2
CELERY_BROKER_TRANSPORT_OPTIONS = celery_options.TRANSPORT
CELERY_TASK_PUBLISH_RETRY_POLICY = celery_options.RETRIES
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = celery_options.BEAT
# A job or a mail whose worker was silent for so long is taken by another.
JOB_LEASE_SECONDS = env.integer("JOB_LEASE_SECONDS", 60, least=2)

# --- Privacy ----------------------------------------------------------------------------------------
# So many days a person can change their mind about the deletion of their account.
ERASURE_DAYS = env.integer("ERASURE_DAYS", 7, least=1)
# How long mails that were sent or given up are kept, without what they said, and jobs that ended.
MAIL_DAYS = env.integer("MAIL_DAYS", 30, least=1)
JOB_DAYS = env.integer("JOB_DAYS", 90, least=8)

# --- Exams ------------------------------------------------------------------------------------------
EXAM_STARTS_PER_DAY = env.integer("EXAM_STARTS_PER_DAY", 20, least=1)
DRILL_STARTS_PER_DAY = env.integer("DRILL_STARTS_PER_DAY", 100, least=1)
CHECK_STARTS_PER_DAY = env.integer("CHECK_STARTS_PER_DAY", 5, least=1)
# How long answers that came too late are kept, in days after they came.
REFUSED_ANSWER_DAYS = env.integer("REFUSED_ANSWER_DAYS", 365, least=1)
CARD_REVIEWS_PER_DAY = env.integer("CARD_REVIEWS_PER_DAY", 2000, least=1)
# Of one person, or of one address for those who are not signed in.
SEARCHES_PER_MINUTE = env.integer("SEARCHES_PER_MINUTE", 60, least=1)
EXPORTS_PER_HOUR = env.integer("EXPORTS_PER_HOUR", 60, least=1)
# Files of own cards.
IMPORTS_PER_HOUR = env.integer("IMPORTS_PER_HOUR", 30, least=1)
# Saves of one attempt: so many at once, and so many a second in the long run, in each process.
EXAM_SAVES_PER_SECOND = env.integer("EXAM_SAVES_PER_SECOND", 4, least=1)
EXAM_SAVES_BURST = env.integer("EXAM_SAVES_BURST", 20, least=1)
# With a pooler that shares connections between transactions, prepared statements cannot be used.
DATABASE_PREPARES = env.flag("DATABASE_PREPARES", default=True)

# --- Notice of maintenance ---------------------------------------------------------------------------
MAINTENANCE_START = env.moment("MAINTENANCE_START")
MAINTENANCE_MINUTES = env.integer("MAINTENANCE_MINUTES", 15, least=1)
# By language: words instead of the built-in ones.
MAINTENANCE_TEXTS = {
    language.code: env.text(f"MAINTENANCE_TEXT{suffix}", "")
    for language in languages.LANGUAGES
    for suffix in ["" if language.code == languages.DEFAULT else f"_{language.code.upper()}"]
}
MAINTENANCE_URGENT = env.flag("MAINTENANCE_URGENT", default=False)

# --- Logs and metrics -------------------------------------------------------------------------------
LOGGING = logs.configure(
    readable=not PRODUCTION,
    level=env.one_of("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
)
# Who sends it may read /metrics from elsewhere; without it only this machine may.
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
# Where workers, beat and sweep serve what they count; 0 for a process that does not.
METRICS_PORT = env.integer("METRICS_PORT", 0)
if PROFILE != "test":
    # All processes count into files there; it must be named before prometheus_client is imported.
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(STATE_DIR / "metrics"))
    Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True, exist_ok=True)
    import_module("config.multiprocess").use_known_process_id()

# --- Security ---------------------------------------------------------------------------------------
SECURE_CSP: dict[str, Any] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "object-src": [CSP.NONE],
}
if STRIPE_SECRET_KEY:
    # A browser asks this policy also for where the reply to a form leads.
    SECURE_CSP["form-action"] += ["https://checkout.stripe.com", "https://billing.stripe.com"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
# Marks a browser in which somebody has signed in, so that others cannot lock them out of it.
DEVICE_COOKIE_NAME = "device"
# Which question the page without script showed last: a cookie of one attempt, which ends with the browser.
PLACE_COOKIE_NAME = "question"
# Begins the cookies on which the copies of running exams depend: see exams.web.offline. Scripts have it, too.
COPY_COOKIE_PREFIX = "copy_"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    # Off unless asked for: browsers keep them for a year, for all names below the site's, come what may.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("HSTS_SUBDOMAINS", default=False)
    SECURE_HSTS_PRELOAD = env.flag("HSTS_PRELOAD", default=False)
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    DEVICE_COOKIE_NAME = "__Host-device"
    if env.flag("BEHIND_PROXY", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
