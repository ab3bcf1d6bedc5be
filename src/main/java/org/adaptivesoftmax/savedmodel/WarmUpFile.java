package org.adaptivesoftmax.savedmodel;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.internal.io.OneLine;
import org.adaptivesoftmax.proto.PredictionLog;

/**
 * The requests that TensorFlow Serving runs before it serves a version, so that the first caller does not wait for what a
 * first run does: a TFRecord file of {@code PredictionLog} messages. A request that fails keeps the version from being
 * served.
 */
final class WarmUpFile {
  /** Below the version's directory. */
  static final Path FILE = Path.of("assets.extra", "tf_serving_warmup_requests");

  private WarmUpFile() {}

  /** Writes at least one request. */
  static void write(List<WarmUpRequest> requests, Path version) throws IOException {
    Path file = version.resolve(FILE);
    Files.createDirectories(file.getParent());
    RecordFile.write(
        file, requests.stream().map(request -> request.toLog().toByteArray()).toList());
  }

  /**
   * Reads the requests of a version; none if it has no such file.
   *
   * @throws IllegalArgumentException if a record is no such request, the file is cut off, or a checksum does not fit
   * @throws IOException if the file cannot be read
   */
  static List<WarmUpRequest> read(Path version) throws IOException {
    Path file = version.resolve(FILE);
    List<WarmUpRequest> requests = new ArrayList<>();
    if (!Files.exists(file)) {
      return requests;
    }
    for (byte[] record : RecordFile.read(file)) {
      try {
        requests.add(WarmUpRequest.of(PredictionLog.parseFrom(record)));
      } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
        throw new IllegalArgumentException(
            OneLine.of("%s: request %d: %s".formatted(file, requests.size(), e.getMessage())), e);
      }
    }
    return requests;
  }
}
