// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_document.h"

#include <fmt/format.h>
#include <libfyaml.h>

#include "litmus/error.h"

namespace litmus {
namespace {

struct DestroyDiagnostics {
  void operator()(fy_diag* diagnostics) const { fy_diag_destroy(diagnostics); }
};

bool is_null(std::string_view scalar) {
  return scalar.empty() || scalar == "~" || scalar == "null" || scalar == "Null" ||
         scalar == "NULL";
}

}  // namespace

void YamlDocument::Destroy::operator()(fy_document* document) const {
  fy_document_destroy(document);
}

YamlDocument::YamlDocument(std::string_view text, std::string path) : path_(std::move(path)) {
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
  if (!text.empty()) {
    document_.reset(fy_document_build_from_string(&config, text.data(), text.size()));
  }

  void* iterator = nullptr;
  if (const fy_diag_error* error = fy_diag_errors_iterate(diagnostics.get(), &iterator)) {
    reject(error->line, fmt::format("not valid YAML: {}", error->msg));
  }
  fy_node* root = document_ ? fy_document_root(document_.get()) : nullptr;
  if (root != nullptr && !fy_node_is_mapping(root) &&
      !(fy_node_is_scalar(root) && is_null(fy_node_get_scalar0(root)))) {
    reject(1, "expected a mapping of keys to values (`name: my_project`), found something else");
  }
}

std::optional<YamlDocument::Value> YamlDocument::find(std::string_view key) const {
  fy_node* root = document_ ? fy_document_root(document_.get()) : nullptr;
  if (root == nullptr || !fy_node_is_mapping(root)) return std::nullopt;
  fy_node* node = fy_node_mapping_lookup_by_string(root, key.data(), key.size());
  if (node == nullptr) return std::nullopt;
  return Value(*this, key, node);
}

void YamlDocument::reject(int line, const std::string& problem) const {
  throw Error(Code::kInvalidArgument, fmt::format("{}:{}: {}", path_, line, problem));
}

std::optional<std::string> YamlDocument::Value::scalar() const {
  if (!fy_node_is_scalar(node_)) {
    document_->reject(line(), fmt::format("`{}`: expected a single value, found a {}", key_,
                                          fy_node_is_mapping(node_) ? "mapping" : "list"));
  }
  std::size_t size = 0;
  const char* text = fy_node_get_scalar(node_, &size);
  const std::string_view value(text == nullptr ? "" : text, size);
  const bool plain = fy_node_get_style(node_) == FYNS_PLAIN;
  if (plain && is_null(value)) return std::nullopt;
  return std::string(value);
}

int YamlDocument::Value::line() const {
  fy_node* node = node_;
  while (node != nullptr &&
         !fy_node_is_scalar(node)) {  // collections begin with their first scalar
    node = fy_node_is_sequence(node) ? fy_node_sequence_get_by_index(node, 0)
                                     : fy_node_pair_key(fy_node_mapping_get_by_index(node, 0));
  }
  fy_token* token = node == nullptr ? nullptr : fy_node_get_scalar_token(node);
  const fy_mark* mark = token == nullptr ? nullptr : fy_token_start_mark(token);
  return mark == nullptr ? 1 : mark->line + 1;
}

}  // namespace litmus
