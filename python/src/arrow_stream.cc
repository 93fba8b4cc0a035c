// SPDX-License-Identifier: Apache-2.0
#include "arrow_stream.h"

#include <arrow/c/bridge.h>
#include <arrow/table.h>

#include "bindings.h"
#include "litmus/error.h"

namespace litmus::python {
namespace {

void release_stream(PyObject* capsule) {
  auto* stream =
      static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule, "arrow_array_stream"));
  if (stream->release != nullptr) stream->release(stream);
  delete stream;
}

// `requested_schema` is a wish that an exporter may leave unheard.
nb::object export_stream(const ArrowRows& rows, nb::handle /*requested_schema*/) {
  auto owner = std::make_unique<ArrowArrayStream>();
  const auto reader = std::make_shared<arrow::TableBatchReader>(rows.table);
  const arrow::Status status = arrow::ExportRecordBatchReader(reader, owner.get());
  if (!status.ok()) throw Error(Code::kCorrupt, "rows for Arrow: " + status.ToString());
  ArrowArrayStream* stream = owner.release();
  PyObject* capsule = PyCapsule_New(stream, "arrow_array_stream", &release_stream);
  if (capsule == nullptr) throw nb::python_error();
  return nb::steal(capsule);
}

}  // namespace

void bind_arrow_rows(nb::module_& module) {
  nb::class_<ArrowRows>(module, "ArrowRows")
      .def("__arrow_c_stream__", &export_stream, nb::arg("requested_schema") = nb::none());
}

}  // namespace litmus::python
