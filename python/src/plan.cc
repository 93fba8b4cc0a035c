// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "bindings.h"
#include "config/generators.h"
#include "litmus/error.h"
#include "plan/explanation_text.h"
#include "plan/limit_resolution.h"
#include "plan/project_files.h"
#include "plan/test_plan.h"
#include "plan/units.h"
#include "scalars.h"
#include "values.h"

namespace litmus::python {
namespace {

std::optional<double> to_optional_number(nb::handle number) {
  return number.is_none() ? std::nullopt : std::optional(to_number(number));
}

nb::list texts(const std::vector<std::string>& lines) {
  nb::list list;
  for (const std::string& line : lines) list.append(from_text(line));
  return list;
}

std::vector<std::string> to_texts(nb::handle sequence, const char* what) {
  std::vector<std::string> list;
  for (const nb::handle text : nb::iter(sequence)) list.push_back(to_text(text, what));
  return list;
}

nb::object inline_place(const std::optional<InlinePlace>& place) {
  if (!place) return nb::none();
  nb::list list;
  list.append(place->payload);
  list.append(place->index);
  return list;
}

nb::dict with_source(const PlannedValue& planned) {
  nb::dict dict = from_value_map(*planned.value.get_if<ValueMap>());
  dict["source"] = from_text(planned.source.place());
  return dict;
}

// A ResolvedTest as Python sees it: plain values, each with its place.
class PlannedTest {
 public:
  explicit PlannedTest(ResolvedTest test) : test_(std::move(test)) {}

  nb::list loops(bool outer) const {
    nb::list list;
    for (const PlannedLoop& loop : test_.settings().loops) {
      if (loop.is_outer != outer) continue;
      nb::dict dict;
      dict["arguments"] = from_value_map(loop.arguments);
      dict["source"] = from_text(loop.source.place());
      dict["inline"] = inline_place(loop.inline_place);
      list.append(dict);
    }
    return list;
  }

  nb::list mocks() const {
    nb::list list;
    for (const PlannedMock& mock : test_.settings().mocks) {
      nb::dict dict;
      dict["target"] = from_text(mock.target);
      dict["keywords"] = from_value_map(mock.keywords);
      dict["source"] = from_text(mock.source.place());
      dict["inline"] = inline_place(mock.inline_place);
      list.append(dict);
    }
    return list;
  }

  nb::object characteristics() const {
    const auto& planned = test_.settings().characteristics;
    return planned ? from_value(planned->value) : nb::none();
  }

  nb::object connections() const {
    if (!test_.connections()) return nb::none();
    nb::list list;
    for (const ValueMap& connection : *test_.connections()) list.append(from_value_map(connection));
    return list;
  }

  bool declares_connections() const { return test_.settings().connections.has_value(); }

  nb::object retry() const {
    const auto& planned = test_.settings().retry;
    return planned ? nb::object(with_source(*planned)) : nb::none();
  }

  nb::dict prompts() const {
    nb::dict dict;
    for (const NamedValue& prompt : test_.settings().prompts) {
      dict[from_text(prompt.name)] = with_source(prompt.planned);
    }
    return dict;
  }

  nb::list markers() const {
    nb::list list;
    for (const NamedValue& marker : test_.settings().markers) {
      nb::dict dict;
      dict["name"] = from_text(marker.name);
      dict["value"] = from_value(marker.planned.value);
      dict["source"] = from_text(marker.planned.source.place());
      list.append(dict);
    }
    return list;
  }

  nb::dict limits() const {
    nb::dict dict;
    for (const auto& [name, planned] : test_.settings().limits) {
      nb::dict entry = from_value_map(planned.entry->written);
      entry["source"] = from_text(planned.entry->policy.place());
      dict[from_text(name)] = entry;
    }
    return dict;
  }

