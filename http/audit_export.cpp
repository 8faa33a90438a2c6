#include <utility>

#include "http/audit_output.hpp"
#include "http/event_stream.hpp"
#include "http/problem_response.hpp"

namespace carillon::http {
namespace {

constexpr std::size_t page_size = 500;

/// Sends page after page: the next is read when the one before has left.
class audit_copy : public std::enable_shared_from_this<audit_copy> {
public:
  audit_copy(scheduler& core, storage::audit_filter filter, bool as_csv,
             std::shared_ptr<stream> line)
      : core_{core}, filter_{std::move(filter)}, as_csv_{as_csv}, line_{std::move(line)} {}

  void start() {
    const std::string name = as_csv_ ? "audit.csv" : "audit.ndjson";
    line_->begin(200,
                 {{"Cache-Control", "no-store"},
                  {"X-Content-Type-Options", "nosniff"},
                  {"Content-Disposition", "attachment; filename=\"" + name + '"'}},
                 as_csv_ ? "text/csv; charset=utf-8" : "application/x-ndjson");
    read({}, as_csv_ ? audit_csv_head() : std::string{});
  }

private:
  void read(const std::optional<task_id>& cursor, std::string unsent) {
    core_.list_audit(filter_, cursor, page_size,
                     carillon::answer<storage::audit_page>{
                         [self = shared_from_this(),
                          unsent = std::move(unsent)](const expected<storage::audit_page>& found) {
                           // Dropped before its end: the client sees that something is missing.
                           if (found)
                             self->send(*found, unsent);
                         }});
  }

  void send(const storage::audit_page& page, std::string text) {
    for (const auto& each : page.items)
      text += as_csv_ ? audit_csv(each) : as_line(each);
    if (text.empty())
      return go_on(page.next);
    line_->write(std::move(text), [self = shared_from_this(), next = page.next](bool sent) {
      if (sent)
        self->go_on(next);
    });
  }

  void go_on(const std::optional<task_id>& next) {
    if (next)
      read(next, {});
    else
      line_->finish();
  }

  static std::string as_line(const audit_record& what) {
    json::writer out;
    write_audit(out, what);
    return out.take() + '\n';
  }

  scheduler& core_;
  storage::audit_filter filter_;
  bool as_csv_;
  std::shared_ptr<stream> line_;
};

}  // namespace

void export_audit(const api& with, request asked, std::shared_ptr<stream> line) {
  constexpr std::string_view formats[] = {"ndjson", "csv"};
  query_reader query{asked};
  auto filter = read_audit_filter(query);
  const bool as_csv = query.one_of("format", formats) == 1;
  if (const auto checked = std::move(query).finish(); !checked)
    return answer_whole(line, to_response(checked.error(), asked));
  std::make_shared<audit_copy>(with.core, std::move(filter), as_csv, std::move(line))->start();
}

}  // namespace carillon::http
