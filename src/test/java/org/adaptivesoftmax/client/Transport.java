package org.adaptivesoftmax.client;

/** How a client talks to a server. */
enum Transport {
  GRPC,
  REST
}
