// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_document.h"

#include <fmt/format.h>
#include <libfyaml.h>

#include "config/yaml_scalar.h"
#include "litmus/error.h"

namespace litmus {
namespace {

struct DestroyDiagnostics {
  void operator()(fy_diag* diagnostics) const { fy_diag_destroy(diagnostics); }
};

}  // namespace

void YamlDocument::Destroy::operator()(fy_document* document) const {
  fy_document_destroy(document);
}

YamlDocument::YamlDocument(std::string_view text, std::string path)
    : path_(std::move(path)), text_(std::make_unique<const std::string>(text)) {
  fy_diag_cfg diagnostics_config{};
  fy_diag_cfg_default(&diagnostics_config);
  diagnostics_config.fp = nullptr;  // some of its messages are not collected: they go nowhere
  diagnostics_config.output_fn = [](fy_diag*, void*, const char*, std::size_t) {};
  const std::unique_ptr<fy_diag, DestroyDiagnostics> diagnostics(
      fy_diag_create(&diagnostics_config));
  fy_diag_set_collect_errors(diagnostics.get(), true);
  fy_parse_cfg config{};
  config.flags = static_cast<fy_parse_cfg_flags>(FYPCF_COLLECT_DIAG | FYPCF_RESOLVE_DOCUMENT);
  config.diag = diagnostics.get();
  if (!text_->empty()) {
    document_.reset(fy_document_build_from_string(&config, text_->data(), text_->size()));
  }

  void* iterator = nullptr;
  if (const fy_diag_error* error = fy_diag_errors_iterate(diagnostics.get(), &iterator)) {
    reject(error->line, fmt::format("not valid YAML: {}", error->msg));
  }
  const auto top = root();
  if (top && !top->is_map()) {
    reject(1, "expected a mapping of keys to values (`name: my_project`), found something else");
  }
}

std::optional<YamlNode> YamlDocument::root() const {
  fy_node* root = document_ ? fy_document_root(document_.get()) : nullptr;
  if (root == nullptr || YamlNode(root).is_null()) return std::nullopt;
  return YamlNode(root);
}

void YamlDocument::reject(int line, const std::string& problem) const {
  throw Error(Code::kInvalidArgument, fmt::format("{}:{}: {}", path_, line, problem));
}

bool YamlNode::is_map() const { return fy_node_is_mapping(node_); }

bool YamlNode::is_list() const { return fy_node_is_sequence(node_); }

bool YamlNode::is_quoted() const {
  return fy_node_is_scalar(node_) && fy_node_get_style(node_) != FYNS_PLAIN;
}

bool YamlNode::is_null() const {
  return fy_node_is_scalar(node_) && !is_quoted() && is_null_text(text());
}

bool YamlNode::is_flow() const { return fy_node_get_style(node_) == FYNS_FLOW; }

std::vector<YamlEntry> YamlNode::entries() const {
  std::vector<YamlEntry> entries;
  void* iterator = nullptr;
  while (fy_node_pair* pair = fy_node_mapping_iterate(node_, &iterator)) {
    const YamlNode key(fy_node_pair_key(pair));
    entries.push_back({key.text(), key.line(), YamlNode(fy_node_pair_value(pair)), key.range()});
  }
  return entries;
}

std::vector<YamlNode> YamlNode::elements() const {
  std::vector<YamlNode> elements;
  void* iterator = nullptr;
  while (fy_node* element = fy_node_sequence_iterate(node_, &iterator)) {
    elements.emplace_back(element);
  }
  return elements;
}

std::string YamlNode::text() const {
  if (!fy_node_is_scalar(node_)) return "?";  // a list or map as the key of a map
  std::size_t size = 0;
  const char* text = fy_node_get_scalar(node_, &size);
  return text == nullptr ? std::string() : std::string(text, size);
}

Value YamlNode::value() const {
  if (is_list()) {
    ValueList list;
    for (const YamlNode& element : elements()) list.push_back(element.value());
    return list;
  }
  if (is_map()) {
    ValueMap map;
    for (const YamlEntry& entry : entries()) map.set(entry.key, entry.value.value());
    return map;
  }
  return is_quoted() ? Value(text()) : plain_scalar(text());
}

int YamlNode::line() const {
  fy_node* node = node_;
  while (node != nullptr &&
         !fy_node_is_scalar(node)) {  // collections begin with their first scalar
    node = fy_node_is_sequence(node) ? fy_node_sequence_get_by_index(node, 0)
                                     : fy_node_pair_key(fy_node_mapping_get_by_index(node, 0));
  }
  fy_token* token = node == nullptr ? nullptr : fy_node_get_scalar_token(node);
  const fy_mark* mark = token == nullptr ? nullptr : fy_token_start_mark(token);
  return mark == nullptr ? line_of_owner() : mark->line + 1;
}

// Of an empty collection, which has no line of its own: that of its key, or of its list.
int YamlNode::line_of_owner() const {
  fy_node* owner = fy_node_get_parent(node_);
  if (owner == nullptr) return 1;
  void* iterator = nullptr;
  while (fy_node_is_mapping(owner)) {
    fy_node_pair* pair = fy_node_mapping_iterate(owner, &iterator);
    if (pair == nullptr) break;
    if (fy_node_pair_value(pair) == node_) return YamlNode(fy_node_pair_key(pair)).line();
  }
  return YamlNode(owner).line_of_owner();
}

std::optional<ByteRange> YamlNode::range() const {
  if (!fy_node_is_scalar(node_)) return std::nullopt;
  const fy_node_style style = fy_node_get_style(node_);
  const bool quoted = style == FYNS_SINGLE_QUOTED || style == FYNS_DOUBLE_QUOTED;
  fy_token* token = fy_node_get_scalar_token(node_);
  if ((!quoted && style != FYNS_PLAIN) || token == nullptr) return std::nullopt;
  const fy_mark* begin = fy_token_start_mark(token);
  const fy_mark* end = fy_token_end_mark(token);
  if (begin == nullptr || end == nullptr) return std::nullopt;
  const std::size_t quote = quoted ? 1 : 0;
  return ByteRange{begin->input_pos - quote, end->input_pos + quote};
}

}  // namespace litmus
