# SPDX-License-Identifier: Apache-2.0
"""References: what stands in an event or a run for a value that is stored elsewhere."""

import array
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from uuid import UUID

from litmus import _core
from litmus.data.waveform import Waveform

if TYPE_CHECKING:  # importing it costs 0.1 s, and scalars do not need it
    import numpy as np

# From 1973 on, in seconds since 1970; what is less is the distance from a trigger.
_TIMES_OF_DAY_S = (1e8, 1e11)

ValueClass = Literal["scalar", "numeric_array", "channel", "blob"]


def loaded_numpy() -> Any:
    """NumPy, if the program uses it; without it no value can be of one of its types."""
    numpy = sys.modules.get("numpy")
    return numpy if hasattr(numpy, "ndarray") else None  # another thread may be importing it


class ChannelUri(NamedTuple):
    """The parts of `channel://{channel_id}/{session_id}/{row}`.

    Attributes:
        session_id: empty where all sessions of the channel are meant.
        row: of the session; None where all rows are meant.
        writer: empty for the process that wrote the channel first in the session.
    """

    channel_id: str
    session_id: str
    row: int | None
    writer: str


def classify_value(value: object) -> ValueClass:
    """How a value is recorded: in the event itself, in a channel, as a struct, or as a file.

    Returns:
        `scalar` for numbers, texts, booleans and None; `numeric_array` for lists, tuples and arrays
        of numbers and for `(samples, dt)`; `channel` for mappings; `blob` for everything else.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return "scalar"
    np = loaded_numpy()
    if np is not None and isinstance(value, np.bool_ | np.number):
        return "blob" if isinstance(value, np.complexfloating) else "scalar"
    if isinstance(value, Mapping):
        return "channel"
    return "blob" if as_samples(value) is None else "numeric_array"


class Samples(NamedTuple):
    """Those of a capture.

    Attributes:
        sample_interval: their distance in seconds.
        started_at: of the first one, where the value says the time of day.
    """

    samples: "np.ndarray[tuple[int], np.dtype[np.float64]]"
    sample_interval: float | None
    started_at: datetime | None = None


def as_samples(value: object) -> Samples | None:
    """What can be stored as a capture, without a copy where it is an array of float64 already.

    Returns:
        None for anything that is not a list, tuple or array of numbers, a pair of one and `dt`, or
        a `Waveform`.
    """
    if isinstance(value, Waveform):
        samples = _as_samples(value.Y)
        since_1970 = _TIMES_OF_DAY_S[0] <= value.t0 < _TIMES_OF_DAY_S[1]
        started_at = datetime.fromtimestamp(value.t0, UTC) if since_1970 else None
        return None if samples is None else Samples(samples, value.dt, started_at)
    if (
        isinstance(value, tuple)
        and len(value) == 2
        and getattr(value[1], "ndim", 0) == 0
        and _core.is_number(value[1])
    ):
        samples = _as_samples(value[0])
        if samples is not None:
            return Samples(samples, float(value[1]))
    samples = _as_samples(value)
    return None if samples is None else Samples(samples, None)


def _as_samples(value: object) -> "np.ndarray[tuple[int], np.dtype[np.float64]] | None":
    if isinstance(value, (str, bytes, bytearray, Mapping)) or not hasattr(value, "__len__"):
        return None
    is_sequence = isinstance(value, (list, tuple, range, array.array))
    if not is_sequence and not hasattr(value, "__array__"):
        return None
    import numpy as np

    try:
        numbers = np.asarray(without_mask(np.asanyarray(value)))
    except ValueError:  # lists of different lengths
        return None
    if numbers.ndim != 1 or (numbers.dtype.kind not in "fiu" and numbers.size > 0):
        return None
    return np.ascontiguousarray(numbers, dtype=np.float64)


def without_mask(values: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """What is masked becomes NaN."""
    import numpy as np

    if not isinstance(values, np.ma.MaskedArray) or values.dtype.kind not in "biuf":
        return values
    return np.ma.filled(values.astype(np.float64), np.nan)


def make_channel_uri(
    channel_id: str, session_id: UUID | str = "", row: int | None = None, *, writer: str = ""
) -> str:
    """The reference of a row, of a session of a channel, or of a whole channel."""
    return _core.make_channel_uri(channel_id, str(session_id), row, writer)


def parse_channel_uri(uri: str) -> ChannelUri:
    """Takes a reference to a channel apart.

    Raises:
        InvalidArgumentError: it is none.
    """
    return ChannelUri(*_core.parse_channel_uri(uri))


def is_ref(value: object) -> bool:
    """Whether the value is a reference, and not what it refers to."""
    return ref_scheme(value) is not None


def ref_scheme(value: object) -> str | None:
    """`channel` or `file`; None for what is no reference."""
    if not isinstance(value, str):
        return None
    if value.startswith("channel://"):
        return "channel"
    return "file" if value.startswith(("file://", "_ref/")) else None
