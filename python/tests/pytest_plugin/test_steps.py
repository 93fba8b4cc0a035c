# SPDX-License-Identifier: Apache-2.0
"""Paths, indices, vectors and containers: where a test stands in the run."""

from typing import Any

from .conftest import Project, Recorded

Row = tuple[str, int, int, str]


def started(recorded: Recorded) -> list[Row]:
    """Path, vector, position and inputs, in the order of execution."""
    return [
        (event.step_path, event.vector_index, event.step_index, str(event.inputs))
        for event in recorded.events("test.step_started")
    ]


def test_path_and_position_come_from_class_and_function(project: Project) -> None:
    project.test(
        """
        def test_first(): pass
        class TestBoard:
            def test_rail(self): pass
            class TestFan:
                def test_speed(self): pass
        def test_last(): pass
        """
    )
    recorded = project.run()
    rows = {row["step_path"]: row for row in recorded.rows("step")}
    assert {path: (row["parent_path"], row["step_index"]) for path, row in rows.items()} == {
        "test_first": ("", 0),
        "TestBoard": ("", 1),
        "TestBoard/test_rail": ("TestBoard", 0),
        "TestBoard/TestFan": ("TestBoard", 1),
        "TestBoard/TestFan/test_speed": ("TestBoard/TestFan", 0),
        "test_last": ("", 2),
    }
    fan = rows["TestBoard/TestFan/test_speed"]
    assert (fan["step_name"], fan["step_class"], fan["step_function"], fan["step_module"]) == (
        "test_speed",
        "TestFan",
        "test_speed",
        "test_it",
    )
    assert (fan["step_file"], fan["step_node_id"]) == (
        "test_it.py",
        "test_it.py::TestBoard::TestFan::test_speed",
    )


def test_cases_of_a_function_share_path_and_position_and_are_numbered(project: Project) -> None:
    project.test(
        """
        @pytest.mark.parametrize("load", [0.1, 1.0])
        @pytest.mark.parametrize("vin", [5, 12])
        def test_it(load, vin): pass
        """
    )
    recorded = project.run()
    assert started(recorded) == [
        ("test_it", 0, 0, "{'vin': 5, 'load': 0.1}"),
        ("test_it", 1, 0, "{'vin': 5, 'load': 1.0}"),
        ("test_it", 2, 0, "{'vin': 12, 'load': 0.1}"),
        ("test_it", 3, 0, "{'vin': 12, 'load': 1.0}"),
    ]
    assert [row["step_vector_count"] for row in recorded.rows("step")] == [4, 4, 4, 4]
    assert {row["in_vin"] for row in recorded.rows("step")} == {5.0, 12.0}


def test_modules_with_the_same_names_do_not_collide(project: Project) -> None:
    for module in ("test_a", "test_b", "deep/test_a"):
        project.write(
            f"{module}.py", "def test_it(): pass\nclass TestX:\n    def test_m(self): pass\n"
        )
    project.write("test_own.py", "def test_own(): pass\n")
    recorded = project.run("--import-mode=importlib")
    assert set(recorded.steps) == {
        "test_a::test_it",
        "test_b::test_it",
        "deep.test_a::test_it",
        "test_a::TestX",
        "test_a::TestX/test_m",
        "test_b::TestX",
        "test_b::TestX/test_m",
        "deep.test_a::TestX",
        "deep.test_a::TestX/test_m",
        "test_own",
    }
    assert {row["vector_index"] for row in recorded.rows("step")} == {0}
    assert recorded.step("test_b::TestX")["step_name"] == "TestX"


def test_a_step_is_called_the_same_whichever_others_are_selected(project: Project) -> None:
    for module in ("test_a", "test_b"):
        project.write(f"{module}.py", "def test_it(): pass\n")
    assert set(project.run("-k", "test_b").steps) == {"test_b::test_it"}


def test_a_container_is_as_bad_as_its_worst_child(project: Project) -> None:
    project.test(
        """
        class TestX:
            def test_a(self): assert True
            def test_b(self): assert False
            def test_c(self): pytest.skip("no")
        class TestY:
            def test_a(self): pytest.skip("no")
        """
    )
    recorded = project.run()
    assert (recorded.steps["TestX"], recorded.steps["TestY"]) == ("failed", "skipped")


