// SPDX-License-Identifier: Apache-2.0
#include <nanobind/stl/shared_ptr.h>

#include "bindings.h"
#include "client/attachment.h"
#include "litmus/ids.h"
#include "problems.h"
#include "scalars.h"
#include "store/data_layout.h"

namespace litmus::python {
namespace {

// The reference; None if it could not be stored, of which `problems` is told.
nb::object store_bytes(nb::handle data_dir, nb::handle session_start, nb::handle session_id,
                       nb::handle name, const nb::bytes& content, nb::handle extension_object,
                       const std::shared_ptr<Problems>& problems, nb::handle owner_object) {
  const std::string folder =
      event_ref_folder(to_path(data_dir), to_timestamp(session_start), to_uuid(session_id));
  const Uuid owner_id = owner_object.is_none() ? Uuid::random() : to_uuid(owner_object);
  const std::string owner = owner_id.to_string().substr(0, 8);
  const std::span bytes(static_cast<const std::byte*>(content.data()), content.size());
  const std::string file_name = to_text(name, "name");
  const std::string extension = to_text(extension_object, "extension");
  std::string uri;
  {
    const nb::gil_scoped_release no_gil;
    uri = Attachment(bytes, extension)
              .store(posix_file_system(), folder, owner, file_name,
                     [&](const std::string& problem) { problems->add(problem); });
  }
  return uri.empty() ? nb::none() : from_text(uri);
}

}  // namespace

void bind_session_files(nb::module_& module) {
  module.def("store_bytes", &store_bytes, nb::arg("data_dir"), nb::arg("session_start"),
             nb::arg("session_id"), nb::arg("name"), nb::arg("content"), nb::arg("extension"),
             nb::arg("problems"), nb::arg("owner").none() = nb::none());
}

}  // namespace litmus::python
