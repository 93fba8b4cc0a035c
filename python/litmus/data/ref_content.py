# SPDX-License-Identifier: Apache-2.0
"""Large values as the content of files: what a program in any language can read again."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from litmus.data.models import Waveform
from litmus.errors import InvalidArgumentError, NotFoundError


def ref_content(key: str, value: object) -> tuple[bytes, str]:
    """The content of a value's file, and its extension.

    A `Waveform` becomes `.npz` (arrays `Y`, `t0`, `dt` and `attr_<name>`), an array or list of
    numbers `.npy`, a `Path` what the file holds, a model or mapping `.json`, bytes `.bin`.

    Raises:
        InvalidArgumentError: it is none of these, or holds what cannot be written so.
        NotFoundError: there is no such file.
    """
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value), ".bin"
    if isinstance(value, Path):
        if not value.is_file():
            raise NotFoundError(f"{key}: there is no file {value}")
        return value.read_bytes(), value.suffix
    if isinstance(value, Waveform):
        arrays = {"Y": value.Y, "t0": value.t0, "dt": value.dt}
        return _npz(key, arrays | {f"attr_{name}": each for name, each in value.attrs.items()})
    if hasattr(value, "model_dump_json"):
        return str(value.model_dump_json()).encode(), ".json"
    if isinstance(value, Mapping):
        return _json(key, value)
    if hasattr(value, "__array__") or isinstance(value, list | tuple):
        file = io.BytesIO()
        np.save(file, _numbers(key, value), allow_pickle=False)
        return file.getvalue(), ".npy"
    raise _refusal(key, value)


def _npz(key: str, values: Mapping[str, Any]) -> tuple[bytes, str]:
    file = io.BytesIO()
    np.savez(file, **{name: _plain(f"{key}.{name}", each) for name, each in values.items()})  # type: ignore[arg-type]
    return file.getvalue(), ".npz"


def _json(key: str, value: Mapping[Any, Any]) -> tuple[bytes, str]:
    try:
        return json.dumps(value, allow_nan=False).encode(), ".json"
    except (TypeError, ValueError) as error:
        raise InvalidArgumentError(f"{key}: cannot be written as JSON: {error}") from error


def _numbers(key: str, value: object) -> "np.ndarray[Any, Any]":
    array = _plain(key, value)
    if array.dtype.kind not in "biufc":
        raise _refusal(key, value)
    return array


def _plain(key: str, value: object) -> "np.ndarray[Any, Any]":
    try:
        array = np.asarray(value)
    except ValueError:  # lists of different lengths
        raise _refusal(key, value) from None
    if array.dtype.hasobject:
        raise _refusal(key, value)
    return array


def _refusal(key: str, value: object) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"{key}: expected a Waveform, numbers, bytes, a Path, a mapping or a model, "
        f"found {type(value).__name__}"
    )
