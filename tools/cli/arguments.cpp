#include "tools/cli/arguments.hpp"

#include "config/printable.hpp"
#include "config/suggestion.hpp"
#include "model/duration.hpp"
#include "tools/cli/exit_code.hpp"
#include "tools/cli/help.hpp"
#include "tools/cli/shell_commands.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <sstream>

namespace carillon::cli {
namespace {

constexpr duration watch_default = std::chrono::seconds{2};
constexpr duration watch_min = std::chrono::milliseconds{100};

said fault_of(const std::string& text) {
  return {exit_code::usage, "carillon: " + text + "\n"};
}

/// One command as CLI11 sees it.
class command {
public:
  explicit command(const verb& what);
  std::variant<invocation, said> run(std::vector<std::string> words);

private:
  void add(const parameter& one, std::vector<std::string>& texts);
  void add_common();
  std::variant<invocation, said> gather();
  [[nodiscard]] said refuse_strangers(const std::vector<std::string>& strangers) const;

  const verb& what_;
  CLI::App app_;
  std::vector<std::vector<std::string>> texts_;  ///< Of each parameter.
  common_options options_;
  std::string data_;
  std::string form_ = "text";
  std::string watch_;
  CLI::Option* data_option_ = nullptr;
  CLI::Option* watch_option_ = nullptr;
};

command::command(const verb& what)
    : what_{what}, app_{std::string{what.summary}, "carillon " + what.words()} {
  app_.set_help_flag("-h,--help", "Print this help.");
  app_.allow_extras();  // told with a suggestion
  texts_.resize(what.parameters.size());
  for (std::size_t at = 0; at < texts_.size(); ++at)
    add(what.parameters[at], texts_[at]);
  add_common();
  app_.footer(footer_of(what));
}

void command::add(const parameter& one, std::vector<std::string>& texts) {
  const std::string name{one.name};
  if (one.as == form::flag) {
    app_.add_flag_callback(
        name, [&texts] { texts = {"true"}; }, std::string{one.help});
    return;
  }
  auto* const option = app_.add_option(name, texts, std::string{one.help});
  option->type_name(one.is_positional() && choices_of(one.word).empty() ? ""
                                                                        : std::string{one.word});
  option->expected(1)->allow_extra_args(false)->required(one.is_required);
  option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  if (!choices_of(one.word).empty())
    option->check(CLI::IsMember(choices_of(one.word)).description(""));
}

void command::add_common() {
  for (const auto& one : common_options_of(what_)) {
    const std::string name{one.name};
    const std::string help{one.help};
    CLI::Option* option = nullptr;
    if (name == "--url")
      option = app_.add_option(name, options_.url, help);
    else if (name == "--token-file")
      option = app_.add_option(name, options_.token_file, help);
    else if (name == "--ca-file")
      option = app_.add_option(name, options_.ca_file, help);
    else if (name == "--data-folder")
      option = app_.add_option(name, options_.data_folder, help);
    else if (name == "-o,--output")
      option = app_.add_option(name, form_, help)
                   ->check(CLI::IsMember({"text", "json", "ndjson"}).description(""));
    else if (name == "-d,--data")
      option = data_option_ = app_.add_option(name, data_, help);
    else if (name == "-w,--watch")
      watch_option_ = app_.add_flag(name, watch_, help);
    else if (name == "-q,--quiet")
      app_.add_flag(name, options_.is_quiet, help);
    if (option != nullptr)
      option->type_name(std::string{one.word});
  }
}

said command::refuse_strangers(const std::vector<std::string>& strangers) const {
  std::vector<std::string> known;
  for (const auto* const option : app_.get_options())
    known.push_back(option->get_name());
  std::string text;
  for (const auto& stranger : strangers) {
    const auto word = stranger.substr(0, stranger.find('='));
    text += "carillon: " + printable(word) + ": is not known here"
            + (word.starts_with("-") ? did_you_mean(closest(word, known)) : "") + "\n";
  }
  return {exit_code::usage, text + "Run carillon " + what_.words() + " --help for what is.\n"};
}

std::variant<invocation, said> command::run(std::vector<std::string> words) {
  try {
    std::ranges::reverse(words);  // as CLI11 wants them
    app_.parse(std::move(words));
  } catch (const CLI::Success& asked) {
    std::ostringstream out;
    app_.exit(asked, out, out);
    return said{exit_code::done, out.str()};
  } catch (const CLI::Error& error) {
    auto strangers = app_.remaining();
    std::erase_if(strangers, [](const auto& word) { return !word.starts_with("-"); });
    return strangers.empty() ? fault_of(printable(error.what())) : refuse_strangers(strangers);
  }
  if (const auto strangers = app_.remaining(); !strangers.empty())
    return refuse_strangers(strangers);
  return gather();
}

std::variant<invocation, said> command::gather() {
  invocation called{&what_, {}, {}, options_};
  for (std::size_t at = 0; at < texts_.size(); ++at) {
    const auto& one = what_.parameters[at];
    if (texts_[at].empty())
      continue;
    if (texts_[at].size() > 1 && one.as != form::list)
      return fault_of(std::string{one.name} + ": is given more than once");
    called.values.push_back({&one, std::move(texts_[at])});
  }
  if (data_option_ != nullptr && !data_option_->empty())
    called.data = data_;
  if (form_ != "text")
    called.options.as = form_ == "json" ? output_form::json : output_form::ndjson;
  if (watch_option_ != nullptr && watch_option_->count() > 0) {
    const auto every =
        watch_ == "true" ? expected<duration>{watch_default} : parse_duration(watch_);
    if (!every)
      return fault_of("--watch: " + every.error().detail);
    called.options.watch = std::max(*every, watch_min);
  }
  return called;
}

}  // namespace

const std::string* invocation::find(std::string_view field) const {
  const auto found =
      std::ranges::find_if(values, [&](const auto& one) { return one.of->field == field; });
  return found == values.end() ? nullptr : &found->texts.front();
}

std::vector<common_option> common_options_of(const verb& what) {
  std::vector<common_option> all;
  if (what.has_body())
    all.push_back({"-d,--data", "JSON|@FILE|-", "The whole body; flags beat its members."});
  const bool is_shown =
      what.how != manner::text && what.how != manner::completion && what.how != manner::manual;
  if (is_shown)
    all.push_back({"-o,--output", "text|json|ndjson", "How to print."});
  if (is_shown)
    all.push_back({"-q,--quiet", "", "Print ids alone, and no progress."});
  if (what.how == manner::ask && what.method == "GET")
    all.push_back({"-w,--watch", "", "Look again every 2s; --watch=10s: every 10s."});
  if (what.asks_server()) {
    all.push_back({"--url", "URL", "Where the server is."});
    all.push_back({"--token-file", "FILE", "What holds the token."});
    all.push_back({"--ca-file", "FILE", "Whom to trust, when it speaks TLS."});
    all.push_back({"--data-folder", "DIR", "Of a server on this machine."});
  }
  return all;
}

bool is_client_command(const std::vector<std::string>& words) {
  return !words.empty() && find_noun(words.front()) != nullptr;
}

std::variant<invocation, said> read_arguments(const std::vector<std::string>& words) {
  const auto& first = words.front();
  if (const auto* whole = find_verb(first, ""))
    return command{*whole}.run({words.begin() + 1, words.end()});
  const bool wants_help = words.size() > 1 && (words[1] == "--help" || words[1] == "-h");
  if (words.size() == 1 || wants_help)
    return said{wants_help ? exit_code::done : exit_code::usage, help_of(first)};
  if (const auto* found = find_verb(first, words[1]))
    return command{*found}.run({words.begin() + 2, words.end()});
  std::vector<std::string> known;
  for (const auto* one : verbs_of(first))
    known.emplace_back(one->name);
  return said{exit_code::usage, "carillon: " + first + " " + printable(words[1]) + ": is not known"
                                    + did_you_mean(closest(words[1], known)) + "\nRun carillon "
                                    + first + " --help for what is.\n"};
}

}  // namespace carillon::cli
