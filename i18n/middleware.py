"""Which language a request speaks: pages by their address, the API by what the client asks for."""

from typing import Final

from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from i18n.addresses import requested_language

API_PREFIX: Final = "/api/"


class AddressLanguage(LocaleMiddleware):
    """As Django's, and the API, whose addresses name no language, obeys Accept-Language."""

    def process_request(self, request: HttpRequest) -> None:
        """Activate the language of the address, or for the API the one that the client prefers."""
        super().process_request(request)
        if request.path_info.startswith(API_PREFIX):
            translation.activate(requested_language(request))
            request.LANGUAGE_CODE = translation.get_language() or ""
