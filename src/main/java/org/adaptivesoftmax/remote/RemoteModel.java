package org.adaptivesoftmax.remote;

/**
 * A model that a server answers for, such as TensorFlow Serving.
 *
 * <pre>{@code
 * try (ModelServerClient client =
 *     RemoteModel.builder("wordnet-lm").deadline(Duration.ofSeconds(2)).grpc("localhost:8500")) {
 *   List<List<NextWord>> next = client.languageModel().complete(List.of("the act of", "a kind of"));
 * }
 * }</pre>
 */
public final class RemoteModel {
  private RemoteModel() {}

  /**
   * Starts to describe a client.
   *
   * @param model the model's name on the server
   * @return a builder with defaults
   */
  public static RemoteModelBuilder builder(String model) {
    return new RemoteModelBuilder(model);
  }
}
