package org.adaptivesoftmax.export;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.adaptivesoftmax.model.EncoderClassifier;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;
import org.adaptivesoftmax.savedmodel.ServingSignature;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.tensorflow.Operand;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.io.ParseExample;
import org.tensorflow.op.nn.TopK;
import org.tensorflow.proto.BytesList;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/**
 * The signatures of a text classifier: {@code serving_default} takes texts, {@code classify} serialized examples, {@code
 * tokens} an encoder's ids.
 */
final class ClassifierSignatures {
  // JSON has no infinity and no NaN, so no answer may hold one.
  private static final String NOT_FINITE = "log_probs are not finite, as a weight is not";

  private static final int WARM_UP_TOKENS = 3;

  private final Ops tf;
  private final Logits logits;
  private final AssetLines labels;
  private final int k;

  /** The best classes of each text, best first, [batch, k]. */
  private record Best(Operand<TString> classes, Operand<TFloat32> logProbs) {}

  /** The texts of examples, [batch], and which of them have one. */
  private record Examples(Operand<TString> texts, AnsweredRows rows) {}

  /** From texts [batch] to logits [batch, classes]; called once for each signature. */
  @FunctionalInterface
  interface Logits {
    Operand<TFloat32> of(Operand<TString> texts);
  }

  private ClassifierSignatures(Ops tf, Logits logits, AssetLines labels, int k) {
    this.tf = tf;
    this.logits = logits;
    this.labels = labels;
    this.k = k;
  }

  /**
   * Adds the operations of all signatures to the classifier's graph.
   *
   * @param k how many classes an answer has
   */
  static List<Signature> of(Ops tf, Logits logits, AssetLines labels, int k) {
    ClassifierSignatures signatures = new ClassifierSignatures(tf, logits, labels, k);
    return List.of(signatures.predict(), signatures.classify());
  }

  /** The signatures, and one more, {@code tokens}, that takes what an encoder's tokenizer gives. */
  static List<Signature> of(
      Ops tf, Logits logits, EncoderClassifier model, AssetLines labels, int k) {
    ClassifierSignatures signatures = new ClassifierSignatures(tf, logits, labels, k);
    return List.of(signatures.predict(), signatures.classify(), signatures.tokens(model));
  }

  /**
   * Adds warm-up requests for all signatures.
   *
   * @param words of the texts
   */
  static void addWarmUp(SavedModelPublisher.Builder publisher, List<String> words) {
    for (String[] texts : WarmUpTexts.batches(words)) {
      byte[][] examples =
          Stream.of(texts).map(text -> example(text).toByteArray()).toArray(byte[][]::new);
      Shape tokens = Shape.of(texts.length, WARM_UP_TOKENS);
      try (TString text = TString.vectorOf(texts);
          TString inputs = TString.tensorOfBytes(NdArrays.vectorOfObjects(examples));
          TInt64 ones =
              TInt64.tensorOf(tokens, data -> data.scalars().forEach(x -> x.setLong(1)))) {
        publisher.warmUp(
            Map.of(
                TensorNames.TEXT, text,
                TensorNames.INPUTS, inputs,
                TensorNames.INPUT_IDS, ones,
                TensorNames.ATTENTION_MASK, ones));
      }
    }
  }

  private static Example example(String text) {
    BytesList bytes = BytesList.newBuilder().addValue(ByteString.copyFromUtf8(text)).build();
    Feature feature = Feature.newBuilder().setBytesList(bytes).build();
    return Example.newBuilder()
        .setFeatures(Features.newBuilder().putFeature(TensorNames.TEXT, feature))
        .build();
  }

  private Signature predict() {
    Placeholder<TString> text = strings(TensorNames.TEXT);
    Best best = best(logits.of(text));
    return ServingSignature.predict(SignatureKeys.DEFAULT)
        .input(TensorNames.TEXT, text)
        .output(TensorNames.CLASSES, best.classes)
        .output(TensorNames.LOG_PROBS, best.logProbs)
        .build();
  }

  private Signature classify() {
    Placeholder<TString> inputs = strings(TensorNames.INPUTS);
    Examples examples = examples(inputs);
    Best best = best(logits.of(examples.texts));
    return ServingSignature.classify(SignatureKeys.CLASSIFY)
        .input(TensorNames.INPUTS, inputs)
        .output(TensorNames.CLASSES, examples.rows.words(tf, best.classes))
        .output(TensorNames.SCORES, examples.rows.logProbs(tf, tf.math.exp(best.logProbs)))
        .build();
  }

