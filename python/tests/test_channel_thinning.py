# SPDX-License-Identifier: Apache-2.0
"""The points that are kept, compared with independent implementations."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from litmus.data.channels.store import ChannelStore
from numpy.typing import NDArray
from tsdownsample import LTTBDownsampler  # type: ignore[import-untyped]

START = datetime(2026, 3, 10, 12, tzinfo=UTC)
Floats = NDArray[np.float64]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ChannelStore]:
    with ChannelStore(tmp_path, uuid4()) as store:
        yield store


def lines() -> dict[str, Floats]:
    dice = np.random.default_rng(20260310)
    t = np.arange(20_011)
    return {
        "sine": np.sin(t / 300),
        "noise": dice.normal(size=t.size),
        "walk": dice.normal(size=t.size).cumsum(),
        "steps": np.floor(t / 1000),
        "flat": np.zeros(t.size),
        "spikes": np.where(t % 1777 == 0, 100.0, 0.0),
    }


def triangles(x: Floats, y: Floats, points: int) -> list[int]:
    """As the channel store's documentation describes it, in plain NumPy."""
    n = len(y)
    width = (n - 2) / (points - 2)
    kept = [0]
    for k in range(points - 2):
        begin, end = int(k * width) + 1, int((k + 1) * width) + 1
        next_end = min(int((k + 2) * width) + 1, n)
        mean_x, mean_y = x[end:next_end].mean(), y[end:next_end].mean()
        last = kept[-1]
        area = np.abs(
            (x[last] - mean_x) * (y[begin:end] - y[last])
            - (x[last] - x[begin:end]) * (mean_y - y[last])
        )
        kept.append(begin + int(area.argmax()))
    return [*kept, n - 1]


def kept_places(table: Any, offsets_us: Floats) -> list[int]:
    found = table.column("timestamp").to_numpy().astype("datetime64[us]").astype(np.int64)
    start = np.datetime64(START.replace(tzinfo=None), "us").astype(np.int64)
    return list(np.searchsorted(offsets_us, found - start))


@pytest.mark.parametrize("name", lines())
@pytest.mark.parametrize("points", [3, 100, 1001])
def test_rows_at_even_times_are_thinned_as_tsdownsample_does(
    store: ChannelStore, name: str, points: int
) -> None:
    y = lines()[name]
    store.write_block(name, y, t0=START, sample_interval=1e-3)
    x = np.arange(y.size) * 1000.0
    table = store.query(name, max_points=points)
    assert kept_places(table, x) == list(LTTBDownsampler().downsample(x, y, n_out=points))


@pytest.mark.parametrize("name", lines())
def test_samples_of_a_waveform_are_thinned_as_tsdownsample_does(
    store: ChannelStore, name: str
) -> None:
    y = lines()[name]
    store.write(name, (y, 1e-6))
    table = store.query(name, expand=True, max_points=500)
    kept = LTTBDownsampler().downsample(y, n_out=500)
    assert table.column("value").to_numpy().tolist() == y[kept].tolist()
    assert table.column("offset_s").to_numpy() == pytest.approx(kept * 1e-6)


def test_the_distance_of_rows_in_time_counts(store: ChannelStore) -> None:
    dice = np.random.default_rng(7)
    x = dice.integers(1, 100_000, 5000).cumsum().astype(np.float64)
    y = dice.normal(size=5000).cumsum()
    times = [START + timedelta(microseconds=int(offset)) for offset in x]
    store.write_block("daq", y, timestamps=times)
    assert kept_places(store.query("daq", max_points=200), x) == triangles(x - x[0], y, 200)


def test_rows_without_value_stay_as_marks_between_the_others(store: ChannelStore) -> None:
    y = np.sin(np.arange(10_000) / 100)
    y[3000:3100] = np.nan
    y[7000] = np.nan
    store.write_block("daq", y, t0=START, sample_interval=1e-3)
    table = store.query("daq", max_points=102)
    x = np.arange(y.size) * 1000.0
    has_value = ~np.isnan(y)
    expected = np.flatnonzero(has_value)[triangles(x[has_value], y[has_value], 100)]
    assert kept_places(table, x) == sorted([*expected.tolist(), 3000, 7000])


def test_no_spike_is_lost_with_minmax(store: ChannelStore) -> None:
    y = lines()["noise"]
    y[12_345] = 99.0
    y[54] = -99.0
    store.write_block("daq", y, t0=START, sample_interval=1e-3)
    values = store.query("daq", max_points=100, mode="minmax").column("value").to_pylist()
    assert len(values) <= 100
    assert {99.0, -99.0} <= set(values)


def test_texts_and_waveforms_are_thinned_by_their_number(store: ChannelStore) -> None:
    for i in range(50):
        store.write("text", f"{i}")
        store.write("scope.ch1", [i])
    assert store.query("text", max_points=10).column("value").to_pylist()[::9] == ["0", "49"]
    assert store.query("scope.ch1", max_points=10).num_rows == 10
    assert store.query("scope.ch1", max_points=2).num_rows == 50
