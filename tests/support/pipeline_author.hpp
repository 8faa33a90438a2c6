#pragma once

#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "model/json.hpp"
#include "model/task.hpp"

namespace carillon::test {

/// Topics that pipelines publish and wait for.
inline const std::vector<std::string> topics{"paid", "sent"};

template <class Range>
auto& pick(std::mt19937_64& random, Range& from) {
  return *std::next(from.begin(), static_cast<std::ptrdiff_t>(random() % from.size()));
}

/// Writes random pipelines whose every step reads what the one before gave.
class pipeline_author {
public:
  explicit pipeline_author(std::mt19937_64& random) : random_{random} {}

  task_spec write() {
    json::writer out;
    out.begin_object().key("params").raw(R"({"list":["a",{"b":1},null,2.50]})");
    out.key("pipeline").begin_array();
    const auto count = 1 + random_() % 6;
    for (step_ = 0; step_ < count; ++step_)
      write_step(out);
    out.end_array().end_object();
    task_spec spec;
    spec.runs_pipeline = true;
    spec.payload = out.take();
    spec.retry = {static_cast<int>(random_() % 3), backoff_kind::fixed, std::chrono::seconds{1},
                  std::chrono::seconds{60}};
    if (random_() % 6 == 0)
      spec.timeout = duration{static_cast<std::int64_t>(2'000 + random_() % 10'000)};
    return spec;
  }

private:
  [[nodiscard]] std::string before() const {
    return step_ == 0 ? "${params.list}" : "${steps.s" + std::to_string(step_ - 1) + "}";
  }

  void write_step(json::writer& out) {
    out.begin_object().field("id", "s" + std::to_string(step_));
    if (random_() % 3 == 0)
      out.field("max_retries", random_() % 3);
    if (random_() % 8 == 0)
      out.field("if", "steps.none");
    switch (random_() % 8) {
      case 0:
        out.field("uses", "test.echo").key("with").begin_object().field("before", before());
        break;
      case 1:
        out.field("uses", "queue.q").key("with").begin_object().field("before", before());
        break;
      case 2:
        out.field("uses", "wait.until").key("with").begin_object();
        out.field("seconds", random_() % 3);
        break;
      case 3:
        out.field("uses", "wait.for_event").key("with").begin_object();
        out.field("topic", pick(random_, topics)).field("timeout_seconds", 4);
        out.field("match", "event.n");
        break;
      case 4:
        out.field("uses", "event.publish").key("with").begin_object();
        out.field("topic", pick(random_, topics)).key("payload").begin_object();
        out.field("n", 1).field("from", before()).end_object();
        break;
      case 5:
        write_map(out);
        break;
      default:
        write_call(out, before());
    }
    out.end_object().end_object();
  }

  void write_call(json::writer& out, const std::string& what) {
    out.field("uses", "http.request").key("with").begin_object();
    out.field("method", "POST").field("url", "http://receiver/step");
    out.key("json").begin_object().field("before", what).end_object();
  }

  void write_map(json::writer& out) {
    out.field("uses", "task.map").key("with").begin_object();
    out.field("items", "${params.list}").field("width", 1 + random_() % 3);
    switch (random_() % 3) {
      case 0:
        out.field("uses", "test.echo").key("with").begin_object().field("before", "${item}");
        break;
      case 1:
        out.field("uses", "queue.q").key("with").begin_object().field("before", "${item}");
        break;
      default:
        write_call(out, "${item}");
    }
    out.end_object();
  }

  std::mt19937_64& random_;
  std::size_t step_ = 0;
};

}  // namespace carillon::test
