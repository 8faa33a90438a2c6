#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/batch_feed.hpp"
#include "actors/change_feed.hpp"
#include "actors/event_sources.hpp"
#include "actors/requests.hpp"
#include "actors/run_feed.hpp"
#include "actors/server_figures.hpp"
#include "actors/token_book.hpp"
#include "model/address_guard.hpp"
#include "model/agent.hpp"
#include "model/batch_lifecycle.hpp"
#include "model/definition.hpp"
#include "model/explanation.hpp"
#include "model/task_explanation.hpp"
#include "model/tenant.hpp"
#include "model/url_group.hpp"
#include "model/webhook_secret.hpp"
#include "storage/audit_store.hpp"
#include "storage/backup.hpp"
#include "storage/batch_store.hpp"
#include "storage/bulk_record.hpp"
#include "storage/event_store.hpp"
#include "storage/run_log.hpp"
#include "storage/schedule_filter.hpp"
#include "storage/task_filter.hpp"

namespace carillon {

struct scheduler_settings {
  std::string data_folder;
  std::size_t block_cache_bytes = 32 << 20;
  std::size_t memtable_bytes = 32 << 20;
  std::uint64_t free_bytes_min = 64 << 20;
  unsigned actor_threads = 2;
  std::size_t awake_tasks_max = 16'384;
  duration horizon = std::chrono::seconds{60};
  std::size_t delivery_slots = 1'024;
  std::size_t calls_per_host = 64;
  std::int64_t starts_per_host = 0;  ///< A second; 0: any number.
  std::size_t command_slots = 1'000;
  int connections_per_host_max = 64;
  duration connect_timeout = std::chrono::seconds{10};
  std::size_t answer_bytes_max = 16 * 1024;
  std::string ca_file;
  address_guard guard;
  bool manual_clock = false;
  std::optional<instant> manual_clock_start;  ///< Empty: where it stood, or the real time.
  std::size_t commands_in_flight_max = 20'000;
  std::size_t write_queue_bytes_max = 64 << 20;
  duration sweep_interval = std::chrono::minutes{1};
  retention_rules keep;        ///< Of tasks whose schedule has no rules, and of those without one.
  std::string backups;         ///< Folder below which backups may be made; empty: nowhere.
  bool api_commands = false;   ///< Pipelines, which anybody with access makes, may run commands.
  bool runs_commands = true;   ///< At most one scheduler of a process does: it waits for children.
  std::string tenant;          ///< Whose tokens its are; empty: the operator's.
  duration audit_keep_for{0};  ///< Records of changes; 0: for ever.
};

/// How much there may be. 0: any number.
struct scheduler_limits {
  std::int64_t open_tasks = 0;
  std::int64_t schedules = 0;
};

/// How much there is.
struct scheduler_usage {
  std::int64_t open_tasks = 0;
  std::int64_t schedules = 0;
  std::size_t commands_in_flight = 0;
};

/// A task and all that was reported about it.
struct task_details {
  task subject;
  std::vector<task_news> news;
};

/// A secret to make.
struct new_secret {
  std::string name;
  std::string key;  ///< The bytes.
  std::optional<instant> expires_at;
};

/// What a reload of the operator's file did.
struct definition_changes {
  struct changed_one {
    std::string name;
    std::vector<std::string> reasons;  ///< Keys of the file.
  };
  std::vector<std::string> added;
  std::vector<changed_one> changed;
  std::vector<std::string> removed;
};

/// A backup that can be served.
struct finished_backup {
  storage::backup_facts facts;
  duration took;
};

struct definition_plan;
struct forecast_answer;
struct forecast_request;
struct limit_facts;
struct limit_page;
struct stat_answer;
struct stat_query;
struct upcoming_page;
struct upcoming_request;

/// What /readyz tells.
struct readiness {
  bool ready;
  std::string reason;                ///< Empty when ready.
  std::uint64_t timers_rearmed = 0;  ///< By the watchdog, since the start. Should stay 0.
};

/// The whole system below the surfaces: store, actors and runners. Questions come from any thread
/// and are answered later, on any thread; nothing here blocks. No actor framework in this header:
/// it is all that http/ knows of actors.
class scheduler {
public:
  /// Opens the store. `on_disk_failure` is called when the disk cannot be trusted any more; the
  /// process must end then, without a clean stop.
  static expected<std::unique_ptr<scheduler>> open(const scheduler_settings& settings,
                                                   std::function<void()> on_disk_failure);
  ~scheduler();  ///< Ends everything; what was answered is on disk.

