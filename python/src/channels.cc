// SPDX-License-Identifier: Apache-2.0
#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrow_stream.h"
#include "bindings.h"
#include "channels/channel_follower.h"
#include "litmus/channel_store.h"
#include "litmus/error.h"
#include "problems.h"
#include "scalars.h"
#include "store/channel_name.h"
#include "values.h"

namespace litmus::python {
namespace {

using Numbers = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Times = nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

std::shared_ptr<ChannelStore> open_store(nb::handle data_dir, nb::handle session_id,
                                         const std::shared_ptr<Problems>& problems) {
  const std::string path = to_path(data_dir);
  const Uuid session = to_uuid(session_id);
  ChannelStoreOptions options;
  options.on_problem = [problems](const std::string& problem) { problems->add(problem); };
  const nb::gil_scoped_release no_gil;
  return std::make_shared<ChannelStore>(path, session, std::move(options));
}

// Texts of a call, kept as long as the sample refers to them.
struct Info {
  std::string source;
  std::string direction;
  std::string role;
  std::string resource;
  std::optional<std::string> units;
  std::optional<Timestamp> timestamp;

  Info(const nb::object& given_units, nb::handle given_source, nb::handle given_direction,
       nb::handle given_role, nb::handle given_resource, nb::handle given_timestamp)
      : source(to_text(given_source, "source")),
        direction(to_text(given_direction, "direction")),
        role(to_text(given_role, "instrument_role")),
        resource(to_text(given_resource, "resource")),
        units(to_optional_text(given_units, "units")) {
    if (!given_timestamp.is_none()) timestamp = to_timestamp(given_timestamp);
  }
  SampleInfo sample() const {
    SampleInfo info;
    if (units) info.units = *units;
    info.source_method = source;
    info.direction = direction;
    info.instrument_role = role;
    info.resource = resource;
    info.timestamp = timestamp;
    return info;
  }
};

nb::object from_reference(const ChannelStore::Reference& reference) {
  return reference ? from_text(reference->to_uri()) : nb::none();
}

std::span<const double> span_of(const Numbers& numbers) { return {numbers.data(), numbers.size()}; }

nb::object write_number(ChannelStore& store, nb::handle channel_id, double value, nb::object units,
                        nb::handle source, nb::handle direction, nb::handle role,
                        nb::handle resource, nb::handle timestamp) {
  const Info info(units, source, direction, role, resource, timestamp);
  return from_reference(store.write(to_text(channel_id, "channel id"), value, info.sample()));
}

nb::object write_bool(ChannelStore& store, nb::handle channel_id, bool value, nb::object units,
                      nb::handle source, nb::handle direction, nb::handle role, nb::handle resource,
                      nb::handle timestamp) {
  const Info info(units, source, direction, role, resource, timestamp);
  return from_reference(store.write(to_text(channel_id, "channel id"), value, info.sample()));
}

nb::object write_text(ChannelStore& store, nb::handle channel_id, nb::handle value,
                      nb::object units, nb::handle source, nb::handle direction, nb::handle role,
                      nb::handle resource, nb::handle timestamp) {
  const Info info(units, source, direction, role, resource, timestamp);
  const std::string text = to_text(value);
  const std::string channel = to_text(channel_id, "channel id");
  ChannelStore::Reference reference;
  {
    const nb::gil_scoped_release no_gil;
    reference = store.write(channel, std::string_view(text), info.sample());
  }
  return from_reference(reference);
}

nb::object write_map(ChannelStore& store, nb::handle channel_id, nb::handle value, nb::object units,
                     nb::handle source, nb::handle direction, nb::handle role, nb::handle resource,
                     nb::handle timestamp) {
  const Info info(units, source, direction, role, resource, timestamp);
  const ValueMap map = to_value_map(value, "sample");
  const std::string channel = to_text(channel_id, "channel id");
  ChannelStore::Reference reference;
  {
    const nb::gil_scoped_release no_gil;
    reference = store.write(channel, map, info.sample());
  }
  return from_reference(reference);
}

nb::object write_waveform(ChannelStore& store, nb::handle channel_id, const Numbers& samples,
                          double interval, nb::object units, nb::handle source,
                          nb::handle direction, nb::handle role, nb::handle resource,
                          nb::handle timestamp) {
  const Info info(units, source, direction, role, resource, timestamp);
  const std::string channel = to_text(channel_id, "channel id");
  ChannelStore::Reference reference;
  {
    const nb::gil_scoped_release no_gil;
    reference = store.write(channel, Samples{span_of(samples), interval}, info.sample());
  }
  return from_reference(reference);
}

// `times`: microseconds since 1970, or None for even distances from `timestamp` on.
nb::object write_block(ChannelStore& store, nb::handle channel_id, const Numbers& values,
                       const std::optional<Times>& times, double interval, nb::object units,
                       nb::handle source, nb::handle direction, nb::handle role,
                       nb::handle resource, nb::handle timestamp) {
  const Info info(units, source, direction, role, resource, timestamp);
  const std::string channel = to_text(channel_id, "channel id");
  ChannelStore::Reference reference;
  {
    const nb::gil_scoped_release no_gil;
    if (times) {
      static_assert(sizeof(Timestamp) == sizeof(std::int64_t));
      const std::span<const Timestamp> stamps(reinterpret_cast<const Timestamp*>(times->data()),
                                              times->size());
      reference = store.write_block(channel, stamps, span_of(values), info.sample());
    } else {
      reference = store.write_block(channel, Samples{span_of(values), interval}, info.sample());
    }
  }
  return from_reference(reference);
}

// (rows, damages)
nb::tuple query(ChannelStore& store, nb::handle channel_id, nb::handle session_id, nb::handle start,
                nb::handle end, std::optional<std::int64_t> last_n,
                std::optional<std::int64_t> max_points, bool min_max, bool expand, bool descending,
                std::vector<std::string> columns, std::optional<std::int64_t> limit,
                nb::handle cursor) {
  ChannelQuery wanted;
  wanted.channel_id = to_text(channel_id, "channel id");
  wanted.session_id = to_optional_text(session_id, "session id").value_or("");
  if (!start.is_none()) wanted.start = to_timestamp(start);
  if (!end.is_none()) wanted.end = to_timestamp(end);
  wanted.last_n = last_n;
  wanted.max_points = max_points;
  if (min_max) wanted.thinning = ChannelQuery::Thinning::kMinMax;
  wanted.expand = expand;
  wanted.descending = descending;
  wanted.columns = std::move(columns);
  wanted.limit = limit;
  wanted.cursor = to_text(cursor, "cursor");
  ArrowRows rows;
  std::vector<std::string> damages;
  {
    const nb::gil_scoped_release no_gil;
    rows.table = store.query(wanted, &damages);
  }
  return nb::make_tuple(std::move(rows), damages);
}

ArrowRows resolve(ChannelStore& store, nb::handle uri) {
  const std::string text = to_text(uri, "reference");
  const nb::gil_scoped_release no_gil;
  return {store.resolve(text)};
}

nb::list list_channels(ChannelStore& store) {
  std::vector<ChannelDescriptor> channels;
  {
    const nb::gil_scoped_release no_gil;
    channels = store.list_channels();
  }
  nb::list list;
  for (const ChannelDescriptor& channel : channels) {
    nb::dict fields;
    fields["channel_id"] = from_text(channel.channel_id);
    fields["data_type"] = from_text(channel.data_type);
    fields["instrument_role"] = from_text(channel.instrument_role);
    fields["resource"] = from_text(channel.resource);
    fields["units"] = from_optional_text(channel.units);
    fields["properties"] = from_value_map(channel.properties);
    fields["first_seen"] = from_timestamp(channel.first_seen);
    fields["last_seen"] = from_timestamp(channel.last_seen);
    fields["row_count"] = channel.row_count;
    fields["sessions"] = channel.sessions;
    list.append(fields);
  }
  return list;
}

// (channel, session, row, writer); session "" and row None where the reference has none
nb::tuple parse_uri(nb::handle uri) {
  const ChannelReference reference = ChannelReference::parse(to_text(uri, "reference"));
  return nb::make_tuple(from_text(reference.channel_id), from_text(reference.session_id),
                        reference.row, from_text(reference.writer));
}

nb::object make_uri(nb::handle channel_id, nb::handle session_id, std::optional<std::int64_t> row,
                    nb::handle writer) {
  return from_text(ChannelReference{to_text(channel_id, "channel id"),
                                    to_text(session_id, "session id"), row, to_text(writer)}
                       .to_uri());
}

// (channel, first 8 characters of the session); None for the name of another file
nb::object parse_file_name(nb::handle name) {
  const auto parsed = ChannelFileName::parse(to_path(name));
  if (!parsed) return nb::none();
  return nb::make_tuple(from_text(parsed->channel_id), from_text(parsed->session8));
}

// What is followed, and the batches that are new.
struct Follower {
  explicit Follower(const std::string& data_dir, ChannelSelection selection, bool with_stored)
      : follower(posix_file_system(), data_dir, std::move(selection),
                 with_stored ? std::optional(ChannelCursor{}) : std::nullopt) {}
  ChannelFollower follower;
};

std::shared_ptr<Follower> open_follower(nb::handle data_dir, nb::handle channel_id, nb::handle role,
                                        nb::handle session_id, bool with_stored) {
  const std::string path = to_path(data_dir);
  ChannelSelection selection{to_optional_text(channel_id, "channel id").value_or(""),
                             to_optional_text(role, "role").value_or(""),
                             to_optional_text(session_id, "session id").value_or("")};
  const nb::gil_scoped_release no_gil;
  return std::make_shared<Follower>(path, std::move(selection), with_stored);
}

// [(channel, session, rows)]
nb::list follow(Follower& follower, double seconds) {
  struct Found {
    std::string channel_id;
    std::string session_id;
    ArrowRows rows;
  };
  std::vector<Found> found;
  {
    const nb::gil_scoped_release no_gil;
    follower.follower.read(
        [&](const FollowedRows& followed) {
          auto table = arrow::Table::FromRecordBatches({followed.rows});
          if (!table.ok()) throw Error(Code::kCorrupt, table.status().ToString());
          const ChannelSegmentHeader& header = followed.header;
          found.push_back({header.channel_id, header.session_id.to_string(), {*table}});
        },
        std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
  }
  nb::list list;
  for (Found& item : found) {
    list.append(nb::make_tuple(from_text(item.channel_id), from_text(item.session_id),
                               std::move(item.rows)));
  }
  return list;
}

}  // namespace

void bind_channels(nb::module_& module) {
  using NoGil = nb::call_guard<nb::gil_scoped_release>;
  nb::class_<ChannelStore>(module, "ChannelStore")
      .def(nb::new_(&open_store), nb::arg("data_dir"), nb::arg("session_id"), nb::arg("problems"))
      .def("write_number", &write_number, nb::arg("channel_id"), nb::arg("value"),
           nb::arg("units").none(), nb::arg("source"), nb::arg("direction"),
           nb::arg("instrument_role"), nb::arg("resource"), nb::arg("timestamp").none())
      .def("write_bool", &write_bool, nb::arg("channel_id"), nb::arg("value"),
           nb::arg("units").none(), nb::arg("source"), nb::arg("direction"),
           nb::arg("instrument_role"), nb::arg("resource"), nb::arg("timestamp").none())
      .def("write_text", &write_text, nb::arg("channel_id"), nb::arg("value"),
           nb::arg("units").none(), nb::arg("source"), nb::arg("direction"),
           nb::arg("instrument_role"), nb::arg("resource"), nb::arg("timestamp").none())
      .def("write_map", &write_map, nb::arg("channel_id"), nb::arg("value"),
           nb::arg("units").none(), nb::arg("source"), nb::arg("direction"),
           nb::arg("instrument_role"), nb::arg("resource"), nb::arg("timestamp").none())
      .def("write_waveform", &write_waveform, nb::arg("channel_id"), nb::arg("samples"),
           nb::arg("sample_interval"), nb::arg("units").none(), nb::arg("source"),
           nb::arg("direction"), nb::arg("instrument_role"), nb::arg("resource"),
           nb::arg("timestamp").none())
      .def("write_block", &write_block, nb::arg("channel_id"), nb::arg("values"),
           nb::arg("times").none(), nb::arg("sample_interval"), nb::arg("units").none(),
           nb::arg("source"), nb::arg("direction"), nb::arg("instrument_role"), nb::arg("resource"),
           nb::arg("timestamp").none())
      .def("query", &query, nb::arg("channel_id"), nb::arg("session_id").none(),
           nb::arg("start").none(), nb::arg("end").none(), nb::arg("last_n").none(),
           nb::arg("max_points").none(), nb::arg("min_max"), nb::arg("expand"),
           nb::arg("descending"), nb::arg("columns"), nb::arg("limit").none(), nb::arg("cursor"))
      .def("resolve", &resolve, nb::arg("uri"))
      .def("list_channels", &list_channels)
      .def("flush", &ChannelStore::flush, NoGil())
      .def("close", &ChannelStore::close, NoGil())
      .def_prop_ro("samples_lost", &ChannelStore::samples_lost);
  nb::class_<Follower>(module, "ChannelFollower")
      .def(nb::new_(&open_follower), nb::arg("data_dir"), nb::arg("channel_id").none(),
           nb::arg("role").none(), nb::arg("session_id").none(), nb::arg("with_stored"))
      .def("read", &follow, nb::arg("seconds"));
  module.def("parse_channel_uri", &parse_uri, nb::arg("uri"));
  module.def("parse_channel_file_name", &parse_file_name, nb::arg("name"));
  module.def("make_channel_uri", &make_uri, nb::arg("channel_id"), nb::arg("session_id"),
             nb::arg("row").none(), nb::arg("writer"));
}

}  // namespace litmus::python
