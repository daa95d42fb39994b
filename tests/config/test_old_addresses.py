"""Addresses that pages had before lead to those of today, in each language and with what was asked."""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import resolve

from config.urls import OLD, old_urls

ATTEMPT = UUID(int=7)
ADDRESSES = {
    "/score/": "/how-scoring-works/",
    "/attempts/reports/": "/problem-reports/",
    f"/attempts/{ATTEMPT}/report/": f"/attempts/{ATTEMPT}/score.pdf",
    "/mls-c01/changes/": "/mls-c01/corrections/",
    "/mls-c01/cut.css": "/mls-c01/pass-mark.css",
}


def test_each_is_tried_here() -> None:
    assert len(ADDRESSES) == len(OLD) == len(old_urls)


@pytest.mark.parametrize("language", ["", "/hu"])
@pytest.mark.parametrize(("old", "new"), ADDRESSES.items())
def test_it_leads_on_for_good_in_the_same_language(client: Client, language: str, old: str, new: str) -> None:
    reply = client.get(f"{language}{old}?page=2&x=1")
    assert (reply.status_code, reply.headers["Location"]) == (301, f"{language}{new}?page=2&x=1")


@pytest.mark.parametrize(("old", "new"), ADDRESSES.items())
def test_it_leads_to_a_page_of_the_site_and_never_to_itself(old: str, new: str) -> None:
    assert resolve(old).namespaces == ["old_addresses"]
    assert resolve(new).namespaces == ["exams"]
    assert resolve(old).url_name == resolve(new).url_name


@pytest.mark.parametrize("old", ADDRESSES)
def test_nothing_can_be_sent_there(client: Client, old: str) -> None:
    assert client.post(old).status_code == 405
