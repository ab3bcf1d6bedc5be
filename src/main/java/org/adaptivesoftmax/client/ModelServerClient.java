package org.adaptivesoftmax.client;

import java.util.List;
import java.util.Map;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.proto.Example;

/**
 * A served model: the four requests that TensorFlow Serving answers, and the calls that this library's signatures are
 * made for. Threads share a client, and with it its connections; close it when it is done with.
 *
 * <pre>{@code
 * try (ModelServerClient client =
 *     RemoteModel.builder("wordnet-lm").deadline(Duration.ofSeconds(2)).grpc("localhost:8500")) {
 *   List<List<NextWord>> next = client.languageModel().complete(List.of("the act of", "a kind of"));
 * }
 * }</pre>
 *
 * <p>An empty batch is answered without a call: a server with batching on would never answer it.
 */
public interface ModelServerClient extends AutoCloseable {
  /**
   * Runs a signature (Predict).
   *
   * @param signature its key, such as {@code serving_default}
   * @param inputs by name, each with the batch as dimension 0; float32, float64, int32, int64, bool, or string as arrays
   *     of {@link String}
   * @return the outputs
   * @throws IllegalArgumentException if there is no input, or they have different numbers of rows
   * @throws ModelServerException if the server does not answer in time, or refuses
   */
  Prediction predict(String signature, Map<String, ? extends NdArray<?>> inputs);

  /**
   * Runs a signature for examples (Classify).
   *
   * @param signature its key, such as {@code classify}
   * @param examples what to classify
   * @return for each example its classes
   * @throws ModelServerException if the server does not answer in time, or refuses
   */
  List<List<ClassScore>> classify(String signature, List<Example> examples);

  /**
   * Asks for the model's signatures (GetModelMetadata).
   *
   * @return the signatures
   * @throws ModelServerException if the server does not answer in time, or refuses
   */
  ModelMetadata metadata();

  /**
   * Asks for the state of the model's versions (GetModelStatus).
   *
   * @return one version if this client asks for one by number or label, all otherwise
   * @throws ModelServerException if the server does not answer in time, or refuses
   */
  List<VersionStatus> status();

  /** {@return the largest number of rows in a request; the typed calls divide longer lists} */
  int maxBatch();

  /** {@return the calls of an output layer} */
  default OutputLayerClient outputLayer() {
    return new OutputLayerClient(this);
  }

  /** {@return the calls of a language model} */
  default LanguageModelClient languageModel() {
    return new LanguageModelClient(this);
  }

  /** {@return the calls of a classifier} */
  default ClassifierClient classifier() {
    return new ClassifierClient(this);
  }

  /** Ends the connections. Requests in flight fail. */
  @Override
  void close();
}
