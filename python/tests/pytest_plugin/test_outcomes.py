# SPDX-License-Identifier: Apache-2.0
"""What pytest says of a test, and what is on record for it."""

import pytest
from litmus.pytest_plugin.assertions import AssertionWatch

from .conftest import Project

LOW = 'limit={"low": 1, "high": 2, "units": "V"}'

# What is in a module; outcome of the step and the run; exit status of pytest.
BODIES = {
    "an assertion that holds is a verdict": ("def test_it(): assert 1 == 1", "passed", "passed", 0),
    "a body without any verdict is done": ("def test_it(): pass", "done", "done", 0),
    "a value within its limit passes": (
        f"def test_it(verify): verify('v', 1.5, {LOW})",
        "passed",
        "passed",
        0,
    ),
    "a value out of its limit fails": (
        f"def test_it(verify): verify('v', 3, {LOW})",
        "failed",
        "failed",
        1,
    ),
    "a failed assertion fails": ("def test_it(): assert 1 == 2", "failed", "failed", 1),
    "pytest.fail fails": ("def test_it(): pytest.fail('no')", "failed", "failed", 1),
    "an unmet pytest.raises fails": (
        "def test_it():\n    with pytest.raises(ValueError):\n        pass",
        "failed",
        "failed",
        1,
    ),
    "a group of failed assertions fails": (
        "def test_it(): raise ExceptionGroup('two', [AssertionError(1), AssertionError(2)])",
        "failed",
        "failed",
        1,
    ),
    "another exception is an error": (
        "def test_it(): raise ValueError('x')",
        "errored",
        "errored",
        1,
    ),
    "a verify without any limit is an error": (
        "def test_it(verify): verify('v', 1)",
        "errored",
        "errored",
        1,
    ),
    "a verify without a value is an error": (
        f"def test_it(verify): verify('v', None, {LOW})",
        "errored",
        "errored",
        1,
    ),
    "a verify of NaN is an error": (
        f"def test_it(verify): verify('v', float('nan'), {LOW})",
        "errored",
        "errored",
        1,
    ),
    "a skip in the body is skipped": (
        "def test_it(): pytest.skip('why')",
        "skipped",
        "skipped",
        0,
    ),
    "a skip mark is skipped": (
        "@pytest.mark.skip(reason='why')\ndef test_it(): pass",
        "skipped",
        "skipped",
        0,
    ),
    "a skipif mark is skipped": (
        "@pytest.mark.skipif(True, reason='why')\ndef test_it(): pass",
        "skipped",
        "skipped",
        0,
    ),
    "a skip in a fixture is skipped": (
        "@pytest.fixture\ndef it(): pytest.skip('why')\ndef test_it(it): pass",
        "skipped",
        "skipped",
        0,
    ),
    "an expected failure is skipped": (
        "@pytest.mark.xfail(reason='why')\ndef test_it(): assert 0",
        "skipped",
        "skipped",
        0,
    ),
    "an unexpected pass passes": (
        "@pytest.mark.xfail(strict=False)\ndef test_it(): pass",
        "passed",
        "passed",
        0,
    ),
    "a strict unexpected pass fails": (
        "@pytest.mark.xfail(strict=True)\ndef test_it(): pass",
        "failed",
        "failed",
        1,
    ),
    "a setup that breaks is an error": (
        "@pytest.fixture\ndef it(): raise ValueError('x')\ndef test_it(it): pass",
        "errored",
        "errored",
        1,
    ),
    "an assertion that fails in the setup is an error": (
        "@pytest.fixture\ndef it(): assert 0\ndef test_it(it): pass",
        "errored",
        "errored",
        1,
    ),
    "a teardown that breaks is an error": (
        "@pytest.fixture\ndef it():\n    yield\n    raise ValueError('x')\ndef test_it(it): assert 1",
        "errored",
        "errored",
        1,
    ),
    "a teardown that breaks does not hide a failure's text": (
        "@pytest.fixture\ndef it():\n    yield\n    raise ValueError('x')\ndef test_it(it): assert 0",
        "errored",
        "errored",
        1,
    ),
}


@pytest.mark.parametrize(("body", "step", "run", "status"), BODIES.values(), ids=BODIES)
def test_outcome(project: Project, body: str, step: str, run: str, status: int) -> None:
    project.test(body)
    recorded = project.run()
    assert (recorded.steps, recorded.outcome, recorded.status) == ({"test_it": step}, run, status)


