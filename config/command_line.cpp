#include "config/command_line.hpp"

#include "config/printable.hpp"
#include "config/setting_text.hpp"
#include "config/show_settings.hpp"
#include "config/suggestion.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <sstream>
#include <string_view>

namespace carillon {

namespace {

constexpr int exit_fault = 2;
constexpr const char* version_text = "carillon " CARILLON_VERSION;

constexpr const char* description = R"(Carillon, a durable task scheduler.

Takes tasks and schedules over HTTP, keeps them on disk, and runs each of them when it is due.
)";

constexpr const char* footer = R"(
Every setting, of which these flags are a few, can also be given in a TOML file
(--config FILE, or CARILLON_CONFIG) and in the environment: http.listen in the file
is CARILLON_HTTP_LISTEN. A flag beats the environment, the environment beats the
file. `carillon config show` lists all settings with their values and origins.

Examples:
  carillon serve --data /var/lib/carillon --listen 127.0.0.1:8080
  carillon serve --config carillon.toml --log-level debug
  carillon serve --clock manual --allow-target 127.0.0.0/8)";

constexpr const char* check_footer = R"(
Exit codes: 0 all is well, 1 something is wrong, 2 the store cannot be opened,
3 something was wrong and is repaired.)";

constexpr const char* backup_footer = R"(
When a server has the data folder open, it makes the backup, below the folder that its
setting store.backups names. Otherwise this program makes it.

Exit codes: 0 the backup is there and whole, 2 there is none.)";

constexpr const char* restore_footer = R"(
Exit codes: 0 the data folder can be served, 1 something in it is wrong,
2 it was not made.)";

/// The settings given as flags of one subcommand.
struct setting_options {
  std::string file;
  CLI::Option* file_option = nullptr;
  std::vector<given_flag> flags;  ///< One for each flag of the table, with values or without.
};

void add_setting_options(CLI::App& app, setting_options& out) {
  out.file_option =
      app.add_option("--config", out.file, "Settings file (TOML).")->type_name("FILE")->expected(1);
  const auto rows = settings_table();
  out.flags.reserve(rows.size());  // CLI11 keeps references to the values
  for (const auto& row : rows) {
    if (row.flag.name.empty())
      continue;
    auto& flag = out.flags.emplace_back(given_flag{std::string{row.flag.name}, {}});
    app.add_option(flag.name, flag.values,
                   std::string{row.description}.append(is_list(row) ? " May be repeated." : ""))
        ->type_name(std::string{row.flag.placeholder})
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(
            CLI::MultiOptionPolicy::TakeAll);  // repeats are load_settings' affair
  }
}

expected<loaded_settings> load(const setting_options& options, const environment_map& environment) {
  setting_sources sources;
  if (!options.file_option->empty())
    sources.file = options.file;
  sources.environment = environment;
  std::ranges::copy_if(options.flags, std::back_inserter(sources.flags),
                       [](const auto& flag) { return !flag.values.empty(); });
  return load_settings(sources);
}

/// The whole command line as CLI11 sees it.
class command_line {
public:
  explicit command_line(const std::vector<other_command>& others);
  command run(std::vector<std::string> arguments, const environment_map& environment);

private:
  command perform(const environment_map& environment) const;
  void add_copying();
  command serve(const environment_map& environment) const;
  command show(const environment_map& environment) const;
  command check_config(const environment_map& environment) const;
  [[nodiscard]] std::vector<std::string> strangers() const;
  [[nodiscard]] done_command refuse(const std::vector<std::string>& strangers) const;
  [[nodiscard]] const CLI::App& chosen() const;

  CLI::App app_{description, "carillon"};
  CLI::App* serve_ = app_.add_subcommand("serve", "Run the server until it is told to stop.");
  CLI::App* config_ = app_.add_subcommand("config", "Look at the configuration.");
  CLI::App* show_ = config_->add_subcommand(
      "show", "Print every setting with its value and where the value comes from.");
  CLI::App* config_check_ =
      config_->add_subcommand("check", "Say whether settings, jobs and services are right.");
  CLI::App* version_ = app_.add_subcommand("version", "Print the version.");
  CLI::App* check_ = app_.add_subcommand(
      "check", "Read a whole store that no server has open, and tell what is wrong with it.");
  setting_options serve_options_;
  setting_options show_options_;
  setting_options config_check_options_;
  CLI::App* backup_ = app_.add_subcommand("backup", "Copy a store, also of a running server.");
  CLI::App* restore_ =
      app_.add_subcommand("restore", "Make a data folder of a backup, and read all of it.");
  check_command check_wanted_;
  backup_command backup_wanted_;
  restore_command restore_wanted_;
  std::string output_ = "text";
};

void add_output_option(CLI::App& app, std::string& out) {
  app.add_option("-o,--output", out, "How to print.")
      ->type_name("text|json")
      ->check(CLI::IsMember({"text", "json"}));
}

