package org.adaptivesoftmax.bench.study;

import java.util.List;
import org.adaptivesoftmax.training.ClassifierLoss;
import org.adaptivesoftmax.training.ClassifierLoss.Kind;

/**
 * One way to train. Each differs from AS-Softmax, or for AS-Softmax and the other losses from softmax, in one thing.
 *
 * @param name of the variant
 * @param loss what it minimises
 * @param frozenLayers how many layers of an encoder keep their weights, and the embeddings with them; −1 for none at all
 */
public record Variant(String name, ClassifierLoss loss, int frozenLayers) {
  /** The first of all variants, which the others are compared with. */
  public static final String BASELINE = "softmax";

  private static final double WARMUP_RATIO = 0.3;
  private static final int ACCUMULATE = 4;

  Variant(String name, ClassifierLoss loss) {
    this(name, loss, -1);
  }

  /**
   * The variants of the study.
   *
   * @param delta AS-Softmax's δ
   * @throws IllegalArgumentException if it is outside (0, 1]
   */
  public static List<Variant> all(double delta) {
    return List.of(
        new Variant(BASELINE, ClassifierLoss.softmax()),
        new Variant("as-softmax", asSoftmax(delta).build()),
        new Variant("as-softmax-warm-up", asSoftmax(delta).warmupRatio(WARMUP_RATIO).build()),
        new Variant("as-speed", asSoftmax(delta).accumulate(ACCUMULATE).build()),
        new Variant(
            "row-skipping", asSoftmax(delta).skipping(ClassifierLoss.Skipping.TWO_PASS).build()),
        new Variant("sparsemax", ClassifierLoss.of(Kind.SPARSEMAX)),
        new Variant("entmax15", ClassifierLoss.of(Kind.ENTMAX15)),
        new Variant("focal", ClassifierLoss.of(Kind.FOCAL)));
  }

  /** Softmax with the embeddings as they are: what it is worth that a batch updates the rows of its words. */
  static Variant frozenEmbeddings() {
    return new Variant("frozen-embeddings", ClassifierLoss.softmax(), 0);
  }

  /**
   * The variants of the study with an encoder.
   *
   * @param delta AS-Softmax's δ
   * @throws IllegalArgumentException if it is outside (0, 1]
   */
  static List<Variant> ofEncoder(double delta) {
    return List.of(
        new Variant(BASELINE, ClassifierLoss.softmax()),
        new Variant("as-softmax", asSoftmax(delta).build()),
        new Variant(
            "speculative-skipping",
            asSoftmax(delta).skipping(ClassifierLoss.Skipping.SPECULATIVE).build()),
        new Variant("as-speed", asSoftmax(delta).accumulate(ACCUMULATE).build()));
  }

  private static ClassifierLoss.Builder asSoftmax(double delta) {
    return ClassifierLoss.asSoftmax().delta(delta);
  }
}