  /// Carries on where the last life of the server ended. Once, when definitions are applied.
  void start();

  [[nodiscard]] instant now() const;

  /// Makes tasks. Each is answered by itself, when it is on disk.
  void create(std::vector<std::pair<std::shared_ptr<const task_spec>, answer<created_task>>> tasks);

  /// Something happened to tasks.
  void ask(std::vector<task_ask> asks);

  /// Wants tasks of a queue.
  void request(task_request wanted);

  /// Of outside workers.
  void change_queue(std::string queue, queue_change change, answer<queue_settings> reply);
  void find_queue(std::string queue, answer<queue_facts> reply) const;
  void list_queues(answer<std::vector<queue_facts>> reply) const;  ///< By name.

  void find(const task_id& id, answer<task_details> reply) const;
  /// Why it has not run yet, or what became of it.
  void explain_task(const task_id& id, answer<task_explanation> reply) const;
  /// `over` is called once: when the task has ended, or after `at_most` (real time). False: too
  /// many wait already, and nothing is called.
  bool await_end(const task_id& id, duration at_most, std::function<bool()> is_wanted,
                 std::function<void()> over) const;
  /// With `is_wanted`, what takes its time is looked for aside, as long as that is true; too many
  /// such questions at once are refused.
  void list(storage::task_filter filter, storage::page_request page,
            answer<storage::task_page> reply, std::function<bool()> is_wanted = {}) const;
  /// Names a place in the list that `question` asked for; good for that question alone.
  [[nodiscard]] std::string sign_cursor(const task_id& last, std::string_view question) const;
  [[nodiscard]] std::optional<task_id> open_cursor(std::string_view cursor,
                                                   std::string_view question) const;

  // -- the same for many tasks
  /// How many tasks the action is for. Exact; looked at aside where no counter knows, as long as it
  /// is wanted.
  void count_bulk(bulk_action action, storage::task_filter filter, std::function<bool()> is_wanted,
                  answer<std::int64_t> reply) const;
  void start_bulk_job(bulk_action action, storage::task_filter filter,
                      answer<storage::bulk_row> reply);
  void ask_bulk_job(const task_id& job, bulk_request what, answer<storage::bulk_row> reply);
  void find_bulk_job(const task_id& job, answer<storage::bulk_row> reply) const;
  void list_bulk_jobs(answer<std::vector<storage::bulk_row>> reply) const;  ///< Newest first.

  // -- schedules
  void create_schedule(new_schedule asked, answer<schedule_ptr> reply);
  void ask_schedule(const schedule_id& id, schedule_request asked, answer<schedule_outcome> reply,
                    schedule_versions only_if = {});
  [[nodiscard]] static std::uint64_t version_of(const schedule& subject);
  void find_schedule(const schedule_id& id, answer<schedule_ptr> reply) const;
  void list_schedules(storage::schedule_filter filter, storage::page_request page,
                      answer<storage::schedule_page> reply,
                      std::function<bool()> is_wanted = {}) const;
  /// What became or becomes of a moment of a schedule, and why.
  void explain(const schedule_id& id, instant at, answer<explanation> reply) const;
  /// Runs something that may take its time away from the threads of sockets and actors.
  void run_aside(std::function<void()> job) const;
  /// A rule ready to be asked. Reads a zone's file when it is named for the first time, and counts
  /// a rule with COUNT.
  [[nodiscard]] expected<recurrence> compile(const recurrence_spec& spec,
                                             const rule_locations& locations) const;

  // -- events
  /// Tells everybody who listens to the topic, once for an id that is repeated within a day.
  void publish(new_event what, answer<published_event> reply);
  /// By the id it was published with, or by its own.
  void find_event(std::string name, answer<published_event> reply) const;
  void list_events(std::optional<std::string> topic, storage::page_request page,
                   answer<storage::event_page> reply) const;
  void list_topics(answer<std::vector<storage::topic_facts>> reply) const;
  void add_event_source(event_source subject, answer<event_source> reply);
  void remove_event_source(const std::string& name, answer<event_source> reply);
  [[nodiscard]] event_sources& sources() const;

