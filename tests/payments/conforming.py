"""Objects of the fake Stripe, checked against the annotations of the library's own classes."""

import typing
from typing import Any

import stripe

type Object = dict[str, Any]


def conforms(kind: type[stripe.StripeObject], value: Object) -> Object:
    """Return the object; fail when the library's class knows one of its fields not, or as another type."""
    known = {name: hint for base in reversed(kind.__mro__) for name, hint in _hints(base).items()}
    for name, inner in value.items():
        assert name in known, f"{kind.__name__} has no field {name}"
        if name != "object":
            assert _fits(known[name], inner), f"{kind.__name__}.{name} is {known[name]}, not {inner!r}"
    return value


def _hints(base: type) -> dict[str, Any]:
    return dict(getattr(base, "__annotations__", {}))


def _fits(hint: Any, value: Any) -> bool:
    if isinstance(hint, typing.ForwardRef | str) or hint is Any or typing.get_origin(hint) is typing.Literal:
        return True
    origin = typing.get_origin(hint)
    if origin is typing.Union:
        return any(_fits(one, value) for one in typing.get_args(hint))
    if isinstance(origin, type) and issubclass(origin, stripe.StripeObject):
        return isinstance(value, dict)  # a list object
    if origin is not None:
        return isinstance(value, origin)
    if isinstance(hint, type) and issubclass(hint, stripe.StripeObject):
        return isinstance(value, dict) and bool(conforms(hint, value) or True)
    return isinstance(hint, type) and isinstance(value, hint)
