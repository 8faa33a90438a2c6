#include "tools/cli/answer_view.hpp"
#include "tools/cli/client.hpp"
#include "tools/cli/event_reader.hpp"
#include "tools/cli/exit_code.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace carillon::cli {
namespace {

constexpr std::size_t read_bytes = 1U << 16U;

/// A file of lines, or standard input.
class line_file {
public:
  explicit line_file(const std::string& name)
      : descriptor_{name == "-" ? STDIN_FILENO : ::open(name.c_str(), O_RDONLY | O_CLOEXEC)} {}
  ~line_file() {
    if (descriptor_ > STDERR_FILENO)
      ::close(descriptor_);
  }
  line_file(const line_file&) = delete;
  line_file& operator=(const line_file&) = delete;

  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

  /// Its lines that are not blank; -1 when it can be read only once.
  std::int64_t count_lines() {
    struct stat about {};
    if (fstat(descriptor_, &about) != 0 || !S_ISREG(about.st_mode))
      return -1;
    std::array<char, read_bytes> buffer{};
    std::int64_t count = 0;
    bool has_text = false;
    for (auto got = read(buffer.data(), buffer.size()); got > 0;
         got = read(buffer.data(), buffer.size()))
      for (const char each : std::string_view{buffer.data(), static_cast<std::size_t>(got)}) {
        count += each == '\n' && has_text ? 1 : 0;
        has_text = each != '\n' && (has_text || (each != ' ' && each != '\r'));
      }
    lseek(descriptor_, 0, SEEK_SET);
    return count + (has_text ? 1 : 0);
  }

  ssize_t read(char* into, std::size_t size) {
    ssize_t got = -1;
    do
      got = ::read(descriptor_, into, size);
    while (got < 0 && errno == EINTR && !interrupted());
    return got;
  }

private:
  int descriptor_;
};

/// One upload: what is sent, and what comes back meanwhile.
class upload {
public:
  upload(const client& with, line_file& from, std::string header)
      : with_{with},
        from_{from},
        header_{std::move(header)},
        total_{from.count_lines() - (header_.empty() ? 1 : 0)},
        line_{with.environment, !with.called.options.is_quiet} {}

  expected<http_answer> run(const http_request& request) {
    return with_.session.stream(
        request, [this](std::string_view bytes) { return take(bytes); },
        [this](char* into, std::size_t size) { return give(into, size); });
  }

  /// Once it is through.
  int finish();

  [[nodiscard]] const std::string& id() const { return id_; }

private:
  std::size_t give(char* into, std::size_t size);
  bool take(std::string_view bytes);
  void take_line(const std::string& text);

  const client& with_;
  line_file& from_;
  std::string header_;
  std::int64_t total_;  ///< Below 0: not known.
  progress_line line_;
  line_reader lines_;
  std::string id_;
  std::string last_;  ///< The line with the totals.
};

std::size_t upload::give(char* into, std::size_t size) {
  if (!header_.empty()) {
    const auto count = std::min(size, header_.size());
    std::memcpy(into, header_.data(), count);
    header_.erase(0, count);
    return count;
  }
  const auto got = from_.read(into, size);
  return got < 0 ? CURL_READFUNC_ABORT : static_cast<std::size_t>(got);
}

bool upload::take(std::string_view bytes) {
  for (const auto& line : lines_.feed(bytes))
    take_line(line);
  return true;
}

void upload::take_line(const std::string& text) {
  const auto acknowledged = member_text(text, "acknowledged");
  if (with_.called.options.as == output_form::ndjson)
    print(text + "\n");
  if (const auto id = member_text(text, "batch_id"); !id.empty())
    id_ = id;
  else if (!acknowledged.empty())
    line_.show(std::atoll(acknowledged.c_str()), total_, "tasks are on disk");
  else if (!member_text(text, "total").empty())
    last_ = text;
  else if (const auto number = member_text(text, "line"); !number.empty()) {
    line_.clear();
    tell("carillon: line " + number + ": " + member_text(text, "detail") + "\n");
  }
}

int upload::finish() {
  line_.clear();
  const bool is_whole =
      member_text(last_, "sealed") == "true" && member_text(last_, "refused") == "0";
  if (with_.called.has("wait") && is_whole)
    return wait_for_batch(with_, {"GET", "/v1/batches/" + id_, {}, {}});
  const bool is_told = with_.called.options.as == output_form::ndjson;
  if (!is_told && last_.size() > 1)
    print(show(with_.what().shows, R"({"id":")" + id_ + "\"," + last_.substr(1),
               with_.called.options, with_.on));
  if (!is_whole)
    tell("carillon: the batch " + id_ + " is open: mend the lines and send it again with the same "
         "--key, or seal it (carillon batches seal)\n");
  return is_whole ? exit_code::done : exit_code::refused;
}

}  // namespace

int upload_batch(const client& with, const http_request& request) {
  const auto& name = *with.called.find("file");
  line_file from{name};
  if (!from.is_open())
    return give_up({exit_code::usage, "carillon: " + name + ": " + std::strerror(errno) + "\n"});
  auto streamed = request;
  streamed.headers.emplace_back("Content-Type", "application/x-ndjson");
  upload sent{with, from, with.called.has("with_header") ? "" : request.body + "\n"};
  const auto answer = sent.run(streamed);
  if (!answer) {
    if (!sent.id().empty())
      tell(
          "carillon: the upload was cut; send it again with the same --key: what is there of the "
          "batch "
          + sent.id() + " is passed over\n");
    return give_up(failure_of(answer.error()));
  }
  return answer->is_good() ? sent.finish() : finish(with, *answer);
}

}  // namespace carillon::cli
