package org.adaptivesoftmax.savedmodel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.io.Sha256;

/**
 * The class ids of a published model by rank: int64, little-endian, the most frequent class first. Where ids are ranks there
 * is no file.
 */
final class PublishedClassOrder {
  /** Below the version's directory. */
  static final Path FILE = Path.of("assets.extra", "class_order.int64");

  private static final String RANKS = "ranks";
  private static final String NAME = "file";
  private static final String SHA256 = "sha256";

  private PublishedClassOrder() {}

  /** Writes the order, if it needs a file, and gives what the provenance says of it. */
  static Object write(LabelOrder order, Path version) throws IOException {
    if (order.isIdentity()) {
      return RANKS;
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(order.size(), Long.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int rank = 0; rank < order.size(); rank++) {
      bytes.putLong(order.label(rank));
    }
    Path file = version.resolve(FILE);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes.array());
    return Map.of(NAME, FILE.getFileName().toString(), SHA256, Sha256.of(bytes.array()));
  }

  /**
   * Reads the order.
   *
   * @return empty if the provenance does not tell it
   * @throws IllegalArgumentException if the file is missing or damaged
   */
  static Optional<LabelOrder> read(Provenance provenance, Path version) throws IOException {
    Object told = provenance.values().get(ProvenanceKeys.CLASS_ORDER);
    if (RANKS.equals(told)) {
      return Optional.of(
          LabelOrder.identity(provenance.number(ProvenanceKeys.N_CLASSES).intValue()));
    }
    if (!(told instanceof Map<?, ?> file)
        || !FILE.getFileName().toString().equals(file.get(NAME))) {
      return Optional.empty();
    }
    return Optional.of(read(version.resolve(FILE), String.valueOf(file.get(SHA256))));
  }

  private static LabelOrder read(Path file, String sha256) throws IOException {
    Require.argument(Files.isRegularFile(file), "class order is missing: %s", file);
    byte[] bytes = Files.readAllBytes(file);
    String actual = Sha256.of(bytes);
    Require.argument(
        actual.equals(sha256),
        "class order does not fit its fingerprint: %s has SHA-256 %s, not %s",
        file,
        actual,
        sha256);
    long[] ids = new long[bytes.length / Long.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(ids);
    return LabelOrder.ranked(ids);
  }
}
