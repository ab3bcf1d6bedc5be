package org.adaptivesoftmax.savedmodel;

/** The keys of a version's {@link Provenance} that this library itself writes or reads. A model may tell more, under its own. */
public final class ProvenanceKeys {
  /** The version of this library. */
  public static final String LIBRARY = "library";

  /** The version of TensorFlow. */
  public static final String TENSORFLOW = "tensorflow";

  /** The fingerprint of the weights. */
  public static final String WEIGHTS_SHA256 = "weights_sha256";

  /** Width of an output layer's input. */
  public static final String IN_FEATURES = "in_features";

  /** Number of an output layer's classes. */
  public static final String N_CLASSES = "n_classes";

  /** Where the ranks are cut into clusters. */
  public static final String CUTOFFS = "cutoffs";

  /** Factor by which tail projections narrow. */
  public static final String DIV_VALUE = "div_value";

  /** The class ids by rank: {@code "ranks"} where ids are ranks, else the file that has them, with its SHA-256. */
  public static final String CLASS_ORDER = "class_order";

  /** How many classes or words {@code serving_default} gives. */
  public static final String TOP_K = "top_k";

  /** How many words of a text are read at most, its last ones. */
  public static final String MAX_WORDS = "max_words";

  /** How the class rows of tail clusters are stored. */
  public static final String TAIL_WEIGHTS = "tail_weights";

  /** The output layer of a language model, {@code adaptive} or {@code full}. */
  public static final String SOFTMAX = "softmax";

  /** Number of a language model's words. */
  public static final String VOCABULARY = "vocabulary";

  /** Number of a classifier's n-grams. */
  public static final String NGRAMS = "ngrams";

  /** Number of a classifier's classes. */
  public static final String CLASSES = "classes";

  /** A classifier's pretrained encoder: its architecture and the file of its weights. */
  public static final String ENCODER = "encoder";

  /** The most tokens of a text. */
  public static final String MAX_LENGTH = "max_length";

  /** Width of an input row. */
  public static final String EMBEDDING = "embedding";

  /** Width of the hidden layer. */
  public static final String HIDDEN = "hidden";

  /** Probability that a value is dropped in training. */
  public static final String DROPOUT = "dropout";

  /** Seed of every random choice of the training. */
  public static final String SEED = "seed";

  /** What was learned. */
  public static final String CORPUS = "corpus";

  /** The version that this one was made from, an {@link Ancestor}; none if it was trained anew. */
  public static final String PARENT = "parent";

  private ProvenanceKeys() {}
}