def test_a_container_opens_before_its_first_method_and_closes_at_the_transition(
    project: Project,
) -> None:
    project.test(
        """
        class TestX:
            def test_a(self): pass
            def test_b(self): pass
        class TestY:
            def test_a(self): pass
        """
    )
    recorded = project.run()
    happened = [
        (event.event_type.removeprefix("test.step_"), event.step_path, event.step_index)
        for event in recorded.events("test.step_started", "test.step_ended")
    ]
    assert happened == [
        ("started", "TestX", 0),
        ("started", "TestX/test_a", 0),
        ("ended", "TestX/test_a", 0),
        ("started", "TestX/test_b", 1),
        ("ended", "TestX/test_b", 1),
        ("ended", "TestX", 0),
        ("started", "TestY", 1),
        ("started", "TestY/test_a", 0),
        ("ended", "TestY/test_a", 0),
        ("ended", "TestY", 1),
    ]


def test_a_swept_class_gives_one_container_per_condition_all_methods_at_each(
    project: Project,
) -> None:
    project.test(
        """
        @pytest.mark.litmus_sweeps([{"vin": [12, 5]}])
        class TestX:
            def test_a(self, vin): assert vin == 5
            @pytest.mark.litmus_sweeps([{"load": [2, 1]}])
            def test_b(self, vin, load): assert True
        """
    )
    recorded = project.run()
    assert started(recorded) == [
        ("TestX", 0, 0, "{'vin': 12}"),
        ("TestX/test_a", 0, 0, "{'vin': 12}"),
        ("TestX/test_b", 0, 1, "{'vin': 12, 'load': 2}"),
        ("TestX/test_b", 1, 1, "{'vin': 12, 'load': 1}"),
        ("TestX", 1, 0, "{'vin': 5}"),
        ("TestX/test_a", 1, 0, "{'vin': 5}"),
        ("TestX/test_b", 2, 1, "{'vin': 5, 'load': 2}"),
        ("TestX/test_b", 3, 1, "{'vin': 5, 'load': 1}"),
    ]
    assert recorded.steps["TestX"] == ["failed", "passed"]


def test_a_parametrized_class_is_ordered_by_condition_as_declared(project: Project) -> None:
    project.test(
        """
        @pytest.mark.parametrize("vin", ["b", "a"])
        class TestX:
            def test_a(self, vin): pass
            def test_b(self, vin): pass
        """
    )
    recorded = project.run()
    assert [row[:2] + row[3:] for row in started(recorded)] == [
        ("TestX", 0, "{'vin': 'b'}"),
        ("TestX/test_a", 0, "{'vin': 'b'}"),
        ("TestX/test_b", 0, "{'vin': 'b'}"),
        ("TestX", 1, "{'vin': 'a'}"),
        ("TestX/test_a", 1, "{'vin': 'a'}"),
        ("TestX/test_b", 1, "{'vin': 'a'}"),
    ]


def test_what_was_collected_but_never_started_has_rows_without_outcome(project: Project) -> None:
    project.test(
        """
        @pytest.mark.parametrize("v", [1, 2, 3])
        def test_it(v): assert v == 1
        def test_later(): pass
        class TestX:
            def test_m(self): pass
        """
    )
    recorded = project.run("-x")
    assert recorded.steps == {
        "test_it": ["passed", "failed", None],
        "test_later": None,
        "TestX": None,
        "TestX/test_m": None,
    }
    assert recorded.step("test_it", 2)["in_v"] == 3.0
    assert recorded.step("test_later")["step_started_at"] is None


def test_the_plan_lists_every_item_with_its_place(project: Project) -> None:
    project.test(
        """
        class TestX:
            @pytest.mark.slow
            @pytest.mark.parametrize("v", [1, 2])
            def test_m(self, v): pass
        """
    )
    (event,) = project.run("-W", "ignore").events("test.steps_discovered")
    items: list[dict[str, Any]] = event.items
    assert items[1] == {
        "node_id": "test_it.py::TestX::test_m[2]",
        "file": "test_it.py",
        "module": "test_it",
        "class_name": "TestX",
        "function": "test_m",
        "step_name": "test_m",
        "markers": ["parametrize", "slow"],
        "step_path": "TestX/test_m",
        "parent_path": "TestX",
        "step_index": 0,
        "vector_index": 1,
        "vector_count_planned": 2,
        "inputs": {"v": 2},
    }


def test_private_parameters_stay_hidden(project: Project) -> None:
    project.test(
        """
        @pytest.mark.parametrize(("_secret", "v"), [(1, 2)])
        def test_it(_secret, v, context):
            assert dict(context.params) == {"v": 2}
        """
    )
    row = project.run().step("test_it")
    assert row["in_v"] == 2.0
    assert "in__secret" not in row


