// SPDX-License-Identifier: Apache-2.0
// Tests the computer it runs on, as examples/host_check does in Python: disk, memory, clock,
// loopback network, timer and processor as one run. Ends with 1 if the run could not be sealed.
//
// The limits pass on any machine that can record tests, a busy virtual one included: one that fails
// is a finding.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "litmus/client.h"
#include "litmus/error.h"

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;
using litmus::Comparator;

// A virtual machine can stand still this long while its host is busy.
constexpr double kPauseLimitMs = 2000;

// A call of the operating system that must work.
template <class Result>
Result require(Result result, const char* call) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), call);
  return result;
}

class FileDescriptor {
 public:
  FileDescriptor(int number, const char* call) : number_(require(number, call)) {}
  ~FileDescriptor() { close(number_); }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  operator int() const { return number_; }

 private:
  int number_;
};

// Milliseconds that each of up to `count` calls took; a slow machine makes fewer in the same time.
std::vector<double> durations(std::size_t count, const std::function<void()>& action) {
  constexpr std::size_t kLeast = 5;
  constexpr auto kLongest = std::chrono::seconds(1);
  std::vector<double> taken;
  const auto begin = Clock::now();
  while (taken.size() < count && (taken.size() < kLeast || Clock::now() - begin < kLongest)) {
    const auto start = Clock::now();
    action();
    taken.push_back(Milliseconds(Clock::now() - start).count());
  }
  return taken;
}

double percentile(std::vector<double> values, double percent) {
  const auto rank =
      static_cast<std::size_t>(std::lround(percent / 100 * static_cast<double>(values.size() - 1)));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rank),
                   values.end());
  return values[rank];
}

// Half of them are below p50, all but one in a hundred below p99.
void measure_latency(litmus::Vector& vector, const std::vector<double>& taken, double typical_ms) {
  vector.measure("latency_p50", percentile(taken, 50),
                 {.units = "ms", .low = 0, .high = typical_ms});
  vector.measure("latency_p99", percentile(taken, 99),
                 {.units = "ms", .low = 0, .high = kPauseLimitMs});
}

void check_system(litmus::Run& run, const utsname& system) {
  auto step = run.step("system", "What kind of machine it is");
  // Texts and booleans are compared with a nominal value ...
  step.measure("kernel", std::string(system.sysname),
               {.nominal = "Linux", .comparator = Comparator::kEQ});
  step.measure("clock_is_monotonic", Clock::is_steady,
               {.nominal = true, .comparator = Comparator::kEQ});
  // ... and what has no limit is recorded without a verdict: its outcome is `done`.
  step.measure("processors", static_cast<double>(std::thread::hardware_concurrency()));
}

void check_disk(litmus::Run& run, const std::string& folder) {
  auto step = run.step("disk", "Write and fdatasync in the data directory");
  const std::string path = folder + "/host_check.scratch";
  for (const std::size_t block_size : {4096U, 65536U, 1048576U}) {
    const std::vector<char> block(block_size, 'x');
    const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600),
                              "open");
    // One vector per point of a sweep; its parameters become columns: in_block_size.
    auto vector = step.vector({{"block_size", block_size}});
    const auto taken = durations(40, [&] {
      require(write(file, block.data(), block.size()), "write");
      require(fdatasync(file), "fdatasync");
    });
    // Litmus syncs ten times a second, so a sync should take less than 100 ms.
    measure_latency(vector, taken, 100);
  }
  unlink(path.c_str());
}

void check_memory(litmus::Run& run) {
  auto step = run.step("memory", "Copy bandwidth from cache to main memory");
  for (const std::size_t size : {65536U, 1048576U, 16777216U, 67108864U}) {
    const std::vector<char> source(size, 'x');
    std::vector<char> target(size);
    auto vector = step.vector({{"size", size}});
    const auto taken = durations(50, [&] {
      std::memcpy(target.data(), source.data(), size);
      asm volatile("" : : "r"(target.data()) : "memory");  // the copy is not to be left out
    });
    // One-sided: more is always fine. The slowest memory still sold does 1 GB/s.
    vector.measure("bandwidth", static_cast<double>(size) / percentile(taken, 50) / 1e6,
                   {.units = "GB/s", .low = 0.5, .comparator = Comparator::kGE});
  }
}

