/* What the two C programs share: the bench's lines (see load.ts), the clock, and the latencies. */
#ifndef LOAD_H
#define LOAD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define DATA_BYTES 100

struct load {
  char work[16];
  int depth;
  int count;
  char path[256];
  double *since;     /* of each request, then its latency; seconds */
  double began;
  double cpu;
};

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static double cpu_seconds(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void fail(const char *why) {
  fprintf(stderr, "%s\n", why);
  exit(1);
}

static int next_load(struct load *load) {
  if (scanf("%15s %d %d %255s", load->work, &load->depth, &load->count, load->path) != 4) return 0;
  load->since = calloc(load->count, sizeof(double));
  load->cpu = cpu_seconds();
  load->began = now();
  return 1;
}

static const char *path_of(const struct load *load, int i, char *buffer, size_t size) {
  if (load->work[0] == 'g' || load->work[0] == 's') return load->path;
  snprintf(buffer, size, "%s%d", load->path, i);
  return buffer;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void end_load(struct load *load) {
  double seconds = now() - load->began, cpu = cpu_seconds() - load->cpu;
  qsort(load->since, load->count, sizeof(double), by_size);
  int p50 = (load->count + 1) / 2 - 1, p99 = (load->count * 99L + 99) / 100 - 1;
  printf("{\"seconds\": %.6f, \"cpu\": %.6f, \"p50\": %.1f, \"p99\": %.1f}\n", seconds, cpu, load->since[p50] * 1e6,
         load->since[p99] * 1e6);
  fflush(stdout);
  free(load->since);
}

#endif
