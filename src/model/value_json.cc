// SPDX-License-Identifier: Apache-2.0
#include "model/value_json.h"

#include <string>

#include "litmus/error.h"
#include "model/json_dom.h"

namespace litmus {

simdjson::dom::element parse_dom(std::string_view json) {
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element root;
  const auto error = parser.parse(json.data(), json.size()).get(root);
  if (error != simdjson::SUCCESS) {
    constexpr std::size_t kShown = 80;
    throw Error(Code::kCorrupt, "not valid JSON (" + std::string(simdjson::error_message(error)) +
                                    "), " + std::to_string(json.size()) +
                                    " bytes: " + std::string(json.substr(0, kShown)) +
                                    (json.size() > kShown ? "..." : ""));
  }
  return root;
}

ValueMap to_map(simdjson::dom::object object) {
  ValueMap map;
  map.reserve(object.size());
  for (const auto [key, value] : object) map.set(key, to_value(value));
  return map;
}

Value to_value(simdjson::dom::element element) {
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::ARRAY: {
      const simdjson::dom::array array = element.get_array().value_unsafe();
      ValueList list;
      list.reserve(array.size());
      for (const auto item : array) list.push_back(to_value(item));
      return list;
    }
    case element_type::OBJECT: return to_map(element.get_object().value_unsafe());
    case element_type::INT64: return element.get_int64().value_unsafe();
    case element_type::UINT64: return static_cast<double>(element.get_uint64().value_unsafe());
    case element_type::DOUBLE: return element.get_double().value_unsafe();
    case element_type::STRING: return element.get_string().value_unsafe();
    case element_type::BOOL: return element.get_bool().value_unsafe();
    case element_type::NULL_VALUE: break;
  }
  return {};
}

Value parse_value(std::string_view json) { return to_value(parse_dom(json)); }

}  // namespace litmus
