package examples.classifier;

import java.io.IOException;
import java.nio.file.Path;
import org.adaptivesoftmax.assoftmax.AdaptiveSparseLoss;
import org.adaptivesoftmax.assoftmax.AdaptiveSparseSoftmax;
import org.adaptivesoftmax.assoftmax.DeltaSchedule;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.random.TruncatedNormal;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * Classifies short texts with AS-Softmax: a row trains only as long as some class comes within δ of its label, and δ goes from
 * 1, the plain softmax, to 0.1.
 */
public final class SparseClassifier {
  private static final Path SAMPLE = Path.of("../../savedmodels/samples/sources/intents.tsv");
  private static final int WIDTH = 32;
  private static final int BATCH = 16;
  private static final int EPOCHS = 10;

  private SparseClassifier() {}

  /**
   * What came of it.
   *
   * @param accuracy for texts that were not trained on
   * @param finishedFirst the share of rows in the first epoch that had nothing left to learn
   * @param finishedLast the same in the last epoch
   */
  public record Outcome(double accuracy, double finishedFirst, double finishedLast) {}

  /** The mean of the words' vectors, and a linear layer. */
  private static Operand<TFloat32> logits(Ops tf, Operand<TInt64> words, int labels) {
    Variable<TFloat32> table = normal(tf, "words", Texts.BUCKETS, WIDTH);
    Variable<TFloat32> weight = normal(tf, "weight", WIDTH, labels);
    Operand<TFloat32> isWord =
        tf.dtypes.cast(tf.math.greater(words, tf.constant(0L)), TFloat32.class); // [batch, words]
    Operand<TFloat32> vectors = // [batch, words, WIDTH]
        tf.math.mul(tf.gather(table, words, tf.constant(0)), tf.expandDims(isWord, tf.constant(2)));
    Operand<TFloat32> count = tf.expandDims(tf.reduceSum(isWord, tf.constant(1)), tf.constant(1));
    return tf.linalg.matMul(
        tf.math.div(tf.reduceSum(vectors, tf.constant(1)), tf.math.maximum(count, tf.constant(1f))),
        weight);
  }

  private static Variable<TFloat32> normal(Ops tf, String name, int rows, int columns) {
    Variable<TFloat32> variable =
        tf.withName(name).variable(Shape.of(rows, columns), TFloat32.class);
    Ops init = tf.withInitScope();
    Operand<TInt32> shape = init.constant(new int[] {rows, columns});
    init.assign(
        variable, init.random.truncatedNormal(shape, TFloat32.class, TruncatedNormal.seed(1L)));
    return variable;
  }

  /** Trains on four fifths of the texts and measures on the rest. */
  public static Outcome run(Path file) throws IOException {
    Texts all = Texts.read(file).shuffled(1);
    Texts training = all.range(0, all.size() * 4 / 5);
    Texts held = all.range(training.size(), all.size());
    long steps = (long) EPOCHS * ((training.size() + BATCH - 1) / BATCH);
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Operand<TInt64> words = tf.placeholder(TInt64.class, Placeholder.shape(Shape.of(-1, -1)));
      Operand<TInt32> labels = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
      Operand<TInt64> step = tf.placeholder(TInt64.class, Placeholder.shape(Shape.scalar()));
      Operand<TFloat32> logits = logits(tf, words, all.names().size());
      DeltaSchedule schedule = DeltaSchedule.cosine(1, 0.1, 0.3, steps);
      AdaptiveSparseLoss<TFloat32> loss =
          AdaptiveSparseSoftmax.builder()
              .delta(schedule.delta(tf, step))
              .build()
              .lossAndRows(tf, labels, logits, null);
      Op train = new Adam(graph, 0.02f).minimize(loss.loss());
      Operand<TInt64> best = tf.math.argMax(logits, tf.constant(1));
      session.initialize();

      double first = 0;
      double last = 0;
      long taken = 0;
      for (int epoch = 0; epoch < EPOCHS; epoch++) {
        Texts shuffled = training.shuffled(epoch);
        long finished = 0;
        for (int row = 0; row < shuffled.size(); row += BATCH) {
          Texts batch = shuffled.range(row, row + BATCH);
          try (TInt64 wordRows = TInt64.tensorOf(StdArrays.ndCopyOf(batch.wordRows()));
              TInt32 labelRow = TInt32.vectorOf(batch.labelRow());
              TInt64 stepsTaken = TInt64.scalarOf(taken++);
              Result result =
                  session
                      .runner()
                      .feed(words, wordRows)
                      .feed(labels, labelRow)
                      .feed(step, stepsTaken)
                      .addTarget(train)
                      .fetch(loss.rows().finished())
                      .run()) {
            finished += ((TInt64) result.get(0)).getLong();
          }
        }
        last = (double) finished / shuffled.size();
        first = epoch == 0 ? last : first;
        System.out.printf(
            "epoch %d: delta %.2f, %.0f %% of the rows finished%n",
            epoch + 1, schedule.delta(taken), 100 * last);
      }
      double accuracy = accuracy(session, words, best, held);
      System.out.printf("accuracy on %d other texts: %.2f%n", held.size(), accuracy);
      return new Outcome(accuracy, first, last);
    }
  }

  private static double accuracy(
      Session session, Operand<TInt64> words, Operand<TInt64> best, Texts texts) {
    try (TInt64 rows = TInt64.tensorOf(StdArrays.ndCopyOf(texts.wordRows()));
        Result result = session.runner().feed(words, rows).fetch(best).run()) {
      TInt64 predicted = (TInt64) result.get(0);
      int right = 0;
      for (int i = 0; i < texts.size(); i++) {
        right += predicted.getLong(i) == texts.labels().get(i) ? 1 : 0;
      }
      return (double) right / texts.size();
    }
  }

  public static void main(String[] args) throws IOException {
    run(args.length > 0 ? Path.of(args[0]) : SAMPLE);
  }
}
