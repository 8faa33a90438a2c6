#include "storage/record.hpp"
#include "storage/task_record.hpp"

namespace carillon::storage {
namespace {

// Field numbers. Append only.
namespace news_field {
enum : std::uint32_t { time = 1, type, component, message, progress };
}

}  // namespace

std::string encode_news(const task_news& news) {
  record_writer out{record_version};
  out.moment(news_field::time, news.time);
  out.text(news_field::type, news.type);
  out.text(news_field::component, news.component);
  out.text(news_field::message, news.message);
  if (news.progress)
    out.real(news_field::progress, *news.progress);
  return out.data();
}

expected<task_news> decode_news(std::string_view row) {
  task_news news;
  record_reader in{row};
  while (in.next()) {
    switch (in.field()) {
      case news_field::time:
        news.time = in.moment();
        break;
      case news_field::type:
        news.type = in.text();
        break;
      case news_field::component:
        news.component = in.text();
        break;
      case news_field::message:
        news.message = in.text();
        break;
      case news_field::progress:
        news.progress = in.real();
        break;
    }
  }
  if (!in.ok() || in.version() > record_version)
    return problem{problem_kind::corrupt, "a piece of news does not decode"};
  return news;
}

}  // namespace carillon::storage
