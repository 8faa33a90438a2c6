#pragma once

namespace carillon {

/// One visitor out of several lambdas, for std::visit.
template <class... Handlers>
struct overloaded : Handlers... {
  using Handlers::operator()...;
};

}  // namespace carillon
