# SPDX-License-Identifier: Apache-2.0
"""What is active in a session, and what is on record about it as a whole."""

import re
import subprocess
import sys
import warnings
from pathlib import Path
from uuid import uuid4

import pytest
from litmus.errors import LitmusWarning

from .conftest import Project

PASSES = "def test_it(): assert True"


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Tester", "-c", "user.email=tester@example.org"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def committed(project: Project) -> Project:
    """A project in git, clean."""
    project.test(PASSES)
    git(project.folder, "init", "-q", "-b", "main")
    git(project.folder, "remote", "add", "origin", "https://example.org/board.git")
    git(project.folder, "add", ".")
    git(project.folder, "commit", "-q", "-m", "tests")
    return project


PRODUCTION = ["--test-phase", "production", "--dut-serial", "SN1"]


def test_a_clean_commit_counts_in_the_phase_that_was_asked_for(committed: Project) -> None:
    run = committed.run(*PRODUCTION).run
    assert (run["test_phase"], run["git_branch"]) == ("production", "main")
    assert run["git_commit"] == git(committed.folder, "rev-parse", "HEAD")
    assert run["git_remote"] == "https://example.org/board.git"
    # What the run itself has made does not make the next one dirty.
    assert committed.run(*PRODUCTION).rows("run")[1]["test_phase"] == "production"


def test_nothing_asked_for_is_development(committed: Project) -> None:
    assert committed.run().run["test_phase"] == "development"


@pytest.mark.parametrize("file", ["test_it.py", "test_new.py"])
def test_a_dirty_working_tree_is_development(committed: Project, file: str) -> None:
    committed.write(file, PASSES + "  # changed\n")
    assert committed.run(*PRODUCTION).run["test_phase"] == "development"


def test_without_git_it_is_development(project: Project) -> None:
    project.test(PASSES)
    assert project.run(*PRODUCTION).run["test_phase"] == "development"


