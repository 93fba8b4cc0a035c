# SPDX-License-Identifier: Apache-2.0
"""The fixtures `context`, `logger`, `run_context`: what a test knows and what it says."""

import pytest

from .conftest import Project


def test_changed_and_last_look_at_the_case_before(project: Project) -> None:
    project.test(
        """
        @pytest.mark.litmus_sweeps([{"vin": [5, 12]}, {"load": [1, 2]}])
        def test_it(context, vin, load):
            seen.append((context.changed("vin"), context.changed("load"), context.last("load")))
            context.observe("temp", vin + load)
            temps.append(context.last("temp"))
        seen, temps = [], []
        def test_what_was_seen():
            assert seen == [(True, True, None), (False, True, 1), (True, True, 2), (False, True, 1)]
            assert temps[1] in (6, 7)
        """
    )
    assert project.run().outcome == "passed"


def test_last_gives_configured_and_observed_values_but_no_measurement(project: Project) -> None:
    project.test(
        """
        @pytest.mark.parametrize("v", [1, 2])
        def test_it(context, logger, v):
            if v == 2:
                assert context.last("temp") == 21
                assert context.last("vin") == 5
                assert context.last("i") is None
                assert context.last("i", "none") == "none"
            context.observe("temp", 20 + v)
            context.configure("vin", 5)
            logger.measure("i", 7)
        """
    )
    assert project.run().steps == {"test_it": ["done", "passed"]}


def test_configured_values_reach_the_rows_that_follow(project: Project) -> None:
    project.test(
        """
        def test_it(context, logger):
            logger.measure("before", 1)
            context.configure("vin", 5)
            context.configure_all({"psu.voltage": 5.1})
            logger.measure("after", 1)
        """
    )
    recorded = project.run()
    (before,) = recorded.measured("before")
    (after,) = recorded.measured("after")
    assert (before["in_vin"], after["in_vin"], after["in_psu.voltage"]) == (None, 5.0, 5.1)
    assert recorded.step("test_it")["in_vin"] == 5.0


def test_observed_values_reach_the_rows(project: Project) -> None:
    project.test(
        """
        def test_it(context, logger):
            context.observe("temp", 21.5)
            context.observe_all({"door": "open", "_private": 1})
            logger.measure("v", 1)
            assert dict(context.observations)["temp"] == 21.5
            assert context.get_observation("door") == "open"
        """
    )
    recorded = project.run()
    (row,) = recorded.measured("v")
    assert (row["out_temp"], row["out_door"]) == (21.5, "open")
    assert "out__private" not in row
    assert recorded.step("test_it")["out_temp"] == 21.5


def test_observed_arrays_go_to_the_channel_store_and_bytes_into_a_file(project: Project) -> None:
    project.test(
        """
        def test_it(context):
            context.observe("ripple", [1.0, 2.0, 3.0])
            context.observe("image", b"\\x89PNG")
        """
    )
    recorded = project.run()
    step = recorded.step("test_it")
    assert step["out_ripple"].startswith("channel://ripple/")
    assert step["out_image"].startswith("file://_ref/")
    from litmus.data.channels.store import ChannelStore

    with ChannelStore(recorded.data_dir, step["session_id"]) as store:
        assert store.resolve(step["out_ripple"])["samples"].to_pylist() == [[1.0, 2.0, 3.0]]
    reference = step["out_image"].removeprefix("file://_ref/")
    run_file = recorded.run_files[0]
    assert (run_file.with_name(run_file.stem + "_ref") / reference).read_bytes() == b"\x89PNG"


def test_parameters_are_read_only(project: Project) -> None:
    project.test(
        """
        @pytest.mark.parametrize("v", [1])
        def test_it(context, v):
            with pytest.raises(TypeError):
                context.params["v"] = 2
            assert context.get_param("nothing", 7) == 7
        """
    )
    assert project.run().outcome == "passed"


def test_the_run_is_known_to_the_test(project: Project) -> None:
    project.test(
        """
        def test_it(context, logger):
            assert context.run.dut.serial == "SN1"
            assert context.run.dut.lot_number == "L7"
            assert context.run.id == logger.test_run.id
            assert context.run.session_id == logger.session_id
            assert context.station is None and context.product is None
            assert context.connections is None and context.characteristics == ()
        """
    )
    recorded = project.run("--dut-serial", "SN1", "--dut-lot-number", "L7")
    assert recorded.outcome == "passed"
    assert (recorded.run["dut_serial"], recorded.run["dut_lot_number"]) == ("SN1", "L7")


