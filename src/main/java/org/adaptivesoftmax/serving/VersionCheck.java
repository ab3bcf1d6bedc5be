package org.adaptivesoftmax.serving;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Signature;
import org.tensorflow.Tensor;
import org.tensorflow.types.TFloat32;

/** Makes sure that a version's weights are whole, and that its signatures answer as a model server needs it. */
final class VersionCheck {
  private final Path version;
  private final SavedModelBundle bundle;

  private VersionCheck(Path version, SavedModelBundle bundle) {
    this.version = version;
    this.bundle = bundle;
  }

  /**
   * Checks a version.
   *
   * @throws IllegalArgumentException says what is wrong
   */
  static void check(Path version) throws IOException {
    if (Files.exists(version.resolve(WeightsFingerprint.FILE))) {
      WeightsFingerprint.check(version);
    }
    List<WarmUpRequest> requests = WarmUpFile.read(version);
    try (SavedModelBundle bundle = VersionBundle.load(version)) {
      VersionCheck check = new VersionCheck(version, bundle);
      Set<String> asked = new HashSet<>();
      for (WarmUpRequest request : requests) {
        check.answers(request, "a warm-up request", MessageTensors.of(request.inputs()));
        if (asked.add(request.signature())) {
          for (int rows : List.of(0, 1)) {
            check.answers(
                request, "a batch of " + rows, MessageTensors.firstRows(request.inputs(), rows));
          }
        }
      }
    }
  }

  private void answers(WarmUpRequest request, String what, MessageTensors inputs) {
    String where = "%s: signature %s, %s".formatted(version, request.signature(), what);
    requireSignature(request, where);
    try (inputs;
        Result result = run(request, inputs, where)) {
      long rows = rows(inputs, where);
      result.forEach(
          output -> {
            Tensor tensor = output.getValue();
            require(
                tensor.shape().numDimensions() > 0 && tensor.shape().get(0) == rows,
                "%s: output %s has shape %s, not of %d rows"
                    .formatted(where, output.getKey(), tensor.shape(), rows));
            if (tensor instanceof TFloat32 numbers) {
              requireFinite(numbers, "%s: output %s".formatted(where, output.getKey()));
            }
          });
    }
  }

  private void requireSignature(WarmUpRequest request, String where) {
    Signature signature =
        bundle.signatures().stream()
            .filter(some -> some.key().equals(request.signature()))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException(where + ": no such signature"));
    require(
        signature.inputNames().equals(request.inputs().keySet()),
        "%s: inputs must be %s: %s"
            .formatted(where, signature.inputNames(), request.inputs().keySet()));
  }

  private Result run(WarmUpRequest request, MessageTensors inputs, String where) {
    try {
      return bundle.function(request.signature()).call(inputs.byName());
    } catch (RuntimeException e) { // TensorFlow's have no other common ancestor
      throw new IllegalArgumentException(where + " fails: " + e.getMessage(), e);
    }
  }

  private static long rows(MessageTensors inputs, String where) {
    Set<Long> rows = new HashSet<>();
    inputs.byName().values().forEach(tensor -> rows.add(tensor.shape().get(0)));
    require(rows.size() == 1, where + ": inputs have different numbers of rows: " + rows);
    return rows.iterator().next();
  }

  private static void requireFinite(TFloat32 numbers, String where) {
    numbers
        .scalars()
        .forEachIndexed(
            (place, value) ->
                require(
                    Float.isFinite(value.getFloat()),
                    "%s holds %s".formatted(where, value.getFloat())));
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
