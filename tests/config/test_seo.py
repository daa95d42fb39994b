"""What the world may find: addresses, languages, previews, robots, the map of the site, codes in capitals."""

import re
import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import Client

from accounts.users.models import User
from config import seo
from exams.assembly import sample
from exams.bank.models import ItemVersion
from exams.catalog.models import Certification
from tests import budgets, factories
from tests.exams.cheatsheet.published import publish

pytestmark = pytest.mark.django_db

SITE = settings.SITE_URL
IMAGES = Path(settings.BASE_DIR) / "static" / "img"
MAP = {"map": "http://www.sitemaps.org/schemas/sitemap/0.9", "xhtml": "http://www.w3.org/1999/xhtml"}


def head_of(client: Client, address: str) -> str:
    return client.get(address).content.decode().partition("</head>")[0]


def links(head: str, relation: str) -> list[tuple[str, str]]:
    """Return language and address of the links with a relation."""
    found = re.findall(rf'<link rel="{relation}"(?: hreflang="([^"]+)")? href="([^"]+)">', head)
    return [(language, address) for language, address in found]


def meta(head: str) -> dict[str, str]:
    return dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', head))


@pytest.mark.parametrize("path", ["/", "/mls-c01/", "/mls-c01/exams/1/"])
def test_a_public_page_names_its_address_and_its_languages(
    client: Client, form: factories.Form, path: str
) -> None:
    for prefix in ("", "/hu"):
        head = head_of(client, f"{prefix}{path}?from=mail")
        assert links(head, "canonical") == [("", f"{SITE}{prefix}{path}")]
        assert links(head, "alternate") == [
            ("en", SITE + path),
            ("hu", f"{SITE}/hu{path}"),
            ("x-default", SITE + path),
        ]


def test_the_brochure_is_found_at_the_address_of_its_certification(
    client: Client, form: factories.Form
) -> None:
    assert links(head_of(client, "/hu/mls-c01/about/"), "canonical") == [("", f"{SITE}/hu/mls-c01/")]


def test_a_preview_speaks_the_language_of_the_page(client: Client, form: factories.Form) -> None:
    english, hungarian = (meta(head_of(client, f"{prefix}/mls-c01/")) for prefix in ("", "/hu"))
    assert english["og:title"] == "MLS-C01: Machine Learning"
    assert hungarian["og:title"] == "MLS-C01: Gépi tanulás"
    assert hungarian["og:description"] == hungarian["description"] == "Gépi tanulás"
    assert (english["og:locale"], hungarian["og:locale"]) == ("en_US", "hu_HU")
    assert english["og:image"].startswith(f"{SITE}/static/img/preview")
    assert english["twitter:card"] == "summary_large_image"


def test_titles_with_quotes_and_signs_stay_what_they_are(client: Client, form: factories.Form) -> None:
    form.form.certification.texts.filter(language="en").update(name='R&D "<b>"')
    head = head_of(client, "/mls-c01/")
    assert "<title>MLS-C01: R&amp;D &quot;&lt;b&gt;&quot; · Passline</title>" in head
    assert meta(head)["og:title"] == "MLS-C01: R&amp;D &quot;&lt;b&gt;&quot;"


def test_a_page_of_a_person_names_nothing_to_the_world(
    client: Client, anna: User, form: factories.Form
) -> None:
    client.force_login(anna)
    attempt = factories.start(anna, form).attempt_id
    for address in ("/accounts/profile/", "/attempts/", f"/attempts/{attempt}/"):
        head = head_of(client, address)
        assert "<title>" in head
        assert not links(head, "canonical"), address
        assert "og:" not in head, address


def test_every_page_has_the_face_and_the_icons(client: Client, anna: User, form: factories.Form) -> None:
    client.force_login(anna)
    attempt = factories.start(anna, form).attempt_id
    for address in ("/", "/accounts/profile/", f"/attempts/{attempt}/"):
        head = head_of(client, address)
        face = 'href="/static/fonts/reading.woff2" as="font" type="font/woff2" crossorigin'
        assert head.count(f'<link rel="preload" {face}>') == 1
        assert "css/fonts.css" in head
        assert "img/favicon.ico" in head
        assert "img/apple-touch-icon.png" in head


