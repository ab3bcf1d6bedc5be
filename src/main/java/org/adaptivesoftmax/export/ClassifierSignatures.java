package org.adaptivesoftmax.export;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.adaptivesoftmax.model.TextClassifier;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;
import org.adaptivesoftmax.savedmodel.ServingSignature;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.adaptivesoftmax.text.NGramVocabulary;
import org.tensorflow.Operand;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.nn.TopK;
import org.tensorflow.proto.BytesList;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/** The signatures of a text classifier: {@code serving_default} takes texts, {@code classify} serialized examples. */
final class ClassifierSignatures {
  // JSON has no infinity and no NaN, so no answer may hold one.
  private static final String NOT_FINITE = "log_probs are not finite, as a weight is not";

  private final Ops tf;
  private final TextClassifier model;
  private final AssetLines ngrams;
  private final AssetLines labels;
  private final int k;

  /** The best classes of each text, best first, [batch, k]. */
  private record Best(Operand<TString> classes, Operand<TFloat32> logProbs) {}

  private ClassifierSignatures(
      Ops tf, TextClassifier model, AssetLines ngrams, AssetLines labels, int k) {
    this.tf = tf;
    this.model = model;
    this.ngrams = ngrams;
    this.labels = labels;
    this.k = k;
  }

  /**
   * Adds the operations of all signatures to the classifier's graph.
   *
   * @param k how many classes an answer has
   */
  static List<Signature> of(
      Ops tf, TextClassifier model, AssetLines ngrams, AssetLines labels, int k) {
    ClassifierSignatures signatures = new ClassifierSignatures(tf, model, ngrams, labels, k);
    return List.of(signatures.predict(), signatures.classify());
  }

  /** Adds warm-up requests for all signatures. */
  static void addWarmUp(SavedModelPublisher.Builder publisher, NGramVocabulary vocabulary) {
    for (String[] texts : WarmUpTexts.batches(vocabulary.ngrams())) {
      byte[][] examples =
          Stream.of(texts).map(text -> example(text).toByteArray()).toArray(byte[][]::new);
      try (TString text = TString.vectorOf(texts);
          TString inputs = TString.tensorOfBytes(NdArrays.vectorOfObjects(examples))) {
        publisher.warmUp(Map.of(TensorNames.TEXT, text, TensorNames.INPUTS, inputs));
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
    Best best = best(text);
    return ServingSignature.predict(SignatureKeys.DEFAULT)
        .input(TensorNames.TEXT, text)
        .output(TensorNames.CLASSES, best.classes)
        .output(TensorNames.LOG_PROBS, best.logProbs)
        .build();
  }

  private Signature classify() {
    Placeholder<TString> inputs = strings(TensorNames.INPUTS);
    Best best = best(textsOf(inputs));
    return ServingSignature.classify(SignatureKeys.CLASSIFY)
        .input(TensorNames.INPUTS, inputs)
        .output(TensorNames.CLASSES, best.classes)
        .output(TensorNames.SCORES, tf.math.exp(best.logProbs))
        .build();
  }

  private Placeholder<TString> strings(String name) {
    return tf.withName(name)
        .placeholder(TString.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
  }

  /** The feature {@code text} of serialized {@code tf.Example}; an example without it fails the request. */
  @SuppressWarnings("unchecked") // The one dense value is declared as string.
  private Operand<TString> textsOf(Operand<TString> examples) {
    Operand<TString> none = tf.fill(tf.constant(new int[] {0}), tf.constant(""));
    return (Operand<TString>)
        tf.io
            .parseExample(
                examples,
                none,
                none,
                tf.constant(StandardCharsets.UTF_8, new String[] {TensorNames.TEXT}),
                none,
                List.of(none),
                0L,
                List.of(),
                List.of(),
                List.of(),
                List.of(Shape.scalar()))
            .denseValues()
            .get(0);
  }

  private Best best(Operand<TString> texts) {
    TextNGrams found = TextNGrams.of(tf, texts, ngrams);
    Operand<TFloat32> logits = model.logits(tf, found.ngrams(), found.texts(), tf.size(texts));
    Operand<TFloat32> logProbs = tf.debugging.checkNumerics(tf.nn.logSoftmax(logits), NOT_FINITE);
    TopK<TFloat32, TInt64> top = tf.nn.topK(logProbs, tf.constant(k), TInt64.class);
    // A lookup's shape is not known from its keys' shape.
    Operand<TString> names =
        tf.ensureShape(labels.lines(tf, top.indices(), ""), Shape.of(Shape.UNKNOWN_SIZE, k));
    return new Best(names, top.values());
  }
}
