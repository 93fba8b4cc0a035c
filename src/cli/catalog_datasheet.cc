// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/datasheet.h"
#include "cli/instruments.h"
#include "cli/output_file.h"
#include "config/catalog.h"
#include "litmus/error.h"

namespace litmus {
namespace {

struct Options {
  std::string model;
  std::optional<std::string> output;
};

// A file, else a model by its id.
CatalogEntry model_named(const std::string& name) {
  FileSystem& files = posix_file_system();
  const Catalog catalog(files, config_places().folder);
  if (name.ends_with(".yaml")) return catalog.load(absolute_path(name));
  if (auto found = catalog.find(name)) return *std::move(found);
  throw Error(Code::kNotFound,
              fmt::format("catalog: there is no model `{}`{}", name, catalog.suggestion(name)));
}

int write_datasheet(const Options& options, Console& console) {
  const CatalogEntry model = model_named(options.model);
  for (const std::string& warning : model.warnings) console.warn(warning);
  const std::string page = datasheet_html(model.content);
  const std::string path =
      absolute_path(options.output.value_or(*find_text(model.content, "id") + ".html"));
  write_output_file(path, page);
  console.print(fmt::format("Datasheet written to {}\n", path));
  return kSuccess;
}

}  // namespace

Command catalog_datasheet_command() {
  auto options = std::make_shared<Options>();
  return {.name = "datasheet",
          .summary = "a model of the catalog as an HTML page",
          .details =
              "A browser prints it, to PDF as well.\nExamples:\n"
              "  litmus catalog datasheet catalog/acme_m1.yaml -o acme_m1.html\n"
              "  litmus catalog datasheet generic_dmm",
          .options = {{.names = "FILE",
                       .help = "a file of the catalog, or the id of a model",
                       .target = &options->model,
                       .completion = Completion::kFile,
                       .required = true},
                      {.names = "-o,--output",
                       .help = "file to write; else the id and .html, in the working directory",
                       .target = &options->output,
                       .value_name = "FILE",
                       .completion = Completion::kFile}},
          .run = [options](Console& console) { return write_datasheet(*options, console); }};
}

}  // namespace litmus