def test_robots_leave_alone_what_belongs_to_a_person_or_a_program(client: Client) -> None:
    reply = client.get("/robots.txt")
    lines = reply.content.decode().splitlines()
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    closed = {line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow")}
    private = {"accounts/", "redeem/", "attempts/", "drills/", "problem-reports/", "dashboard/"}
    private |= {"*/dashboard/", "*/search/", "*/today/"}
    assert closed == {"/admin/", "/api/", *(f"{start}{path}" for start in ("/", "/hu/") for path in private)}
    assert f"Sitemap: {SITE}/sitemap.xml" in lines


def test_the_map_has_every_public_page_in_every_language(client: Client, form: factories.Form) -> None:
    root = ElementTree.fromstring(client.get("/sitemap.xml", headers={"host": "localhost"}).content)
    found = {
        entry.findtext("map:loc", "", MAP): {
            link.attrib["hreflang"]: link.attrib["href"] for link in entry.iterfind("xhtml:link", MAP)
        }
        for entry in root.iterfind("map:url", MAP)
    }
    for path in ("/", "/mls-c01/", "/mls-c01/exams/1/"):
        alternates = {"en": SITE + path, "hu": f"{SITE}/hu{path}", "x-default": SITE + path}
        assert found[SITE + path] == found[f"{SITE}/hu{path}"] == alternates


def test_everything_on_the_map_can_be_read_by_anybody(client: Client, form: factories.Form) -> None:
    for place in seo.places():
        for language in ("en", "hu"):
            address = place.address(language)
            reply = client.get(address.removeprefix(SITE))
            assert reply.status_code == 200, address
            assert links(reply.content.decode(), "canonical") == [("", address)]


def test_a_sample_is_on_the_map_where_there_is_one(form: factories.Form) -> None:
    certification = Certification.objects.get(code="mls-c01")
    address = seo.Place(seo.SAMPLE, {"code": "mls-c01"})
    assert address not in seo.places()
    sample.place(certification, [ItemVersion.objects.all()[0]])
    assert address in seo.places()


def test_a_cheat_sheet_is_on_the_map_where_there_is_one(client: Client, form: factories.Form) -> None:
    address = seo.Place(seo.SHEET, {"code": "mls-c01"})
    assert address not in seo.places()
    publish(form.form.certification)
    assert address in seo.places()
    assert meta(head_of(client, "/mls-c01/cheatsheet/"))["og:title"] == "MLS-C01 Cheat Sheet"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("/MLS-C01/", "/mls-c01/"),
        ("/hu/MLS-C01/", "/hu/mls-c01/"),
        ("/Mls-c01/exams/1/", "/mls-c01/exams/1/"),
        ("/MLS-C01/?from=x&to=%C5%91", "/mls-c01/?from=x&to=%C5%91"),
    ],
)
def test_a_code_in_capitals_leads_to_its_page(
    client: Client, form: factories.Form, asked: str, found: str
) -> None:
    for ask in (client.get, client.head):
        reply = ask(asked)
        assert (reply.status_code, reply["Location"]) == (301, found)
    assert client.get(found).status_code == 200


def test_only_reading_is_led_on_and_only_by_a_code(client: Client, form: factories.Form) -> None:
    assert client.post("/MLS-C01/exams/1/").status_code == 404
    assert client.get("/absent/").status_code == 404
    assert client.get("/accounts/ABSENT/").status_code == 404
    assert client.get("/api/v1/certifications/MLS-C01/").status_code == 404


def test_old_programs_find_the_icon(client: Client) -> None:
    assert client.get("/favicon.ico")["Location"] == "/static/img/favicon.ico"


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_icons_and_preview_have_the_sizes_that_are_said() -> None:
    icon = (IMAGES / "favicon.ico").read_bytes()
    assert icon[:4] == b"\0\0\1\0"
    assert size_of(icon[22:]) == (32, 32)
    assert size_of((IMAGES / "apple-touch-icon.png").read_bytes()) == (180, 180)
    preview = (IMAGES / "preview.png").read_bytes()
    assert size_of(preview) == (1200, 630)
    assert len(preview) <= budgets.PREVIEW