def test_run_context_becomes_columns_of_all_rows(project: Project) -> None:
    project.test(
        """
        def test_it(run_context, logger):
            run_context.set("fixture_cycles", 12)
            run_context.update(shift="late")
            assert run_context.get("shift") == "late"
            assert logger.run_context.metadata["shift"] == "late"
            logger.measure("v", 1)
        """
    )
    recorded = project.run()
    for kind in ("run", "step", "measurement"):
        (row,) = recorded.rows(kind)
        assert (row["custom_fixture_cycles"], row["custom_shift"]) == (12.0, "late")


def test_a_note_is_an_event_without_a_row(project: Project) -> None:
    project.test(
        """
        @pytest.fixture(scope="session")
        def it(logger):
            yield
            logger.record("after", True)
        def test_it(logger, it): logger.record("firmware", {"version": "1.2"})
        """
    )
    recorded = project.run()
    inside, after = recorded.events("test.record")
    assert (inside.step_name, inside.step_index, inside.key, inside.value) == (
        "test_it",
        0,
        "firmware",
        {"version": "1.2"},
    )
    assert (after.key, after.value) == ("after", True)
    assert recorded.measurements == []


def test_a_name_measured_twice_in_a_step_is_refused(project: Project) -> None:
    project.test(
        """
        def test_twice(logger):
            logger.measure("v", 1)
            logger.measure("v", 2)
        def test_half(logger):
            logger.measure("v", 1)
            logger.measure("v", 2, allow_repeat=True)
        def test_allowed(logger):
            logger.measure("v", 1, allow_repeat=True)
            logger.measure("v", 2, allow_repeat=True)
        """
    )
    recorded = project.run()
    assert recorded.steps == {
        "test_twice": "failed",
        "test_half": "failed",
        "test_allowed": "done",
    }
    assert recorded.step("test_twice")["error_type"] == "DuplicateMeasurementError"
    assert [row["measurement_value"] for row in recorded.measured("v")] == [1, 1, 1, 2]


def test_the_same_name_in_another_vector_is_no_repeat(project: Project) -> None:
    project.test(
        """
        @pytest.mark.litmus_sweeps([{"a": [1, 2]}])
        def test_loop(vectors, logger):
            for row in vectors: logger.measure("v", row["a"])
        @pytest.mark.litmus_sweeps([{"a": [1, 2]}])
        def test_cases(a, logger): logger.measure("v", a)
        """
    )
    assert project.run().outcome == "done"


@pytest.mark.parametrize(
    ("value", "columns"),
    [
        ("3", (3.0, None, None)),
        ("'3.5'", (3.5, None, None)),
        ("'green'", (None, "green", None)),
        ("True", (1.0, None, True)),
        ("__import__('decimal').Decimal('1.5')", (1.5, None, None)),
        ("__import__('numpy').float32(1.5)", (1.5, None, None)),
        ("__import__('numpy').bool_(False)", (0.0, None, False)),
        ("None", (None, None, None)),
    ],
)
def test_values_are_numbers_texts_or_truth_values(
    project: Project, value: str, columns: tuple[object, ...]
) -> None:
    project.test(f"def test_it(logger): logger.measure('v', {value})")
    (row,) = project.run().measurements
    assert (row["measurement_value"], row["measurement_text"], row["measurement_bool"]) == columns


def test_an_array_is_no_measurement(project: Project) -> None:
    project.test("def test_it(logger): logger.measure('v', [1, 2])")
    recorded = project.run()
    assert (recorded.outcome, recorded.measurements) == ("errored", [])
    assert "arrays go to context.observe" in recorded.output


def test_a_value_or_a_name_that_is_none_is_told_as_such(project: Project) -> None:
    project.test(
        """
        from decimal import Decimal
        @pytest.mark.parametrize(("name", "value"), [("v", 10**400), ("v", Decimal("sNaN")), (" ", 1)])
        def test_it(logger, name, value): logger.measure(name, value, limit={"low": 1, "units": "V"})
        """
    )
    recorded = project.run()
    assert (recorded.steps, recorded.measurements) == ({"test_it": ["errored"] * 3}, [])
    for said in (
        "measurement 'v': expected a number, found int 1000",
        "measurement 'v': expected a number, found Decimal Decimal('sNaN')",
        "expected the name of a measurement, found ' '",
    ):
        assert said in recorded.output


