package org.adaptivesoftmax.savedmodel;

/** The names of inputs and outputs in the signatures of exported models. */
public final class TensorNames {
  /** Input: hidden states, float32 [batch, inFeatures]; for {@link SignatureKeys#CLASSIFY} serialized examples. */
  public static final String INPUTS = "inputs";

  /** Input: the class to score in each row, int64 [batch]. */
  public static final String TARGETS = "targets";

  /** Input: texts, string [batch]; also the feature of an example that {@link SignatureKeys#CLASSIFY} reads. */
  public static final String TEXT = "text";

  /** Input: ids of an encoder's tokens, int64 [batch, time]. */
  public static final String INPUT_IDS = "input_ids";

  /** Input: 1 for a token, 0 for padding, int64 [batch, time]. */
  public static final String ATTENTION_MASK = "attention_mask";

  /** Input: what makes a draw repeatable, int64 [batch]. */
  public static final String SEED = "seed";

  /** Input: the temperature of a draw, float32 [batch]. */
  public static final String TEMPERATURE = "temperature";

  /** Output: class ids, int64, or labels, string. */
  public static final String CLASSES = "classes";

  /** Output: words, string, or for scores their number, int64. */
  public static final String WORDS = "words";

  /** Output: natural logarithms of probabilities, float32. */
  public static final String LOG_PROBS = "log_probs";

  /**
   * Output of {@link SignatureKeys#HEAD_ONLY}: whether a row's answer is proven to be that of {@link SignatureKeys#DEFAULT},
   * bool [batch].
   */
  public static final String EXACT = "exact";

  /** Output of {@link SignatureKeys#CLASSIFY}: probabilities, float32 [batch, k]. */
  public static final String SCORES = "scores";

  private TensorNames() {}
}
