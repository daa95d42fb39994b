"""Structured logs: a JSON object a line in production, readable lines in development. No secrets in them."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog

SECRET_KEYS: Final = re.compile(
    r"pass(word|wd)|secret|token|lease|cookie|session|authorization|csrf|e?mail|api_?key|otp|recovery", re.I
)
# Names that look like those and hold nothing to hide.
KEPT: Final = {"request_id", "logger", "level", "timestamp", "route", "lease_no"}
MAIL: Final = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+")
# Tokens, leases, session keys and hashes have 32 characters and more; ids of attempts are UUIDs and stay.
LONG_KEY: Final = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Za-z0-9_-]{32,}(?![\w-])")
UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NAMED: Final = re.compile(
    r"(?i)\b((?:authorization|cookie|token|lease|password|secret|csrfmiddlewaretoken|sessionid)[\"']?\s*[:=]\s*)"
    r"(?:bearer |token )?[^\s,;&}]+"
)
HIDDEN: Final = "[hidden]"


def _clean_text(text: str) -> str:
    text = NAMED.sub(rf"\1{HIDDEN}", text)
    text = MAIL.sub(HIDDEN, text)
    return LONG_KEY.sub(lambda found: found[0] if UUID.fullmatch(found[0]) else HIDDEN, text)


def clean(value: Any, name: str = "") -> Any:  # noqa: ANN401
    """Return the value without secrets: hidden by the name of its key, or by its shape inside a text."""
    if name and name not in KEPT and SECRET_KEYS.search(name):
        return HIDDEN
    if isinstance(value, str):
        return value if name in KEPT else _clean_text(value)
    if isinstance(value, Mapping):
        return {key: clean(part, str(key)) for key, part in value.items()}
    if isinstance(value, list | tuple | set):
        return [clean(part) for part in value]
    return value if isinstance(value, int | float | bool | None) else _clean_text(str(value))


def hide(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401
    """Processor: leave no cookie, token, lease, password or mail address in a line."""
    return {name: clean(value, name) for name, value in event.items()}


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def formatter(*, readable: bool) -> structlog.stdlib.ProcessorFormatter:
    """Return the formatter of all lines, those of structlog and those of other packages."""
    end: list[Any] = (
        [structlog.dev.ConsoleRenderer(colors=False)] if readable else [structlog.processors.JSONRenderer()]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            hide,
            *end,
        ],
    )


def configure(*, readable: bool, level: str) -> dict[str, Any]:
    """Prepare structlog and return Django's LOGGING for it."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": formatter, "readable": readable}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Its handlers mail and print on their own; the root does it once.
            "django": {"handlers": [], "level": level, "propagate": True},
            # One line a request is ours; Django's would repeat every 4xx.
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
        },
    }
