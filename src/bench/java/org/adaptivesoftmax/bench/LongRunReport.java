package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a long run held, and what of it grew.
 *
 * @param device that computed
 * @param steps trained
 * @param samples taken at even distances, at least two, the last at the end
 */
public record LongRunReport(String device, int steps, List<LongRunSample> samples) {
  /** After these, or after half of a shorter run, nothing may grow. */
  private static final int WARM_UP_STEPS = 1_000;

  /** What the process itself may still grow by: 4 MB were seen in 20,000 steps. */
  private static final double RESIDENT_MARGIN_MB = 10;

  /** By how much the resident set grew after the first steps, in MB; null where the system does not tell. */
  @JsonProperty
  public @Nullable Double residentGrowthMb() {
    Double first = warmedUp().get(0).residentMb();
    Double last = samples.get(samples.size() - 1).residentMb();
    return first == null || last == null ? null : last - first;
  }

  /** What grew after the first steps, with its numbers: the resident set by more than 10 MB, a count at all. */
  @JsonProperty
  public List<String> grown() {
    List<String> grown = new ArrayList<>();
    Double resident = residentGrowthMb();
    if (resident != null && resident > RESIDENT_MARGIN_MB) {
      grown.add("resident memory by %.1f MB".formatted(resident));
    }
    warmedUp()
        .get(0)
        .counts()
        .forEach(
            (kind, first) -> {
              long most = warmedUp().stream().mapToLong(s -> s.count(kind)).max().orElse(first);
              if (most > first) {
                grown.add("%s from %,d to %,d".formatted(kind, first, most));
              }
            });
    return grown;
  }

  private List<LongRunSample> warmedUp() {
    int from = Math.min(WARM_UP_STEPS, steps / 2);
    return samples.stream().filter(sample -> sample.step() >= from).toList();
  }

  /** The samples as a table, and what did not change. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append("%s, %,d steps of a tiny language model%n%n".formatted(device, steps));
    text.append("%8s %12s%n".formatted("step", "resident MB"));
    for (LongRunSample sample : samples) {
      String mb = sample.residentMb() == null ? "-" : "%.1f".formatted(sample.residentMb());
      text.append("%,8d %12s%n".formatted(sample.step(), mb));
    }
    text.append("%nConstant after %,d steps: %s.".formatted(warmedUp().get(0).step(), constant()));
    return text.toString();
  }

  private String constant() {
    return warmedUp().get(0).counts().entrySet().stream()
        .filter(
            entry ->
                warmedUp().stream()
                    .allMatch(
                        sample -> Objects.equals(entry.getValue(), sample.count(entry.getKey()))))
        .map(entry -> "%s %,d".formatted(entry.getKey().replace('_', ' '), entry.getValue()))
        .collect(Collectors.joining(", "));
  }
}
