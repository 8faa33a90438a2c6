#include "storage/service_record.hpp"

#include "storage/record.hpp"
#include "storage/task_record.hpp"

namespace carillon::storage {
namespace {

// Field numbers. Append only.
namespace service_field {
enum : std::uint32_t { instances = 1, restart, backoff, delay, cap };
}
namespace slot_field {
enum : std::uint32_t { start_at = 1, failures, is_done, is_replaced };
}
namespace retention_field {
enum : std::uint32_t { runs = 1, age };
}
namespace file_field {
enum : std::uint32_t { group = 1, api_trigger, restart };
}

}  // namespace

std::string encode_service(const service_rules& rules) {
  record_writer out{record_version};
  out.number(service_field::instances, rules.instances);
  out.number(service_field::restart, static_cast<int>(rules.restart));
  out.number(service_field::backoff, static_cast<int>(rules.waits.backoff));
  out.number(service_field::delay, rules.waits.delay.count());
  out.number(service_field::cap, rules.waits.cap.count());
  return out.data();
}

bool decode_service(std::string_view bytes, service_rules& rules) {
  record_reader in{bytes};
  while (in.next()) {
    switch (in.field()) {
      case service_field::instances:
        rules.instances = static_cast<int>(in.number());
        break;
      case service_field::restart:
        rules.restart = in.word<restart_policy>(restart_policy::on_failure);
        break;
      case service_field::backoff:
        rules.waits.backoff = in.word<backoff_kind>(backoff_kind::steep);
        break;
      case service_field::delay:
        rules.waits.delay = duration{in.number()};
        break;
      case service_field::cap:
        rules.waits.cap = duration{in.number()};
        break;
    }
  }
  return in.ok();
}

std::string encode_slot(const service_slot& slot) {
  record_writer out{record_version};
  out.moment(slot_field::start_at, slot.start_at);
  out.number(slot_field::failures, slot.failures);
  out.number(slot_field::is_done, slot.is_done ? 1 : 0);
  out.number(slot_field::is_replaced, slot.is_replaced ? 1 : 0);
  return out.data();
}

bool decode_slot(std::string_view bytes, service_slot& slot) {
  record_reader in{bytes};
  while (in.next()) {
    switch (in.field()) {
      case slot_field::start_at:
        slot.start_at = in.moment();
        break;
      case slot_field::failures:
        slot.failures = static_cast<int>(in.number());
        break;
      case slot_field::is_done:
        slot.is_done = in.number() != 0;
        break;
      case slot_field::is_replaced:
        slot.is_replaced = in.number() != 0;
        break;
    }
  }
  return in.ok();
}

std::string encode_retention(const retention_rules& rules) {
  record_writer out{record_version};
  if (rules.runs)
    out.number(retention_field::runs, *rules.runs);
  if (rules.age)
    out.number(retention_field::age, rules.age->count());
  return out.data();
}

bool decode_retention(std::string_view bytes, retention_rules& rules) {
  record_reader in{bytes};
  while (in.next()) {
    if (in.field() == retention_field::runs)
      rules.runs = in.number();
    else if (in.field() == retention_field::age)
      rules.age = duration{in.number()};
  }
  return in.ok();
}

std::string encode_file_facts(const file_facts& facts) {
  record_writer out{record_version};
  out.text(file_field::group, facts.group);
  out.number(file_field::api_trigger, facts.api_trigger ? 1 : 0);
  out.number(file_field::restart, static_cast<int>(facts.restart));
  return out.data();
}

bool decode_file_facts(std::string_view bytes, file_facts& facts) {
  record_reader in{bytes};
  while (in.next()) {
    switch (in.field()) {
      case file_field::group:
        facts.group = in.text();
        break;
      case file_field::api_trigger:
        facts.api_trigger = in.number() != 0;
        break;
      case file_field::restart:
        facts.restart = in.word<restart_policy>(restart_policy::on_failure);
        break;
    }
  }
  return in.ok();
}

}  // namespace carillon::storage
