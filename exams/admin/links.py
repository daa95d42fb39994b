"""Ways between pages of the admin that several of them show."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _


def rule_link(version_id: int) -> SafeString:
    """Return the way to the form that rules on the key of a version; who may not rule is refused there."""
    address = reverse("admin:exams_keyruling_rule", args=[version_id])
    return format_html('<a class="onward" href="{}">{}</a>', address, _("Rule on the key"))
