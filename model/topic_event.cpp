#include "model/topic_event.hpp"

namespace carillon {

std::string name_of(const topic_event& subject) {
  return subject.name.empty() ? to_uuid(subject.id) : subject.name;
}

}  // namespace carillon
