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

/// What a server notes is host:port, or a URL when it speaks TLS.
std::string url_of(const std::string& noted) {
  return noted.find("://") == std::string::npos ? "http://" + noted : noted;
}

std::string without_slash(std::string url) {
  while (url.ends_with('/'))
    url.pop_back();
  return url;
}

expected<std::string> find_url(const common_options& options, const environment_map& environment,
                               const std::string& folder) {
  for (const auto& named : {options.url, value_of(environment, "CARILLON_URL")})
    if (!named.empty())
      return without_slash(url_of(named));
  const auto noted = first_line(folder + address_file);
  if (noted.empty())
    return problem{problem_kind::unavailable,
                   "no server has noted its address in " + folder
                       + "\nStart one (carillon serve), or say where it is: --url, CARILLON_URL, "
                         "or --data-folder"};
  return without_slash(url_of(noted));
}

}  // namespace

bool is_loopback(const std::string& url) {
  const auto begin = url.find("://");
  const auto host = url.substr(begin == std::string::npos ? 0 : begin + 3);
  const auto is_host = [&](std::string_view name) {
    return host.starts_with(name)
           && (host.size() == name.size() || host[name.size()] == ':' || host[name.size()] == '/');
  };
  const auto port_or_path = host.find_first_of(":/");
  const auto name = host.substr(0, port_or_path);
  const bool is_numeric = name.find_first_not_of("0123456789.") == std::string::npos;
  return is_host("localhost") || is_host("[::1]") || (name.starts_with("127.") && is_numeric);
}

expected<server_place> find_server(const common_options& options,
                                   const environment_map& environment) {
  const auto folder = data_folder(options, environment);
  auto url = find_url(options, environment, folder);
  if (!url)
    return std::move(url).error();
  server_place found{*std::move(url), {}, options.ca_file, {}};
  if (found.ca_file.empty())
    found.ca_file = value_of(environment, "CARILLON_CA_FILE");
  auto file = options.token_file;
  if (file.empty() && !value_of(environment, "CARILLON_TOKEN").empty()) {
    found.token = value_of(environment, "CARILLON_TOKEN");
    found.token_origin = "CARILLON_TOKEN";
    return found;
  }
  const bool may_be_ours = is_loopback(found.url) || !options.data_folder.empty();
  if (file.empty() && may_be_ours)
    file = folder + token_file;
  found.token_origin = file.empty() ? "nowhere" : file;
  found.token = file.empty() ? "" : first_line(file);
  if (found.token.empty() && !options.token_file.empty())
    return problem{problem_kind::invalid, "no token can be read from " + file};
  return found;
}

}  // namespace carillon::cli
