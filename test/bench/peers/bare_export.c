/* The least a pipelined export can be: getData of every znode, getChildren of those that have some, a thousand requests
 * on the wire, and each path with its data written to a file. Usage: bare_export HOST PORT ROOT FILE */
#include "bare.h"

#define WINDOW 1000

enum { GET_CHILDREN = 8, GET_DATA = 4 };

struct asked {
  char *path;
  int type;
};

static struct asked *queue;
static size_t queued, room, sent, answered;

static void ask(char *path, int type) {
  if (queued == room) {
    room = room == 0 ? 1024 : room * 2;
    queue = realloc(queue, room * sizeof *queue);
  }
  queue[queued++] = (struct asked){path, type};
}

static void send_next(void) {
  struct asked *next = &queue[sent++];
  size_t start = begin_request((int)sent, next->type);
  put_bytes(next->path, strlen(next->path));
  out[out_length++] = 0;
  end_request(start);
}

static void took_data(size_t at, char *path, FILE *file) {
  int length = get_int(at);
  fprintf(file, "%s ", path);
  if (length > 0) fwrite(in + at + 4, 1, length, file);
  fputc('\n', file);
  /* In a Stat, numChildren stands 12 bytes before its end. */
  size_t stat = at + 4 + (length < 0 ? 0 : length);
  if (get_int(stat + 68 - 12) > 0) ask(path, GET_CHILDREN);
  else free(path);
}

static void took_children(size_t at, char *path) {
  int count = get_int(at);
  at += 4;
  for (int i = 0; i < count; i++) {
    int length = get_int(at);
    char *child = malloc(strlen(path) + length + 2);
    sprintf(child, "%s/%.*s", path, length, in + at + 4);
    ask(child, GET_DATA);
    at += 4 + length;
  }
  free(path);
}

int main(int argc, char **argv) {
  if (argc != 5) fail("usage: bare_export HOST PORT ROOT FILE");
  FILE *file = fopen(argv[4], "w");
  if (file == NULL) fail("cannot write the file");
  dial(argv[1], argv[2]);
  ask(strdup(argv[3]), GET_DATA);
  while (answered < queued) {
    while (sent < queued && sent - answered < WINDOW) send_next();
    flush_out();
    read_some();
    for (size_t at; next_frame(&at) != 0;) {
      struct asked done = queue[answered++];
      if (get_int(at) != (int)answered || get_int(at + 12) != 0) fail("wrong reply");
      if (done.type == GET_DATA) took_data(at + 16, done.path, file);
      else took_children(at + 16, done.path);
    }
  }
  if (fclose(file) != 0) fail("cannot write the file");
  return 0;
}
