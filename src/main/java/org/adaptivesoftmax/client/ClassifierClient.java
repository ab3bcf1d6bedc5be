package org.adaptivesoftmax.client;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.tensors.Answers;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.proto.BytesList;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;

/**
 * The calls of an exported classifier.
 *
 * <p>All throw {@link ModelServerException} if the model does not answer.
 */
public final class ClassifierClient {
  private final ModelServerClient client;

  ClassifierClient(ModelServerClient client) {
    this.client = client;
  }

  /**
   * The most probable classes with their probabilities, by the Classify API.
   *
   * @param texts any number of texts, asked for together
   * @return for each text the top k, best first; k is the exported one
   */
  public List<List<ClassScore>> classify(List<String> texts) {
    LanguageModelClient.requireTexts(texts);
    return Portions.ask(
        texts,
        client.maxBatch(),
        some ->
            client.classify(
                SignatureKeys.CLASSIFY, some.stream().map(ClassifierClient::example).toList()));
  }

  private static Example example(String text) {
    BytesList bytes = BytesList.newBuilder().addValue(ByteString.copyFromUtf8(text)).build();
    return Example.newBuilder()
        .setFeatures(
            Features.newBuilder()
                .putFeature(TensorNames.TEXT, Feature.newBuilder().setBytesList(bytes).build()))
        .build();
  }

  /**
   * The most probable classes with their log-probabilities.
   *
   * @param texts any number of texts, asked for together
   * @return for each text the top k, best first; k is the exported one
   */
  public List<List<ClassLogProb<String>>> topK(List<String> texts) {
    return Portions.ask(texts, client.maxBatch(), this::topKTogether);
  }

  private List<List<ClassLogProb<String>>> topKTogether(List<String> texts) {
    Prediction top =
        client
            .predict(
                SignatureKeys.DEFAULT, Map.of(TensorNames.TEXT, LanguageModelClient.vector(texts)))
            .requireAlike(2, TensorNames.CLASSES, TensorNames.LOG_PROBS);
    NdArray<String> classes = top.strings(TensorNames.CLASSES);
    FloatNdArray logProbs = top.floats(TensorNames.LOG_PROBS);
    return Answers.lists(
        classes,
        (row, i) -> new ClassLogProb<>(classes.getObject(row, i), logProbs.getFloat(row, i)));
  }
}
