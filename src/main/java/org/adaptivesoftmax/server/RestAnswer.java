package org.adaptivesoftmax.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.internal.io.OptionalLibrary;

/**
 * Answers a request of TensorFlow Serving's REST API, as JSON, with any model: one in this process, for instance, where no
 * server runs. Needs Jackson ({@code jackson-databind}), an optional dependency of this library.
 *
 * <table>
 *   <caption>Requests, which all may name a {@code signature_name}</caption>
 *   <tr><th>request</th><th>answer</th></tr>
 *   <tr><td>{@code {"instances": [row, …]}}</td><td>{@code {"predictions": [row, …]}}</td></tr>
 *   <tr><td>{@code {"inputs": {"name": column, …}}}</td><td>{@code {"outputs": {"name": column, …}}}</td></tr>
 *   <tr><td>{@code {"examples": [{"feature": value, …}, …]}}</td><td>{@code {"results": [[["label", score], …],
 *   …]}}</td></tr>
 * </table>
 *
 * <p>A row that the model has no answer for has NaN in its answer, which the server writes bare although JSON has no such
 * number: disable Jackson's {@code JsonWriteFeature.WRITE_NAN_AS_STRINGS} to do the same.
 *
 * <p>Where a signature has one input or output only, its name may be, and in answers is, left out.
 */
public final class RestAnswer {
  private RestAnswer() {}

  /**
   * Answers one request.
   *
   * @param model whom to ask
   * @param request the body of a {@code :predict} or, if it has examples, {@code :classify} request
   * @return the body of the answer
   * @throws IllegalStateException if Jackson is not on the class path of this library
   * @throws IllegalArgumentException if the request is none of the above, or does not fit the signature; the message is the
   *     server's
   * @throws ModelServerException if the model does not answer
   */
  public static ObjectNode of(ModelServerClient model, JsonNode request) {
    OptionalLibrary.JACKSON.require("RestAnswer");
    return JsonAnswer.of(model, request);
  }
}
