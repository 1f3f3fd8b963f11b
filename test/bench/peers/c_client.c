/* ZooKeeper's own C client, multi-threaded, asynchronous calls. Usage: c_client HOST:PORT */
#include <pthread.h>
#include <zookeeper/zookeeper.h>
#include <zookeeper/zookeeper_version.h>

#include "load.h"

static zhandle_t *handle;
static struct load load;
static int asked, answered;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void ask(int i);

/* Runs in the client's completion thread, one call after the other. */
static void done(int rc, const void *which) {
  if (rc != ZOK) fail(zerror(rc));
  int i = (int)(long)which;
  load.since[i] = now() - load.since[i];
  pthread_mutex_lock(&lock);
  int next = asked < load.count ? asked++ : -1;
  if (++answered == load.count) pthread_cond_signal(&changed);
  pthread_mutex_unlock(&lock);
  if (next >= 0) ask(next);
}

static void on_data(int rc, const char *value, int length, const struct Stat *stat, const void *which) {
  done(rc, which);
}
static void on_stat(int rc, const struct Stat *stat, const void *which) { done(rc, which); }
static void on_string(int rc, const char *value, const void *which) { done(rc, which); }
static void on_void(int rc, const void *which) { done(rc, which); }

static void ask(int i) {
  static char data[DATA_BYTES];
  char buffer[300];
  const char *path = path_of(&load, i, buffer, sizeof buffer);
  const void *which = (const void *)(long)i;
  load.since[i] = now();
  int rc;
  if (load.work[0] == 'g') rc = zoo_aget(handle, path, 0, on_data, which);
  else if (load.work[0] == 's') rc = zoo_aset(handle, path, data, DATA_BYTES, -1, on_stat, which);
  else if (load.work[0] == 'c') rc = zoo_acreate(handle, path, data, DATA_BYTES, &ZOO_OPEN_ACL_UNSAFE, 0, on_string, which);
  else rc = zoo_adelete(handle, path, -1, on_void, which);
  if (rc != ZOK) fail(zerror(rc));
}

static void on_session(zhandle_t *zh, int type, int state, const char *path, void *context) {
  pthread_mutex_lock(&lock);
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&lock);
}

int main(int argc, char **argv) {
  if (argc != 2) fail("usage: c_client HOST:PORT");
  zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
  handle = zookeeper_init(argv[1], on_session, 600000, NULL, NULL, 0);
  if (handle == NULL) fail("zookeeper_init");
  pthread_mutex_lock(&lock);
  while (zoo_state(handle) != ZOO_CONNECTED_STATE) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  printf("{\"version\": \"" ZOO_VERSION "\"}\n");
  fflush(stdout);
  while (next_load(&load)) {
    int first = load.depth < load.count ? load.depth : load.count;
    answered = 0;
    asked = first;
    for (int i = 0; i < first; i++) ask(i);
    pthread_mutex_lock(&lock);
    while (answered < load.count) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    end_load(&load);
  }
  zookeeper_close(handle);
  return 0;
}
