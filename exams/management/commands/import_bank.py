"""`manage.py import_bank`: a file of questions into drafts."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from django.core.management.base import CommandError

from accounts.base.commands import LongHelpCommand
from accounts.base.errors import Refused
from accounts.jobs.registry import JobContext, Progress
from accounts.users.models import User
from exams.authoring import imports, rights
from exams.authoring.imports import FAULTY, HELD, NEW, Planned
from exams.catalog.models import Certification
from exams.content.exchange_formats import limits, registry
from exams.content.exchange_formats.shape import Parsed

FORMATS: Final = tuple(fmt.name for fmt in registry.FORMATS.values() if fmt.can_read)
HELP: Final = """
Make the questions of a file drafts of one certification, as the import in the admin does: they are
reviewed and published by people. All questions become drafts, or none of them; with --partial, those that
can.

Prints what the format cannot carry, and what becomes of each question: new, changed, same, held (somebody
is writing in its draft) or faulty. A held or faulty question, or a fault of the file, keeps the whole file
from being taken, unless --partial leaves it out. The same file again changes nothing; a corrected one
changes the drafts that nobody has touched since.

Without --dry-run the drafts are stored; with it, the same is printed and nothing is stored. ACTOR is who
begins the drafts: somebody who may write them, and who cannot approve them afterward.

Exit code: 0 if all is stored or would be (with --partial: something), 1 if the file has a fault or cannot
be taken as a whole, or nothing in it is a question that can be read, 2 on wrong usage.
"""


class Command(LongHelpCommand):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("format", choices=FORMATS, metavar="FORMAT", help=f"one of: {', '.join(FORMATS)}")
        parser.add_argument("file", type=Path, metavar="FILE", help=f"at most {limits.FILE_SIZE:,} bytes")
        parser.add_argument("--certification", required=True, metavar="CODE", help="for example mls-c01")
        parser.add_argument("--actor", required=True, metavar="EMAIL", help="who begins the drafts")
        parser.add_argument("--partial", action="store_true", help="leave out what cannot be taken")
        parser.add_argument("--dry-run", action="store_true", help="print what would be, store nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        certification = Certification.objects.filter(code=options["certification"]).first()
        if certification is None:
            raise CommandError(f"there is no certification {options['certification']}", returncode=2)
        actor = _actor(options["actor"])
        path: Path = options["file"]
        parsed = imports.own_names(
            registry.read(
                options["format"], _content(path), path.name, language=certification.original_language
            )
        )
        self._tell(parsed)
        planned = imports.plan(certification, parsed.items)
        self._judge(parsed, planned, partial=options["partial"])
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was stored.")
            return
        context = JobContext(uuid4(), actor.pk, {}, Progress())
        try:
            imports.apply(certification, planned, actor, context, parsed.pictures)
        except Refused as refused:
            raise CommandError(f"nothing was stored: {refused}", returncode=1) from refused
        made = sum(item.fate in (NEW, imports.CHANGED) for item in planned)
        omitted = imports.left_out(parsed, planned)
        self.stdout.write(f"Done: {made} drafts.{f' Left out: {omitted}.' if omitted else ''}")

    def _tell(self, parsed: Parsed) -> None:
        """Print what is lost and what is wrong."""
        for loss in parsed.losses:
            self.stdout.write(f"  lost: {loss}")
        for problem in parsed.problems:
            self.stderr.write(str(problem))

    def _judge(self, parsed: Parsed, planned: Sequence[Planned], *, partial: bool) -> None:
        """Print what becomes of each question; end with 1 where the file cannot be taken."""
        for item in planned:
            self.stdout.write(
                f"  {item.code}: {item.fate}{f' ({item.fault_text})' if item.fault_text else ''}"
            )
        counts = {fate: sum(item.fate == fate for item in planned) for fate in imports.FATES}
        self.stdout.write(", ".join(f"{count} {fate}" for fate, count in counts.items() if count))
        good = len(planned) - counts[HELD] - counts[FAULTY]
        if good and (partial or not imports.left_out(parsed, planned)):
            return
        if parsed.problems:
            self.stderr.write(f"Nothing was stored. Faults: {len(parsed.problems)}.")
        else:
            self.stderr.write("Nothing was stored: some questions keep the whole file from being taken.")
        if good:
            self.stderr.write(f"--partial takes the others: {good}.")
        sys.exit(1)


def _actor(email: str) -> User:
    actor = User.objects.filter(email__iexact=email, is_active=True).first()
    if actor is None:
        raise CommandError(f"there is no active person with the address {email}", returncode=2)
    if not rights.may(actor, rights.WRITE):
        raise CommandError(f"{email} may not write drafts", returncode=2)
    return actor


def _content(path: Path) -> bytes:
    """Return the file, of a larger one only so much that it is seen to be too large."""
    try:
        with path.open("rb") as file:
            return file.read(limits.FILE_SIZE + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}", returncode=2) from error
