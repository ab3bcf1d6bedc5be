package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;

/**
 * What fuzzing came to.
 *
 * @param minutes of each target
 * @param targets each with its figures
 */
record FuzzReport(double minutes, List<TargetFigures> targets) {
  /**
   * One target.
   *
   * @param target its name
   * @param executions inputs that were read
   * @param edges of the control flow of this library that they reached
   * @param inputs that are kept, as each reaches something else
   * @param findings files of inputs for which something does not hold
   */
  record TargetFigures(
      String target, long executions, long edges, long inputs, List<String> findings) {}

  /** Inputs for which something does not hold. */
  @JsonProperty
  int findings() {
    return targets.stream().mapToInt(target -> target.findings.size()).sum();
  }

  /** Inputs that were read, of all targets. */
  @JsonProperty
  long executions() {
    return targets.stream().mapToLong(TargetFigures::executions).sum();
  }

  /** A line for each target. */
  String text() {
    List<String> lines = new ArrayList<>();
    for (TargetFigures target : targets) {
      lines.add(
          "%-18s %,12d executions, %,6d edges, %,6d inputs kept, %d findings"
              .formatted(
                  target.target,
                  target.executions,
                  target.edges,
                  target.inputs,
                  target.findings.size()));
      target.findings.forEach(file -> lines.add("  " + file));
    }
    return String.join(System.lineSeparator(), lines);
  }
}
