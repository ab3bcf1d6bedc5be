package org.adaptivesoftmax.savedmodel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.adaptivesoftmax.internal.io.OneLine;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.Result;
import org.tensorflow.Tensor;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.types.TFloat32;

/** Makes sure that a version's signatures answer as a model server needs it. */
final class VersionCheck {
  private final Path version;
  private final VersionBundle bundle;

  private VersionCheck(Path version, VersionBundle bundle) {
    this.version = version;
    this.bundle = bundle;
  }

  /**
   * Checks a version.
   *
   * @param trusted whether it may do whatever TensorFlow can
   * @throws IllegalArgumentException says what is wrong
   */
  static void check(Path version, boolean trusted) throws IOException {
    List<WarmUpRequest> requests = WarmUpFile.read(version);
    try (VersionBundle bundle = VersionBundle.load(version, trusted)) {
      VersionCheck check = new VersionCheck(version, bundle);
      Set<String> asked = new HashSet<>();
      for (WarmUpRequest request : requests) {
        check.answers(request, "a warm-up request", () -> MessageTensors.of(request.inputs()));
        if (asked.add(request.signature())) {
          for (int rows : List.of(0, 1)) {
            check.answers(
                request,
                "a batch of " + rows,
                () -> MessageTensors.firstRows(request.inputs(), rows));
          }
        }
      }
    }
  }

  private void answers(WarmUpRequest request, String what, Supplier<MessageTensors> tensors) {
    String where = "%s: signature %s, %s".formatted(version, request.signature(), what);
    requireSignature(request, where);
    try (MessageTensors inputs = tensors.get();
        Result result = bundle.call(request.signature(), inputs.byName())) {
      long rows = rows(inputs);
      result.forEach(output -> requireRows(output.getValue(), rows, output.getKey()));
    } catch (RuntimeException e) { // TensorFlow's have no other common ancestor
      throw new IllegalArgumentException(OneLine.of(where + ": " + e.getMessage()), e);
    }
  }

  private void requireSignature(WarmUpRequest request, String where) {
    SignatureDef signature = bundle.signatures().get(request.signature());
    Require.argument(signature != null, "%s: no such signature", where);
    Set<String> names = Objects.requireNonNull(signature).getInputsMap().keySet();
    Require.argument(
        names.equals(request.inputs().keySet()),
        "%s: inputs must be %s: %s",
        where,
        names,
        request.inputs().keySet());
  }

  private static long rows(MessageTensors inputs) {
    Set<Long> rows = new HashSet<>();
    inputs.byName().forEach((name, input) -> rows.add(rows("input " + name, input)));
    Require.argument(rows.size() == 1, "inputs have different numbers of rows: %s", rows);
    return rows.iterator().next();
  }

  private static long rows(String name, Tensor tensor) {
    Require.argument(tensor.shape().numDimensions() > 0, "%s has no batch dimension", name);
    return tensor.shape().get(0);
  }

  private static void requireRows(Tensor output, long rows, String name) {
    long found = rows("output " + name, output);
    Require.argument(found == rows, "output %s has %d rows for %d of the input", name, found, rows);
    requireFinite(output, name);
  }

  static void requireFinite(Tensor output, String name) {
    if (output instanceof TFloat32 numbers) {
      numbers
          .scalars()
          .forEach(
              value ->
                  Require.argument(
                      Float.isFinite(value.getFloat()),
                      "output %s holds %s",
                      name,
                      value.getFloat()));
    }
  }
}
