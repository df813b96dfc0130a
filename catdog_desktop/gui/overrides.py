"""Overrides of Qt's methods that may fail without ending the program.

Qt calls an override from C++, where a Python exception means nothing: PySide keeps it until Python goes on, and lets Qt
work with an answer that it made up. In layouts that has ended the program with a segmentation fault. With Python 3.11,
so does an exception of the interpreter itself (`[][0]`) in every override that Python code reaches through Qt, with all
versions of PySide from 6.8 to 6.12. Exceptions in slots do no harm.
"""

import functools
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

_Class = TypeVar("_Class", bound=type)
_UNTOUCHED = ("event", "eventFilter")
"""Qt's own would handle an event a second time."""


def safe_overrides(cls: _Class) -> _Class:
    """Let no exception leave the methods with which the class `cls` overrides Qt's: it goes to `sys.excepthook`.

    Then a question gets the answer of Qt's own method. What the override was to do is left as it is.
    """
    for name, method in list(vars(cls).items()):
        if isinstance(method, FunctionType) and is_override(cls, name):
            setattr(cls, name, _safe(cls, name, method))
    return cls


def is_override(cls: type, name: str) -> bool:
    """Whether the method `name` of `cls` overrides a method of Qt that Qt itself may call on the GUI thread."""
    if name.startswith("__") or name == "run":  # a thread's own
        return False
    return any(name in vars(base) for base in cls.__mro__[1:] if base.__module__.startswith("PySide6."))


def _safe(cls: type, name: str, method: FunctionType) -> Callable[..., Any]:
    is_question = method.__annotations__.get("return") not in (None, "None")

    @functools.wraps(method)
    def call(self: object, *given: Any, **named: Any) -> Any:
        try:
            return method(self, *given, **named)
        except Exception as error:  # noqa: BLE001  The edge to C++.
            sys.excepthook(type(error), error, error.__traceback__)
        if name in _UNTOUCHED:
            return False
        return _answer_of_qt(cls, self, name, given) if is_question else None

    return call


def _answer_of_qt(cls: type, self: object, name: str, given: tuple[object, ...]) -> object:
    try:
        return getattr(super(cls, self), name)(*given)
    except Exception:  # noqa: BLE001  Qt has none, or its object is gone. PySide takes the default of the type.
        return None
