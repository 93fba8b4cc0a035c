# SPDX-License-Identifier: Apache-2.0
"""What the pytest plugin costs, against the same tests without it, in one go.

1,000 trivial tests; 1,000 tests with ten `verify` each (ten assertions without the plugin); one
test, for the start. With and without take turns, so that what else the machine does hits both.
Seconds are those of the processor, the start also counts what is waited for; of several rounds the
smallest counts, and the noise is how far the median is above it.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 5
TESTS = 1000
TRIVIAL = (
    "import pytest\n@pytest.mark.parametrize('n', range({count}))\ndef test_it(n): assert n >= 0\n"
)
VERIFIES = """
import statistics, time
from pathlib import Path
import pytest
taken = []
@pytest.fixture(scope="module", autouse=True)
def median():
    yield
    Path("median").write_text(str(statistics.median(taken)))
LIMIT = {{"low": 0, "high": 1e6, "units": "V"}}
@pytest.mark.parametrize("n", range({count}))
def test_it(n, verify):
    for i in range(10):
        begin = time.perf_counter()
        verify(f"v{{i}}", n + i, LIMIT)
        taken.append(time.perf_counter() - begin)
"""
ASSERTIONS = """
import pytest
@pytest.mark.parametrize("n", range({count}))
def test_it(n):
    for i in range(10): assert 0 <= n + i <= 1e6
"""

# In the process itself: what the interpreter's own start costs does not count.
RUN = """
import json, resource, sys, time
begin, cpu = time.perf_counter(), time.process_time()
import pytest
status = pytest.main(sys.argv[1:])
taken, cpu = time.perf_counter() - begin, time.process_time() - cpu
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"status": int(status), "wall": taken, "cpu": cpu, "MB": memory}), file=sys.stderr)
"""


def measure(folder: Path, plugin: bool) -> dict[str, float]:
    """One session: its seconds and its largest size."""
    options = ["-q", "-p", "no:cacheprovider"]
    options += ["-p", "litmus", "--data-dir", str(folder / "records")] if plugin else []
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "LITMUS_DAEMON": "off"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-c", RUN, *options],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(done.stderr.splitlines()[-1])
    if figures["status"] != 0:
        raise SystemExit(done.stderr)
    return figures


def compare(scratch: Path, name: str, on: str, off: str, count: int) -> dict[str, float]:
    """Medians with and without the plugin."""
    rounds: dict[bool, list[dict[str, float]]] = {True: [], False: []}
    for plugin, text in ((True, on), (False, off)):
        folder = scratch / f"{name}-{plugin}"
        folder.mkdir()
        (folder / "test_it.py").write_text(text.format(count=count))
        measure(folder, plugin)  # writes the bytecode
    for _ in range(ROUNDS):
        for plugin in (True, False):
            rounds[plugin].append(measure(scratch / f"{name}-{plugin}", plugin))
    found: dict[str, float] = {}
    noise = []
    for clock in ("wall", "cpu"):
        for plugin, name in ((True, "with"), (False, "without")):
            values = [each[clock] for each in rounds[plugin]]
            found[f"{name}_{clock}"] = min(values)
            noise.append(statistics.median(values) / min(values) - 1)
    memory = {key: statistics.median(e["MB"] for e in each) for key, each in rounds.items()}
    return found | {
        "ratio": found["with_cpu"] / found["without_cpu"],
        "noise_pct": 100 * max(noise),
        "extra_MB": memory[True] - memory[False],
    }


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="litmus-pytest-bench-") as name:
        scratch = Path(name)
        start = compare(scratch, "one", TRIVIAL, TRIVIAL, 1)
        trivial = compare(scratch, "trivial", TRIVIAL, TRIVIAL, TESTS)
        verified = compare(scratch, "verified", VERIFIES, ASSERTIONS, TESTS)
        call = float((scratch / "verified-True/median").read_text())

    def extra(found: dict[str, float]) -> float:
        return found["with_cpu"] - found["without_cpu"]

    per_test = (extra(trivial) - extra(start)) / TESTS
    per_row = (extra(verified) - extra(trivial)) / TESTS / 10
    waited = start["with_wall"] - start["without_wall"]
    figures = [
        ("one test, on top of bare pytest", waited * 1e3, "ms", 150, start),
        ("per trivial test of 1,000", per_test * 1e3, "ms", 0.3, trivial),
        ("a call of verify, median of 10,000", call * 1e6, "us", 50, verified),
        ("the same, its row sealed", per_row * 1e6, "us", None, verified),
    ]
    for text, value, unit, budget, found in figures:
        print(
            f"{text:<36} {value:8.2f} {unit}  budget {budget or '-':>5}   with/without "
            f"{found['with_cpu']:.3f}/{found['without_cpu']:.3f} s = {found['ratio']:.2f}, "
            f"noise {found['noise_pct']:.0f} %, {found['extra_MB']:+.0f} MB"
        )
    print(f"load {os.getloadavg()[0]:.1f}, {sys.version.split()[0]}")


if __name__ == "__main__":
    main()
