package org.adaptivesoftmax.bench;

import java.util.Locale;

/** How a published model is asked. */
enum ServeWay {
  /** In the asking process, without a server. */
  IN_JVM,
  /** By this library's server. */
  REST,
  GRPC,
  /** By TensorFlow Serving, where it is installed. */
  TENSORFLOW_SERVING_REST,
  TENSORFLOW_SERVING_GRPC;

  boolean isGrpc() {
    return this == GRPC || this == TENSORFLOW_SERVING_GRPC;
  }

  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
