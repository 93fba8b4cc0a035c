# SPDX-License-Identifier: Apache-2.0
"""Litmus records hardware tests: every event on disk, every run in one Parquet file."""

from importlib.metadata import version as _version

from litmus.data.models import Limit
from litmus.sweeps import arange, geomspace, linspace, logspace, repeat

__version__ = _version("litmus-test")

__all__ = ["Limit", "__version__", "arange", "geomspace", "linspace", "logspace", "repeat"]
