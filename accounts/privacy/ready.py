"""What the packages below this one have to do with privacy: registered once, at start."""

from django.utils.translation import gettext_lazy as _

from accounts.jobs import registry as jobs
from accounts.privacy import archive, cleanup, own_holdings, registry


def register() -> None:
    """Register the archive as a job, what it holds of accounts, and what an erasure leaves."""
    jobs.register(archive.KIND, archive.make)
    own_holdings.register()
    cleanup.cleans("sign-in codes", cleanup.sign_in_codes)
    registry.stays(_("What our staff did with your account: when and why. We must be able to explain it."))
    registry.stays(_("When you had access and which vouchers you redeemed: our bookkeeping needs this."))
