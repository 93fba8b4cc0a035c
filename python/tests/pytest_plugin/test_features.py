# SPDX-License-Identifier: Apache-2.0
"""pytest's own features give the same with the plugin on as with it off."""

import json
from dataclasses import dataclass, field

import pytest

from .conftest import Project

SPY = """
import json, pathlib
def pytest_runtest_logreport(report):
    line = [report.nodeid, report.when, report.outcome, hasattr(report, "wasxfail")]
    with pathlib.Path(r"{file}").open("a") as file:
        file.write(json.dumps(line) + "\\n")
"""


@dataclass
class Feature:
    """Tests, how they are called, and which plugins they need."""

    module: str
    arguments: list[str] = field(default_factory=list)
    plugins: list[str] = field(default_factory=list)
    conftest: str = ""
    ini: str = ""
    in_order: bool = True
    first: list[str] | None = None
    """An invocation before the one that is compared."""


FEATURES = {
    "parametrize with ids": Feature(
        """
        @pytest.mark.parametrize("a", [1, 2], ids=["one", "two"])
        @pytest.mark.parametrize(("b", "c"), [pytest.param(1, 2, id="x"), (3, 4)])
        def test_it(a, b, c): assert a != 2 or b != 3
        """
    ),
    "marks on parameters": Feature(
        """
        @pytest.mark.parametrize("a", [
            1,
            pytest.param(2, marks=pytest.mark.skip(reason="why")),
            pytest.param(3, marks=pytest.mark.xfail),
            pytest.param(4, marks=pytest.mark.xfail(strict=True)),
        ])
        def test_it(a): assert a != 3
        """
    ),
    "indirect parameters": Feature(
        """
        @pytest.fixture
        def it(request): return request.param * 2
        @pytest.mark.parametrize("it", [1, 2], indirect=True)
        def test_it(it): assert it == 2
        """
    ),
    "parametrized fixtures": Feature(
        """
        @pytest.fixture(params=["a", "b"], scope="module")
        def it(request): return request.param
        def test_a(it): assert it
        def test_b(it): assert it == "a"
        """
    ),
    "class and module fixtures": Feature(
        """
        log = []
        @pytest.fixture(scope="module")
        def m(): log.append("m"); yield; log.append("m end")
        @pytest.fixture(scope="class", autouse=True)
        def c(m): log.append("c"); yield; log.append("c end")
        class TestA:
            def test_a(self): assert log == ["m", "c"]
            def test_b(self): assert log == ["m", "c"]
        class TestB:
            def test_a(self): assert log == ["m", "c", "c end", "c"]
        """
    ),
    "xunit style set-up": Feature(
        """
        def setup_module(): global it; it = 1
        class TestX:
            def setup_method(self): self.own = it
            @classmethod
            def setup_class(cls): cls.shared = it
            def test_it(self): assert self.own == self.shared == 1
            def teardown_method(self): assert False
        """
    ),
    "unittest": Feature(
        """
        import unittest
        class Case(unittest.TestCase):
            def setUp(self): self.addCleanup(lambda: None)
            def test_a(self): self.assertEqual(1, 1)
            def test_b(self): self.assertEqual(1, 2)
            @unittest.skip("why")
            def test_c(self): pass
            @unittest.expectedFailure
            def test_d(self): self.fail()
            def test_e(self):
                for v in range(3):
                    with self.subTest(v=v): self.assertNotEqual(v, 1)
        """
    ),
    "subtests": Feature(
        """
        def test_it(subtests):
            for v in range(3):
                with subtests.test(v=v): assert v != 1
        def test_good(subtests):
            with subtests.test("fine"): pass
        """
    ),
    "xfail and skip": Feature(
        """
        @pytest.mark.xfail(raises=ValueError)
        def test_a(): raise KeyError
        @pytest.mark.xfail(raises=ValueError)
        def test_b(): raise ValueError
        def test_c(): pytest.xfail("no")
        def test_d(): pytest.importorskip("no_such_module")
        @pytest.mark.skipif("True", reason="why")
        def test_e(): pass
        """
    ),
    "xfail_strict": Feature(
        "@pytest.mark.xfail\ndef test_it(): pass", ini="[pytest]\nxfail_strict = true\n"
    ),
    "-k": Feature("def test_a(): pass\ndef test_b(): pass", ["-k", "test_b"]),
    "-m": Feature(
        "@pytest.mark.slow\ndef test_a(): pass\ndef test_b(): pass",
        ["-m", "not slow"],
        ini="[pytest]\nmarkers = slow\n",
    ),
    "-x": Feature("def test_a(): assert 0\ndef test_b(): pass", ["-x"]),
    "--maxfail": Feature(
        "@pytest.mark.parametrize('a', range(4))\ndef test_it(a): assert 0", ["--maxfail=2"]
    ),
    "--lf": Feature(
        "def test_a(): pass\ndef test_b(): assert 0\ndef test_c(): pass", ["--lf"], first=[]
    ),
    "--ff": Feature("def test_a(): pass\ndef test_b(): assert 0", ["--ff"], first=[]),
    "--stepwise": Feature(
        "def test_a(): pass\ndef test_b(): assert 0\ndef test_c(): pass", ["--sw"], first=["--sw"]
    ),
    "node ids": Feature(
        "class TestX:\n    def test_a(self): pass\n    def test_b(self): pass",
        ["test_it.py::TestX::test_b"],
    ),
    "--collect-only": Feature("def test_a(): pass", ["--collect-only"]),
    "--setup-only": Feature("def test_a(tmp_path): assert 0", ["--setup-only"]),
    "--deselect": Feature(
        "def test_a(): pass\ndef test_b(): pass", ["--deselect=test_it.py::test_a"]
    ),
    "--import-mode": Feature("def test_a(): pass", ["--import-mode=importlib"]),
    "--assert=plain": Feature("def test_a(): assert 0\ndef test_b(): assert 1", ["--assert=plain"]),
    "strict markers and configuration": Feature(
        "def test_a(): pass", ["--strict-markers", "--strict-config"]
    ),
    "warnings as errors": Feature(
        "import warnings\ndef test_a(): warnings.warn('x', RuntimeWarning)\ndef test_b(): pass",
        ["-W", "error::RuntimeWarning"],
    ),
    "monkeypatch, capsys, caplog, tmp_path": Feature(
        """
        import logging, os
        def test_it(monkeypatch, capsys, caplog, tmp_path):
            monkeypatch.chdir(tmp_path)
            print("x")
            assert capsys.readouterr().out == "x\\n"
            logging.getLogger("it").warning("y")
            assert caplog.messages == ["y"]
            assert os.getcwd() == str(tmp_path)
        """
    ),
    "doctests": Feature(
        '''
        def add(a, b):
            """
            >>> add(1, 2)
            3
            >>> add(1, 1)
            3
            """
            return a + b
        ''',
        ["--doctest-modules"],
    ),
    "usefixtures": Feature(
        """
        @pytest.fixture
        def it(): raise ValueError
        @pytest.mark.usefixtures("it")
        def test_it(): pass
        """
    ),
    "dynamic fixtures": Feature(
        "def test_it(request): assert request.getfixturevalue('tmp_path').exists()"
    ),
    "conftest hooks": Feature(
        "def test_a(): assert 0\ndef test_b(): pass\ndef test_c(): pass",
        conftest="""
        import pytest
        def pytest_collection_modifyitems(items): items.reverse()
        def pytest_runtest_setup(item):
            if item.name == "test_b": pytest.skip("by conftest")
        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_makereport(item, call):
            report = yield
            if item.name == "test_a": report.outcome = "passed"
            return report
        """,
    ),
    "pytest_generate_tests": Feature(
        "def test_it(number): assert number",
        conftest="""
        def pytest_generate_tests(metafunc):
            if "number" in metafunc.fixturenames: metafunc.parametrize("number", [0, 1])
        """,
    ),
    "a fixture of the same name as one of ours": Feature(
        """
        @pytest.fixture
        def verify(): return 7
        @pytest.fixture
        def context(): return 8
        def test_it(verify, context): assert (verify, context) == (7, 8)
        """
    ),
    "pytest-xdist": Feature(
        """
        import time
        @pytest.mark.parametrize("a", range(6))
        def test_it(a): assert a != 3
        class TestX:
            def test_m(self): pass
        """,
        ["-n", "2"],
        ["xdist", "xdist.looponfail"],
        in_order=False,
    ),
    "pytest-asyncio": Feature(
        """
        import asyncio
        import pytest_asyncio
        @pytest_asyncio.fixture
        async def it(): await asyncio.sleep(0); yield 1
        @pytest.mark.asyncio
        async def test_a(it): assert it == 1
        @pytest.mark.asyncio
        async def test_b(it): assert it == 2
        """,
        plugins=["asyncio"],
        ini="[pytest]\nasyncio_default_fixture_loop_scope = function\n",
    ),
    "pytest-rerunfailures": Feature(
        """
        seen = []
        @pytest.mark.flaky(reruns=2)
        def test_a():
            seen.append(1)
            assert len(seen) == 2
        @pytest.mark.flaky(reruns=1, only_rerun="KeyError")
        def test_b(): raise ValueError
        def test_c(): assert 0
        """,
        ["--reruns", "1"],
        ["rerunfailures"],
    ),
    "anonymous and lambda ids": Feature(
        "@pytest.mark.parametrize('f', [lambda: 1, object, None, 1.5, b'x'])\ndef test_it(f): pass"
    ),
}


