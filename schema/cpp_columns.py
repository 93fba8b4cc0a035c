# SPDX-License-Identifier: Apache-2.0
"""The C++ header of the run columns."""

import json

from cpp_text import HEAD, enumerator, quoted
from definitions import Column, Definitions

COLUMN_TYPES = {
    "string": ("kString", "std::string"),
    "int64": ("kInt64", "std::int64_t"),
    "int32": ("kInt32", "std::int32_t"),
    "float64": ("kFloat64", "double"),
    "timestamp": ("kTimestamp", "Timestamp"),
    "bool": ("kBool", "bool"),
    "list<string>": ("kStringList", "std::string"),
    "list<bool>": ("kBoolList", "bool"),
}
OWNER_STRUCTS = {
    "run": ("RunColumns", "The same in all rows of a run."),
    "step": ("StepColumns", "One per (step_path, vector_index)."),
    "attempt": ("AttemptColumns", "One per execution of a step; step rows show the last one."),
    "measurement": ("MeasurementColumns", "One per measurement."),
}


def _columns_struct(name: str, doc: str, columns: list[Column], optional: bool) -> str:
    members = ""
    for column in columns:
        kind = COLUMN_TYPES[column.type][1]
        if optional or kind != "bool":
            members += f"  std::optional<{kind}> {column.name};\n"
        else:
            members += f"  {kind} {column.name} = false;\n"
    return f"// {doc}\nstruct {name} {{\n{members}}};\n"


def _columns_visitor(name: str, table: str, indexed: list[tuple[int, Column]]) -> str:
    visits = "".join(
        f"    visit({table}[{index}], columns.{column.name});\n" for index, column in indexed
    )
    return f"""\
template <>
struct ColumnsOf<{name}> {{
  static void each(auto& columns, auto& visit) {{
{visits}  }}
}};
"""


def _table_row(index: int, column: Column, prefix: str = "") -> str:
    kind = COLUMN_TYPES[column.type][0]
    rows = ", ".join(json.dumps(letter in column.rows) for letter in "RSM")
    return (
        f"    Column{{{index}, {quoted(prefix + column.name)}, ColumnType::{kind}, "
        f"ColumnOwner::{enumerator(column.owner)}, {rows}, {quoted(column.doc)}}},\n"
    )


def run_columns_header(definitions: Definitions) -> str:
    table = "".join(_table_row(index, column) for index, column in enumerate(definitions.columns))
    instrument_table = "".join(
        _table_row(index, column, "step_instruments_")
        for index, column in enumerate(definitions.instrument_columns)
    )
    structs = []
    visitors = []
    for owner, (name, doc) in OWNER_STRUCTS.items():
        indexed = [
            (index, column)
            for index, column in enumerate(definitions.columns)
            if column.owner == owner
        ]
        structs.append(_columns_struct(name, doc, [column for _, column in indexed], True))
        visitors.append(_columns_visitor(name, "kColumns", indexed))
    structs.append(
        _columns_struct(
            "InstrumentColumns",
            "One instrument: one entry of each of the instrument lists.",
            list(definitions.instrument_columns),
            False,
        )
    )
    visitors.append(
        _columns_visitor(
            "InstrumentColumns",
            "kInstrumentColumns",
            list(enumerate(definitions.instrument_columns)),
        )
    )
    types = ", ".join(kind for kind, _ in COLUMN_TYPES.values())
    return f"""{HEAD}
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "litmus/time.h"

namespace litmus {{

enum class ColumnType {{ {types} }};

// How often the value changes, and so which struct holds it; kRow is computed by the writer.
enum class ColumnOwner {{ kRow, kRun, kStep, kAttempt, kMeasurement, kInstrument }};

struct Column {{
  std::size_t index;  // in its table
  std::string_view name;
  ColumnType type;
  ColumnOwner owner;
  bool on_run_rows;
  bool on_step_rows;
  bool on_measurement_rows;
  std::string_view doc;
}};

// The columns that every run file has, in file order; the first kFixedColumnCount are version 1.0.
inline constexpr std::size_t kFixedColumnCount = {len(definitions.fixed_columns)};
inline constexpr std::array kColumns{{
{table}}};

// The lists of instruments; they stand among the dynamic columns, by name.
inline constexpr std::array kInstrumentColumns{{
{instrument_table}}};

{chr(10).join(structs)}
template <class Columns>
struct ColumnsOf;

// Calls visit(const Column&, member) in file order.
template <class Columns, class Visitor>
void for_each_column(Columns& columns, Visitor&& visit) {{
  ColumnsOf<std::remove_const_t<Columns>>::each(columns, visit);
}}

{chr(10).join(visitors)}
}}  // namespace litmus
"""