def test_a_limit_failure_says_everything(project: Project) -> None:
    project.test(
        """
        from litmus.execution.verify import LimitFailure
        LIMIT = {"low": 1, "high": 2, "units": "V", "spec_ref": "DS 4.1"}
        def test_it(verify):
            with pytest.raises(LimitFailure, match="v = 3 V is not within 1(.0)? <= v <= 2(.0)? V, spec DS 4.1") as raised:
                verify("v", 3, LIMIT)
            assert (raised.value.name, raised.value.value) == ("v", 3)
            assert raised.value.limit["high"] == 2 and raised.value.spec_ref == "DS 4.1"
            assert raised.value.dut_pin is None
        """
    )
    step = project.run().step("test_it")
    assert step["error_type"] == "MeasurementsFailed"
    assert step["error_message"] == "v = 3 V is not within 1.0 <= v <= 2.0 V, spec DS 4.1"


def test_what_the_test_itself_does_not_raise_is_told_with_value_and_limit(project: Project) -> None:
    project.test(
        """
        LIMIT = {"low": 1, "high": 2, "units": "V"}
        def test_it(logger):
            logger.measure("v", 3, limit=LIMIT)
            logger.measure("w", None, limit=LIMIT)
        @pytest.fixture
        def guarded(logger):
            logger.measure("v", 3, limit=LIMIT)
            pytest.skip("no use")
        def test_skip(guarded): ...
        def test_pins(pins): ...
        def test_prompt(prompt): prompt("led")
        """
    )
    recorded = project.run()
    assert set(recorded.steps.values()) == {"errored"}
    assert "ERROR test_it.py::test_pins - pins: there is no fixture" in recorded.output
    assert "prompt 'led': not among the test's prompts: none\n\ntest_it.py:13" in recorded.output
    assert "FAILED test_it.py::test_it - v = 3 V is not within 1.0 <= v <= 2.0 V" in recorded.output
    assert "\nw: expected a value to judge, found None\n" in recorded.output
    assert "ERROR test_it.py::test_skip - v = 3 V is not within" in recorded.output
    assert "pytest_plugin/" not in recorded.output
    assert "running.py" in project.run("--full-trace", "-k", "test_it").output


def test_a_limit_failure_shows_the_line_of_the_test_not_ours(project: Project) -> None:
    project.test("def test_it(verify): verify('v', 3, {'high': 2, 'units': 'V'})")
    output = project.run("--tb=short").output
    assert "test_it.py:2: in test_it" in output
    assert "measuring.py" not in output


def test_verify_gives_the_measurement(project: Project) -> None:
    project.test(
        """
        from litmus import Limit
        def test_it(verify):
            row = verify("v", 1.5, Limit(low=1, high=2, units="V", comparator="GELT"))
            assert (row.name, row.value, row.units, row.outcome) == ("v", 1.5, "V", "passed")
            assert (row.limit_low, row.limit_high, row.limit_comparator) == (1, 2, "GELT")
            assert row.step_path == "test_it"
        """
    )
    recorded = project.run()
    assert recorded.outcome == "passed"
    assert recorded.measurements[0]["limit_comparator"] == "GELT"


def test_a_broken_call_yields_no_row(project: Project) -> None:
    project.test(
        """
        @pytest.mark.parametrize("limit", [{"low": 1}, {"lo": 1, "units": "V"}, 7,
                                           {"low": True, "units": "V"}, {"units": "V"}])
        def test_it(verify, limit): verify("v", 1, limit)
        """
    )
    recorded = project.run()
    assert recorded.steps == {"test_it": ["errored"] * 5}
    assert recorded.measurements == []


def test_measuring_outside_of_a_test_is_refused(project: Project) -> None:
    project.test(
        """
        kept = []
        def test_it(verify): kept.append(verify)
        """
    )
    project.write(
        "conftest.py",
        """
        import test_it
        def pytest_sessionfinish():
            try:
                test_it.kept[0]("v", 1, {"low": 1, "units": "V"})
            except ValueError as error:
                print("refused:", error)
        """,
    )
    assert "refused: v: no test is running" in project.run("-s").output


def test_a_text_of_a_number_is_held_against_a_text_as_a_text(project: Project) -> None:
    project.test(
        """
        def version(text): return {"nominal": text, "comparator": "EQ", "units": ""}
        def test_same(verify): verify("firmware", "1.10", version("1.10"))
        def test_other(verify): verify("firmware", "1.1", version("1.10"))
        def test_number(verify, logger):
            verify("reading", "3.30", {"low": 3, "high": 4, "units": "V"})
            logger.measure("name", "1_0")
        """
    )
    recorded = project.run()
    assert recorded.steps == {
        "test_same": "passed",
        "test_other": "failed",
        "test_number": "passed",
    }
    assert [row["measurement_value"] for row in recorded.measurements] == [None, None, 3.3, None]
