// SPDX-License-Identifier: Apache-2.0
#include "model/value_json.h"

#include <rapidjson/error/en.h>

#include <array>
#include <optional>
#include <string>

#include "base/utf8.h"
#include "litmus/error.h"
#include "model/json_dom.h"

namespace litmus {
namespace {

constexpr int kMostLevels = 1'000;

// The tree of the last text. Most events fit into the buffer, so that reading them allocates
// nothing.
struct Tree {
  std::array<char, std::size_t{32} * 1024> buffer{};
  rapidjson::MemoryPoolAllocator<> pool{buffer.data(), buffer.size()};
  std::optional<rapidjson::Document> document;

  const rapidjson::Document& parse(std::string_view json) {
    document.reset();
    pool.Clear();
    document.emplace(&pool);
    // Exact doubles, and no recursion over what a text may nest.
    constexpr unsigned kFlags = rapidjson::kParseFullPrecisionFlag | rapidjson::kParseIterativeFlag;
    document->Parse<kFlags>(json.data(), json.size());
    return *document;
  }
};

[[noreturn]] void refuse(std::string_view json, const std::string& why) {
  constexpr std::size_t kShown = 80;
  throw Error(Code::kCorrupt, "not valid JSON (" + why + "), " + std::to_string(json.size()) +
                                  " bytes: " + std::string(json.substr(0, kShown)) +
                                  (json.size() > kShown ? "..." : ""));
}

void check_depth(int depth) {
  if (depth <= kMostLevels) return;
  throw Error(Code::kCorrupt,
              "JSON is nested more than " + std::to_string(kMostLevels) + " levels deep");
}

}  // namespace

const JsonNode& parse_dom(std::string_view json) {
  if (!is_valid_utf8(json)) refuse(json, "it is not UTF-8");
  thread_local Tree tree;
  const rapidjson::Document& root = tree.parse(json);
  if (root.HasParseError()) {
    refuse(json, "at byte " + std::to_string(root.GetErrorOffset()) + ": " +
                     rapidjson::GetParseError_En(root.GetParseError()));
  }
  return root;
}

ValueMap to_map(const JsonNode& object, int depth) {
  check_depth(depth);
  ValueMap map;
  map.reserve(object.MemberCount());
  for (const auto& field : object.GetObject()) {
    map.set(text_of(field.name), to_value(field.value, depth + 1));
  }
  return map;
}

Value to_value(const JsonNode& node, int depth) {
  switch (node.GetType()) {
    case rapidjson::kArrayType: {
      check_depth(depth);
      ValueList list;
      list.reserve(node.Size());
      for (const JsonNode& item : node.GetArray()) list.push_back(to_value(item, depth + 1));
      return list;
    }
    case rapidjson::kObjectType: return to_map(node, depth);
    case rapidjson::kNumberType: return node.IsInt64() ? Value(node.GetInt64()) : node.GetDouble();
    case rapidjson::kStringType: return text_of(node);
    case rapidjson::kFalseType: return false;
    case rapidjson::kTrueType: return true;
    case rapidjson::kNullType: break;
  }
  return {};
}

Value parse_value(std::string_view json) { return to_value(parse_dom(json)); }

}  // namespace litmus
