"""Django's card of the admin: its site is ours."""

from django.contrib.admin.apps import AdminConfig


class PasslineAdminConfig(AdminConfig):
    """The admin with the site of `config.admin_site`."""

    default_site = "config.admin_site.PasslineAdminSite"