def test_a_release_stands_for_the_commit_where_there_is_no_git(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.test(PASSES)
    project.write("litmus.yaml", "name: it\nrelease: 2.1\n")
    run = project.run(*PRODUCTION).run
    assert (run["test_phase"], run["custom_release"]) == ("production", "2.1")
    monkeypatch.setenv("LITMUS_RELEASE", "2.2")
    assert project.run(*PRODUCTION).rows("run")[1]["custom_release"] == "2.2"


def test_mocks_are_development_whatever_was_asked_for(committed: Project) -> None:
    recorded = committed.run(*PRODUCTION, "--mock-instruments")
    assert recorded.run["test_phase"] == "development"


def test_a_single_role_that_is_mocked_is_development(committed: Project) -> None:
    committed.write("litmus.yaml", "name: it\ndefault_station: bench\n")
    committed.write("stations/bench.yaml", "instruments: {dmm: {type: dmm, mock: true}}\n")
    git(committed.folder, "add", ".")
    git(committed.folder, "commit", "-q", "-m", "bench")
    run = committed.run(*PRODUCTION).run
    assert (run["test_phase"], run["station_id"]) == ("development", "bench")


def test_production_needs_a_serial_number(project: Project) -> None:
    project.test(PASSES)
    for serial in ([], ["--dut-serial", "DUT001"]):
        recorded = project.run("--test-phase", "production", *serial)
        assert (recorded.status, recorded.events()) == (4, [])
        assert "needs the serial number of the DUT" in recorded.output


def test_the_placeholder_counts_as_no_serial_number(project: Project) -> None:
    project.test(PASSES)
    recorded = project.run("--dut-serial", "DUT001")
    assert recorded.run["dut_serial"] in (None, "")
    assert "DUT001" not in recorded.run_files[0].name


def test_the_dut_is_known_from_the_environment_and_options_win(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SERIAL", "PART_NUMBER", "REVISION", "LOT_NUMBER"):
        monkeypatch.setenv(f"LITMUS_DUT_{name}", f"env-{name}")
    project.test(PASSES)
    run = project.run("--dut-revision", "C").run
    names = ("dut_serial", "dut_part_number", "dut_revision", "dut_lot_number")
    assert [run[name] for name in names] == ["env-SERIAL", "env-PART_NUMBER", "C", "env-LOT_NUMBER"]


def test_whoever_starts_pytest_may_choose_the_ids(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, run = str(uuid4()), str(uuid4())
    monkeypatch.setenv("_LITMUS_SESSION_ID", session)
    monkeypatch.setenv("_LITMUS_RUN_ID", run)
    project.test("import os\ndef test_it(): assert '_LITMUS_RUN_ID' not in os.environ")
    recorded = project.run()
    assert (recorded.run["session_id"], recorded.run["run_id"]) == (session, run)
    assert recorded.outcome == "passed"
    assert f"litmus: run {run[:8]} passed" in recorded.output


def test_the_header_says_where_results_go(project: Project) -> None:
    project.test(PASSES)
    assert f"litmus: results → {project.data_dir}" in project.run().output


PROFILES = {
    "profiles/base.yaml": "limits: {v: {low: 1, high: 2, units: V}}\nrunner: {addopts: '-p no:doctest'}\n",
    "profiles/eol.yaml": """
        extends: base
        facets: {test_phase: production, customer: acme}
        guardband_pct: 10
        runner: {addopts: "-x", keyword: "not slow"}
        tests: {test_a: {limits: {v: {low: 1, high: 4, units: V}}}}
        """,
    "profiles/lab.yaml": "facets: {test_phase: validation}\nverify_requires_limit: false\n",
}


@pytest.fixture
def profiled(project: Project) -> Project:
    for path, text in PROFILES.items():
        project.write(path, text)
    project.write("litmus.yaml", "name: it\n")
    project.test(
        """
        def test_a(verify): verify("v", 3)
        def test_slow(verify): verify("v", 3)
        def test_b(verify): verify("v", 3)
        def test_c(): assert True
        """
    )
    return project


def test_a_profile_is_chosen_by_its_facets(profiled: Project) -> None:
    recorded = profiled.run("--customer", "acme", "--dut-serial", "SN1")
    run = recorded.run
    assert recorded.steps == {"test_a": "passed", "test_b": "failed", "test_c": None}
    (started,) = recorded.events("run.started")
    assert (started.profile, started.profile_facets) == (
        "eol",
        {"test_phase": "production", "customer": "acme"},
    )
    assert run["test_phase"] == "development"  # there is no git
    assert "litmus: profile=eol" in recorded.output


def test_options_of_a_profile_count_in_this_very_process(profiled: Project) -> None:
    """-x stops, the keyword deselects, plugins are loaded, and ini values are set."""
    profiled.write(
        "profiles/base.yaml",
        "limits: {v: {low: 1, high: 2, units: V}}\n"
        "runner: {addopts: '-p own_plugin -o console_output_style=count'}\n",
    )
    profiled.write(
        "own_plugin.py",
        "def pytest_report_header(config):\n"
        "    return 'the style is ' + config.getini('console_output_style')\n",
    )
    profiled.pytester.syspathinsert(profiled.folder)
    recorded = profiled.run("--test-profile", "eol", "--dut-serial", "SN1", "-k", "test")
    assert recorded.steps == {"test_a": "passed", "test_b": "failed", "test_c": None}
    assert "1 deselected" in recorded.output
    assert "the style is count" in recorded.output


def test_a_profile_may_let_values_without_limit_be_recorded(profiled: Project) -> None:
    profiled.test("def test_it(verify): verify('anything', 3)")
    recorded = profiled.run("--test-profile", "lab", "--dut-serial", "SN1")
    assert recorded.measured("anything")[0]["measurement_outcome"] == "done"
    assert recorded.outcome == "done"


def test_profiles_without_a_choice_are_a_usage_error_that_names_them(profiled: Project) -> None:
    recorded = profiled.run()
    assert recorded.status == 4
    assert "eol" in recorded.output
    assert "lab" in recorded.output
    assert profiled.run("--no-test-profile", "-k", "test_c").outcome == "passed"


def test_profile_keys_that_name_no_test_are_one_warning(profiled: Project) -> None:
    profiled.write(
        "profiles/lab.yaml", "facets: {test_phase: validation}\ntests: {test_gone: {}}\n"
    )
    output = profiled.run("--test-profile", "lab", "--dut-serial", "SN1", "-k", "test_c").output
    assert output.count("LitmusWarning") == 1
    assert "test_gone" in output


def test_a_sidecar_beats_the_marker_and_the_call_beats_both(project: Project) -> None:
    project.test(
        """
        @pytest.mark.litmus_limits(v={"low": 1, "high": 2, "units": "V"},
                                   w={"low": 1, "high": 2, "units": "V"})
        def test_it(verify, limits, context):
            verify("v", 3)
            verify("w", 2)
            verify("v2", 9, {"low": 8, "units": "V"})
            assert limits["v"].high == 4 and set(limits) == {"v", "w", "v2"}
            assert context.limits["v"]["high"] == 4
        """
    )
    project.write(
        "test_it.yaml",
        "limits: {v2: {high: 1, units: V}}\ntests: {test_it: {limits: {v: {high: 4, units: V}}}}\n",
    )
    assert project.run().outcome == "passed"


def test_sweeps_retries_and_markers_of_a_sidecar_count(project: Project) -> None:
    project.test(
        """
        @pytest.mark.parametrize("vin", [1])
        def test_sweep(vin): assert vin > 1
        def test_retry(): assert 0
        def test_skip(): assert 0
        def test_numbers(n): assert n
        """
    )
    project.write(
        "test_it.yaml",
        """
        tests:
          test_sweep: {sweeps: [{vin: {range: [5, 8]}}]}
          test_retry: {retry: {max_retries: 2}}
          test_skip: {runner: {markers: [{skip: {reason: "not today"}}]}}
          test_numbers: {runner: {markers: [{parametrize: {argnames: n, argvalues: [1, 0]}}]}}
        """,
    )
    recorded = project.run()
    assert recorded.steps == {
        "test_sweep": ["passed"] * 3,
        "test_retry": "failed",
        "test_skip": "skipped",
        "test_numbers": ["passed", "failed"],
    }
    assert [row["in_vin"] for row in recorded.rows("step")][:3] == [5.0, 6.0, 7.0]
    assert recorded.step("test_retry")["step_attempts"] == 3
    assert recorded.step("test_skip")["error_message"] == "not today"


def test_a_sweep_of_a_sidecar_class_is_outer(project: Project) -> None:
    project.test(
        """
        class TestX:
            def test_a(self, vin): pass
            def test_b(self, vin): pass
        """
    )
    project.write("test_it.yaml", "tests: {TestX: {sweeps: [{vin: [5, 12]}]}}\n")
    starts = project.run().events("test.step_started")
    assert [(event.step_path, event.vector_index) for event in starts] == [
        ("TestX", 0),
        ("TestX/test_a", 0),
        ("TestX/test_b", 0),
        ("TestX", 1),
        ("TestX/test_a", 1),
        ("TestX/test_b", 1),
    ]


def test_python_objects_of_a_marker_reach_the_test_as_they_are(project: Project) -> None:
    project.test(
        """
        class Mode: pass
        MODES = [Mode(), Mode()]
        @pytest.mark.litmus_sweeps([{"mode": MODES}])
        def test_it(mode): assert mode in MODES
        """
    )
    assert project.run().steps == {"test_it": ["passed", "passed"]}


def test_a_limit_can_come_from_a_function_of_the_project(project: Project) -> None:
    project.write(
        "own_limits.py",
        """
        from litmus import Limit
        def of_load(context): return Limit(low=0, high=context.get_param("load") * 2, units="A")
        """,
    )
    project.test(
        """
        @pytest.mark.parametrize("load", [1, 2])
        @pytest.mark.litmus_limits(i={"callable": "own_limits:of_load"})
        def test_it(verify, load): assert verify("i", 3).limit_high == load * 2
        """
    )
    project.pytester.syspathinsert(project.folder)
    assert project.run().steps == {"test_it": ["failed", "passed"]}


def test_an_entry_without_a_matching_band_is_an_error_that_names_the_bands(
    project: Project,
) -> None:
    project.test(
        """
        @pytest.mark.parametrize("vin", [5])
        @pytest.mark.litmus_limits(v={"bands": [{"when": {"vin": 12}, "low": 1, "units": "V"}]})
        def test_it(verify, vin): verify("v", 3)
        """
    )
    recorded = project.run()
    assert recorded.step("test_it")["error_type"] == "MissingLimitError"
    assert "vin" in recorded.step("test_it")["error_message"]
    assert recorded.measurements == []


@pytest.mark.parametrize(
    ("file", "text", "place"),
    [
        ("litmus.yaml", "name: it\nnaem: x\n", "litmus.yaml:2"),
        ("stations/bench.yaml", "instruments: {dmm: {typ: dmm}}\n", "bench.yaml"),
        ("test_it.yaml", "limits: {v: {lo: 1}}\n", "test_it.yaml:1"),
    ],
)
def test_a_broken_file_is_a_usage_error_with_its_place(
    project: Project, file: str, text: str, place: str
) -> None:
    project.test(PASSES)
    project.write("litmus.yaml", "name: it\n")
    project.write(file, text)
    recorded = project.run(*(["--station", "bench"] if "stations" in file else []))
    assert recorded.status in (2, 4)
    assert place in recorded.output
    assert "INTERNALERROR" not in recorded.output
    assert recorded.events() == []


def test_required_inputs_come_from_flag_environment_or_operator(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.test("def test_it(context): assert context.run.session_inputs['load_board'] == 'LB1'")
    project.write(
        "litmus.yaml", "name: it\nrequired_inputs: {load_board: {message: 'Load board?'}}\n"
    )
    missing = project.run()
    assert (missing.status, missing.events()) == (4, [])
    assert "load_board is required: give --load-board, or set LITMUS_LOAD_BOARD" in missing.output
    assert project.run("--load-board", "LB1").outcome == "passed"
    monkeypatch.setenv("LITMUS_LOAD_BOARD", "LB1")
    assert project.run().status == 0
    monkeypatch.delenv("LITMUS_LOAD_BOARD")
    monkeypatch.setenv("LITMUS_PROMPT_ANSWERS", '{"load_board": "LB1"}')
    recorded = project.run()
    assert recorded.status == 0
    assert recorded.events("run.started")[-1].session_inputs == {"load_board": "LB1"}
    assert project.run("--collect-only").status == 0


def test_events_come_in_their_order(project: Project) -> None:
    project.test("class TestX:\n    def test_it(self, logger): logger.measure('v', 1)")
    types = [event.event_type for event in project.run().events()]
    assert types == [
        "session.started",
        "run.started",
        "test.steps_discovered",
        "test.step_started",
        "test.step_started",
        "test.measurement",
        "test.step_ended",
        "test.step_ended",
        "run.ended",
        "session.ended",
        "run.materialized",
    ]


def test_what_the_environment_is_stands_on_the_run(project: Project) -> None:
    project.test(PASSES)
    run = project.run("--operator", "kim").run
    assert run["python_version"].count(".") == 2
    assert (run["operator_id"], run["project_name"]) == ("kim", "litmus")


def test_events_are_seen_by_others_while_the_session_runs(project: Project) -> None:
    """The event file holds each event before the test goes on."""
    project.test(
        """
        from pathlib import Path
        from litmus.data.event_log import read_event_file
        def test_it(logger, request):
            logger.measure("v", 1)
            (file,) = Path(request.config.getoption("--data-dir")).glob("events/*/*.arrow")
            assert read_event_file(file).events[-1].measurement_name == "v"
        """
    )
    assert project.run().outcome == "passed"


def test_the_data_directory_is_found_as_everywhere_else(project: Project) -> None:
    project.test(PASSES)
    project.write("litmus.yaml", "name: it\ndata_dir: kept\n")
    result = project.pytester.runpytest_inprocess("-p", "litmus")
    assert result.ret == 0
    assert list((project.folder / "kept/runs").glob("*/*.parquet"))


def test_stale_bytecode_does_not_hide_assertions(project: Project) -> None:
    """pytest's cache of rewritten modules does not know whether assertions that hold are told."""
    project.test(PASSES)
    environment = {"PYTHONDONTWRITEBYTECODE": ""}
    import os

    for plugin, outcome in ((["-p", "no:litmus"], None), (["-p", "litmus"], "passed")):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *plugin]
            + (["--data-dir", str(project.data_dir)] if outcome else []),
            cwd=project.folder,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert list((project.folder / "__pycache__").glob("test_it*"))
    assert project.recorded().outcome == "passed"


def test_explain_says_where_everything_comes_from_and_runs_nothing(project: Project) -> None:
    project.test(
        """
        @pytest.mark.parametrize("a", [1, 2])
        @pytest.mark.litmus_limits(v={"low": 1, "high": 2, "units": "V"})
        def test_it(a): raise AssertionError
        """
    )
    project.write("test_it.yaml", "limits: {w: {high: 3, units: A}}\n")
    recorded = project.run("--litmus-explain", "test_it")
    assert (recorded.status, recorded.events()) == (0, [])
    assert "test_it.yaml:1" in recorded.output
    unknown = project.run("--litmus-explain", "test_other")
    assert unknown.status == 4
    assert "there is no test test_other" in unknown.output


@pytest.mark.parametrize("arguments", [[], ["tests"], ["tests/test_it.py::test_it"]])
def test_values_of_our_options_are_not_taken_for_folders_of_tests(
    project: Project, tmp_path: Path, arguments: list[str]
) -> None:
    """pytest chooses its root folder and pytest.ini before it knows options of plugins."""
    project.data_dir = tmp_path / "far/away"
    project.data_dir.mkdir(parents=True)
    project.write(
        "pytest.ini",
        "[pytest]\nxfail_strict = true\naddopts = -p own_plugin\npython_files = test_*.py\n"
        "pythonpath = lib\n",
    )
    project.write("lib/own_module.py", "VALUE = 1\n")
    project.write("own_plugin.py", "def pytest_report_header(): return 'the own plugin is here'\n")
    project.write("conftest.py", "import pytest\n@pytest.fixture\ndef it(): return 1\n")
    project.write(
        "tests/test_it.py",
        """
        import own_module, pytest
        @pytest.mark.xfail
        def test_it(it): assert it == own_module.VALUE
        """,
    )
    recorded = project.spawn(*arguments)
    assert f"rootdir: {project.folder}\n" in recorded.output
    assert "configfile: pytest.ini" in recorded.output
    assert "the own plugin is here" in recorded.output
    assert recorded.steps == {"test_it": "failed"}
    assert recorded.step("test_it")["step_node_id"] == "tests/test_it.py::test_it"


def test_a_root_folder_without_a_file_is_put_right_too(project: Project, tmp_path: Path) -> None:
    project.data_dir = tmp_path / "far/away"
    project.data_dir.mkdir(parents=True)
    project.test(PASSES)
    project.write("litmus.yaml", "name: it\nrequired_inputs: {waveforms: {message: 'Where?'}}\n")
    recorded = project.spawn("--waveforms", str(tmp_path / "far"))
    assert f"rootdir: {project.folder}\n" in recorded.output
    assert recorded.step("test_it")["step_node_id"] == "test_it.py::test_it"


def test_this_package_is_imported_as_it_is(project: Project) -> None:
    """pytest would rewrite its assertions, and at each start where it cannot keep the result."""
    project.test(
        """
        import litmus.data.event_log, litmus.pytest_plugin.running
        def test_it():
            for module in (litmus.data.event_log, litmus.pytest_plugin.running):
                assert type(module.__loader__).__name__ != "AssertionRewritingHook"
            assert type(__loader__).__name__ == "AssertionRewritingHook"
        """
    )
    assert project.spawn().outcome == "passed"


def test_settings_of_the_runner_in_the_project_file_count(project: Project) -> None:
    project.write(
        "litmus.yaml",
        """
        name: it
        runner: {addopts: "-x --maxfail=5", keyword: "not lazy", markers: [{noted: }]}
        """,
    )
    project.write("pytest.ini", "[pytest]\nmarkers = noted\n")
    project.test(
        """
        def test_a(request): assert request.node.get_closest_marker("noted")
        def test_lazy(): assert False
        """
    )
    recorded = project.run()
    assert recorded.steps == {"test_a": "passed"}, recorded.output
    project.write("profiles/eol.yaml", "facets: {line: a}\nrunner: {addopts: --co}\n")
    listed = project.run("--line", "a", "-v")
    assert "profile=eol (-x --maxfail=5 --co)" in listed.output
    project.write("litmus.yaml", "name: it\nrunner: {adopts: -x}\n")
    wrong = project.run()
    assert wrong.status == 4
    assert "litmus.yaml:2: `runner.adopts`: unknown key; did you mean `addopts`?" in wrong.output


def test_a_phase_that_the_station_is_not_for_is_a_warning(project: Project) -> None:
    project.write("litmus.yaml", "name: it\nrelease: '1'\n")
    project.write(
        "stations/b.yaml",
        "supported_phases: [production]\ninstruments: {dmm: {type: dmm, resource: GPIB0::1::INSTR}}\n",
    )
    project.test("def test_it(): assert True")
    arguments = ["--station", "b", "--dut-serial", "S1", "--test-phase"]
    told = "station b is for the phases production (supported_phases), not for validation"
    with pytest.warns(LitmusWarning, match=re.escape(told)):
        project.run(*arguments, "validation")
    with warnings.catch_warnings():
        warnings.simplefilter("error", LitmusWarning)
        project.run(*arguments, "production")
