"""`manage.py load_products`: the products of `fixtures/products.yaml` that are missing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.access import products, targets
from accounts.access.models import Product
from accounts.access.products import ProductRow


class Command(BaseCommand):
    """Makes the products of a file that are not there yet; one that is there is never changed.

    One that opens what is not loaded here is left out, until it is.
    """

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Another file, and a dry run."""
        parser.add_argument(
            "--file", type=Path, default=Path(settings.BASE_DIR) / "fixtures" / "products.yaml"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be made, and make nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make all that is missing, or nothing. Raises CommandError for a file that cannot be read."""
        rows = _read(options["file"])
        stored = set(Product.objects.values_list("slug", flat=True))
        left_out = {row.slug: codes for row in rows if (codes := _unknown(row.codes))}
        missing = [row for row in rows if row.slug not in stored and row.slug not in left_out]
        if not options["dry_run"]:
            with transaction.atomic():
                for row in missing:
                    _make(row)
        for row in missing:
            self.stdout.write(f"{'would make' if options['dry_run'] else 'made'} {row.slug}")
        for slug, codes in left_out.items():
            self.stdout.write(f"left out {slug}: nothing here is {', '.join(codes)}")
        self.stdout.write(f"{len(missing)} of {len(rows)} products were missing")


def _unknown(codes: Sequence[str]) -> list[str]:
    return [code for code, target in targets.targets_of(codes).items() if not target.is_known]


def _read(file: Path) -> list[ProductRow]:
    try:
        return products.read_file(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from None
    except ValueError as error:  # BadFile, or bytes that are not UTF-8
        raise CommandError(f"{file}: {error}") from None


def _make(row: ProductRow) -> None:
    product = Product.objects.create(slug=row.slug, kind=row.kind, place=row.place)
    products.publish(product, codes=row.codes, months=row.months, prices=row.prices)
