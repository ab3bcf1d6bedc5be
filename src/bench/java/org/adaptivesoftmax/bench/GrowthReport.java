package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How a training step's time grows with the number of classes.
 *
 * @param times one shape per number of classes
 * @param classes their numbers, in increasing order
 * @param plot the file that shows them
 */
public record GrowthReport(
    @JsonUnwrapped TrainStepReport times, List<Integer> classes, String plot) {
  /** From here on, growth is told as one number. */
  private static final int FROM = 100_000;

  /**
   * How many times as long the largest number of classes takes as the smallest from 100,000 on, by contender; empty unless
   * there are two.
   */
  @JsonProperty
  public Map<String, Double> growth() {
    Map<Contender, Measured> last = times.results().get(classes.size() - 1).measured();
    Map<String, Double> growth = new LinkedHashMap<>();
    int from = from();
    if (from < classes.size() - 1) {
      times
          .results()
          .get(from)
          .measured()
          .forEach(
              (contender, first) -> {
                Measured most = last.get(contender);
                if (most != null) {
                  growth.put(contender.key(), most.medianMs() / first.medianMs());
                }
              });
    }
    return growth;
  }

  private int from() {
    return (int) classes.stream().filter(number -> number < FROM).count();
  }

  /** The table, the growth and the name of the plot. */
  public String text() {
    StringBuilder text = new StringBuilder(times.text()).append("\n\n");
    if (!growth().isEmpty()) {
      text.append(
          "From %,d to %,d classes: %s.%n"
              .formatted(
                  classes.get(from()),
                  classes.get(classes.size() - 1),
                  growth().entrySet().stream()
                      .map(e -> "%s %.2f x".formatted(e.getKey().replace('_', ' '), e.getValue()))
                      .collect(Collectors.joining(", "))));
    }
    return text.append("Plot: ").append(plot).toString();
  }
}
