#pragma once

#include <string>
#include <string_view>

#include "model/schedule.hpp"

// Parts of a schedule's rows. For storage/schedule_record.cpp alone. Decoders answer false to
// broken bytes.

namespace carillon::storage {

std::string encode_service(const service_rules& rules);
bool decode_service(std::string_view bytes, service_rules& rules);

std::string encode_slot(const service_slot& slot);
bool decode_slot(std::string_view bytes, service_slot& slot);

std::string encode_retention(const retention_rules& rules);
bool decode_retention(std::string_view bytes, retention_rules& rules);

std::string encode_file_facts(const file_facts& facts);
bool decode_file_facts(std::string_view bytes, file_facts& facts);

}  // namespace carillon::storage
