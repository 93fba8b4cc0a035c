// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"

namespace litmus {

// The whole command line: each of its commands stands in a file of its own.
Command litmus_command();

Command init_command();
Command new_test_command();
Command runs_command();
Command show_command();
Command steps_command();
Command measurements_command();
Command metrics_command();
Command sql_command();
Command events_command();
Command events_cat_command();
Command events_tail_command();
Command events_verify_command();
Command events_repair_command();
Command channels_command();
Command channels_list_command();
Command channels_show_command();
Command channels_export_command();
Command channels_tail_command();
Command data_command();
Command data_path_command();
Command data_rebuild_command();
Command data_prune_command();
Command data_reindex_command();
Command doctor_command();
Command daemon_command();
Command daemon_run_command();
Command daemon_status_command();
Command daemon_stop_command();
Command station_command();
Command station_init_command();
Command station_list_command();
Command station_check_command();
Command station_update_command();
Command instrument_command();
Command instrument_list_command();
Command instrument_show_command();
Command instrument_identify_command();
Command instrument_cal_command();
Command discover_command();
Command catalog_command();
Command catalog_datasheet_command();
Command validate_command();
Command explain_command();
Command schema_command();
Command completion_command();

// Answers the scripts of `completion`, which call `litmus complete-words WORDS...`: what may stand
// in the place of the last of these words, where the cursor is. None of them need be right.
inline constexpr char kCompleteWords[] = "complete-words";
int complete_words(const std::vector<std::string>& words, Console& console);

// Options that several commands have.
CommandOption data_dir_option(std::optional<std::string>& target);
CommandOption json_option(bool& target);

// The data directory by the one order of rules (config/data_dir.h).
std::string resolve_data_dir(const std::optional<std::string>& option);

}  // namespace litmus