  /** A text with an id that is no token's, or with more tokens than the encoder has positions, has no answer. */
  private Signature tokens(EncoderClassifier model) {
    Placeholder.Options shape = Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE, Shape.UNKNOWN_SIZE));
    Placeholder<TInt64> ids = tf.withName(TensorNames.INPUT_IDS).placeholder(TInt64.class, shape);
    Placeholder<TInt64> mask =
        tf.withName(TensorNames.ATTENTION_MASK).placeholder(TInt64.class, shape);
    long positions = model.configuration().encoder().embeddings().positions();
    Operand<TInt64> fitting = until(ids, positions);
    Operand<TBool> known = known(model, fitting);
    AnsweredRows rows =
        new AnsweredRows(
            tf.math.logicalAnd(tf.reduceAll(known, tf.constant(1)), nothingFrom(mask, positions)));
    Operand<TInt64> padding = tf.constant((long) model.configuration().padding());
    Best best =
        best(
            model.logits(
                tf,
                tf.dtypes.cast(tf.select(known, fitting, padding), TInt32.class),
                tf.dtypes.cast(until(mask, positions), TFloat32.class)));
    return ServingSignature.predict(SignatureKeys.TOKENS)
        .input(TensorNames.INPUT_IDS, ids)
        .input(TensorNames.ATTENTION_MASK, mask)
        .output(TensorNames.CLASSES, rows.words(tf, best.classes))
        .output(TensorNames.LOG_PROBS, rows.logProbs(tf, best.logProbs))
        .build();
  }

  /** The columns before one. */
  private Operand<TInt64> until(Operand<TInt64> matrix, long column) {
    return tf.stridedSlice(matrix, Indices.all(), Indices.sliceTo(column));
  }

  /** Which rows are 0 from a column on. */
  private Operand<TBool> nothingFrom(Operand<TInt64> matrix, long column) {
    Operand<TInt64> rest = tf.stridedSlice(matrix, Indices.all(), Indices.sliceFrom(column));
    return tf.reduceAll(tf.math.equal(rest, tf.constant(0L)), tf.constant(1));
  }

  /** Which ids are tokens'. */
  private Operand<TBool> known(EncoderClassifier model, Operand<TInt64> ids) {
    long vocabulary = model.configuration().encoder().embeddings().vocabulary();
    return tf.math.logicalAnd(
        tf.math.greaterEqual(ids, tf.constant(0L)), tf.math.less(ids, tf.constant(vocabulary)));
  }

  private Placeholder<TString> strings(String name) {
    return tf.withName(name)
        .placeholder(TString.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
  }

  /**
   * The feature {@code text} of serialized {@code tf.Example}. An example that has no text, or more than one, has no
   * answer; one whose text is of another type fails the request.
   */
  @SuppressWarnings("unchecked") // The one feature is declared as string.
  private Examples examples(Operand<TString> serialized) {
    Operand<TString> none = tf.fill(tf.constant(new int[] {0}), tf.constant(""));
    ParseExample parsed =
        tf.io.parseExample(
            serialized,
            none,
            tf.constant(StandardCharsets.UTF_8, new String[] {TensorNames.TEXT}),
            none,
            none,
            List.of(),
            1L,
            List.of(TString.class),
            List.of(),
            List.of(),
            List.of());
    Operand<TString> texts = (Operand<TString>) parsed.sparseValues().get(0);
    Operand<TInt64> rows =
        tf.stridedSlice(parsed.sparseIndices().get(0), Indices.all(), Indices.at(0));
    Operand<TInt64> batch = tf.size(serialized, TInt64.class);
    Operand<TInt64> counts = tf.math.unsortedSegmentSum(tf.onesLike(rows), rows, batch);
    Operand<TString> empty = tf.fill(tf.expandDims(batch, tf.constant(0)), tf.constant(""));
    return new Examples(
        tf.tensorScatterNdUpdate(empty, tf.expandDims(rows, tf.constant(1)), texts),
        new AnsweredRows(tf.math.equal(counts, tf.constant(1L))));
  }

  private Best best(Operand<TFloat32> found) {
    Operand<TFloat32> logProbs = tf.debugging.checkNumerics(tf.nn.logSoftmax(found), NOT_FINITE);
    TopK<TFloat32, TInt64> top = tf.nn.topK(logProbs, tf.constant(k), TInt64.class);
    // A lookup's shape is not known from its keys' shape.
    Operand<TString> names =
        tf.ensureShape(labels.lines(tf, top.indices(), ""), Shape.of(Shape.UNKNOWN_SIZE, k));
    return new Best(names, top.values());
  }
}
