#include "tools/cli/server_place.hpp"

#include "config/settings.hpp"

#include <filesystem>
#include <fstream>

namespace carillon::cli {
namespace {

constexpr auto folder_of_service = "/var/lib/carillon";
constexpr auto address_file = "/server.address";
constexpr auto token_file = "/admin.token";

std::string value_of(const environment_map& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

std::string first_line(const std::string& path) {
  std::ifstream in{path};
  std::string line;
  std::getline(in, line);
  return line;
}

/// What a server has noted: host:port, or a URL and below it what its certificate is told by.
struct note {
  std::string address;
  std::string fingerprint;
};

note read_note(const std::string& folder) {
  std::ifstream in{folder + address_file};
  note found;
  std::getline(in, found.address);
  std::getline(in, found.fingerprint);
  return found;
}

/// The one that is named, or the first where a server has been.
std::string data_folder(const common_options& options, const environment_map& environment) {
  for (const auto& named : {options.data_folder, value_of(environment, "CARILLON_STORE_DATA"),
                            value_of(environment, "CARILLON_DATA")})
    if (!named.empty())
      return named;
  for (const auto& usual : {store_settings{}.data, std::string{folder_of_service}})
    if (std::error_code none; std::filesystem::exists(usual + address_file, none))
      return usual;
  return store_settings{}.data;
}

std::string url_of(const std::string& noted) {
  return noted.find("://") == std::string::npos ? "http://" + noted : noted;
}

/// Whoever serves on all addresses of the machine serves on its loopback.
std::string on_loopback(std::string noted) {
  constexpr std::pair<std::string_view, std::string_view> all[] = {{"0.0.0.0:", "127.0.0.1:"},
                                                                   {"[::]:", "[::1]:"}};
  for (const auto& [any, loopback] : all)
    if (const auto at = noted.find(any); at != std::string::npos)
      noted.replace(at, any.size(), loopback);
  return noted;
}

std::string without_slash(std::string url) {
  while (url.ends_with('/'))
    url.pop_back();
  return url;
}

expected<server_place> find_place(const common_options& options, const environment_map& environment,
                                  const std::string& folder) {
  server_place found;
  found.ca_file =
      options.ca_file.empty() ? value_of(environment, "CARILLON_CA_FILE") : options.ca_file;
  for (const auto& named : {options.url, value_of(environment, "CARILLON_URL")})
    if (!named.empty()) {
      found.url = without_slash(url_of(named));
      return found;
    }
  const auto noted = read_note(folder);
  if (noted.address.empty())
    return problem{problem_kind::unavailable,
                   "no server has noted its address in " + folder
                       + "\nStart one (carillon serve), or say where it is: --url, CARILLON_URL, "
                         "or --data-folder"};
  found.url = without_slash(url_of(on_loopback(noted.address)));
  if (found.ca_file.empty())
    found.fingerprint = noted.fingerprint;
  return found;
}

}  // namespace

bool is_loopback(const std::string& url) {
  const auto begin = url.find("://");
  const auto host = url.substr(begin == std::string::npos ? 0 : begin + 3);
  const auto is_host = [&](std::string_view name) {
    return host.starts_with(name)
           && (host.size() == name.size() || host[name.size()] == ':' || host[name.size()] == '/');
  };
  if (host.find_first_of("@\\") != std::string::npos)  // what stands before it is no host
    return false;
  const auto port_or_path = host.find_first_of(":/");
  const auto name = host.substr(0, port_or_path);
  const bool is_numeric = name.find_first_not_of("0123456789.") == std::string::npos;
  return is_host("localhost") || is_host("[::1]") || (name.starts_with("127.") && is_numeric);
}

expected<server_place> find_server(const common_options& options,
                                   const environment_map& environment) {
  const auto folder = data_folder(options, environment);
  auto place = find_place(options, environment, folder);
  if (!place)
    return place;
  auto& found = *place;
  auto file = options.token_file;
  if (file.empty() && !value_of(environment, "CARILLON_TOKEN").empty()) {
    found.token = value_of(environment, "CARILLON_TOKEN");
    found.token_origin = "CARILLON_TOKEN";
    return found;
  }
  const bool is_noted = options.url.empty() && value_of(environment, "CARILLON_URL").empty();
  const bool may_be_ours = is_noted || is_loopback(found.url) || !options.data_folder.empty();
  if (file.empty() && may_be_ours)
    file = folder + token_file;
  found.token_origin = file.empty() ? "nowhere" : file;
  found.token = file.empty() ? "" : first_line(file);
  if (found.token.empty() && !options.token_file.empty())
    return problem{problem_kind::invalid, "no token can be read from " + file};
  return found;
}

}  // namespace carillon::cli
