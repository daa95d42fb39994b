"""Django's configuration of this package."""

from importlib import import_module

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

from accounts.base import destinations
from accounts.base.checks import check_database
from accounts.base.site_operator import check_operator
from accounts.payments.checks import check_gateways


class AccountsConfig(AppConfig):
    """Registers the package with Django, and its receivers of signals of Django and allauth."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Have the database checked at start, declare roles and pages, connect receivers of signals."""
        checks.register(check_database, checks.Tags.database)
        checks.register(check_operator, "operator")
        checks.register(check_gateways, "payments")
        # Models exist only now, so these cannot stand at the head of the file.
        from accounts.access import products, reminders
        from accounts.admin import mail_names, own_figures, own_panels, roles
        from accounts.outbox import names, wanted
        from accounts.payments import archive, gateways
        from accounts.payments import services as payments
        from accounts.privacy import holdings, registry
        from accounts.privacy.holdings import Part
        from accounts.web import payments as orders
        from accounts.web.redeem import name_of

        roles.declare()
        own_panels.register()
        own_figures.register()
        names.register(mail_names.NAMES)
        destinations.names_destinations(name_of)
        destinations.names_destinations(orders.name_of)
        products.register_gateway(gateways.available)
        holdings.holds(
            Part("orders", _("What you ordered and paid."), archive.orders, ("accounts_checkout.user_id",))
        )
        # While the person is still there: who has left must not be charged again.
        registry.on_erasure(payments.cancel_all)
        registry.tells_before_closing(payments.before_closing)
        registry.stays(_("Your orders and payments, without your name, for as long as the law requires."))
        for kind in (reminders.ENDING, reminders.ENDED):
            wanted.register(kind, reminders.is_still_wanted)
        import_module("accounts.privacy.sessions")
        import_module("accounts.privacy.ready").register()
        import_module("accounts.roles.signals")
