package org.adaptivesoftmax.training;

/**
 * How well predicted classes agree with true ones.
 *
 * @param accuracy share of the examples whose prediction is right, in [0, 1]
 * @param macroF1 mean over classes of F1 = 2 · hits / (times predicted + times true), in [0, 1]. A class that is neither
 *     predicted nor true in any example is left out, as in scikit-learn.
 * @param loss mean loss of the examples, in nats
 */
public record ClassMetrics(double accuracy, double macroF1, double loss) {
  /** Adds up examples. */
  static final class Sum {
    private final long[] hits;
    private final long[] predictions;
    private final long[] examples;
    private long count;
    private double loss;

    Sum(int classes) {
      hits = new long[classes];
      predictions = new long[classes];
      examples = new long[classes];
    }

    void add(int truth, int prediction) {
      examples[truth]++;
      predictions[prediction]++;
      hits[truth] += truth == prediction ? 1 : 0;
      count++;
    }

    /** Adds the loss of any number of examples. */
    void addLoss(double sum) {
      loss += sum;
    }

    ClassMetrics metrics() {
      long right = 0;
      double f1 = 0;
      int classes = 0;
      for (int i = 0; i < hits.length; i++) {
        right += hits[i];
        long either = predictions[i] + examples[i];
        if (either > 0) {
          f1 += 2.0 * hits[i] / either;
          classes++;
        }
      }
      return new ClassMetrics((double) right / count, f1 / classes, loss / count);
    }
  }
}
