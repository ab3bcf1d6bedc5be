package org.adaptivesoftmax.bench;

import java.util.Locale;

/** Who is timed. */
enum Contender {
  /** {@link org.adaptivesoftmax.AdaptiveSoftmax}. */
  OURS("ours"),
  /** The same layer with {@code compiled(true)}. */
  COMPILED("compiled"),
  /** The products of matrices that an adaptive softmax cannot avoid, and nothing else. */
  MATMUL_FLOOR("matmul floor"),
  /** {@link org.adaptivesoftmax.FullSoftmax}. */
  FULL_SOFTMAX("full softmax"),
  /** PyTorch's {@code nn.AdaptiveLogSoftmaxWithLoss}. */
  PYTORCH("PyTorch");

  private final String title;

  Contender(String title) {
    this.title = title;
  }

  /** The start of its JSON keys. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return title;
  }
}
