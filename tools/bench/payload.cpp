#include "tools/bench/payload.hpp"

#include <array>
#include <charconv>
#include <string_view>

namespace carillon::bench {

namespace {

constexpr std::size_t bytes_wanted = 510;

constexpr std::array<std::string_view, 8> units = {"EMEA-Retail",  "EMEA-Wholesale", "NA-Retail",
                                                   "NA-Online",    "LATAM-Retail",   "APAC-Retail",
                                                   "APAC-Outlets", "Group-Logistics"};
constexpr std::array<std::string_view, 8> kinds = {
    "price_update", "stock_count",   "promotion_start", "promotion_end",
    "reorder",      "shelf_relabel", "transfer",        "report"};
constexpr std::array<std::string_view, 32> words = {
    "the",     "check",    "before",   "opening",  "with",      "manager",  "weekly",    "price",
    "shelf",   "delivery", "supplier", "delayed",  "confirmed", "season",   "after",     "count",
    "damaged", "pallet",   "returned", "customer", "express",   "regional", "warehouse", "audit",
    "label",   "missing",  "updated",  "by",       "night",     "shift",    "of",        "team"};

template <std::size_t Size>
std::string_view one_of(const std::array<std::string_view, Size>& choices, random_numbers& random) {
  return choices[random.below(Size)];
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_hex(std::string& out, std::uint64_t number) {
  for (int shift = 60; shift >= 0; shift -= 4)
    out += "0123456789abcdef"[(number >> shift) & 15];
}

}  // namespace

std::uint64_t random_numbers::next() {
  state_ += 0x9e3779b97f4a7c15u;
  auto mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
  return mixed ^ (mixed >> 31);
}

std::uint64_t random_numbers::below(std::uint64_t bound) {
  return next() % bound;  // the bounds are small: no bias that matters
}

void payload_maker::append(std::string& out, std::uint64_t sequence) {
  const auto begin = out.size();
  out += R"({"seq":)";
  append_number(out, sequence);
  out += R"(,"business_unit":")";
  out += one_of(units, random_);
  out += R"(","kind":")";
  out += one_of(kinds, random_);
  out += R"(","correlation_id":")";
  append_hex(out, random_.next());
  append_hex(out, random_.next());
  out += R"(","requested_by":"user-)";
  append_number(out, 1000 + random_.below(9000));
  append_stores(out);
  append_items(out);
  append_note(out, begin + bytes_wanted);
}

void payload_maker::append_stores(std::string& out) {
  out += R"(","stores":[)";
  const auto count = 2 + random_.below(5);
  for (std::uint64_t index = 0; index < count; ++index) {
    out += index == 0 ? R"("S)" : R"(,"S)";
    append_number(out, 10000 + random_.below(90000));
    out += '"';
  }
}

void payload_maker::append_items(std::string& out) {
  out += R"(],"items":[)";
  const auto count = 2 + random_.below(3);
  for (std::uint64_t index = 0; index < count; ++index) {
    out += index == 0 ? R"({"sku":"SKU-)" : R"(,{"sku":"SKU-)";
    append_number(out, 100000 + random_.below(900000));
    out += R"(","quantity":)";
    append_number(out, 1 + random_.below(240));
    out += R"(,"price":)";
    append_number(out, 1 + random_.below(400));
    out += random_.below(2) == 0 ? ".99}" : ".50}";
  }
}

void payload_maker::append_note(std::string& out, std::size_t until) {
  out += R"(],"note":")";
  do {
    out += one_of(words, random_);
    out += ' ';
  } while (out.size() < until);
  out += R"(end"})";
}

}  // namespace carillon::bench
