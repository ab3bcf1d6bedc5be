package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How fast tokens were counted. All counts were the same.
 *
 * @param megabytes of text
 * @param tokens of the text
 * @param distinct tokens
 * @param environment what counted, in its versions
 * @param results of every engine on every number of cores
 */
record CountReport(
    double megabytes, long tokens, long distinct, List<String> environment, List<Run> results) {
  /**
   * One count, in a process of its own.
   *
   * @param engine that counted
   * @param cores that its process was bound to
   * @param seconds from the command's start to the counts directory, a session's start included
   * @param tokensPerSecond of these seconds
   */
  record Run(String engine, int cores, double seconds, double tokensPerSecond) {}

  /** By engine: how many times as fast the most cores are as one. */
  @JsonProperty
  Map<String, Double> growth() {
    Map<String, Double> one = new LinkedHashMap<>();
    Map<String, Double> growth = new LinkedHashMap<>();
    for (Run run : results) {
      double first = one.computeIfAbsent(run.engine, engine -> run.tokensPerSecond);
      growth.put(run.engine, run.tokensPerSecond / first);
    }
    return growth;
  }

  String text() {
    return results.stream()
        .map(
            run ->
                "%-6s %d cores %8.1f s %,12.0f tokens/s"
                    .formatted(run.engine, run.cores, run.seconds, run.tokensPerSecond))
        .collect(Collectors.joining(System.lineSeparator()));
  }
}
