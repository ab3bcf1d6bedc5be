package org.adaptivesoftmax.text;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.adaptivesoftmax.internal.io.Sha256;

/** Size and SHA-256 of lines, each ended by LF. */
final class LineDigest {
  private final MessageDigest digest = Sha256.digest();
  private long bytes;

  void add(String line) {
    byte[] encoded = line.getBytes(StandardCharsets.UTF_8);
    digest.update(encoded);
    digest.update((byte) '\n');
    bytes += encoded.length + 1L;
  }

  TextSource source(String name) {
    return new TextSource(name, bytes, HexFormat.of().formatHex(digest.digest()));
  }
}
