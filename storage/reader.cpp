#include "storage/reader.hpp"

#include <pthread.h>

#include <utility>

namespace carillon::storage {

reader::reader(const task_store& store, unsigned threads, const std::string& name) : store_{store} {
  for (unsigned at = 0; at < threads; ++at) {
    threads_.emplace_back([this] { run(); });
    pthread_setname_np(threads_.back().native_handle(), name.c_str());
  }
}

reader::~reader() {
  stop();
}

void reader::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : std::exchange(threads_, {}))
    thread.join();
}

void reader::post(job look) {
  {
    const std::lock_guard lock{mutex_};
    jobs_.push_back(std::move(look));
  }
  wake_.notify_one();
}

std::size_t reader::waiting() const {
  const std::lock_guard lock{mutex_};
  return jobs_.size();
}

void reader::run() {
  while (true) {
    job next;
    {
      std::unique_lock lock{mutex_};
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (stopping_)
        return;
      next = std::move(jobs_.front());
      jobs_.pop_front();
    }
    next(store_);
  }
}

}  // namespace carillon::storage
