#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/access_token.hpp"

namespace carillon {

/// Which tokens are good, and for whom they stand. In memory, as the store holds them. Any thread.
class token_book {
public:
  token_book();
  ~token_book();

  /// Whose they are. Before the first of them.
  void set_tenant(std::string name) { tenant_ = std::move(name); }

  /// That of the operator's file, which may do everything.
  void set_operator(const token_digest& digest);

  // -- what is put here is on disk, or on its way there with nobody knowing the token yet
  void put(access_token token);
  std::optional<access_token> take(const task_id& id);
  void set_agent(agent subject);
  [[nodiscard]] std::optional<agent> find_agent(const std::string& id) const;
  /// Its tokens are good for nothing from then on; they are returned.
  std::vector<access_token> take_agent(const std::string& id);

  struct entry {
    access_token token;
    std::optional<instant> last_used_at;  ///< Since the start, to the second.
  };
  [[nodiscard]] std::optional<entry> find(const task_id& id) const;
  [[nodiscard]] std::vector<entry> all() const;  ///< Newest first.

  /// Null when nobody has that token, or when its time is over.
  [[nodiscard]] std::shared_ptr<const principal> who_has(const token_digest& digest,
                                                         instant now) const;

private:
  struct good_token;
  struct hash {
    std::size_t operator()(const token_digest& digest) const;
  };
  struct same {
    bool operator()(const token_digest& one, const token_digest& other) const;
  };

  void put_good(const access_token& token);

  std::string tenant_;
  mutable std::shared_mutex mutex_;  ///< Guards what follows.
  std::map<task_id, access_token> tokens_;
  std::map<std::string, agent> agents_;
  std::unordered_map<token_digest, std::unique_ptr<good_token>, hash, same> good_;
};

}  // namespace carillon
