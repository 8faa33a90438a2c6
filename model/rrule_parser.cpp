#include "model/rrule_parser.hpp"

#include <algorithm>

namespace carillon {

namespace {

/// 8 KiB hold some five hundred dates.
constexpr std::size_t text_bytes_max = 8192;

void sort_once_each(std::vector<local_seconds>& times) {
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
}

class text_reader {
public:
  text_reader(const zone& where, rrule_faults& faults) : where_{where}, faults_{faults} {}

  void read(const rrule_line& line) {
    if (line.name.empty() || line.name == "RRULE")
      read_rule(line);
    else if (line.name == "DTSTART")
      read_start(line);
    else if (line.name == "RDATE")
      read_dates(line, read_.added);
    else if (line.name == "EXDATE")
      read_dates(line, read_.excluded);
    else
      faults_.add(excerpt(line.name), line.value.position(),
                  "is not one of DTSTART, RRULE, RDATE, EXDATE", line.name);
  }

  rrule_text finish() {
    if (!has_rule_ && read_.added.empty() && faults_.empty())
      faults_.add("needs an RRULE, such as RRULE:FREQ=DAILY, or an RDATE");
    sort_once_each(read_.added);
    sort_once_each(read_.excluded);
    return std::move(read_);
  }

private:
  /// What the parameters of a line say of its dates.
  struct date_form {
    std::optional<bool> has_time = {};
    bool is_zoned = false;
  };

  void read_rule(const rrule_line& line) {
    if (has_rule_)
      faults_.add("RRULE", line.value.position(), "a second rule; only one is allowed");
    for (const auto& parameter : line.parameters)
      faults_.add("RRULE", parameter.position(), "has no parameters here", parameter.text);
    has_rule_ = true;
    read_.rule = read_rrule_parts(line.value, where_, faults_);
  }

  void read_start(const rrule_line& line) {
    if (has_start_)
      faults_.add("DTSTART", line.value.position(), "is given twice");
    has_start_ = true;
    read_.start = read_date(line.name, line.value, read_form(line));
  }

  void read_dates(const rrule_line& line, std::vector<local_seconds>& dates) {
    const auto form = read_form(line);
    for (const auto& piece : split(line.value, ',')) {
      if (const auto date = read_date(line.name, piece, form))
        dates.push_back(*date);
    }
  }

  date_form read_form(const rrule_line& line) {
    date_form form;
    for (const auto& parameter : line.parameters) {
      const auto equals = std::min(parameter.text.find('='), parameter.text.size());
      const auto name = capitals(parameter.text.substr(0, equals));
      const auto value = parameter.text.substr(std::min(equals + 1, parameter.text.size()));
      if (name == "TZID")
        form.is_zoned = check_zone(line.name, parameter, value);
      else if (name == "VALUE" && (capitals(value) == "DATE" || capitals(value) == "DATE-TIME"))
        form.has_time = capitals(value) == "DATE-TIME";
      else
        faults_.add(line.name, parameter.position(),
                    "only the parameters TZID, VALUE=DATE and VALUE=DATE-TIME are read here",
                    parameter.text);
    }
    return form;
  }

  bool check_zone(std::string_view part, const rrule_piece& parameter, std::string_view name) {
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
      name = name.substr(1, name.size() - 2);
    if (name != where_.name())
      faults_.add(part, parameter.position(),
                  "TZID must be the schedule's timezone, which is " + where_.name(), name);
    return true;
  }

  std::optional<local_seconds> read_date(std::string_view part, const rrule_piece& piece,
                                         const date_form& form) {
    const auto date = read_rrule_date(piece.text);
    if (!date) {
      faults_.add(part, piece.position(),
                  "must be a date such as 20300131, 20300131T090000 or 20300131T090000Z",
                  piece.text);
      return {};
    }
    if (form.has_time && *form.has_time != date->has_time)
      faults_.add(
          part, piece.position(),
          date->has_time ? "has a time, VALUE says DATE" : "has no time, VALUE says DATE-TIME",
          piece.text);
    if (form.is_zoned && date->is_utc)
      faults_.add(part, piece.position(), "is in UTC by its Z, and has a TZID", piece.text);
    return local_of(*date, where_);
  }

  const zone& where_;
  rrule_faults& faults_;
  rrule_text read_;
  bool has_rule_ = false;
  bool has_start_ = false;
};

}  // namespace

expected<rrule_text> read_rrule_text(std::string_view text, const zone& where,
                                     std::string_view location) {
  rrule_faults faults{location};
  if (text.size() > text_bytes_max) {
    faults.add("must be at most " + std::to_string(text_bytes_max) + " bytes long");
    return std::move(faults).to_problem();
  }
  const rrule_lines lines{text, faults};
  text_reader reader{where, faults};
  for (const auto& line : lines.all())
    reader.read(line);
  auto read = reader.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return read;
}

}  // namespace carillon