def test_the_reason_of_a_skip_is_kept(project: Project) -> None:
    project.test(
        """
        @pytest.mark.skip(reason="no load")
        def test_mark(): pass
        def test_body(): pytest.skip("no probe")
        """
    )
    recorded = project.run()
    assert recorded.step("test_mark")["error_message"] == "no load"
    assert recorded.step("test_body")["error_message"] == "no probe"


def test_the_exception_is_kept_with_its_traceback(project: Project) -> None:
    project.test("def test_it(): raise ValueError('the fan is off')")
    step = project.run().step("test_it")
    assert (step["error_type"], step["error_message"]) == ("ValueError", "the fan is off")
    assert "def test_it(): raise ValueError" in step["error_traceback"]


def test_a_recorded_value_out_of_its_limit_fails_the_test_after_the_body_ran_on(
    project: Project,
) -> None:
    project.test(
        f"""
        def test_it(logger):
            logger.measure("v", 3, {LOW})
            logger.measure("w", 1.5, {LOW})
        """
    )
    recorded = project.run()
    assert [row["measurement_outcome"] for row in recorded.measurements] == ["failed", "passed"]
    assert (recorded.steps, recorded.outcome, recorded.status) == (
        {"test_it": "failed"},
        "failed",
        1,
    )
    assert "v = 3 V is not within 1.0 <= v <= 2.0 V" in recorded.output


@pytest.mark.parametrize(
    "body",
    [
        f"with pytest.raises(AssertionError):\n        verify('v', 3, {LOW})",
        f"try:\n        verify('v', 3, {LOW})\n    except AssertionError:\n        pass",
        f"logger.measure('v', 3, {LOW})\n    assert True",
        f"logger.measure('v', 3, {LOW})\n    pytest.skip('nothing to see here')",
    ],
    ids=["raises", "except", "assertion afterwards", "skip afterwards"],
)
def test_a_step_does_not_pass_with_a_row_that_breaks_its_own_limit(
    project: Project, body: str
) -> None:
    project.test(f"def test_it(verify, logger):\n    {body}\n")
    recorded = project.run()
    assert (recorded.steps, recorded.outcome, recorded.status) == (
        {"test_it": "failed"},
        "failed",
        1,
    )


def test_a_value_recorded_without_limit_is_no_verdict(project: Project) -> None:
    project.test("def test_it(logger): logger.measure('v', 3)")
    recorded = project.run()
    assert (recorded.steps, recorded.measurements[0]["measurement_outcome"]) == (
        {"test_it": "done"},
        "done",
    )


def test_rows_of_an_expected_failure_keep_their_verdict_and_do_not_enter_the_step(
    project: Project,
) -> None:
    project.test(f"@pytest.mark.xfail\ndef test_it(verify): verify('v', 3, {LOW})")
    recorded = project.run()
    assert recorded.measurements[0]["measurement_outcome"] == "failed"
    assert (recorded.steps, recorded.outcome, recorded.status) == (
        {"test_it": "skipped"},
        "skipped",
        0,
    )


def test_a_value_out_of_limits_in_the_teardown_fails_the_run(project: Project) -> None:
    project.test(
        f"""
        @pytest.fixture
        def it(logger):
            yield
            logger.measure("v", 3, {LOW})
        def test_it(it): assert True
        """
    )
    recorded = project.run()
    assert (recorded.outcome, recorded.status) == ("errored", 1)


def test_a_test_without_our_fixtures_gives_a_step(project: Project) -> None:
    project.test(
        """
        import unittest
        def test_function(): assert True
        class TestClass:
            def test_method(self): pass
        class Case(unittest.TestCase):
            def test_case(self): self.assertEqual(1, 1)
            def test_wrong(self): self.assertEqual(1, 2)
        """
    )
    assert project.run().steps == {
        "test_function": "passed",
        "TestClass": "done",
        "TestClass/test_method": "done",
        "Case": "failed",
        "Case/test_case": "passed",
        "Case/test_wrong": "failed",
    }


def test_an_assertion_in_a_fixture_is_a_verdict_of_the_test_that_uses_it(project: Project) -> None:
    project.test("@pytest.fixture\ndef it(): assert True\ndef test_it(it): pass")
    assert project.run().steps == {"test_it": "passed"}


def test_a_module_that_cannot_be_collected_makes_the_run_errored(project: Project) -> None:
    project.test("def test_it(): assert True")
    project.write("test_broken.py", "import no_such_module\n")
    recorded = project.run("--continue-on-collection-errors")
    (error,) = recorded.events("diagnostic.error")
    assert error.message == "test modules could not be collected"
    assert (recorded.steps, recorded.outcome, recorded.status) == (
        {"test_it": "passed"},
        "errored",
        1,
    )