def test_indirect_and_fixture_parameters_are_inputs(project: Project) -> None:
    project.test(
        """
        @pytest.fixture(params=["a", "b"])
        def mode(request): return request.param
        @pytest.fixture
        def load(request): return request.param * 2
        @pytest.mark.parametrize("load", [1], indirect=True)
        def test_it(load, mode): assert load == 2
        """
    )
    rows = project.run().rows("step")
    assert [(row["in_load"], row["in_mode"]) for row in rows] == [(1.0, "a"), (1.0, "b")]


def test_a_swept_name_that_the_test_does_not_take_is_there_all_the_same(project: Project) -> None:
    project.test(
        """
        @pytest.mark.litmus_sweeps([{"vin": [5, 12]}])
        def test_it(context):
            assert context.get_param("vin") in (5, 12)
        """
    )
    recorded = project.run()
    assert recorded.steps == {"test_it": ["passed", "passed"]}
    assert [row["in_vin"] for row in recorded.rows("step")] == [5.0, 12.0]


def test_zipped_sweeps_advance_together(project: Project) -> None:
    project.test(
        """
        @pytest.mark.litmus_sweeps([{"vin": [5, 12], "vmax": [5.5, 13]}])
        def test_it(vin, vmax): assert vmax > vin
        """
    )
    rows = project.run().rows("step")
    assert [(row["in_vin"], row["in_vmax"]) for row in rows] == [(5.0, 5.5), (12.0, 13.0)]


def test_sweeps_are_listed_from_the_outermost_to_the_innermost(project: Project) -> None:
    project.test(
        """
        @pytest.mark.litmus_sweeps([{"a": [1, 2]}, {"b": [3, 4]}])
        def test_it(a, b): pass
        """
    )
    rows = project.run().rows("step")
    assert [(row["in_a"], row["in_b"]) for row in rows] == [(1, 3), (1, 4), (2, 3), (2, 4)]


def test_a_test_that_loops_itself_has_a_row_for_each_vector(project: Project) -> None:
    project.test(
        """
        LIMIT = {"low": 0, "high": 2, "units": "A"}
        @pytest.mark.litmus_sweeps([{"load": [1, 2, 3]}])
        def test_it(vectors, logger, context):
            for row in vectors:
                assert context.get_param("load") == row["load"]
                logger.measure("i", row["load"], limit=LIMIT)
        """
    )
    recorded = project.run()
    assert recorded.steps == {"test_it": ["passed", "passed", "failed"]}
    assert [(row["vector_index"], row["in_load"]) for row in recorded.measured("i")] == [
        (0, 1.0),
        (1, 2.0),
        (2, 3.0),
    ]
    assert (recorded.outcome, recorded.status) == ("failed", 1)


def test_inner_and_outer_index_do_not_share_a_number(project: Project) -> None:
    project.test(
        """
        @pytest.mark.litmus_sweeps([{"vin": [5, 12]}])
        class TestX:
            @pytest.mark.litmus_sweeps([{"load": [1, 2, 3]}])
            def test_it(self, vin, vectors):
                for row in vectors: assert True
        """
    )
    rows = project.run().rows("step")
    assert [
        (row["vector_index"], row["in_vin"], row["in_load"], row["step_outcome"])
        for row in rows
        if row["step_path"] == "TestX/test_it"
    ] == [
        (0, 5.0, 1.0, "passed"),
        (1, 5.0, 2.0, "passed"),
        (2, 5.0, 3.0, "passed"),
        (3, 12.0, 1.0, "passed"),
        (4, 12.0, 2.0, "passed"),
        (5, 12.0, 3.0, "passed"),
    ]


def test_zero_iterated_vectors_fail_the_test(project: Project) -> None:
    project.test(
        """
        @pytest.mark.litmus_sweeps([{"load": [1, 2, 3]}])
        def test_it(vectors): assert True
        """
    )
    recorded = project.run()
    assert (recorded.outcome, recorded.status) == ("failed", 1)
    assert "0 of 3 vectors were iterated" in recorded.output


def test_a_loop_left_early_leaves_the_rest_as_never_run(project: Project) -> None:
    project.test(
        """
        @pytest.mark.litmus_sweeps([{"load": [1, 2, 3]}])
        def test_it(vectors):
            for row in vectors:
                assert row["load"] < 2
        """
    )
    assert project.run().steps == {"test_it": ["passed", "failed", None]}


