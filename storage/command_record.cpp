#include "storage/command_record.hpp"

#include "storage/record.hpp"
#include "storage/task_record.hpp"

namespace carillon::storage {
namespace {

// Field numbers. Append only.
namespace header_field {
enum : std::uint32_t { name = 1, value };
}
namespace command_field {
enum : std::uint32_t {
  argument = 1,
  variable,
  directory,
  user,
  processes_max,
  grace,
  log_max,
  log_on_full
};
}

}  // namespace

std::string encode_pair(const std::pair<std::string, std::string>& pair) {
  record_writer out{record_version};
  out.bytes(header_field::name, pair.first);
  out.bytes(header_field::value, pair.second);
  return out.data();
}

std::pair<std::string, std::string> decode_pair(std::string_view bytes) {
  std::pair<std::string, std::string> read;
  record_reader in{bytes};
  while (in.next())
    (in.field() == header_field::name ? read.first : read.second) = in.text();
  return read;
}

std::string encode_command(const local_command& command) {
  record_writer out{record_version};
  for (const auto& argument : command.args)
    out.bytes(command_field::argument, argument);
  for (const auto& variable : command.environment)
    out.bytes(command_field::variable, encode_pair(variable));
  out.text(command_field::directory, command.directory);
  out.text(command_field::user, command.user);
  out.number(command_field::processes_max, command.processes_max);
  out.number(command_field::grace, command.grace.count());
  out.number(command_field::log_max, static_cast<std::int64_t>(command.log.bytes_max));
  out.number(command_field::log_on_full, static_cast<int>(command.log.on_full));
  return out.data();
}

/// Broken bytes give a command without arguments, which no task has.
local_command decode_command(std::string_view bytes) {
  local_command command;
  record_reader in{bytes};
  while (in.next()) {
    switch (in.field()) {
      case command_field::argument:
        command.args.push_back(in.text());
        break;
      case command_field::variable:
        command.environment.push_back(decode_pair(in.bytes()));
        break;
      case command_field::directory:
        command.directory = in.text();
        break;
      case command_field::user:
        command.user = in.text();
        break;
      case command_field::processes_max:
        command.processes_max = static_cast<int>(in.number());
        break;
      case command_field::grace:
        command.grace = duration{in.number()};
        break;
      case command_field::log_max:
        command.log.bytes_max = static_cast<std::uint64_t>(in.number());
        break;
      case command_field::log_on_full:
        command.log.on_full = in.word<log_on_full>(log_on_full::kill_task);
        break;
    }
  }
  return in.ok() ? command : local_command{};
}

}  // namespace carillon::storage