command_line::command_line(const std::vector<other_command>& others) {
  app_.set_version_flag("--version", version_text, "Print the version.");
  app_.footer(footer);
  serve_->footer(footer);
  add_setting_options(*serve_, serve_options_);
  add_setting_options(*show_, show_options_);
  add_setting_options(*config_check_, config_check_options_);
  add_output_option(*show_, output_);
  add_output_option(*check_, output_);
  check_->add_option("--data", check_wanted_.data, "The data folder.")
      ->type_name("DIR")
      ->required();
  check_->add_flag("--repair", check_wanted_.repairs,
                   "Write anew what is derived from rows; rows are never touched.");
  check_->footer(check_footer);
  add_copying();
  for (auto* const app :
       {&app_, serve_, config_, show_, config_check_, version_, check_, backup_, restore_}) {
    app->set_help_flag("-h,--help", "Print this help.");
    app->allow_extras();  // told by strangers(), with a suggestion
  }
  for (const auto& other : others)
    app_.add_subcommand(other.name, other.summary)->group("Commands that ask a server, and tools");
}

void command_line::add_copying() {
  backup_->add_option("TO", backup_wanted_.to, "The backup: a folder that is not there yet.")
      ->required();
  backup_->add_option("--data", backup_wanted_.data, "The data folder.")
      ->type_name("DIR")
      ->capture_default_str();
  backup_->footer(backup_footer);
  restore_->add_option("FROM", restore_wanted_.from, "The backup.")->required();
  restore_->add_option("--data", restore_wanted_.data, "An empty folder, or none.")
      ->type_name("DIR")
      ->required();
  restore_->footer(restore_footer);
}

command command_line::run(std::vector<std::string> arguments, const environment_map& environment) {
  try {
    std::ranges::reverse(arguments);  // as CLI11 wants them
    app_.parse(std::move(arguments));
  } catch (const CLI::Success& asked) {  // --help, --version
    std::ostringstream out;
    app_.exit(asked, out, out);
    return done_command{0, out.str()};
  } catch (const CLI::Error& error) {
    return done_command{exit_fault, "carillon: " + printable(error.what()) + "\n"};
  }
  if (const auto unknown = strangers(); !unknown.empty())
    return refuse(unknown);
  return perform(environment);
}

command command_line::perform(const environment_map& environment) const {
  if (version_->parsed())
    return done_command{0, std::string{version_text} + "\n"};
  if (serve_->parsed())
    return serve(environment);
  if (show_->parsed())
    return show(environment);
  if (config_check_->parsed())
    return check_config(environment);
  if (backup_->parsed())
    return backup_wanted_;
  if (restore_->parsed())
    return restore_wanted_;
  if (check_->parsed()) {
    auto wanted = check_wanted_;
    wanted.as_json = output_ == "json";
    return wanted;
  }
  return done_command{exit_fault, app_.help()};
}

command command_line::serve(const environment_map& environment) const {
  auto loaded = load(serve_options_, environment);
  if (!loaded)
    return done_command{exit_fault, fault_lines(loaded.error())};
  return serve_command{std::move(loaded->values), std::move(loaded->file),
                       std::move(loaded->definitions)};
}

command command_line::show(const environment_map& environment) const {
  const auto loaded = load(show_options_, environment);
  if (!loaded)
    return done_command{exit_fault, fault_lines(loaded.error())};
  return done_command{0, output_ == "json" ? show_as_json(*loaded) : show_as_text(*loaded)};
}

command command_line::check_config(const environment_map& environment) const {
  const auto loaded = load(config_check_options_, environment);
  if (!loaded)
    return done_command{exit_fault, fault_lines(loaded.error())};
  return done_command{0, loaded->file.value_or("no file") + ": all is right, with "
                             + std::to_string(loaded->definitions.size()) + " jobs and services\n"};
}

/// The innermost subcommand that was named.
const CLI::App& command_line::chosen() const {
  const CLI::App* app = &app_;
  while (!app->get_subcommands().empty())
    app = app->get_subcommands().front();
  return *app;
}

/// What no option or subcommand took; of flags without what may have been their values.
std::vector<std::string> command_line::strangers() const {
  auto words = app_.remaining(true);
  const auto is_flag = [](const std::string& word) { return word.starts_with("-"); };
  if (std::ranges::any_of(words, is_flag))
    std::erase_if(words, [&](const auto& word) { return !is_flag(word); });
  return words;
}

done_command command_line::refuse(const std::vector<std::string>& strangers) const {
  std::vector<std::string> known;
  for (const auto* const option : chosen().get_options())
    known.push_back(option->get_name());
  for (const auto* const inner : chosen().get_subcommands({}))
    known.push_back(inner->get_name());

  std::string text;
  for (const auto& stranger : strangers) {
    const auto word = stranger.substr(0, stranger.find('='));
    text += "carillon: " + printable(word) + ": is not known here"
            + did_you_mean(closest(word, known)) + "\n";
  }
  return {exit_fault, text + "Run carillon --help for what is.\n"};
}

}  // namespace

command read_command_line(const std::vector<std::string>& arguments,
                          const environment_map& environment,
                          const std::vector<other_command>& others) {
  return command_line{others}.run(arguments, environment);
}

environment_map read_environment(const char* const* entries) {
  environment_map out;
  for (; *entries != nullptr; ++entries) {
    const std::string_view entry{*entries};
    const auto equals = entry.find('=');
    if (equals != std::string_view::npos)
      out.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return out;
}

}  // namespace carillon
