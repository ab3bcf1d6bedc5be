package org.adaptivesoftmax.training;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.TailSplit;
import org.adaptivesoftmax.internal.io.LibraryVersion;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.io.Sha256;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;

/**
 * What processes that train together have to agree on: before training that all take part in the same, after an evaluation what
 * the replicas found.
 *
 * @param own what this replica has, a number for each thing
 * @param all every replica's numbers
 * @param ofTails those of each tail task, as far as it has them
 * @param part of an evaluation
 * @param whole sum of all parts
 */
record Agreement(
    Replica replica,
    Placeholder<TInt64> own,
    Operand<TInt64> all,
    List<Operand<TInt64>> ofTails,
    Placeholder<TFloat64> part,
    Operand<TFloat64> whole) {
  private static final List<String> THINGS =
      List.of("library version", "model", "training", "text", "split of tails", "epochs done");

  /** Things that a tail task knows: all but the last. */
  static final int OF_TAIL = THINGS.size() - 1;

  @SuppressWarnings("unchecked") // The queue holds int64 alone.
  static Agreement create(Ops graph, Replica replica, Exchange exchange, ClusterPlan plan) {
    Ops tf = graph.withSubScope("agreement");
    Placeholder<TInt64> own =
        tf.placeholder(TInt64.class, Placeholder.shape(Shape.of(THINGS.size())));
    Placeholder<TFloat64> part =
        tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(2L * (plan.nTails() + 1))));
    List<Operand<TInt64>> ofTails = new ArrayList<>();
    for (int task = 0; task < replica.tails().tasks(); task++) {
      ofTails.add((Output<TInt64>) TailTask.identities(tf, task, replica.count()).dequeue().get(0));
    }
    return new Agreement(
        replica, own, exchange.gather(tf, own), ofTails, part, exchange.sum(tf, part));
  }

  /**
   * Checks that all take part in the same.
   *
   * @throws IllegalArgumentException if one has something else, with its number and the thing's name
   */
  boolean require(Session session, TrainingState state) {
    long[] numbers = numbers(state, replica.tails());
    try (TInt64 fed = TInt64.tensorOf(Shape.of(numbers.length), DataBuffers.of(numbers))) {
      Session.Runner runner = session.runner().feed(own, fed).fetch(all);
      ofTails.forEach(runner::fetch);
      try (Result found = runner.run()) {
        long[] replicas = values(found.get(0));
        for (int other = 0; other < replica.count(); other++) {
          require(
              numbers,
              Arrays.copyOfRange(replicas, other * numbers.length, (other + 1) * numbers.length),
              "replica " + other);
        }
        for (int task = 0; task < ofTails.size(); task++) {
          require(numbers, values(found.get(1 + task)), "tail task " + task);
        }
      }
    }
    return true;
  }

  private void require(long[] mine, long[] its, String who) {
    for (int thing = 0; thing < its.length; thing++) {
      Require.argument(
          its[thing] == mine[thing],
          "%s has another %s than replica %d",
          who,
          THINGS.get(thing),
          replica.index());
    }
  }

  private static long[] values(Tensor tensor) {
    long[] values = new long[Math.toIntExact(tensor.shape().size())];
    tensor.asRawTensor().data().asLongs().read(values);
    return values;
  }

  /** What a tail task has. */
  static long[] ofTail(TrainingState state, TailSplit split) {
    return Arrays.copyOf(numbers(state, split), OF_TAIL);
  }

  private static long[] numbers(TrainingState state, TailSplit split) {
    List<String> things = new ArrayList<>(List.of(LibraryVersion.get()));
    for (String name : THINGS.subList(1, 4)) {
      things.add(state.identity().path(name).toString());
    }
    things.add(split.taskOfTail().toString());
    things.add(Integer.toString(state.epochsDone()));
    return things.stream().mapToLong(Agreement::number).toArray();
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
