/* The least any program can do: one blocking socket, requests put together by hand, replies counted and checked. It is
 * the limit the clients are measured against. Usage: bare HOST PORT */
#include "bare.h"

static void put_request(char work, int xid, const char *path) {
  static char data[DATA_BYTES];
  size_t start = begin_request(xid, work == 'g' ? 4 : work == 's' ? 5 : work == 'c' ? 1 : 2);
  put_bytes(path, strlen(path));
  if (work == 'g') out[out_length++] = 0;
  if (work == 's' || work == 'c') put_bytes(data, DATA_BYTES);
  if (work == 's' || work == 'd') put_int(-1);
  if (work == 'c') {
    put_int(1);
    put_int(31);
    put_bytes("world", 5);
    put_bytes("anyone", 6);
    put_int(0);
  }
  end_request(start);
}

static void run(struct load *load) {
  int sent = 0, received = 0;
  char buffer[300];
  while (received < load->count) {
    double sending = now();
    for (; sent < load->count && sent - received < load->depth; sent++) {
      load->since[sent] = sending;
      put_request(load->work[0], sent + 1, path_of(load, sent, buffer, sizeof buffer));
    }
    flush_out();
    read_some();
    double reading = now();
    for (size_t at; next_frame(&at) != 0; received++) {
      if (get_int(at) != received + 1 || get_int(at + 12) != 0) fail("wrong reply");
      load->since[received] = reading - load->since[received];
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 3) fail("usage: bare HOST PORT");
  dial(argv[1], argv[2]);
  printf("{\"version\": \"gcc " __VERSION__ "\"}\n");
  fflush(stdout);
  struct load load;
  while (next_load(&load)) {
    run(&load);
    end_load(&load);
  }
  close(sock);
  return 0;
}
