"""Rulings in words: what is the same for every reader."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone, translation

from accounts.profile import services as profiles
from accounts.users.models import User
from exams.bank.rulings import Correction
from exams.corrections import changelog
from exams.presentation import corrections
from tests.factories import Form

LATE = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
"""Half past midnight, the next day, at home."""


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_a_ruling_is_of_the_sites_day_whatever_zone_the_first_reader_has(zone: str) -> None:
    ruling = Correction(id=1, version_id=1, at=LATE, kind="also", options=frozenset(), cause="second")
    with translation.override("en"), timezone.override(ZoneInfo(zone)):
        assert corrections.when(ruling) == "Corrected on November 28, 2026"


def test_the_public_log_of_corrections_has_the_same_day_for_everybody(
    client: Client, anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changelog, "corrections", lambda _: [changelog.Correction(1, LATE, (), "", "", 3)])
    profiles.update(anna, time_zone="America/New_York")
    for _ in range(2):
        assert "November 28, 2026" in client.get("/mls-c01/corrections/").content.decode()
        client.force_login(anna)
