package org.adaptivesoftmax.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;

/** What clients must show, if a server wants it. Compared in constant time. */
final class BearerToken {
  /** Of the HTTP header and of gRPC's metadata. */
  static final String HEADER = "authorization";

  static final BearerToken NONE = new BearerToken(new byte[0]);

  private static final String SCHEME = "Bearer ";

  private final byte[] expected;

  private BearerToken(byte[] expected) {
    this.expected = expected;
  }

  /**
   * The token in a file, without the white space around it.
   *
   * @throws IllegalArgumentException if there is none
   */
  static BearerToken read(Path file) throws IOException {
    String token = Files.readString(file).strip();
    Require.argument(!token.isEmpty(), "token file is empty: %s", file);
    return new BearerToken((SCHEME + token).getBytes(StandardCharsets.UTF_8));
  }

  boolean isWanted() {
    return expected.length > 0;
  }

  /** Whether a header lets its request in. */
  boolean admits(@Nullable String header) {
    return !isWanted()
        || (header != null
            && MessageDigest.isEqual(expected, header.getBytes(StandardCharsets.UTF_8)));
  }
}