def test_a_parametrized_class_cannot_loop_itself(project: Project) -> None:
    project.test(
        """
        @pytest.mark.parametrize("vin", [5, 12])
        class TestX:
            @pytest.mark.litmus_sweeps([{"load": [1, 2]}])
            def test_it(self, vin, vectors): pass
        """
    )
    recorded = project.run()
    assert recorded.status != 0
    assert "the class is parametrized by vin" in recorded.output


def test_parametrize_of_the_function_joins_its_own_loop(project: Project) -> None:
    project.test(
        """
        @pytest.mark.parametrize("load", [1, 2])
        def test_it(vectors):
            assert [row["load"] for row in vectors] == [1, 2]
        """
    )
    assert project.run().steps == {"test_it": ["done", "passed"]}


def test_a_second_marker_of_a_kind_is_refused(project: Project) -> None:
    project.test(
        """
        @pytest.mark.litmus_sweeps([{"a": [1]}])
        @pytest.mark.litmus_sweeps([{"b": [1]}])
        def test_it(a, b): pass
        """
    )
    recorded = project.run()
    assert recorded.status != 0
    assert "expected one marker litmus_sweeps, found 2" in recorded.output


def test_the_markers_are_known_to_strict_markers(project: Project) -> None:
    project.test(
        """
        @pytest.mark.litmus_limits(v={"low": 1, "units": "V"})
        @pytest.mark.litmus_sweeps([{"a": [1]}])
        @pytest.mark.litmus_prompts(p={"message": "?"})
        @pytest.mark.litmus_retry(1)
        def test_it(a): pass
        """
    )
    assert project.run("--strict-markers").status == 0


def test_a_file_of_another_plugin_gives_steps_too(project: Project) -> None:
    project.write(
        "conftest.py",
        """
        import pytest
        class Item(pytest.Item):
            def runtest(self): assert self.name == "a/b"
        class File(pytest.File):
            def collect(self): yield Item.from_parent(self, name="a/b")
        def pytest_collect_file(file_path, parent):
            if file_path.suffix == ".check":
                return File.from_parent(parent, path=file_path)
        """,
    )
    project.write("it.check", "")
    recorded = project.run()
    assert recorded.steps == {"a_b": "passed"}
    assert recorded.step("a_b")["step_name"] == "a/b"


def test_equal_values_of_a_sweep_are_conditions_of_their_own(project: Project) -> None:
    project.test(
        """
        from litmus import repeat
        @pytest.mark.litmus_sweeps([{"soak": repeat(5, 2)}])
        class TestX:
            def test_a(self, soak): pass
            def test_b(self, soak): pass
        """
    )
    recorded = project.run()
    assert [row[:2] for row in started(recorded)] == [
        ("TestX", 0),
        ("TestX/test_a", 0),
        ("TestX/test_b", 0),
        ("TestX", 1),
        ("TestX/test_a", 1),
        ("TestX/test_b", 1),
    ]


def test_sweeps_take_ranges_and_arrays(project: Project) -> None:
    project.test(
        """
        import numpy as np
        @pytest.mark.litmus_sweeps([{"a": range(2)}, {"b": np.array([0.5, 1.5])}])
        def test_it(a, b): pass
        """
    )
    rows = project.run().rows("step")
    assert [(row["in_a"], row["in_b"]) for row in rows] == [(0, 0.5), (0, 1.5), (1, 0.5), (1, 1.5)]


def test_a_mistake_in_a_marker_is_told_in_a_line_without_our_code(project: Project) -> None:
    project.test("@pytest.mark.litmus_sweeps(['vin'])\ndef test_it(): pass")
    output = project.run().output
    assert "litmus_sweeps: expected {argument: [values]}, found 'vin'" in output
    assert "markers.py" not in output


def test_a_vector_that_failed_before_others_passed_fails_the_test_and_only_its_own_row(
    project: Project,
) -> None:
    project.test(
        """
        @pytest.mark.litmus_sweeps([{"a": [3, 1]}])
        def test_it(vectors, logger):
            for row in vectors: logger.measure("i", row["a"], limit={"high": 2, "units": "A"})
        """
    )
    recorded = project.run()
    assert recorded.steps == {"test_it": ["failed", "passed"]}
    assert (recorded.outcome, recorded.status) == ("failed", 1)
    assert "i = 3 A is not within v <= 2.0 A" in recorded.output
    assert recorded.step("test_it", 1)["error_message"] is None
