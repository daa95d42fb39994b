"""Objects of the fake Stripe, checked against the annotations of the library's own classes."""

import typing
from collections.abc import Iterator
from typing import Any

import stripe
from stripe._object_classes import get_object_class

type Object = dict[str, Any]


def conforms(kind: type[stripe.StripeObject], value: Object) -> Object:
    """Return the object; fail when the library's class knows one of its fields not, or as another type."""
    known = _fields_of(kind)
    for name, inner in value.items():
        if name != "object":
            assert name in known, f"{kind.__name__} has no field {name}"
            assert _fits(known[name], inner), f"{kind.__name__}.{name} is {known[name]}, not {inner!r}"
    return value


def all_conform(reply: Object) -> Object:
    """Return a reply or an event; fail when any object in it, however deep, is not one of the library."""
    for value in _objects_in(reply):
        kind = get_object_class("V1", value["object"])
        assert kind is not stripe.StripeObject, f"the library knows no object {value['object']!r}"
        conforms(kind, value)
    return reply


def _objects_in(value: Any) -> Iterator[Object]:
    if isinstance(value, dict):
        if "object" in value and isinstance(value["object"], str):
            yield value
        for inner in value.values():
            yield from _objects_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects_in(inner)


def _fields_of(kind: type[stripe.StripeObject]) -> dict[str, Any]:
    return {name: hint for base in reversed(kind.__mro__) for name, hint in _hints(base).items()}


def _hints(base: type) -> dict[str, Any]:
    return dict(getattr(base, "__annotations__", {}))


def _fits(hint: Any, value: Any) -> bool:
    if isinstance(hint, typing.ForwardRef | str) or hint is Any:
        return True
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        return value in typing.get_args(hint)
    if origin is typing.Union:
        return any(_fits(one, value) for one in _listed(typing.get_args(hint)))
    if isinstance(origin, type) and issubclass(origin, stripe.StripeObject):
        return isinstance(value, dict)  # a list object
    if origin is not None:
        return isinstance(value, origin)
    if isinstance(hint, type) and issubclass(hint, stripe.StripeObject):
        return isinstance(value, dict) and bool(conforms(hint, value) or True)
    return isinstance(hint, type) and isinstance(value, hint)


def _listed(hints: tuple[Any, ...]) -> list[Any]:
    """Leave out the text that stands beside a list of words for those of the future."""
    words = any(typing.get_origin(one) is typing.Literal for one in hints)
    return [one for one in hints if not (words and one is str)]
