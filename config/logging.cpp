#include "config/logging.hpp"

#include "config/log_line.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <memory>

namespace carillon {

namespace {

using file_sink = spdlog::sinks::stdout_sink_base<spdlog::details::console_mutex>;

constexpr const char* text_pattern = "%Y-%m-%d %H:%M:%S.%e %v";
constexpr const char* json_pattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})";

bool is_json(log_format format, std::FILE* out) {
  if (format == log_format::automatic)
    return isatty(fileno(out)) == 0;
  return format == log_format::json;
}

}  // namespace

void start_logging(const log_settings& wanted, std::FILE* out) {
  const bool as_json = is_json(wanted.format, out);
  auto logger = std::make_shared<spdlog::logger>("carillon", std::make_shared<file_sink>(out));
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      as_json ? json_pattern : text_pattern, spdlog::pattern_time_type::utc));
  logger->set_level(spdlog::level::trace);  // model/log.hpp has filtered already

  const auto line = as_json ? json_members : text_line;
  set_log_sink(wanted.level, [logger, line](log_level level, std::string_view event,
                                            std::span<const log_field> fields) {
    const auto text = line(level, event, fields);
    logger->log(spdlog::level::info, spdlog::string_view_t{text.data(), text.size()});
  });
}

}  // namespace carillon
