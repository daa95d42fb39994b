"""What the world may find: the public pages and their addresses, for search engines and previews."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, override
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from exams.assembly import sample as samples
from exams.assembly import selectors as assembly
from exams.catalog import selectors as catalog
from exams.cheatsheet import selectors as cheatsheets
from flashcards.study import deck as decks
from i18n import languages

# Pages without a parameter.
PLAIN: Final = (
    "exams:catalog",
    *(
        "legal:privacy",
        "legal:terms",
        "legal:refunds",
        "legal:imprint",
        "legal:contact",
        "legal:accessibility",
    ),
    "exams:how_scoring_works",
    "exams:pricing",
)
LANDING: Final = "exams:landing"
SAMPLE: Final = "exams:sample"
SHEET: Final = "exams:cheatsheet"
CHANGES: Final = "exams:corrections"
DECK: Final = "flashcards:deck"
START: Final = "exams:start"
PUBLIC: Final = frozenset((*PLAIN, LANDING, CHANGES, SAMPLE, SHEET, DECK, START))
# For robots: what belongs to a person or a program, in every language.
PRIVATE: Final = (
    *("accounts/", "redeem/", "attempts/", "drills/", "problem-reports/"),
    *("dashboard/", "*/dashboard/", "*/search/", "*/today/"),
)
PRIVATE_ONCE: Final = ("/admin/", "/api/")
OG_LOCALES: Final = {"en": "en_US", "hu": "hu_HU"}


@dataclass(frozen=True, slots=True)
class Place:
    """A public page: the name of its address and the parameters."""

    name: str
    parameters: Mapping[str, Any]

    def address(self, language: str) -> str:
        """Return the absolute address in a language."""
        with override(language):
            return settings.SITE_URL + reverse(self.name, kwargs=dict(self.parameters))


@dataclass(frozen=True, slots=True)
class PublicPage:
    """What the head of a public page says about it."""

    canonical: str
    alternates: tuple[tuple[str, str], ...]
    locale: str
    other_locales: tuple[str, ...]
    picture: str


def places() -> list[Place]:
    """Return every public page. Four statements and one for texts."""
    codes = [summary.facts.code for summary in catalog.certifications(languages.DEFAULT)]
    sampled, taught, decked = samples.codes(), cheatsheets.codes(), decks.codes()
    return [
        *(Place(name, {}) for name in PLAIN),
        *(Place(LANDING, {"code": code}) for code in codes),
        *(Place(CHANGES, {"code": code}) for code in codes),
        *(Place(SAMPLE, {"code": code}) for code in codes if code in sampled),
        *(Place(SHEET, {"code": code}) for code in codes if code in taught),
        *(Place(DECK, {"code": code}) for code in codes if code in decked),
        *(
            Place(START, {"code": form.certification_code, "number": form.number})
            for form in assembly.forms()
        ),
    ]


def page_of(request: HttpRequest) -> PublicPage | None:
    """Return what is said about the page of a request, or None where it is not for everybody."""
    match = request.resolver_match
    # The world finds the brochure at the address of the certification, where a visitor reads the same.
    name = LANDING if match and match.view_name == "exams:about" else getattr(match, "view_name", "")
    if match is None or name not in PUBLIC:
        return None
    place = Place(name, match.kwargs)
    try:
        addresses = {code: place.address(code) for code in languages.CODES}
    except NoReverseMatch:
        return None
    here = get_language() or languages.DEFAULT
    return PublicPage(
        canonical=addresses.get(here, addresses[languages.DEFAULT]),
        alternates=(*addresses.items(), ("x-default", addresses[languages.DEFAULT])),
        locale=OG_LOCALES.get(here, here),
        other_locales=tuple(OG_LOCALES.get(code, code) for code in languages.CODES if code != here),
        picture=settings.SITE_URL + static("img/preview.png"),
    )


def head(request: HttpRequest) -> dict[str, Callable[[], PublicPage | None]]:
    """Context processor: `public`, worked out once when a template asks."""
    return {"public": cache(lambda: page_of(request))}


if TYPE_CHECKING:
    SitemapOfPlaces = Sitemap[Place]
else:  # the class takes no type at run time
    SitemapOfPlaces = Sitemap


class PublicPages(SitemapOfPlaces):
    """The map of the public pages, each in every language, at the address of the site."""

    i18n = True
    alternates = True
    x_default = True
    protocol = urlsplit(settings.SITE_URL).scheme

    def items(self) -> list[Place]:
        """Return the pages."""
        return places()

    def location(self, item: Place) -> str:
        """Return the path in the language that is active."""
        return reverse(item.name, kwargs=dict(item.parameters))

    def get_domain(self, site: Any = None) -> str:  # noqa: ANN401
        """Return the host of the site, whatever host the request claims."""
        return urlsplit(settings.SITE_URL).netloc


@require_safe
@cache_control(max_age=3600, public=True)
def robots(request: HttpRequest) -> HttpResponse:
    """Serve what search engines shall leave alone, and where the map of the site is."""
    prefixes = ["/" if code == languages.DEFAULT else f"/{code}/" for code in languages.CODES]
    closed = [*PRIVATE_ONCE, *(prefix + path for prefix in prefixes for path in PRIVATE)]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    lines += ["", f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(max_age=86400, public=True)
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead programs that ask for the icon by its oldest name to it."""
    return HttpResponseRedirect(static("img/favicon.ico"))
