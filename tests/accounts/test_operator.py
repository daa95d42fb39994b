"""Who runs the site: production is refused without it, development shows what is missing."""

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from accounts.base import site_operator
from accounts.outbox import sender
from accounts.outbox.encryption import encrypt
from accounts.outbox.models import Mail

FACTS = {
    "OPERATOR_NAME": "Example Ltd.",
    "OPERATOR_ADDRESS": "1 Example Street, 1234 Town",
    "CONTACT_EMAIL": "hello@example.org",
    "HOSTING_PROVIDER": "Example Hosting",
    "MAIL_PROVIDER": "Example Mail",
}


@pytest.fixture
def production(settings: Settings) -> Settings:
    """A site in production whose operator gave every fact that must be given."""
    settings.PRODUCTION = True
    for name, value in FACTS.items():
        setattr(settings, name, value)
    return settings


def operator_findings() -> list[tuple[str, str]]:
    """What all checks of the site say about the operator."""
    return [(str(one.id), one.msg) for one in run_checks(tags=["operator"])]


def test_production_with_all_facts_is_accepted(production: Settings) -> None:
    assert operator_findings() == []


@pytest.mark.parametrize("name", FACTS)
@pytest.mark.parametrize("value", ["", "  "])
def test_production_without_a_fact_is_refused_and_told_which(
    production: Settings, name: str, value: str
) -> None:
    setattr(production, name, value)
    assert operator_findings() == [("accounts.E003", f"{name} is not set.")]
    with pytest.raises(CommandError, match=name):
        call_command("check", tags=["operator"])


def test_a_contact_address_that_is_none_is_refused(production: Settings) -> None:
    production.CONTACT_EMAIL = "hello at example.org"
    assert operator_findings() == [("accounts.E004", "CONTACT_EMAIL is not an email address.")]


def test_development_needs_no_facts() -> None:
    assert operator_findings() == []


def test_the_facts_that_are_demanded_are_those_of_these_tests() -> None:
    assert set(site_operator.REQUIRED) == set(FACTS)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "hu"])
def test_a_mail_about_a_change_names_the_address_to_write_to(production: Settings, language: str) -> None:
    parameters = {"ip": "192.0.2.1", "user_agent": "Browser", "timestamp": "now"}
    mail = Mail(kind="account/email/password_changed", language=language, sealed=encrypt(parameters))
    assert "hello@example.org" in sender.message_of(mail).body