def outcomes(project: Project, feature: Feature, plugin: list[str]) -> tuple[object, int]:
    """What conftest files hear of each phase, and the exit status."""
    heard = project.folder / "heard.jsonl"
    heard.unlink(missing_ok=True)
    plugins = [part for name in feature.plugins for part in ("-p", name)]
    run = project.pytester.runpytest_inprocess
    if feature.first is not None:
        run(*plugin, *plugins, *feature.first)
        heard.unlink(missing_ok=True)
    result = run(*plugin, *plugins, *feature.arguments)
    lines = heard.read_text().splitlines() if heard.exists() else []
    reports = [json.loads(line) for line in lines]
    return reports if feature.in_order else sorted(reports), int(result.ret)


@pytest.mark.parametrize("feature", FEATURES.values(), ids=FEATURES)
def test_works_as_without_the_plugin(project: Project, feature: Feature) -> None:
    project.test(feature.module)
    heard = project.folder / "heard.jsonl"
    project.write("conftest.py", SPY.format(file=heard))
    if feature.conftest:  # beside the spy, which hears what is left when all hooks are through
        project.write("conftest.py", SPY.format(file=heard) + "\n")
        plugin = project.write("own_plugin.py", feature.conftest)
        project.pytester.syspathinsert(plugin.parent)
        feature = Feature(**{**vars(feature), "plugins": [*feature.plugins, "own_plugin"]})
    if feature.ini:
        project.write("pytest.ini", feature.ini)
    off = outcomes(project, feature, ["-p", "no:litmus"])
    for cache in (project.folder / ".pytest_cache").rglob("*failed"):
        cache.unlink()
    on = outcomes(project, feature, ["-p", "litmus", "--data-dir", str(project.data_dir)])
    assert on == off
    assert on[0] or "only" in str(feature.arguments)


def test_the_plugin_can_be_left_out(project: Project) -> None:
    project.test(
        "def test_it(request): assert not request.config.pluginmanager.hasplugin('litmus')"
    )
    result = project.pytester.runpytest_inprocess("-p", "no:litmus")
    assert result.ret == 0
    assert not project.data_dir.exists()


def test_pytest_finds_the_plugin_by_itself(project: Project) -> None:
    """By its entry point, beside all other plugins that are installed."""
    project.test("def test_it(verify): verify('v', 1, {'low': 1, 'units': 'V'})")
    environment = {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "",
        "LITMUS_HOME": str(project.folder / "home"),
    }
    project.data_dir = project.folder / "home/data"
    import os
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "pytest"],
        cwd=project.folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "litmus: results → " in done.stdout
    assert project.recorded().outcome == "passed"
