"""Structured logs: a JSON object a line in production, readable lines in development. No secrets in them."""

import datetime as dt
import json
import logging
import re
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any, Final

import structlog

SECRET_KEYS: Final = re.compile(
    r"pass(word|wd)|secret|token|lease|cookie|session|authorization|csrf|e?mail|api_?key|otp|recovery", re.I
)
# Names that look like those and hold nothing to hide.
KEPT: Final = {"request_id", "logger", "level", "timestamp", "route", "lease_no"}
# An address begins where a word does: tried at each character, a line of 100,000 would take minutes.
MAIL: Final = re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(\.[\w-]+)+")
# Tokens, leases, session keys and hashes have 32 characters and more; ids of attempts are UUIDs and stay.
LONG_KEY: Final = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Za-z0-9_-]{32,}(?![\w-])")
UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NAMED: Final = re.compile(
    r"(?i)\b((?:authorization|cookie|token|lease|password|secret|csrfmiddlewaretoken|sessionid)[\"']?\s*[:=]\s*)"
    r"(?:bearer |token )?[^\s,;&}]+"
)
# Vouchers, as they are written and as people type them; in an address also without what they begin with.
VOUCHER: Final = re.compile(
    r"(?i)\bPASS(?:[\s\-_.+]|%20|%2D)*(?:[0-9A-Z]{4}(?:[\s\-_.+]|%20|%2D)*){4}(?![0-9A-Z])"
    r"|(?<=/redeem/)[^/\s]+|(?<=%2Fredeem%2F)[^/\s%&]+"
)
HIDDEN: Final = "[hidden]"
# Of structlog's own variables one has to be looked up in all of the context, for each request.
current_request: Final[ContextVar[str]] = ContextVar("current_request")
# Nobody reads these of a record, and every record looks them up.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def _clean_text(text: str) -> str:
    text = NAMED.sub(rf"\1{HIDDEN}", text)
    text = MAIL.sub(HIDDEN, text)
    text = VOUCHER.sub(HIDDEN, text)
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


def add_request_id(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401
    """Processor: name the request during which a line is written."""
    key = current_request.get("")
    if key:
        event.setdefault("request_id", key)
    return event


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        add_request_id,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


class LineFormatter(structlog.stdlib.ProcessorFormatter):
    """Formats all lines; that of a request comes as ready fields, which hold nothing to hide.

    Every request writes one, and structlog's chain would cost a tenth of the whole save of an answer.
    """

    def __init__(self, *, readable: bool, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self.readable = readable

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields: dict[str, Any] | None = getattr(record, "fields", None)
        if fields is None:
            return super().format(record)
        time = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="microseconds")[:-6] + "Z"
        level = record.levelname.lower()
        if self.readable:
            values = " ".join([f"{name}={value}" for name, value in fields.items()])
            return f"{time} [{level:<8}] {record.msg:<30} [{record.name}] {values}"
        return json.dumps(
            {"event": record.msg, **fields, "logger": record.name, "level": level, "timestamp": time}
        )


def write_fields(logger: logging.Logger, level: int, event: str, fields: Mapping[str, Any]) -> None:
    """Write a line of fields that need no cleaning, by the shortest way through the logging module."""
    if logger.isEnabledFor(level):
        record = logging.LogRecord(logger.name, level, "", 0, event, None, None)
        record.fields = fields
        logger.handle(record)


def formatter(*, readable: bool) -> LineFormatter:
    """Return the formatter of all lines, those of structlog and those of other packages."""
    end: list[Any] = (
        [structlog.dev.ConsoleRenderer(colors=False)] if readable else [structlog.processors.JSONRenderer()]
    )
    return LineFormatter(
        readable=readable,
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
