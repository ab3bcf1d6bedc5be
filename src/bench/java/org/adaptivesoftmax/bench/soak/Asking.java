package org.adaptivesoftmax.bench.soak;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.client.Prediction;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.proto.error.Code;

/** Asks for the next words of texts, and looks at every answer. Its thread may be interrupted. */
final class Asking implements Activity {
  /** What may be late on a busy machine, beyond the deadline. */
  private static final long LATE_NANOS = 2_000_000_000;

  private static final Set<Tally.Way> TROUBLED =
      EnumSet.of(Tally.Way.TROUBLED_GRPC, Tally.Way.TROUBLED_REST);

  private final Tally.Way way;
  private final ModelServerClient client;
  private final Common common;

  /**
   * What all who ask share.
   *
   * @param deadlineNanos of calls over the network
   */
  record Common(Texts texts, SingleRows rows, Tally tally, long deadlineNanos) {}

  Asking(Tally.Way way, ModelServerClient client, Common common) {
    this.way = way;
    this.client = client;
    this.common = common;
  }

  @Override
  public void once(Random random) {
    List<String> texts = common.texts.batch(random);
    long start = System.nanoTime();
    try {
      Prediction prediction = ask(client, texts);
      ended(start);
      require(texts, prediction);
    } catch (ModelServerException e) {
      ended(start);
      // The client gives the interrupt back with the exception.
      boolean interrupted = Thread.interrupted();
      if (e.code() == Code.CANCELLED ? interrupted && way != Tally.Way.LOCAL : mayFail()) {
        common.tally.failed(way.key() + " " + e.code());
      } else {
        common.tally.wrong(way.key() + ": " + e);
      }
    }
    Thread.interrupted();
  }

  static Prediction ask(ModelServerClient client, List<String> texts) {
    return client.predict(
        SignatureKeys.DEFAULT,
        Map.of(TensorNames.TEXT, NdArrays.vectorOfObjects(texts.toArray(String[]::new))));
  }

  private boolean mayFail() {
    return TROUBLED.contains(way);
  }

  private void ended(long start) {
    long took = System.nanoTime() - start;
    common.tally.ended(way, took);
    if (way != Tally.Way.LOCAL && took > common.deadlineNanos + LATE_NANOS) {
      common.tally.wrong("%s: a call took %d ms".formatted(way.key(), took / 1_000_000));
    }
  }

  private void require(List<String> texts, Prediction prediction) {
    String wrong = common.rows.check(texts, prediction);
    if (!wrong.isEmpty()) {
      common.tally.wrong(way.key() + ": " + wrong);
    }
  }
}
