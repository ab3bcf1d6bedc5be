package org.adaptivesoftmax.fuzz;

import java.util.List;
import java.util.stream.Collectors;
import org.adaptivesoftmax.cli.InspectFuzz;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.pytorch.PyTorchFuzz;
import org.adaptivesoftmax.remote.RemoteFuzz;
import org.adaptivesoftmax.savedmodel.SavedModelFuzz;
import org.adaptivesoftmax.server.ServerFuzz;
import org.adaptivesoftmax.text.TextFuzz;
import org.adaptivesoftmax.training.TrainingFuzz;

/** All that reads what others wrote. */
public final class FuzzTargets {
  /** In the order in which they are run and reported. */
  public static final List<FuzzTarget> ALL =
      List.of(
          PyTorchFuzz.SAFETENSORS,
          PyTorchFuzz.STATE_DICT,
          PyTorchFuzz.CLASS_ORDER,
          PyTorchFuzz.ENCODER,
          PyTorchFuzz.ONNX,
          TextFuzz.LINES,
          TextFuzz.EXAMPLES,
          TextFuzz.VOCABULARY,
          TextFuzz.COUNTS,
          TextFuzz.WORD_PIECES,
          TrainingFuzz.CHECKPOINT,
          SavedModelFuzz.RECORDS,
          SavedModelFuzz.WARM_UP,
          SavedModelFuzz.PROVENANCE,
          SavedModelFuzz.FINGERPRINT,
          SavedModelFuzz.COUNTS,
          SavedModelFuzz.SAVED_MODEL,
          InspectFuzz.INSPECT,
          ServerFuzz.MODELS_CONFIG,
          ServerFuzz.JSON_REQUEST,
          ServerFuzz.JSON_EXAMPLE,
          RemoteFuzz.REST,
          RemoteFuzz.GRPC);

  private FuzzTargets() {}

  /**
   * A target.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static FuzzTarget named(String name) {
    List<FuzzTarget> found = ALL.stream().filter(target -> target.name().equals(name)).toList();
    Require.argument(
        found.size() == 1,
        "no fuzz target %s, there are %s",
        name,
        ALL.stream().map(FuzzTarget::name).collect(Collectors.joining(", ")));
    return found.get(0);
  }
}
