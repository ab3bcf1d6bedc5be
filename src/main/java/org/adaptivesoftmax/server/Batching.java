package org.adaptivesoftmax.server;

import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.proto.BatchingParameters;

/**
 * How requests are joined, and how many may wait.
 *
 * @param maxRows of a joint batch
 * @param maxWaiting requests that wait at most
 */
record Batching(int maxRows, int maxWaiting) {
  static final Batching DEFAULT = new Batching(64, 1000);

  Batching {
    Require.argument(maxRows >= 1, "max_batch_size must be at least 1: %s", maxRows);
    Require.argument(maxWaiting >= 1, "the queue must hold at least 1 request: %s", maxWaiting);
  }

  /**
   * A file as TensorFlow Serving's {@code --batching_parameters_file}. Batches form here of what comes while another batch
   * runs, so there is no timeout to wait for, and none is padded to an allowed size.
   *
   * @throws IllegalArgumentException if it is none
   * @throws IOException if it cannot be read
   */
  static Batching read(Path file) throws IOException {
    BatchingParameters.Builder read = BatchingParameters.newBuilder();
    try {
      TextFormat.merge(Files.readString(file), read);
      long rows = read.hasMaxBatchSize() ? read.getMaxBatchSize().getValue() : DEFAULT.maxRows;
      long waiting =
          read.hasMaxEnqueuedBatches()
              ? Math.multiplyExact(read.getMaxEnqueuedBatches().getValue(), rows)
              : DEFAULT.maxWaiting;
      return new Batching(Math.toIntExact(rows), Math.toIntExact(waiting));
    } catch (TextFormat.ParseException | IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "%s has no batching parameters: %s".formatted(file, e.getMessage()), e);
    }
  }
}
