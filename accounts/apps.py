"""Django's configuration of this package."""

from importlib import import_module

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

from accounts.base import hooks
from accounts.base.checks import check_database
from accounts.base.site_operator import check_operator
from accounts.payments.checks import check_gateways


class AccountsConfig(AppConfig):
    """Registers the package with Django, and its receivers of signals of Django and allauth."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Have the database checked at start, answer the hooks between packages, connect receivers."""
        checks.register(check_database, checks.Tags.database)
        checks.register(check_operator, "operator")
        checks.register(check_gateways, "payments")
        # Models exist only now, so these cannot stand at the head of the file.
        from accounts.access import reminders
        from accounts.admin import mail_names, own_figures, own_panels, roles
        from accounts.jobs.registry import JobKind
        from accounts.payments import services as payments
        from accounts.payments.personal_data import ORDERS
        from accounts.privacy import account_data, archive
        from accounts.web import payments as orders
        from accounts.web.redeem import name_of

        hooks.register("role_permissions", roles.permissions)
        hooks.register("page_names", name_of)
        hooks.register("page_names", orders.name_of)
        hooks.register("job_kinds", JobKind(archive.KIND, archive.make), key=archive.KIND)
        # While the person is still there: who has left must not be charged again.
        hooks.register("before_erasure", payments.cancel_all)
        hooks.register("before_closing", payments.before_closing)
        hooks.register("personal_data", (ORDERS, *account_data.TABLES), key=self.name)
        for kind, name in mail_names.NAMES.items():
            hooks.register("mail_names", name, key=kind)
        for kind in (reminders.ENDING, reminders.ENDED):
            hooks.register("mail_checks", reminders.is_still_wanted, key=kind)
        own_panels.register()
        own_figures.register()
        import_module("accounts.privacy.sessions")
        import_module("accounts.roles.services")
