// SPDX-License-Identifier: Apache-2.0
#include "bindings.h"
#include "events.h"
#include "model/event_json.h"
#include "scalars.h"
#include "store/event_file_reader.h"

namespace litmus::python {
namespace {

struct EventFile {
  std::vector<Event> events;
  EventFileReport report;
};

EventFile read_file(const std::string& path) {
  const nb::gil_scoped_release no_gil;
  EventFile file;
  const auto content = posix_file_system().read(path);
  file.report = scan_event_file(content->bytes(), [&file](const EventRow& row) {
    file.events.push_back(parse_event(row.json));
  });
  return file;
}

// (events, damages as (begin, end, first_seq, last_seq, what), closed)
nb::tuple read_event_file(nb::handle path) {
  const EventFile file = read_file(to_path(path));
  nb::list events;
  for (const Event& event : file.events) events.append(from_event(event));
  nb::list damages;
  for (const EventDamage& damage : file.report.damages) {
    nb::object first = nb::none();
    nb::object last = nb::none();
    if (damage.seqs) {
      first = nb::int_(damage.seqs->first);
      last = nb::int_(damage.seqs->last);
    }
    damages.append(nb::make_tuple(damage.begin, damage.end, first, last, from_text(damage.what)));
  }
  return nb::make_tuple(events, damages, file.report.closed);
}

}  // namespace

void bind_event_file(nb::module_& module) {
  module.def("read_event_file", &read_event_file, nb::arg("path"));
  module.def(
      "parse_event", [](nb::handle json) { return from_event(parse_event(to_text(json))); },
      nb::arg("json"));
}

}  // namespace litmus::python
