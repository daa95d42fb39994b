"""The user: an e-mail address instead of a name."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Lower


class EmailUserManager(UserManager["User"]):
    """Makes users from an e-mail address alone."""

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


class User(AbstractUser):
    """A person who logs in by e-mail. Upper and lower case of the address are the same person."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[EmailUserManager] = EmailUserManager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]
