# SPDX-License-Identifier: Apache-2.0
"""The figures, in the order of the table, and what they are held against."""

from typing import NamedTuple


class Figure(NamedTuple):
    name: str
    unit: str
    budget: float | None = None  # None: for information
    more_is_better: bool = False


FIGURES = [
    Figure("emit C++, p50", "µs", 10),
    Figure("emit C++, p99", "µs"),
    Figure("emit C++, p99.9", "µs", 1000),
    Figure("emit C++, rate", "/s", 100_000, more_is_better=True),
    Figure("emit Python, p50", "µs", 25),
    Figure("emit Python, p99", "µs"),
    Figure("emit Python, p99.9", "µs", 1000),
    Figure("emit Python, rate", "/s", 40_000, more_is_better=True),
    Figure("observed call, p50", "µs"),
    Figure("observed call, proxy alone, p50", "µs", 20),
    Figure("emit to subscriber, 1 writer, p50", "ms", 5),
    Figure("emit to subscriber, 1 writer, p99", "ms"),
    Figure("emit to subscriber, 20 writers, p50", "ms", 5),
    Figure("emit to subscriber, 20 writers, p99", "ms"),
    Figure("client run C++, 1,000 x 10", "s", 0.2),
    Figure("client run Python, 1,000 x 10", "s", 0.4),
    Figure("finish, 100 measurements, p50", "ms", 20),
    Figure("finish, 100 measurements, p99", "ms"),
    Figure("seal, 10 measurements", "ms"),
    Figure("seal, 1000 measurements", "ms"),
    Figure("seal, 10000 measurements", "ms"),
    Figure("seal, 100000 measurements", "ms"),
    Figure("seal, 200000 measurements", "ms"),
    Figure("seal, 1000000 measurements", "ms"),
    Figure("memory to seal 200000 measurements", "MB"),
    Figure("memory to seal 1000000 measurements", "MB"),
    Figure("run file, 10 measurements", "kB"),
    Figure("run file, 1000 measurements", "kB"),
    Figure("run file, 10000 measurements", "kB", 180),
    Figure("run file, 100000 measurements", "kB"),
    Figure("live event file, bytes an event", "B"),
    Figure("sealed event file, bytes an event", "B"),
    Figure("read live event file, events", "/s", more_is_better=True),
    Figure("read live event file, bytes", "MB/s", more_is_better=True),
    Figure("read sealed event file, events", "/s", more_is_better=True),
    Figure("read sealed event file, bytes", "MB/s", more_is_better=True),
    Figure("read and parse live event file, events", "/s", more_is_better=True),
    Figure("read and parse sealed event file, events", "/s", more_is_better=True),
    Figure("channel scalar writes C++", "/s", 500_000, more_is_better=True),
    Figure("channel scalar writes Python", "/s", more_is_better=True),
    Figure("channel block writes C++, rows", "/s", more_is_better=True),
    Figure("channel block writes C++, waveforms", "/s", 50_000_000, more_is_better=True),
    Figure("channel block writes Python, waveforms", "/s", more_is_better=True),
    Figure("channel query, 10 M samples of a waveform to 1,000", "ms", 100),
    Figure("channel query, 10 M rows to 1,000", "ms"),
    *(
        Figure(f"{stream}, {figure}", unit)
        for stream in ("1,000 channels in blocks of 100", "100 channels, sample by sample")
        for figure, unit in (
            ("lost", "rows"),
            ("behind", "x"),
            ("producer", "%"),
            ("subscriber", "%"),
            ("not delivered live", "rows"),
            ("store's threads", "%"),
            ("slowest write", "µs"),
            ("memory growth", "MB"),
            ("memory at most", "MB"),
            ("close", "s"),
        )
    ),
    Figure("litmus --help", "ms", 20),
    Figure("litmus runs, 100 runs stored", "ms", 50),
]
