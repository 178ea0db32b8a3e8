"""Progress of a night: assets announce each step, the command line listens."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Listener = Callable[[str], None]
_listeners: list[Listener] = []


def announce(step: str) -> None:
    """Say that a step begins."""
    for listener in _listeners:
        listener(step)


@contextmanager
def listening(listener: Listener | None) -> Iterator[None]:
    """Let `listener` hear every step announced within the block."""
    if listener is not None:
        _listeners.append(listener)
    try:
        yield
    finally:
        if listener is not None:
            _listeners.remove(listener)
