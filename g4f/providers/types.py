"""The roots of what providers are and of what they may yield or raise."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from msgspec import Struct

from g4f.errors import G4FError


class Response:
    """Be what a provider may yield beside plain text.

    ``str()`` is what a reader of text alone should see, ``get_dict()`` the payload on the wire.
    """

    __slots__: ClassVar[tuple[str, ...]] = ()

    def get_dict(self) -> dict[str, Any]:
        """Return the payload: every public field."""
        return {name: getattr(self, name) for name in self.__slots__ if not name.startswith("_")}


class HiddenResponse(Response):
    """Be a response that readers of text do not see."""

    __slots__ = ()

    def __str__(self) -> str:
        return ""


class Fields(HiddenResponse):
    """Hold any named values, readable as attributes, equal by content."""

    __slots__ = ("_fields",)
    _fields: Mapping[str, Any]

    def __init__(self, /, **fields: Any) -> None:
        object.__setattr__(self, "_fields", MappingProxyType(fields))

    def __getattr__(self, name: str) -> Any:
        try:
            return object.__getattribute__(self, "_fields")[name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} holds no {name!r}.") from None

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; make a new one.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fields) and type(other) is type(self) and other._fields == self._fields

    def __hash__(self) -> int:
        return hash((type(self), tuple(sorted(self._fields))))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._fields.items())})"

    def get_dict(self) -> dict[str, Any]:
        """Return the values that are set."""
        return {name: value for name, value in self._fields.items() if value is not None}


class ModelInfo(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Describe one model of a provider; ``context`` is its window in tokens, 0 when unknown."""

    id: str
    label: str = ""
    vision: bool = False
    image: bool = False
    audio: bool = False
    video: bool = False
    context: int = 0


def error_text(error: Exception) -> str:
    """Return ``Name: sentence`` for errors of ours; anything else is named without its text, which may hold secrets."""
    sentence = str(error) if isinstance(error, G4FError) else "the provider failed; the server's log has the details."
    return f"{type(error).__name__}: {sentence}"
