package org.adaptivesoftmax.savedmodel;

import org.tensorflow.Signature;

/**
 * The keys of the signatures that exported models have. What goes in and comes out of each is said by its exporter: {@code
 * OutputLayerExporter}, {@code LanguageModelExporter}, {@code ClassifierExporter}, {@code EncoderClassifierExporter}.
 */
public final class SignatureKeys {
  /** The best classes or next words, of every kind of model: {@code serving_default}. */
  public static final String DEFAULT = Signature.DEFAULT_KEY;

  /**
   * The best classes or next words of the shortlist, and of each row whether they are those of {@link #DEFAULT}: what a busy
   * server can answer without the tail clusters. Only models with tail clusters have it, and those whose shortlist holds as
   * many classes as an answer.
   */
  public static final String HEAD_ONLY = "head_only";

  /** The log-probability of every class or word. */
  public static final String LOG_PROB = "log_prob";

  /** The one best class of an output layer. */
  public static final String PREDICT = "predict";

  /** The log-probability of given classes, or of a text. */
  public static final String SCORE = "score";

  /** A text's log-probability by the cluster of its words. */
  public static final String SCORE_BY_CLUSTER = "score_by_cluster";

  /** A next word drawn by chance. */
  public static final String SAMPLE = "sample";

  /** A classifier's answer to TensorFlow Serving's Classify API. */
  public static final String CLASSIFY = "classify";

  /** A classifier's answer to texts that are divided into an encoder's tokens already. */
  public static final String TOKENS = "tokens";

  private SignatureKeys() {}
}
