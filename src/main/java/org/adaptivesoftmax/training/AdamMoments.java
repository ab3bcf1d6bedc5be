package org.adaptivesoftmax.training;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.ModelWeights;
import org.adaptivesoftmax.pytorch.Safetensors;
import org.adaptivesoftmax.pytorch.Safetensors.TensorInfo;

/**
 * What Adam (Kingma and Ba, 2015) remembers of a language model's gradients, so that its training can go on elsewhere: a decayed mean
 * of each value's gradients and of their squares, and how many steps have made them.
 *
 * <p>In a published version it is the file {@value #FILE}, in the safetensors format: the vectors {@code first.NAME} and {@code
 * second.NAME} for each variable, row after row, and {@code steps} among the metadata.
 *
 * @param steps optimizer steps, by which the moments' bias is corrected, at least 0
 * @param first means of the gradients, in the places of the weights
 * @param second means of their squares, likewise
 */
public record AdamMoments(long steps, ModelWeights first, ModelWeights second) {
  /** Its name in {@code assets.extra} of a version. */
  public static final String FILE = "adam.safetensors";

  private static final String FIRST = "first.";
  private static final String SECOND = "second.";
  private static final String STEPS = "steps";

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if steps is negative, or the moments are of two models
   */
  public AdamMoments {
    Require.argument(steps >= 0, "steps must be at least 0: %s", steps);
    Require.argument(
        first.configuration().equals(second.configuration()),
        "both moments must be of one model: %s, %s",
        first.configuration(),
        second.configuration());
  }

  /** The model that they are the moments of. */
  public LanguageModelConfiguration configuration() {
    return first.configuration();
  }

  void requireOf(LanguageModelConfiguration model) {
    Require.argument(
        configuration().plan().equals(model.plan())
            && configuration().softmax() == model.softmax()
            && configuration().embedding() == model.embedding(),
        "moments must be of the model: %s, not %s",
        configuration(),
        model);
  }

  /**
   * Writes the file.
   *
   * @throws IOException if it cannot be written
   */
  public void writeTo(OutputStream out) throws IOException {
    Map<String, float[]> tensors = new LinkedHashMap<>();
    first.values().forEach((name, values) -> tensors.put(FIRST + name, values));
    second.values().forEach((name, values) -> tensors.put(SECOND + name, values));
    Safetensors.write(out, tensors, Map.of(STEPS, Long.toString(steps)));
  }

  /**
   * Reads a version's moments.
   *
   * @param version its directory
   * @param configuration of its model
   * @return the moments; empty if the version has none
   * @throws IllegalArgumentException if the file is broken, or of another model
   * @throws IOException if it cannot be read
   */
  public static Optional<AdamMoments> read(Path version, LanguageModelConfiguration configuration)
      throws IOException {
    Path path = version.resolve("assets.extra").resolve(FILE);
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    try (Safetensors file = Safetensors.open(path)) {
      String steps = file.metadata().getOrDefault(STEPS, "");
      Require.argument(steps.matches("\\d{1,18}"), "steps must be a number: \"%s\"", steps);
      return Optional.of(
          new AdamMoments(
              Long.parseLong(steps),
              ModelWeights.of(configuration, values(file, FIRST)),
              ModelWeights.of(configuration, values(file, SECOND))));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s holds no moments of the model: %s".formatted(path, e.getMessage()), e);
    }
  }

  private static Map<String, float[]> values(Safetensors file, String prefix) throws IOException {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (TensorInfo tensor : file.tensors().values()) {
      if (tensor.name().startsWith(prefix)) {
        Require.argument(
            tensor.shape().size() == 1, "%s must be a vector: %s", tensor.name(), tensor.shape());
        float[] read = new float[Math.toIntExact(tensor.rows())];
        file.forEachChunk(
            tensor,
            1 << 20,
            (row, rows, chunk) -> System.arraycopy(chunk, 0, read, (int) row, rows));
        values.put(tensor.name().substring(prefix.length()), read);
      }
    }
    return values;
  }
}
