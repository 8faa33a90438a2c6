#pragma once

#include <future>

#include "actors/answer.hpp"

namespace carillon {

/// Asks and waits for the answer. On a thread that may.
template <class T, class Ask>
expected<T> await(Ask ask) {
  std::promise<expected<T>> outcome;
  ask(answer<T>{[&outcome](expected<T> value) { outcome.set_value(std::move(value)); }});
  return outcome.get_future().get();
}

}  // namespace carillon
