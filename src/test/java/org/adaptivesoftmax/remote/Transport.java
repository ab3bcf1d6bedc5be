package org.adaptivesoftmax.remote;

/** How a client talks to a server. */
enum Transport {
  GRPC,
  REST
}
