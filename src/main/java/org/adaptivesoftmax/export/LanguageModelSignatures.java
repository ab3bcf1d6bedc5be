package org.adaptivesoftmax.export;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.decoding.PrunedTopClasses;
import org.adaptivesoftmax.decoding.SampledClasses;
import org.adaptivesoftmax.decoding.TopClasses;
import org.adaptivesoftmax.model.LanguageModel;
import org.adaptivesoftmax.model.Lstm;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;
import org.adaptivesoftmax.savedmodel.ServingSignature;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.adaptivesoftmax.text.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * The signatures of a language model: {@code serving_default}, {@code sample}, {@code score}, {@code
 * score_by_cluster}, {@code log_prob} and, where it is of use, {@code head_only}. All read the same {@code text}, string [batch], and begin each text anew: with zero
 * states and the sentence boundary.
 */
final class LanguageModelSignatures {
  // JSON has no infinity and no NaN, so no answer may hold one.
  private static final String NOT_FINITE = "log_probs are not finite, as a weight is not";

  private final Ops tf;
  private final LanguageModel model;
  private final VocabularyTables vocabulary;
  private final Placeholder<TString> text;
  private final EncodedTexts encoded;
  private final Operand<TFloat32> hidden;

  /** Hidden states and the words that follow them. */
  private record Targets(Operand<TInt64> row, Operand<TFloat32> hidden, Operand<TInt32> ranks) {}

  private LanguageModelSignatures(
      Ops tf, LanguageModel model, VocabularyTables vocabulary, int maxWords) {
    this.tf = tf;
    this.model = model;
    this.vocabulary = vocabulary;
    text = vector(TensorNames.TEXT, TString.class);
    encoded = EncodedTexts.of(tf, text, vocabulary, maxWords);
    hidden = hiddenStates();
  }

  /**
   * Adds the operations of all signatures to the model's graph.
   *
   * @param k how many next words {@code serving_default} gives
   * @param maxWords of a text, whose last ones are read
   * @throws IllegalArgumentException if k is not in 1..vocabulary
   */
  static List<Signature> of(
      Ops tf, LanguageModel model, VocabularyTables vocabulary, int k, int maxWords) {
    LanguageModelSignatures signatures =
        new LanguageModelSignatures(tf, model, vocabulary, maxWords);
    List<Signature> all =
        new ArrayList<>(
            List.of(
                signatures.next(k),
                signatures.sample(),
                signatures.score(),
                signatures.scoreByCluster(),
                signatures.logProb()));
    if (HeadOnly.isUseful(model.output().plan(), k)) {
      all.add(signatures.headOnly(k));
    }
    return all;
  }

  /** Adds warm-up requests for all signatures. */
  static void addWarmUp(SavedModelPublisher.Builder publisher, Vocabulary vocabulary) {
    for (String[] texts : WarmUpTexts.batches(vocabulary.words())) {
      long[] seeds = LongStream.range(0, texts.length).toArray();
      try (TString text = TString.vectorOf(texts);
          TInt64 seed = TInt64.vectorOf(seeds);
          TFloat32 temperature =
              TFloat32.tensorOf(
                  Shape.of(texts.length), data -> data.scalars().forEach(t -> t.setFloat(1)))) {
        publisher.warmUp(
            Map.of(
                TensorNames.TEXT,
                text,
                TensorNames.SEED,
                seed,
                TensorNames.TEMPERATURE,
                temperature));
      }
    }
  }

  /** [longest + 1, batch, hidden]; at time t a text's boundary and its first t words have been read. */
  private Operand<TFloat32> hiddenStates() {
    Operand<TFloat32> embedded = model.embed(tf, encoded.inputs());
    Operand<TFloat32> zeros =
        tf.fill(
            tf.stack(
                List.of(tf.size(text, TInt64.class), tf.constant((long) model.lstm().hidden()))),
            tf.constant(0f));
    return model.lstm().call(tf, embedded, new Lstm.State(zeros, zeros)).output();
  }

  private Operand<TFloat32> hiddenAt(Operand<TInt64> time, Operand<TInt64> row) {
    return tf.gatherNd(hidden, EncodedTexts.positions(tf, time, row));
  }

  private Operand<TFloat32> lastHidden() {
    return hiddenAt(encoded.lengths(), encoded.rows(tf));
  }

  private Signature next(int k) {
    return words(SignatureKeys.DEFAULT, model.output().topK(tf, lastHidden(), k), k).build();
  }

  private Signature headOnly(int k) {
    PrunedTopClasses pruned = model.output().decoder().topKOfHead(tf, lastHidden(), k);
    return words(SignatureKeys.HEAD_ONLY, pruned.top(), k)
        .output(TensorNames.EXACT, pruned.exact())
        .build();
  }

  private Signature.Builder words(String key, TopClasses top, int k) {
    return predict(key)
        // A lookup's shape is not known from its keys' shape.
        .output(
            TensorNames.WORDS,
            tf.ensureShape(vocabulary.words(tf, top.classes()), Shape.of(Shape.UNKNOWN_SIZE, k)))
        .output(TensorNames.LOG_PROBS, finite(top.logProbs()));
  }

