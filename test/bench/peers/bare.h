/* What the programs without a client share: one blocking socket, requests put together by hand, replies framed. */
#ifndef BARE_H
#define BARE_H

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "load.h"

static int sock;
static char out[1 << 20];
static size_t out_length;
static char in[1 << 20];
static size_t in_start, in_end;

static void put_int(int value) {
  int wire = htonl(value);
  memcpy(out + out_length, &wire, 4);
  out_length += 4;
}

static void put_bytes(const char *bytes, int length) {
  put_int(length);
  memcpy(out + out_length, bytes, length);
  out_length += length;
}

/* A request begins with its frame's length, xid and type; end_request fills in the length. */
static size_t begin_request(int xid, int type) {
  size_t start = out_length;
  out_length += 4;
  put_int(xid);
  put_int(type);
  return start;
}

static void end_request(size_t start) {
  int wire = htonl(out_length - start - 4);
  memcpy(out + start, &wire, 4);
}

static void flush_out(void) {
  for (size_t at = 0; at < out_length;) {
    ssize_t n = write(sock, out + at, out_length - at);
    if (n <= 0) fail("write");
    at += n;
  }
  out_length = 0;
}

static int get_int(size_t at) {
  int wire;
  memcpy(&wire, in + at, 4);
  return ntohl(wire);
}

/* The next whole frame that was read already; 0 when there is none. */
static size_t next_frame(size_t *at) {
  if (in_end - in_start < 4) return 0;
  size_t length = get_int(in_start);
  if (in_end - in_start - 4 < length) return 0;
  *at = in_start + 4;
  in_start += 4 + length;
  return length;
}

static void read_some(void) {
  memmove(in, in + in_start, in_end - in_start);
  in_end -= in_start;
  in_start = 0;
  ssize_t n = read(sock, in + in_end, sizeof in - in_end);
  if (n <= 0) fail("read");
  in_end += n;
}

static void greet(void) {
  static const char none[16];
  put_int(44);
  put_int(0);
  put_int(0);
  put_int(0);
  put_int(600000);
  put_int(0);
  put_int(0);
  put_bytes(none, 16);
  flush_out();
  size_t at;
  while (next_frame(&at) == 0) read_some();
}

static void dial(const char *host, const char *port) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
  if (getaddrinfo(host, port, &hints, &found) != 0) fail("no such host");
  sock = socket(found->ai_family, SOCK_STREAM, 0);
  if (connect(sock, found->ai_addr, found->ai_addrlen) != 0) fail("connect");
  int one = 1;
  setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  greet();
}

#endif
