"""The user: an email address instead of a name; and the API tokens of a user, hashed."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from accounts.base import by_key, tables
from accounts.users.addresses import normalized


class EmailUserManager(UserManager["User"]):
    """Makes users from an email address alone."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Return the address with its domain in the one spelling that is stored."""
        return normalized(email or "")

    def _make(self, email: str, password: str | None, **extra: Any) -> "User":  # noqa: ANN401
        user = self.model(email=self.normalize_email(email), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":  # type: ignore[override]  # noqa: ANN401
        """Make a person without rights."""
        return self._make(email, password, **extra)

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":  # type: ignore[override]  # noqa: ANN401
        """Make a person with every right."""
        return self._make(email, password, **{**extra, "is_staff": True, "is_superuser": True})

    def get(self, *args: Any, **kwargs: Any) -> "User":  # noqa: ANN401
        """Return one person; by key alone with a plain statement, as every request of a signed-in one asks.

        Raises User.DoesNotExist.
        """
        # A manager of a relation, such as of a group's people, is of a class made from this one.
        if type(self) is not EmailUserManager or args or set(kwargs) != {"pk"}:
            return super().get(*args, **kwargs)
        if user := by_key.find(self.model, kwargs["pk"]):
            return user
        raise self.model.DoesNotExist

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the person with this address, in upper or lower case."""
        return self.get(email__iexact=normalized(username or ""))


class User(AbstractUser):
    """A person who signs in by email. Upper and lower case of the address are the same person."""

    table_class = tables.ROWS

    # Nobody is asked for a name.
    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("email"), unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[EmailUserManager] = EmailUserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        permissions = [
            ("remove_second_factor", _("Can remove the second factor of a person")),
            ("set_extra_time", _("Can see and set the extra time of a candidate")),
        ]
        # The unique column alone would take Anna@ and anna@ for two people.
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def get_full_name(self) -> str:
        """Return the address: the only name that is known."""
        return self.email

    def get_short_name(self) -> str:
        """Return the part of the address before the @."""
        return self.email.partition("@")[0]


class ApiToken(models.Model):
    """A key for programs. Only its SHA-256 is stored; `prefix` lets its owner recognize it."""

    table_class = tables.ROWS

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens", verbose_name=_("user")
    )
    name = models.CharField(_("name"), max_length=80, blank=True)
    prefix = models.CharField(_("begins with"), max_length=8)
    digest = models.CharField(_("SHA-256"), max_length=64, unique=True)
    scope = models.CharField(
        _("scope"),
        max_length=20,
        blank=True,
        db_default="",
        default="",
        help_text=_("The one part of the API that it opens; empty for that of candidates."),
    )
    created_at = models.DateTimeField(_("created"), db_default=Now())
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}".strip()


class BrowserSession(models.Model):
    """A session of Django's table as its owner sees it: which browser, and when it was last used."""

    table_class = tables.ROWS

    # By the database, since sessions are deleted in SQL too; Django wants the other key to be like it.
    session = models.OneToOneField("sessions.Session", models.DB_CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="+")
    browser = models.CharField(max_length=40, blank=True)
    system = models.CharField(max_length=40, blank=True)
    first_seen_at = models.DateTimeField(db_default=Now())
    last_seen_at = models.DateTimeField(db_default=Now())
    # When the person last proved here who they are, and since when they are asked to do so again.
    confirmed_at = models.DateTimeField(db_default=Now())
    asked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-last_seen_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.browser} {self.system}".strip()