  // -- the operator's file
  /// Makes the schedules what the file says. When a rule in it is at fault, nothing changes.
  void apply_definitions(std::vector<definition> wanted, answer<definition_changes> reply);
  void find_definition(const std::string& name, answer<schedule_ptr> reply) const;
  void list_definitions(answer<std::vector<schedule_ptr>> reply) const;  ///< Sorted by name.
  /// As ask_schedule(), for what its owner may do and nobody else.
  void ask_definition(const std::string& name, schedule_request asked,
                      answer<schedule_outcome> reply);

  // -- batches
  /// A new batch, or the one that has the idempotency_key: then its header must be the same.
  void open_batch(std::shared_ptr<const batch_spec> spec, answer<opened_batch> reply);
  /// `session`: of the feed, when it is the end of what came by it; 0: a person asks.
  void ask_batch(const batch_id& id, batch_change what, answer<batch_view> reply,
                 std::uint64_t session = 0);
  void find_batch(const batch_id& id, answer<batch_view> reply) const;
  void list_batches(storage::page_request page, answer<storage::batch_page> reply) const;
  void list_children(const batch_id& id, storage::child_page_request page,
                     answer<storage::child_page> reply) const;

  // -- what commands print
  void read_log(const task_id& run, std::int64_t from, std::size_t limit,
                answer<storage::log_page> reply) const;
  void read_raw_log(const task_id& run, std::uint64_t offset, std::size_t limit,
                    answer<storage::log_bytes> reply) const;
  [[nodiscard]] run_feed& runs() const;

  /// All that changes, as it happens.
  [[nodiscard]] change_feed& changes() const;

  // -- tokens: who may do what
  /// That of the operator's file. Before the first question.
  void set_operator_token(const token_digest& digest);
  /// Takes all but the id and the time of its making.
  void add_token(access_token asked, answer<access_token> reply);
  /// Not found when it acts for another agent than that; empty: for none. Good for nothing at once.
  void remove_token(const task_id& id, const std::string& agent, answer<access_token> reply);
  [[nodiscard]] std::optional<token_book::entry> find_token(const task_id& id) const;
  [[nodiscard]] std::vector<token_book::entry> tokens() const;  ///< Newest first.
  /// Null: it is no good token.
  [[nodiscard]] std::shared_ptr<const principal> who_has(const token_digest& digest) const;
  /// The queue of each task; empty for one that is not there.
  void find_queues(std::vector<task_id> ids,
                   answer<std::vector<std::optional<std::string>>> reply) const;

  // -- agents: who may be named as the creator of a schedule, and has tokens
  /// New or changed. Its tokens may do what it says from then on.
  void save_agent(agent subject, answer<agent> reply);
  void find_agent(std::string id, answer<agent> reply) const;
  void list_agents(answer<std::vector<agent>> reply) const;
  void remove_agent(std::string id, answer<agent> reply);  ///< With its tokens.

  // -- groups of addresses
  /// New, or a conflict when there is one of this name.
  void create_group(url_group subject, answer<url_group> reply);
  /// Gives it these addresses from now on.
  void change_group(std::string name, std::vector<std::string> urls, answer<url_group> reply);
  void find_group(std::string name, answer<url_group> reply) const;
  void list_groups(answer<std::vector<url_group>> reply) const;  ///< By name.
  void remove_group(std::string name, answer<url_group> reply);
  // -- hosts that tasks are delivered to
  void list_hosts(answer<std::vector<host_facts>> reply) const;  ///< Sorted by name.
  void find_host(std::string host, answer<host_facts> reply) const;
  /// Closes the host's breaker.
  void reset_host(std::string host, answer<host_facts> reply);
  // -- secrets that sign deliveries
  /// Bytes for a new one, from the kernel.
  [[nodiscard]] static std::string random_key();
  void add_secret(new_secret asked, answer<webhook_secret> reply);
  /// Changes when it ends by itself; empty: never.
  void end_secret(const task_id& id, std::optional<instant> expires_at,
                  answer<webhook_secret> reply);
  void remove_secret(const task_id& id, answer<webhook_secret> reply);
  [[nodiscard]] std::vector<webhook_secret> secrets() const;  ///< Newest first.
  /// How many of the name may sign.
  [[nodiscard]] std::size_t count_secrets(std::string_view name) const;

