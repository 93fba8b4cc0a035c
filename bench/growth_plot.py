# SPDX-License-Identifier: Apache-2.0
"""Draws docs/images/growth.svg from build/history.json: how times grow with the history."""

import json
import math
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "build/history.json"
PICTURE = ROOT / "docs/images/growth.svg"
BUDGET_MS = 100.0

# Dark enough on white, and told apart by people who see few colours; the name stands at the line.
LINES = {
    "yield": "#0072b2",
    "pareto of measurements": "#d55e00",
    "Cpk": "#009e73",
    "run list": "#b04a86",
    "run page": "#8a6d00",
    "start with the index, ms": "#333333",
    "measured value in a query": "#4d77c9",
}
NAMES = {
    "pareto of measurements": "pareto",
    "start with the index, ms": "daemon start",
    "measured value in a query": "live value",
}


class Frame(NamedTuple):
    """The plot's area in the picture, and what it shows."""

    left: float
    top: float
    width: float
    height: float
    x_range: tuple[float, float]
    y_range: tuple[float, float]

    def x(self, value: float) -> float:
        return self.left + self.width * share(value, self.x_range)

    def y(self, value: float) -> float:
        return self.top + self.height * (1 - share(value, self.y_range))


def share(value: float, limits: tuple[float, float]) -> float:
    """0 to 1 on a logarithmic scale."""
    low, high = (math.log10(limit) for limit in limits)
    return (math.log10(value) - low) / (high - low)


def powers(limits: tuple[float, float]) -> list[float]:
    first, last = round(math.log10(limits[0])), round(math.log10(limits[1]))
    return [10.0**power for power in range(first, last + 1)]


def around(values: list[float]) -> tuple[float, float]:
    """The powers of ten around all values."""
    low, high = math.log10(min(values)), math.log10(max(values))
    return 10.0 ** math.floor(low), 10.0 ** max(math.ceil(high), math.floor(low) + 1)


def text(x: float, y: float, content: str, anchor: str = "start", color: str = "#333") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}"'
    return f"<text {place}>{content}</text>"


def line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {style}/>'


def grid(frame: Frame) -> list[str]:
    style = 'stroke="#ddd"'
    right, bottom = frame.left + frame.width, frame.top + frame.height
    parts = []
    for value in powers(frame.y_range):
        parts.append(line(frame.left, frame.y(value), right, frame.y(value), style))
        parts.append(text(frame.left - 8, frame.y(value) + 4, f"{value:g} ms", "end"))
    for value in powers(frame.x_range):
        parts.append(line(frame.x(value), frame.top, frame.x(value), bottom, style))
        parts.append(text(frame.x(value), bottom + 20, f"{value:,.0f}", "middle"))
    parts.append(text(frame.left + frame.width / 2, bottom + 42, "runs stored", "middle"))
    budget = 'stroke="#c00" stroke-dasharray="6 4"'
    parts.append(line(frame.left, frame.y(BUDGET_MS), right, frame.y(BUDGET_MS), budget))
    parts.append(text(frame.left + 6, frame.y(BUDGET_MS) - 6, "budget of a query", color="#c00"))
    return parts


def label_places(ends: dict[str, float], distance: float) -> dict[str, float]:
    """Moves labels apart that would cover each other."""
    places: dict[str, float] = {}
    last = -math.inf
    for name in sorted(ends, key=lambda name: ends[name]):
        last = places[name] = max(ends[name], last + distance)
    return places


def curves(frame: Frame, sizes: dict[float, dict[str, float]]) -> list[str]:
    parts = []
    largest = max(sizes)
    ends = {name: frame.y(sizes[largest][name]) for name in LINES}
    for name, place in label_places(ends, 17).items():
        points = [(frame.x(runs), frame.y(figures[name])) for runs, figures in sizes.items()]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        color = LINES[name]
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{color}"/>' for x, y in points]
        label = f"{NAMES.get(name, name)}, {sizes[largest][name]:.3g} ms"
        parts.append(text(frame.left + frame.width + 12, place + 4, label, color=color))
    return parts


def draw(sizes: dict[float, dict[str, float]]) -> str:
    values = [figures[name] for figures in sizes.values() for name in LINES]
    frame = Frame(70, 20, 430, 330, around(list(sizes)), around([*values, BUDGET_MS]))
    body = "\n".join(grid(frame) + curves(frame, sizes))
    title = "Time of queries and of the daemon's start over the number of stored runs"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 410" role="img" '
        'font-family="system-ui, sans-serif" font-size="13">\n'
        f"<title>{title}</title>\n"
        '<rect width="720" height="410" fill="#fff"/>\n'
        f"{body}\n</svg>\n"
    )


def main() -> None:
    report = json.loads(REPORT.read_text())
    PICTURE.write_text(draw({float(runs): figures for runs, figures in report["sizes"].items()}))
    print(PICTURE.relative_to(ROOT))


if __name__ == "__main__":
    main()