  /** A row whose temperature is not above 0 and finite has an empty word, and log-probability NaN. */
  private Signature sample() {
    Placeholder<TInt64> seed = vector(TensorNames.SEED, TInt64.class);
    Placeholder<TFloat32> temperature = vector(TensorNames.TEMPERATURE, TFloat32.class);
    AnsweredRows rows =
        new AnsweredRows(
            tf.math.logicalAnd(
                tf.math.greater(temperature, tf.constant(0f)), tf.math.isFinite(temperature)));
    Operand<TFloat32> usable = rows.orElse(tf, temperature, tf.constant(1f));
    SampledClasses drawn = model.output().decoder().sample(tf, lastHidden(), usable, seed);
    Operand<TString> words = vocabulary.words(tf, drawn.classes());
    return predict(SignatureKeys.SAMPLE)
        .input(TensorNames.SEED, seed)
        .input(TensorNames.TEMPERATURE, temperature)
        .output(
            TensorNames.WORDS, rows.words(tf, tf.ensureShape(words, Shape.of(Shape.UNKNOWN_SIZE))))
        .output(TensorNames.LOG_PROBS, rows.logProbs(tf, finite(drawn.logProbs())))
        .build();
  }

  private <T extends TType> Placeholder<T> vector(String name, Class<T> type) {
    return tf.withName(name).placeholder(type, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
  }

  private Signature logProb() {
    return predict(SignatureKeys.LOG_PROB)
        .output(TensorNames.LOG_PROBS, finite(model.output().logProb(tf, lastHidden())))
        .build();
  }

  private Signature score() {
    Targets words = words();
    Operand<TInt64> batch = tf.size(text, TInt64.class);
    return predict(SignatureKeys.SCORE)
        .output(TensorNames.LOG_PROBS, sum(logProbs(words), words.row(), batch))
        .output(TensorNames.WORDS, encoded.lengths())
        .build();
  }

  private Signature scoreByCluster() {
    Targets words = wordsAndEnds();
    ClusterPlan plan = model.configuration().plan();
    Operand<TInt64> clusters = tf.constant(plan.nTails() + 1L);
    Operand<TInt64> cell =
        tf.math.add(tf.math.mul(words.row(), clusters), cluster(plan, words.ranks()));
    Operand<TInt64> cells = tf.math.mul(tf.size(text, TInt64.class), clusters);
    Operand<TInt64> shape = tf.constant(new long[] {-1, plan.nTails() + 1});
    return predict(SignatureKeys.SCORE_BY_CLUSTER)
        .output(TensorNames.LOG_PROBS, tf.reshape(sum(logProbs(words), cell, cells), shape))
        .output(TensorNames.WORDS, tf.reshape(sum(tf.onesLike(cell), cell, cells), shape))
        .build();
  }

  private Signature.Builder predict(String key) {
    return ServingSignature.predict(key).input(TensorNames.TEXT, text);
  }

  private Targets words() {
    return new Targets(encoded.row(), hiddenAt(encoded.place(), encoded.row()), encoded.ranks());
  }

  /** Every word, and the end of every text that has one. */
  private Targets wordsAndEnds() {
    Operand<TInt64> ended = encoded.rowsWithWords(tf);
    Operand<TInt32> ends = tf.fill(tf.shape(ended), vocabulary.boundary(tf));
    Operand<TInt64> endPlaces = tf.gather(encoded.lengths(), ended, tf.constant(0));
    Operand<TInt64> row = joined(encoded.row(), ended);
    return new Targets(
        row, hiddenAt(joined(encoded.place(), endPlaces), row), joined(encoded.ranks(), ends));
  }

  private <T extends TNumber> Operand<T> joined(Operand<T> first, Operand<T> second) {
    return tf.concat(List.of(first, second), tf.constant(0));
  }

  /** Of words alone, not of padding. */
  private Operand<? extends TFloating> logProbs(Targets words) {
    return finite(model.output().call(tf, words.hidden(), words.ranks()).output());
  }

  private Operand<TInt64> cluster(ClusterPlan plan, Operand<TInt32> ranks) {
    Operand<TInt64> cluster = tf.zerosLike(tf.dtypes.cast(ranks, TInt64.class));
    for (int cutoff : plan.cutoffs()) {
      cluster =
          tf.math.add(
              cluster,
              tf.dtypes.cast(tf.math.greaterEqual(ranks, tf.constant(cutoff)), TInt64.class));
    }
    return cluster;
  }

  private <T extends TNumber> Operand<T> sum(
      Operand<T> values, Operand<TInt64> segments, Operand<TInt64> count) {
    return tf.math.unsortedSegmentSum(values, segments, count);
  }

  private <T extends TFloating> Operand<T> finite(Operand<T> logProbs) {
    return tf.debugging.checkNumerics(logProbs, NOT_FINITE);
  }
}
