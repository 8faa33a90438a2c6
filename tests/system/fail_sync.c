// A library to preload: the n-th fsync or fdatasync after it was armed fails with EIO, once.
//
// FAIL_SYNC_FILE names a file. It arms when that file appears; the file holds n as text. When the
// call has failed, FAIL_SYNC_FILE.failed appears and holds the path of the file that was not
// synced. The calls after it succeed, as they do on Linux: the lost pages are marked clean, so a
// server that tries the same sync again is told that all is well.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int (*sync_call)(int);

static atomic_long left =
    -1;  // Calls until the one that fails; -1: not armed yet; 0: it has failed.

// Reads n. A file that is absent, empty or no number does not arm.
static long read_count(const char* path) {
  char text[32] = {0};
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return -1;
  const ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  const long count = size > 0 ? strtol(text, NULL, 10) : -1;
  return count > 0 ? count : -1;
}

static void tell(const char* path, int descriptor) {
  char link[64];
  char name[4096] = {0};
  char mark[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  if (readlink(link, name, sizeof name - 1) < 0)
    strcpy(name, "?");
  snprintf(mark, sizeof mark, "%s.failed", path);
  const int file = open(mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0)
    return;
  if (write(file, name, strlen(name)) < 0)
    perror("fail_sync");
  close(file);
}

static int must_fail(int descriptor) {
  const char* path = getenv("FAIL_SYNC_FILE");
  if (path == NULL || atomic_load(&left) == 0)
    return 0;
  long unarmed = -1;
  if (atomic_load(&left) == unarmed) {
    const long count = read_count(path);
    if (count < 0)
      return 0;
    atomic_compare_exchange_strong(&left, &unarmed, count);
  }
  long now = atomic_load(&left);
  while (now > 0 && !atomic_compare_exchange_weak(&left, &now, now - 1)) {
  }
  if (now != 1)
    return 0;
  tell(path, descriptor);
  return 1;
}

static int pass_on(const char* name, int descriptor) {
  sync_call real;
  *(void**)&real = dlsym(RTLD_NEXT, name);
  return real(descriptor);
}

int fsync(int descriptor) {
  if (must_fail(descriptor)) {
    errno = EIO;
    return -1;
  }
  return pass_on("fsync", descriptor);
}

int fdatasync(int descriptor) {
  if (must_fail(descriptor)) {
    errno = EIO;
    return -1;
  }
  return pass_on("fdatasync", descriptor);
}
