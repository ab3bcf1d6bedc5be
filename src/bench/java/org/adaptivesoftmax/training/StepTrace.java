package org.adaptivesoftmax.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.proto.DeviceStepStats;
import org.tensorflow.proto.NodeExecStats;
import org.tensorflow.proto.StepStats;

/** The time of a training step's operations by part of the model, from TensorFlow's step statistics. */
final class StepTrace {
  /** Begins the names of what differentiates the output layer, the one part that TensorFlow differentiates. */
  private static final String GRADIENTS = "gradients";

  /** What remains: the embedding's lookup and gradient, constants, feeds and fetches. */
  private static final String REST = "embedding and rest";

  /** A part of the model and the name scopes of its operations. */
  private record Part(String name, List<String> scopes) {
    boolean holds(String node) {
      return scopes.stream()
          .anyMatch(scope -> node.startsWith(scope) || node.contains("/" + scope));
    }
  }

  private static final List<Part> PARTS =
      List.of(
          new Part("output layer", List.of("adaptive_softmax", "full_softmax", GRADIENTS)),
          new Part("LSTM", List.of("lstm")),
          new Part("optimizer", List.of("adam", "lazy_adam", "clip")));

  private final Map<String, Double> nanos = new LinkedHashMap<>();

  StepTrace() {
    PARTS.forEach(part -> nanos.put(part.name, 0.0));
    nanos.put(REST, 0.0);
  }

  void add(StepStats statistics) {
    for (DeviceStepStats device : statistics.getDevStatsList()) {
      for (NodeExecStats node : device.getNodeStatsList()) {
        double took = node.getOpEndRelNanos() - node.getOpStartRelNanos();
        nanos.merge(part(node.getNodeName()), took, Double::sum);
      }
    }
  }

  static String part(String node) {
    return PARTS.stream().filter(part -> part.holds(node)).map(Part::name).findFirst().orElse(REST);
  }

  /** Each part's share in the time of all operations. */
  Map<String, Double> shares() {
    double all = nanos.values().stream().mapToDouble(Double::doubleValue).sum();
    Map<String, Double> shares = new LinkedHashMap<>();
    nanos.forEach((part, took) -> shares.put(part, took / all));
    return shares;
  }
}
