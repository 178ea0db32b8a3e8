"""A contract's file: its values with their lines, and the mistakes found while it is read."""

from __future__ import annotations

import difflib
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ValidationError

from warehouse.contract import Mistake, shown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pydantic_core import ErrorDetails

#: The way to a value: keys of mappings and places in lists, from the top of the document.
Place = tuple[str | int, ...]

_HAN = re.compile(r"[\u4e00-\u9fff]")
#: Names as near as this to an existing one are taken for a misspelling of it.
_NEAR = 0.6


class ContractFile:
    """The document of one file as Python values, with the line of each; mistakes are collected, not raised."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mistakes: list[Mistake] = []
        self._refused: set[Place] = set()
        self._root: yaml.Node | None = None
        self.body: dict[str, Any] = self._read()

    def note(self, place: Place, message: str) -> None:
        """Keep a mistake by its line; what follows from a value that was refused already is no mistake of its own."""
        if not any(place[: len(refused)] == refused for refused in self._refused):
            self.mistakes.append(Mistake(shown(self.path), self.line(place), message))

    def refuse(self, place: Place, message: str) -> None:
        """Note a mistake, and report no further one on the same value."""
        self.note(place, message)
        self._refused.add(place)

    def line(self, place: Place) -> int:
        """Line of the value at a place; where there is none, of what ought to hold it."""
        node, line = self._root, 1
        for step in place:
            found = _within(node, step)
            if found is None:
                break
            node, line = found
        return line

    def custom(self, place: Place, name: str) -> Place:
        """Give the place of the value of a custom property of what lies at `place`; `place` where it has none."""
        value = self._at(place)
        listed = value.get("customProperties") if isinstance(value, dict) else None
        for number, item in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(item, dict) and item.get("property") == name:
                return (*place, "customProperties", number, "value")
        return place

    def parsed(self, model: type[BaseModel]) -> BaseModel:
        """The document as the standard's model; what has no place or another type there is noted and left out."""
        self._drop_unknown(model, self.body, ())
        while True:
            try:
                return model(**self.body)
            except ValidationError as error:
                for wrong in error.errors():
                    self._leave_out(wrong)

    def _read(self) -> dict[str, Any]:
        """Read YAML with libyaml: as safe as Python's own reader and seven times as fast; nodes know their lines."""
        try:
            loader = yaml.CSafeLoader(self.path.read_text(encoding="utf-8"))
            try:
                self._root = loader.get_single_node()
                body = None if self._root is None else loader.construct_document(self._root)
            finally:
                loader.dispose()
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            words = " ".join(part for part in (error.context, error.problem) if part)
            self.mistakes.append(Mistake(shown(self.path), line, f"not YAML: {words}"))
            return self._nothing()
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            self.mistakes.append(Mistake(shown(self.path), 1, f"not YAML in UTF-8: {' '.join(str(error).split())}"))
            return self._nothing()
        if not isinstance(body, dict):
            self.mistakes.append(Mistake(shown(self.path), 1, "the document must be a mapping of keys to values"))
            return self._nothing()
        self._note_twice(self._root)
        return body

    def _nothing(self) -> dict[str, Any]:
        """An empty document on which no further mistake is reported."""
        self._refused.add(())
        return {}

    def _note_twice(self, node: yaml.Node | None) -> None:
        """Note keys given twice: YAML silently keeps the last one."""
        if isinstance(node, yaml.MappingNode):
            seen: dict[str, int] = {}
            for key, value in node.value:
                line = key.start_mark.line + 1
                if key.value in seen:
                    text = f"{key.value!r} is given twice, in line {seen[key.value]} as well"
                    self.mistakes.append(Mistake(shown(self.path), line, text))
                seen[key.value] = line
                self._note_twice(value)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                self._note_twice(item)

    def _at(self, place: Place) -> Any:
        value: Any = self.body
        for step in place:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def _drop_unknown(self, model: type[BaseModel], value: Any, place: Place) -> None:
        """Note keys that the standard does not have: its own models would leave most of them out without a word."""
        if not isinstance(value, dict):
            return
        known = _form(model)
        for key in [k for k in value if k not in known]:
            self.note((*place, key), f"{key!r} is no key of the standard here{instead(str(key), known)}")
            del value[key]
        for key, held in value.items():
            inner = known[key]
            if inner is not None:
                for step, item in enumerate(held) if isinstance(held, list) else ():
                    self._drop_unknown(inner, item, (*place, key, step))
                self._drop_unknown(inner, held, (*place, key))

    def _leave_out(self, wrong: ErrorDetails) -> None:
        """Note what the model refused, and take it out of the document, so that the rest can be judged."""
        place: Place = ()
        for step in wrong["loc"]:
            if self._at((*place, step)) is None:
                break
            place = (*place, step)
        while place in self._refused:
            place = place[:-1]
        self.refuse(place, f"{place[-1] if place else 'document'}: {_words(wrong)}")
        holder = self._at(place[:-1])
        if isinstance(holder, list):
            holder[int(place[-1])] = {}
        else:
            holder.pop(place[-1])


def _words(wrong: ErrorDetails) -> str:
    message = wrong["msg"].removeprefix("Input ")
    given = wrong["input"]
    return f"{given!r} {message}" if isinstance(given, (str, int, float)) else message


def in_chinese(value: Any) -> bool:
    """Whether it is a text with Chinese in it."""
    return isinstance(value, str) and bool(_HAN.search(value))


def instead(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where something known is close to `name`, otherwise what is known, shortened."""
    names = sorted(known)
    if close := difflib.get_close_matches(name, names, n=1, cutoff=_NEAR):
        return f"; did you mean {close[0]!r}?"
    listed = ", ".join(names[:12])
    return f"; known are {listed}{', …' if len(names) > 12 else ''}" if names else ""


def _within(node: yaml.Node | None, step: str | int) -> tuple[yaml.Node, int] | None:
    """A node's part by key or place in a list, and the line it begins in (of a key's value: the key's)."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return value, key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item, item.start_mark.line + 1
    return None


@cache
def _form(model: type[BaseModel]) -> dict[str, type[BaseModel] | None]:
    """The keys of one of the standard's models, each with the model of what it holds; None of plain values."""
    return {field.alias or name: _model_in(field.annotation) for name, field in model.model_fields.items()}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The one model a field's annotation speaks of: of `list[SchemaObject] | None` SchemaObject; None without one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = {m for m in map(_model_in, getattr(annotation, "__args__", ())) if m is not None}
    return found.pop() if len(found) == 1 else None
