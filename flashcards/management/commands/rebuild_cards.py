"""`manage.py rebuild_cards`: make what is known of each card anew from the log of reviews.

Exit codes: 0 all is as the log says (now), 1 with --dry-run: something differs.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from flashcards.services.reviews import rebuild


class Command(BaseCommand):
    help = "Compare the state of every card with the log of reviews, and repair what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only list what differs; exit code 1")

    def handle(self, *args: Any, **options: Any) -> None:
        rebuilt = rebuild(dry_run=options["dry_run"])
        for user_id, card_id in rebuilt.different:
            self.stdout.write(f"person {user_id}, card {card_id}: differs from the log")
        act = "differ" if options["dry_run"] else "mended"
        self.stdout.write(f"States compared: {rebuilt.compared}, {act}: {len(rebuilt.different)}.")
        if options["dry_run"] and rebuilt.different:
            raise SystemExit(1)
