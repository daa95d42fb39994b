"""What the commands over content files share: their form of help, and which directories they read."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class ContentCommand(BaseCommand):
    """A command over the content files of one certification, or of every one below `fixtures/`."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the paragraphs of the help text."""
        kwargs.setdefault("formatter_class", RawDescriptionHelpFormatter)
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the directory."""
        parser.add_argument(
            "--dir",
            type=Path,
            help="directory of the content files of one certification (all below fixtures/)",
        )

    @staticmethod
    def directories(given: Path | None) -> list[Path]:
        """Return the directory that was given, else each with a certification. Raises CommandError."""
        if given is None:
            fixtures = Path(settings.BASE_DIR) / "fixtures"
            found = sorted(path.parent for path in fixtures.glob("*/certification.yaml"))
            if not found:
                raise CommandError(f"there is no certification in {fixtures}", returncode=2)
            return found
        if not given.is_dir():
            raise CommandError(f"{given} is not a directory", returncode=2)
        return [given]