  // -- targets that call back
  /// Where their addresses begin. Before start().
  void set_public_url(std::string url);
  /// Whether the address was made by this server for that attempt.
  [[nodiscard]] bool is_callback(const task_id& id, std::uint64_t token,
                                 std::string_view signature) const;

  // -- who did what, and answers that are kept for repeats
  /// With the id and the time of now.
  [[nodiscard]] std::shared_ptr<request_mark> new_mark() const;
  /// Answered when both are on disk. `key` as request_mark::key, empty: no answer is kept.
  void save_mark(const std::optional<audit_record>& record, const std::string& key,
                 const kept_answer& kept, answer<bool> reply);
  void find_kept(std::string key, answer<std::optional<kept_answer>> reply) const;
  void list_audit(storage::audit_filter filter, std::optional<task_id> cursor, std::size_t limit,
                  answer<storage::audit_page> reply) const;

  /// Copies the store to a folder that is not there yet, on a thread of its own; one at a time.
  void make_backup(std::string to, storage::backup_addition also, answer<finished_backup> reply);
  /// Copies the store into another one's backup. Blocks; any thread. How many tasks it has.
  expected<std::int64_t> copy_store(const std::string& to) const;

  // -- how much there may be, and other schedulers
  /// From now on; what is there stays.
  void set_limits(const scheduler_limits& limits);
  [[nodiscard]] scheduler_usage usage() const;
  /// Who has a scheduler beside this one: rows in its store and nothing more. Blocks.
  [[nodiscard]] expected<std::vector<tenant>> tenants() const;
  void save_tenant(tenant subject, answer<tenant> reply);
  void remove_tenant(tenant subject, answer<tenant> reply);

  /// False: too much is under way; ask again later. What admission control at the edge looks at.
  [[nodiscard]] bool admits() const;
  [[nodiscard]] readiness ready() const;
  /// What the server counts of itself. What has not answered within a second is left out.
  void measure(answer<server_figures> reply) const;

  // -- what was, what is planned, and what holds back (actors/outlook.hpp, limit_facts.hpp)
  void read_stats(stat_query asked, answer<stat_answer> reply) const;
  /// These two work aside, as long as the answer is wanted.
  void list_upcoming(upcoming_request asked, std::function<bool()> is_wanted,
                     answer<upcoming_page> reply) const;
  void forecast(forecast_request asked, std::function<bool()> is_wanted,
                answer<forecast_answer> reply) const;
  /// Keys behind that one, in order.
  void list_limits(std::string behind, std::size_t limit, answer<limit_page> reply) const;
  void find_limit(std::string key, answer<limit_facts> reply) const;

  /// Whether pipelines may run commands.
  [[nodiscard]] bool allows_api_commands() const;
  [[nodiscard]] bool has_manual_clock() const;
  /// Manual clock only: answered when everything due up to `to` is decided and durable.
  void advance(instant to, answer<instant> reply);

  /// Takes no more tasks, stops services, and waits until what is under way has ended, at most
  /// `limit`; commands that last longer are stopped in time. When `hurry` becomes true they are
  /// killed at once. Blocks.
  void drain(duration limit, const std::atomic<bool>& hurry);

private:
  struct parts;
  explicit scheduler(std::unique_ptr<parts> parts);

  template <class T>
  answer<T> counted(answer<T> reply) const;
  /// Whether no more tasks may be made for now.
  [[nodiscard]] bool has_all_tasks() const;
  void carry_out(definition_plan plan, const answer<definition_changes>& done);
  void tell_schedule(const schedule_id& id, schedule_request asked, bool by_file,
                     answer<schedule_outcome> reply, schedule_versions only_if = {});

  std::unique_ptr<parts> parts_;
};

}  // namespace carillon
