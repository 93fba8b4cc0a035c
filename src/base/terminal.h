// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace litmus {

// The standard streams of a command line program.
enum class Stream { kOut, kError };

bool is_terminal(Stream stream);
bool is_input_terminal();  // somebody is there to answer
int terminal_width();      // of standard output, in columns; 80 where it does not tell

// Writes all of it; false when nobody reads any more (the pipe is closed). Error(kIo) otherwise.
bool write_text(Stream stream, std::string_view text);

// Whether standard output is a pipe that nobody reads any more, for those who wait for something to
// write.
bool is_output_abandoned();

// From now on Ctrl-C ends the process with status 130 and without a word, and writing to a closed
// pipe is a false of write_text instead of a signal. For a program's main() only.
void handle_interrupts();

}  // namespace litmus
