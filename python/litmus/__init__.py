# SPDX-License-Identifier: Apache-2.0
"""Litmus records hardware tests: every event on disk, every run in one Parquet file."""

from typing import TYPE_CHECKING

from litmus.sweeps import arange, geomspace, linspace, logspace, repeat

if TYPE_CHECKING:
    from litmus.data.models import Limit

    __version__: str

__all__ = ["Limit", "__version__", "arange", "geomspace", "linspace", "logspace", "repeat"]


def __getattr__(name: str) -> object:
    """Made when they are asked for: every pytest session imports this package, most need neither."""
    if name == "Limit":
        from litmus.data.models import Limit

        return Limit
    if name == "__version__":
        from importlib.metadata import version

        return version("litmus-test")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
