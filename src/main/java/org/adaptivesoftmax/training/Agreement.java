package org.adaptivesoftmax.training;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.internal.io.LibraryVersion;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.io.Sha256;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;

/**
 * What replicas have to agree on: before training that they train the same, after an evaluation what all of them found.
 *
 * @param own what this replica has, a number for each thing
 * @param all every replica's numbers
 * @param part of an evaluation
 * @param whole sum of all parts
 */
record Agreement(
    Replica replica,
    Placeholder<TInt64> own,
    Operand<TInt64> all,
    Placeholder<TFloat64> part,
    Operand<TFloat64> whole) {
  private static final List<String> THINGS =
      List.of("library version", "model", "training", "text", "epochs done");

  static Agreement create(Ops graph, Replica replica, Exchange exchange, ClusterPlan plan) {
    Ops tf = graph.withSubScope("agreement");
    Placeholder<TInt64> own =
        tf.placeholder(TInt64.class, Placeholder.shape(Shape.of(THINGS.size())));
    Placeholder<TFloat64> part =
        tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(2L * (plan.nTails() + 1))));
    return new Agreement(replica, own, exchange.gather(tf, own), part, exchange.sum(tf, part));
  }

  /**
   * Checks that every replica trains the same.
   *
   * @throws IllegalArgumentException if one has something else, with its number and the thing's name
   */
  boolean require(Session session, TrainingState state) {
    long[] numbers = numbers(state);
    long[] others = new long[numbers.length * replica.count()];
    try (TInt64 fed = TInt64.tensorOf(Shape.of(numbers.length), DataBuffers.of(numbers));
        TInt64 found = (TInt64) session.runner().feed(own, fed).fetch(all).run().get(0)) {
      found.copyTo(DataBuffers.of(others));
    }
    for (int i = 0; i < others.length; i++) {
      Require.argument(
          others[i] == numbers[i % numbers.length],
          "replica %d has another %s than replica %d",
          i / numbers.length,
          THINGS.get(i % numbers.length),
          replica.index());
    }
    return true;
  }

  private static long[] numbers(TrainingState state) {
    Map<String, String> things = new LinkedHashMap<>();
    things.put(THINGS.get(0), LibraryVersion.get());
    for (String name : THINGS.subList(1, 4)) {
      things.put(name, state.identity().path(name).toString());
    }
    things.put(THINGS.get(4), Integer.toString(state.epochsDone()));
    return things.values().stream().mapToLong(Agreement::number).toArray();
  }

  private static long number(String text) {
    MessageDigest digest = Sha256.digest();
    byte[] hash = digest.digest(text.getBytes(StandardCharsets.UTF_8));
    long number = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      number = number << Byte.SIZE | (hash[i] & 0xff);
    }
    return number;
  }

  /** The perplexity of the whole text, of whose streams each replica evaluated its own. */
  Perplexity sum(Session session, Perplexity ofPart) {
    int clusters = ofPart.words().size();
    double[] numbers = new double[2 * clusters];
    for (int cluster = 0; cluster < clusters; cluster++) {
      numbers[cluster] = ofPart.words().get(cluster);
      numbers[clusters + cluster] = ofPart.nats().get(cluster);
    }
    double[] sums = new double[numbers.length];
    try (TFloat64 fed = TFloat64.tensorOf(Shape.of(numbers.length), DataBuffers.of(numbers));
        TFloat64 found = (TFloat64) session.runner().feed(part, fed).fetch(whole).run().get(0)) {
      found.copyTo(DataBuffers.of(sums));
    }
    List<Long> words = new ArrayList<>(Collections.nCopies(clusters, 0L));
    List<Double> nats = new ArrayList<>(Collections.nCopies(clusters, 0.0));
    for (int cluster = 0; cluster < clusters; cluster++) {
      words.set(cluster, Math.round(sums[cluster]));
      nats.set(cluster, sums[clusters + cluster]);
    }
    return new Perplexity(words, nats);
  }
}