def test_another_plugin_that_fails_the_session_makes_the_run_errored(project: Project) -> None:
    project.test("def test_it(): assert True")
    project.write(
        "conftest.py", "def pytest_sessionfinish(session): session.exitstatus = 7  # as coverage\n"
    )
    recorded = project.run()
    assert (recorded.outcome, recorded.status) == ("errored", 7)


def test_another_plugin_cannot_hide_a_failed_run(project: Project) -> None:
    project.test("def test_it(): assert False")
    project.write("conftest.py", "def pytest_sessionfinish(session): session.exitstatus = 0\n")
    recorded = project.run()
    assert (recorded.outcome, recorded.status) == ("failed", 1)


def test_no_test_no_run(project: Project) -> None:
    project.test("def test_it(): assert True")
    for arguments in (["-k", "nothing"], ["--collect-only"]):
        recorded = project.run(*arguments)
        assert (recorded.run_files, recorded.events()) == ([], [])


def test_every_invocation_is_one_run(project: Project) -> None:
    project.test("def test_it(): assert True")
    project.run()
    recorded = project.run()
    assert len(recorded.run_files) == 2
    assert len({row["run_id"] for row in recorded.rows("run")}) == 2


def test_every_attempt_and_every_vector_needs_a_verdict_of_its_own(project: Project) -> None:
    project.test(
        """
        seen = []
        @pytest.mark.litmus_retry(1)
        def test_retry():
            seen.append(1)
            if len(seen) == 1:
                assert True
                raise ValueError
        @pytest.mark.litmus_sweeps([{"a": [1, 2, 3]}])
        def test_loop(vectors):
            for row in vectors:
                if row["a"] != 2: assert True
        def test_after(): assert True
        """
    )
    assert project.run().steps == {
        "test_retry": "done",
        "test_loop": ["passed", "done", "passed"],
        "test_after": "passed",
    }


def test_hooks_of_others_still_hear_of_every_assertion(project: Project) -> None:
    project.test("def test_it():\n    for n in range(3): assert n < 3")
    project.write("conftest.py", "def pytest_assertion_pass(expl): print('heard', expl)\n")
    assert project.run("-s").output.count("heard") == 3


def test_recording_that_is_impossible_never_fails_a_test(project: Project) -> None:
    project.test(f"def test_it(verify): verify('v', 1.5, {LOW})")
    project.write("a_file", "")
    project.data_dir = project.folder / "a_file"
    recorded = project.spawn()
    assert recorded.status == 0
    assert "1 passed" in recorded.output
    assert "LitmusWarning" in recorded.output


@pytest.mark.parametrize(
    ("module", "counts"),
    [("test_it", True), ("litmus_helpers", True), ("litmus.connect", False), ("litmus", False)],
)
def test_an_assertion_of_this_package_is_no_verdict_on_a_device(module: str, counts: bool) -> None:
    """pytest rewrites packages that bring plugins, where they are installed from a wheel."""
    held: list[bool] = []
    watch = AssertionWatch(lambda: held.append(True))
    names = {"__name__": module, "is_listened_to": lambda: bool(watch)}
    exec("def assertion(): return is_listened_to()", names)
    assert names["assertion"]() is False  # type: ignore[operator]
    assert bool(held) is counts


def test_a_doctest_that_gives_something_else_fails(project: Project) -> None:
    project.test('def it():\n    """\n    >>> 1 + 1\n    3\n    """')
    recorded = project.run("--doctest-modules")
    assert (list(recorded.steps.values()), recorded.outcome) == (["failed"], "failed")
    assert recorded.rows("step")[0]["error_message"] == "1 + 1: expected 3, got 2"


def test_where_no_test_runs_there_is_no_run(project: Project) -> None:
    project.test(
        """
        @pytest.fixture
        def it(logger): logger.record("up", True)
        def test_it(it, verify): ...
        """
    )
    for option in ("--setup-plan", "--setup-only"):
        recorded = project.run(option)
        assert (recorded.status, recorded.run_files) == (0, [])
        assert "SETUP    F it" in recorded.output


def test_an_exception_that_cannot_say_its_text_does_not_end_the_session(project: Project) -> None:
    project.test(
        """
        class Broken(Exception):
            def __str__(self): raise RuntimeError("no")
        def test_it(): raise Broken
        def test_after(): assert True
        """
    )
    recorded = project.run()
    assert recorded.steps == {"test_it": "errored", "test_after": "passed"}
    assert recorded.step("test_it")["error_message"] == "<its text cannot be made: RuntimeError>"
