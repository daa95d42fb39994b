"""`manage.py erase_person`: delete a person at once, for support."""

from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import CommandError

from accounts.base.commands import LongHelpCommand
from accounts.privacy import erasure
from accounts.users.addresses import normalized
from accounts.users.models import User

HELP: Final = """
Delete a person at once: the account, whatever names them, and whatever they wrote. Answers, scores and
ratings of cards stay without a name. It cannot be undone, and nobody is told; a person who can sign in does
it better on the page, with days to change their mind.

The act is recorded with --reason. --dry-run says how many rows name the person, by table and column.

Exit code: 0 when it did what was asked, 1 when there is nobody with this address, 2 on wrong usage.
"""


class Command(LongHelpCommand):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", help="the email address of the account")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what names the person, change nothing"
        )
        parser.add_argument("--reason", default="", help="why, for the record")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["dry_run"] and not options["reason"].strip():
            raise CommandError("say why with --reason, or look first with --dry-run", returncode=2)
        person = User.objects.filter(email__iexact=normalized(options["address"])).first()
        if person is None:
            raise CommandError("nobody has this address", returncode=1)
        for column, count in erasure.rows_naming(person.pk).items():
            if count:
                self.stdout.write(f"{column}: {count}")
        if options["dry_run"]:
            self.stdout.write(f"would erase person {person.pk}")
            return
        number = person.pk
        erasure.erase(person, actor=None, reason=options["reason"])
        self.stdout.write(f"erased person {number}")
