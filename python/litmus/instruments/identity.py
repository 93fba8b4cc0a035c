# SPDX-License-Identifier: Apache-2.0
"""Who an instrument says it is, and whether that is who was expected."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FIELDS = ("manufacturer", "model", "serial", "firmware")


@dataclass(frozen=True, slots=True)
class Identity:
    """The four fields of `*IDN?`; None where one is not known."""

    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None

    def as_map(self) -> dict[str, str]:
        """The fields that are known."""
        return {name: value for name in FIELDS if (value := getattr(self, name)) is not None}


def parse_idn(text: str) -> Identity:
    """The identity in an answer to `*IDN?`; missing parts are None, more than four are passed over."""
    parts = [part.strip() or None for part in text.split(",")[: len(FIELDS)]]
    return Identity(*parts)


def read_identity(driver: Any) -> Identity | None:
    """By the driver's own fields, else by `*IDN?`; None if neither is there.

    Raises:
        Exception: what the driver's `query` raises.
    """
    if getattr(driver, "manufacturer", None):
        return Identity(*(_text(getattr(driver, name, None)) for name in FIELDS))
    query = getattr(driver, "query", None) or getattr(driver, "ask", None)
    if not callable(query):
        return None
    answer = query("*IDN?")
    return parse_idn(answer) if isinstance(answer, str) and answer.strip() else None


def differences(expected: Mapping[str, str], actual: Identity) -> list[str]:
    """What differs, in words; only fields that `expected` has are compared."""
    return [
        f"{name}: expected {expected[name]}, found {getattr(actual, name)}"
        for name in FIELDS
        if name in expected and _key(name, expected[name]) != _key(name, getattr(actual, name))
    ]


def _key(name: str, value: str | None) -> str | None:
    """Makers write their names as they like; serial numbers and versions they do not."""
    if value is None or name in ("serial", "firmware"):
        return value.strip() if value else value
    return "".join(value.split()).casefold()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