  nb::object limit(nb::handle name, nb::handle params, nb::handle ambient,
                   nb::handle explicit_one) {
    const std::string measurement = to_text(name, "name");
    const ResolvedLimit* found = test_.limit(measurement, to_value_map(params, "params"),
                                             to_optional_text(ambient, "ambient_characteristic"),
                                             to_optional_text(explicit_one, "characteristic"));
    return found == nullptr ? nb::none() : nb::object(from_value_map(found->as_map()));
  }

  nb::dict explanation(nb::handle collected) {
    std::vector<ValueMap> cases;
    for (const nb::handle params : nb::iter(collected)) {
      cases.push_back(to_value_map(params, "params"));
    }
    return from_value_map(test_.explanation(cases));
  }

 private:
  ResolvedTest test_;
};

std::vector<InlineMarkers> to_markers(nb::handle sequence) {
  std::vector<InlineMarkers> markers;
  for (const nb::handle pair : nb::iter(sequence)) {
    const std::string scope = to_text(nb::object(pair[0]), "scope");
    InlineMarkers one{.scope = InlineMarkers::Scope::kFunction,
                      .payloads = to_value_map(nb::object(pair[1]), "payload")};
    if (scope == "module") {
      one.scope = InlineMarkers::Scope::kModule;
    } else if (scope == "class") {
      one.scope = InlineMarkers::Scope::kClass;
    } else if (scope != "function") {
      throw Error(Code::kInvalidArgument,
                  "scope: expected module, class or function, found `" + scope + "`");
    }
    markers.push_back(std::move(one));
  }
  return markers;
}

template <class T>
std::shared_ptr<const T> shared_copy(nb::handle object) {
  if (object.is_none()) return nullptr;
  return std::make_shared<const T>(*nb::cast<const T*>(object));
}

template <class T>
const T* pointer(nb::handle object) {
  return object.is_none() ? nullptr : nb::cast<const T*>(object);
}

template <class T>
nb::object optional_object(std::optional<T> found) {
  return found ? nb::cast(std::move(*found)) : nb::none();
}

nb::dict profile_facets(const ProjectFiles& files) {
  nb::dict all;
  for (const auto& [name, profile] : files.profiles().all()) {
    const Value* facets = profile.content->find("facets");
    all[from_text(name)] =
        facets == nullptr ? nb::dict() : from_value_map(*facets->get_if<ValueMap>());
  }
  return all;
}

nb::object select_profile(ProjectFiles& files, nb::handle name, nb::handle facets) {
  std::map<std::string, std::string> wanted;
  for (const auto& [key, value] : to_value_map(facets, "facets")) {
    wanted.emplace(key, *value.get_if<std::string>());
  }
  return optional_object(files.select_profile(to_optional_text(name, "name"), wanted));
}

nb::object select_station(ProjectFiles& files, nb::handle id) {
  const auto station = files.select_station(to_optional_text(id, "station"));
  if (!station) return nb::none();
  return nb::make_tuple(from_path(station->file), from_value_map(station->record));
}

void check_session(const ProjectFiles& files, nb::handle station, nb::handle profile,
                   nb::handle fixture, nb::handle product) {
  std::optional<ValueMap> record;
  if (!station.is_none()) record = to_value_map(station, "station");
  files.check_session(record ? &*record : nullptr, pointer<Profile>(profile),
                      pointer<Fixture>(fixture), pointer<Product>(product));
}

nb::list selections(const ProjectFiles& files) {
  nb::list list;
  for (const Selection& one : files.selections()) {
    nb::dict dict;
    dict["what"] = from_text(one.what);
    dict["id"] = from_text(one.id);
    dict["file"] = from_path(one.file);
    dict["place"] = from_text(one.place);
    dict["reason"] = from_text(one.reason);
    list.append(dict);
  }
  return list;
}

nb::dict plan_characteristic_limit(const TestPlan& plan, nb::handle id, nb::handle params,
                                   nb::handle guardband, nb::handle comparator) {
  const Product* product = plan.context().product.get();
  const std::string wanted = to_text(id, "characteristic");
  const Characteristic* found = product == nullptr ? nullptr : product->find(wanted);
  if (found == nullptr) {
    throw Error(Code::kNotFound, product == nullptr
                                     ? "characteristic `" + wanted + "`: no product is active"
                                     : "product " + product->file + " has no characteristic `" +
                                           wanted + "`" +
                                           suggest(wanted, product->characteristic_ids()));
  }
  const auto given = comparator.is_none() ? std::nullopt : std::optional(to_comparator(comparator));
  return from_value_map(characteristic_limit(*found, to_value_map(params, "params"), given,
                                             to_optional_number(guardband), plan.context().limits())
                            .as_map());
}

void bind_entities(nb::module_& module) {
  nb::class_<Profile>(module, "Profile")
      .def_prop_ro("name", [](const Profile& self) { return from_text(self.name); })
      .def_prop_ro("file", [](const Profile& self) { return from_path(self.chain.back().file); })
      .def_prop_ro("record", [](const Profile& self) { return from_value_map(self.record); })
      .def_prop_ro("chain", [](const Profile& self) {
        nb::list names;
        for (const ProfileFile& one : self.chain) names.append(from_text(one.name));
        return names;
      });
  nb::class_<Product>(module, "Product")
      .def_prop_ro("file", [](const Product& self) { return from_path(self.file); })
      .def_prop_ro("record", [](const Product& self) { return from_value_map(self.record); });
  nb::class_<Fixture>(module, "Fixture")
      .def_prop_ro("file", [](const Fixture& self) { return from_path(self.file); })
      .def_prop_ro("record", [](const Fixture& self) { return from_value_map(self.record); })
      .def_prop_ro("slots", [](const Fixture& self) { return texts(self.slots()); })
      .def(
          "for_slot",
          [](const Fixture& self, nb::handle slot) { return self.for_slot(to_text(slot, "slot")); },
          nb::arg("slot"));
}

void bind_files(nb::module_& module) {
  nb::class_<ProjectFiles>(module, "ProjectFiles")
      .def(
          "__init__",
          [](ProjectFiles* self, nb::handle root, nb::handle invocation) {
            new (self) ProjectFiles(posix_file_system(), to_path(root), to_path(invocation));
          },
          nb::arg("root"), nb::arg("invocation_dir"))
      .def_prop_ro("project",
                   [](const ProjectFiles& self) { return from_value_map(self.settings()); })
      .def_prop_ro("project_file",
                   [](const ProjectFiles& self) {
                     return self.file() ? from_path(*self.file()) : nb::none();
                   })
      .def_prop_ro("profiles", &profile_facets)
      .def_prop_ro("facet_keys",
                   [](const ProjectFiles& self) { return texts(self.profiles().facet_keys()); })
      .def("select_profile", &select_profile, nb::arg("name").none(), nb::arg("facets"))
      .def(
          "select_product",
          [](ProjectFiles& self, nb::handle id, nb::handle part_number) {
            return optional_object(self.select_product(
                to_optional_text(id, "product"), to_optional_text(part_number, "part_number")));
          },
          nb::arg("id_or_path").none(), nb::arg("part_number").none())
      .def(
          "select_fixture",
          [](ProjectFiles& self, nb::handle id, nb::handle profile) {
            return optional_object(
                self.select_fixture(to_optional_text(id, "fixture"), pointer<Profile>(profile)));
          },
          nb::arg("id_or_path").none(), nb::arg("profile").none())
      .def("select_station", &select_station, nb::arg("id_or_path").none())
      .def("check_session", &check_session, nb::arg("station").none(), nb::arg("profile").none(),
           nb::arg("fixture").none(), nb::arg("product").none())
      .def_prop_ro("selections", &selections)
      .def("take_warnings", [](ProjectFiles& self) { return texts(self.take_warnings()); });
}

void bind_plan_classes(nb::module_& module) {
  nb::class_<TestPlan>(module, "TestPlan")
      .def(
          "__init__",
          [](TestPlan* self, const ProjectFiles& files, nb::handle profile, nb::handle product,
             nb::handle fixture, nb::handle guardband) {
            const auto* chosen = pointer<Profile>(profile);
            new (self)
                TestPlan(files.files(), chosen == nullptr ? std::nullopt : std::optional(*chosen),
                         {.product = shared_copy<Product>(product),
                          .fixture = shared_copy<Fixture>(fixture),
                          .session_guardband_pct = to_optional_number(guardband),
                          .profile_guardband_pct = {}});
          },
          nb::arg("files"), nb::arg("profile").none(), nb::arg("product").none(),
          nb::arg("fixture").none(), nb::arg("guardband_pct").none())
      .def(
          "resolve_test",
          [](TestPlan& self, nb::handle module_file, nb::handle classes, nb::handle function,
             nb::handle markers) {
            return PlannedTest(self.resolve(to_path(module_file), to_texts(classes, "class"),
                                            to_text(function, "function"), to_markers(markers)));
          },
          nb::arg("module_file"), nb::arg("classes"), nb::arg("function"), nb::arg("inline"))
      .def("characteristic_limit", &plan_characteristic_limit, nb::arg("characteristic"),
           nb::arg("params"), nb::arg("guardband_pct").none(), nb::arg("comparator").none())
      .def("unused_names", [](const TestPlan& self) { return texts(self.unused_names()); });
  nb::class_<PlannedTest>(module, "ResolvedTest")
      .def_prop_ro("outer_sweeps", [](const PlannedTest& self) { return self.loops(true); })
      .def_prop_ro("inner_sweeps", [](const PlannedTest& self) { return self.loops(false); })
      .def_prop_ro("mocks", &PlannedTest::mocks)
      .def_prop_ro("characteristics", &PlannedTest::characteristics)
      .def_prop_ro("connections", &PlannedTest::connections)
      .def_prop_ro("declares_connections", &PlannedTest::declares_connections)
      .def_prop_ro("retry", &PlannedTest::retry)
      .def_prop_ro("prompts", &PlannedTest::prompts)
      .def_prop_ro("markers", &PlannedTest::markers)
      .def_prop_ro("limits", &PlannedTest::limits)
      .def("limit", &PlannedTest::limit, nb::arg("name"), nb::arg("params"),
           nb::arg("ambient_characteristic").none(), nb::arg("characteristic").none())
      .def("explanation", &PlannedTest::explanation, nb::arg("collected"));
}

}  // namespace

void bind_plan(nb::module_& module) {
  nb::register_exception_translator([](const std::exception_ptr& caught, void*) {
    try {
      std::rethrow_exception(caught);
    } catch (const MissingLimit& missing) {
      const nb::object errors = nb::module_::import_("litmus.errors");
      PyErr_SetObject(nb::object(errors.attr("MissingLimitError")).ptr(),
                      from_text(missing.what()).ptr());
    }
  });
  bind_entities(module);
  bind_files(module);
  bind_plan_classes(module);
  module.def(
      "checked_limit",
      [](nb::handle limit, nb::handle place) {
        return from_value_map(
            check_limit(to_value_map(limit, "limit"), to_text(place, "place")).as_map());
      },
      nb::arg("limit"), nb::arg("place"));
  module.def(
      "unit_factor",
      [](nb::handle units, nb::handle wanted) {
        return unit_factor(to_text(units, "units"), to_text(wanted, "wanted"));
      },
      nb::arg("units"), nb::arg("wanted"));
  module.def(
      "generate",
      [](nb::handle name, nb::handle arguments) {
        const Value list = to_value(arguments);
        return from_value(Value(generate(to_text(name, "name"), *list.get_if<ValueList>())));
      },
      nb::arg("name"), nb::arg("arguments"));
  module.def(
      "explanation_text",
      [](nb::handle explanation) {
        return from_text(explanation_text(to_value_map(explanation, "explanation")));
      },
      nb::arg("explanation"));
}

}  // namespace litmus::python