void check_clock(litmus::Run& run) {
  auto step = run.step("clock", "Resolution and steadiness of the monotonic clock");
  std::vector<double> steps;
  double smallest = std::numeric_limits<double>::infinity();
  auto before = Clock::now();
  for (int reading = 0; reading < 200'000; ++reading) {
    const auto now = Clock::now();
    const auto ns = static_cast<double>(std::chrono::nanoseconds(now - before).count());
    if (ns > 0) smallest = std::min(smallest, ns);
    steps.push_back(ns);
    before = now;
  }
  // Events carry microseconds, so the clock must tell two of them apart.
  step.measure("resolution", smallest,
               {.units = "ns", .high = 1000, .comparator = Comparator::kLE});
  const auto backward = std::ranges::count_if(steps, [](double ns) { return ns < 0; });
  step.measure("backward_steps", static_cast<double>(backward),
               {.nominal = 0.0, .comparator = Comparator::kEQ});
  step.measure("jitter_p99", percentile(steps, 99), {.units = "ns"});
  step.measure("longest_pause", std::ranges::max(steps) / 1e6,
               {.units = "ms", .low = 0, .high = kPauseLimitMs});
}

// Sends back what it receives on one connection, until that is closed.
void echo(int listener) {
  const FileDescriptor connection(accept(listener, nullptr, nullptr), "accept");
  std::vector<char> buffer(65536);
  for (ssize_t size = 0; (size = recv(connection, buffer.data(), buffer.size(), 0)) > 0;) {
    if (send(connection, buffer.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) < 0) return;
  }
}

void check_loopback(litmus::Run& run) {
  auto step = run.step("loopback", "TCP round trip within the machine");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);  // port 0: any that is free
  auto* const any_address = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof(address);
  const FileDescriptor listener(socket(AF_INET, SOCK_STREAM, 0), "socket");
  require(bind(listener, any_address, length), "bind");
  require(listen(listener, 1), "listen");
  require(getsockname(listener, any_address, &length), "getsockname");

  std::jthread server([&] { echo(listener); });  // joined after the connection below is closed
  const FileDescriptor connection(socket(AF_INET, SOCK_STREAM, 0), "socket");
  const int yes = 1;
  const timeval timeout{.tv_sec = 5, .tv_usec = 0};
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  require(connect(connection, any_address, length), "connect");
  for (const std::size_t payload : {64U, 1024U, 16384U}) {
    std::vector<char> message(payload);
    auto vector = step.vector({{"payload", payload}});
    const auto taken = durations(500, [&] {
      require(send(connection, message.data(), payload, MSG_NOSIGNAL), "send");
      require(recv(connection, message.data(), payload, MSG_WAITALL), "recv");
    });
    // Two thread switches: tens of microseconds, a time slice each when it is busy.
    measure_latency(vector, taken, 10);
  }
}

void check_timer(litmus::Run& run) {
  auto step = run.step("timer", "How much later than asked a sleep ends");
  for (const int requested_ms : {1, 5, 20}) {
    auto vector = step.vector({{"requested_ms", requested_ms}});
    const auto slept = durations(
        40, [&] { std::this_thread::sleep_for(std::chrono::milliseconds(requested_ms)); });
    // Never too early; late by less than a tick of the slowest kernel, 100 Hz.
    vector.measure("overshoot_p50", percentile(slept, 50) - requested_ms,
                   {.units = "ms", .low = 0, .high = 10});
  }
}

void check_processor(litmus::Run& run) {
  auto step = run.step("processor", "FNV-1a hash on one core");
  const std::vector<std::uint8_t> block(4'000'000, 'x');
  const auto taken = durations(30, [&] {
    std::uint64_t hash = 14695981039346656037U;
    for (const std::uint8_t byte : block) hash = (hash ^ byte) * 1099511628211U;
    asm volatile("" : : "r"(hash));
  });
  // One multiplication a byte, 3 to 5 cycles each: 200 MB/s at 1 GHz; a quarter is a finding.
  step.measure("fnv1a_rate", 4000 / percentile(taken, 50),
               {.units = "MB/s", .low = 50, .comparator = Comparator::kGE});
}

}  // namespace

int main() {
  try {
    utsname system{};
    require(uname(&system), "uname");
    litmus::Client client;
    auto run = client.start_run(
        {.dut_serial = system.nodename, .station_id = "this_machine", .test_phase = "development"});
    check_system(run, system);
    check_disk(run, client.data_dir());
    check_memory(run);
    check_clock(run);
    check_loopback(run);
    check_timer(run);
    check_processor(run);
    const litmus::RunSummary summary = run.finish();  // sealed and readable when it returns
    std::printf("run %s: %s, %lld measurements in %lld steps\n", summary.run_id.c_str(),
                summary.outcome.value_or("?").c_str(),
                static_cast<long long>(summary.total_measurements),
                static_cast<long long>(summary.total_steps));
    if (!summary.file_path) return 1;  // why stands on stderr
    std::printf("%s\n", summary.file_path->c_str());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "host_check_cpp: %s\n", error.what());
    return 1;
  }
}
