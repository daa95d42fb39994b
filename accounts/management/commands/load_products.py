"""`manage.py load_products`: the products of `fixtures/products.yaml` that are missing."""

from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from accounts.access import products
from accounts.access.models import Product


class Command(BaseCommand):
    """Makes the products of a file that are not there yet; one that is there is never changed."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Another file, and a dry run."""
        parser.add_argument(
            "--file", type=Path, default=Path(settings.BASE_DIR) / "fixtures" / "products.yaml"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be made, and make nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make all that is missing, or nothing."""
        rows = yaml.safe_load(options["file"].read_text(encoding="utf-8"))["products"]
        known = set(Product.objects.values_list("slug", flat=True))
        missing = [(place, row) for place, row in enumerate(rows, 1) if row["slug"] not in known]
        if not options["dry_run"]:
            with transaction.atomic():
                for place, row in missing:
                    _make(row, place)
        for _place, row in missing:
            self.stdout.write(f"{'would make' if options['dry_run'] else 'made'} {row['slug']}")
        self.stdout.write(f"{len(missing)} of {len(rows)} products were missing")


def _make(row: dict[str, Any], place: int) -> None:
    product = Product.objects.create(slug=row["slug"], kind=row["kind"], place=place)
    products.publish(product, codes=row["codes"], months=row["months"], prices=row["prices"])
