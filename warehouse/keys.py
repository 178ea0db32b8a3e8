"""The two secrets: the key of the tokens and the key of the vault. Never in the lake, in a log or in the repository."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import SecretStr

    from warehouse.settings import Settings


class KeyMissingError(RuntimeError):
    """A key of the warehouse is missing; the message says where it is looked for."""


@dataclass(frozen=True)
class Keys:
    """Both keys; their values never show in a repr."""

    token: bytes = field(repr=False)
    vault: str = field(repr=False)


def load_keys(settings: Settings, *, create: bool = False) -> Keys:
    """Both keys from the environment or their files; with `create`, a missing file is made (mode 0600)."""
    token = _load(settings, "token", settings.token_key, settings.token_key_file, create=create)
    vault = _load(settings, "vault", settings.vault_key, settings.vault_key_file, create=create)
    return Keys(bytes.fromhex(token), vault)


def _load(settings: Settings, name: str, value: SecretStr | None, given: Path | None, *, create: bool) -> str:
    if value is not None:
        return _checked(name, value.get_secret_value())
    path = given or settings.home / "keys" / f"{name}.key"
    if not path.is_file():
        if not create:
            raise KeyMissingError(
                f"the {name} key is missing: set FENQI_{name.upper()}_KEY, or FENQI_{name.upper()}_KEY_FILE, "
                f"or put it at {path}; without it this warehouse's tokens cannot be made again"
            )
        _create(path)
    return _checked(name, path.read_text(encoding="ascii").strip())


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first: its key is the key
        return
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(32) + "\n")


def _checked(name: str, text: str) -> str:
    try:
        long_enough = len(bytes.fromhex(text)) >= 32
    except ValueError:
        long_enough = False
    if not long_enough:
        raise KeyMissingError(f"the {name} key must be at least 64 hexadecimal digits (openssl rand -hex 32)")
    return text
