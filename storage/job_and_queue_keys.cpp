#include "storage/keys.hpp"
#include "storage/record.hpp"

// The keys of bulk jobs, and of queues as a whole.

namespace carillon::storage::keys {

std::string bulk_prefix() {
  return {'\xFF', 'b'};
}

std::string bulk_row(const task_id& job) {
  return bulk_prefix().append(id_bytes(job));
}

std::string queue_prefix(unsigned shard) {
  return {static_cast<char>(shard), 'q'};
}

std::string queue_row(std::string_view queue) {
  return queue_prefix(shard_of_name(queue)).append(queue);
}

std::string count_of_queue(std::string_view queue, task_status status) {
  return std::string{'q', static_cast<char>(status)}.append(queue);
}

std::string queue_counters(task_status status) {
  return counter(count_of_queue({}, status));
}

}  // namespace carillon::storage::keys
