package org.adaptivesoftmax.server;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.adaptivesoftmax.local.HeadAnswer;
import org.adaptivesoftmax.proto.ModelSpec;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.NdArray;

/**
 * A request to predict, which a busy server may ask the head alone for. It is read once, by the thread that has it first, and
 * one thread has it at a time.
 *
 * @param <T> the answer as it is sent
 */
final class PredictWork<T> implements RequestQueue.Work<T> {
  private final ServingCalls calls;
  private final Supplier<Asked> reader;
  private final BiFunction<Asked, ServingCalls.Answered<Map<String, NdArray<?>>>, T> writer;
  private @Nullable Asked asked;
  private @Nullable HeadAnswer head;

  /**
   * What is asked.
   *
   * @param rows whether it came row by row over REST, as its answer shall
   */
  record Asked(
      ModelSpec spec, Map<String, NdArray<?>> inputs, List<String> outputFilter, boolean rows) {}

  PredictWork(
      ServingCalls calls,
      Supplier<Asked> reader,
      BiFunction<Asked, ServingCalls.Answered<Map<String, NdArray<?>>>, T> writer) {
    this.calls = calls;
    this.reader = reader;
    this.writer = writer;
  }

  @Override
  public Optional<T> early() {
    ServingCalls.Early early = calls.early(read());
    head = early.unproven();
    return early.answer().map(answer -> writer.apply(read(), answer));
  }

  @Override
  public T inTurn() {
    return writer.apply(read(), calls.predict(read(), head));
  }

  private Asked read() {
    if (asked == null) {
      asked = reader.get();
    }
    return asked;
  }
}
