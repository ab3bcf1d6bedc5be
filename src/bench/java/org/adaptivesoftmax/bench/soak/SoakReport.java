package org.adaptivesoftmax.bench.soak;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.adaptivesoftmax.bench.soak.SoakSample.Holds;
import org.adaptivesoftmax.bench.soak.SoakSample.Latency;
import org.jspecify.annotations.Nullable;

/**
 * What a soak found.
 *
 * @param device that computed
 * @param deadlineMs of each call over the network
 * @param residentLimitMb that the process might not exceed
 * @param samples at even distances, at least one
 */
public record SoakReport(
    String device, long deadlineMs, int residentLimitMb, List<SoakSample> samples) {
  /** What is flat is held to that after a while only: compilers and allocators take their time. */
  private static final double SECONDS_TO_JUDGE = 1500;

  private static final int FIFTHS = 5;
  private static final double RESIDENT_MARGIN_MB = 10;
  private static final double HEAP_MARGIN_MB = 5;
  private static final double COUNT_MARGIN = 20;

  /**
   * A figure's median in the second fifth of the time and in the last.
   *
   * @param margin that it may grow by
   */
  public record Course(double second, double last, double margin) {
    boolean isFlat() {
      return last - second <= margin;
    }
  }

  /** The time in seconds. */
  @JsonProperty
  public double seconds() {
    return samples.get(samples.size() - 1).seconds();
  }

  /** Versions that were published. */
  @JsonProperty
  public int versions() {
    return samples.get(samples.size() - 1).versions();
  }

  /** Calls that ended, by how the model was asked. */
  @JsonProperty
  public Map<String, Integer> calls() {
    Map<String, Integer> calls = new TreeMap<>();
    samples.forEach(
        sample ->
            sample.latency().forEach((way, each) -> calls.merge(way, each.calls(), Integer::sum)));
    return calls;
  }

  /** Failures that are documented, by kind. */
  @JsonProperty
  public Map<String, Integer> failures() {
    Map<String, Integer> failures = new TreeMap<>();
    samples.forEach(
        sample -> sample.failures().forEach((kind, n) -> failures.merge(kind, n, Integer::sum)));
    return failures;
  }

  /** Wrong answers, and failures that are not documented or came too late. */
  @JsonProperty
  public int wrong() {
    return samples.stream().mapToInt(SoakSample::wrongCount).sum();
  }

  /** The largest p99 of a sample, by how the model was asked. */
  @JsonProperty
  public Map<String, Double> worstP99Ms() {
    Map<String, Double> worst = new TreeMap<>();
    samples.forEach(
        sample ->
            sample.latency().forEach((way, each) -> worst.merge(way, each.p99Ms(), Math::max)));
    return worst;
  }

  /** The most that was ever resident, in MB. */
  @JsonProperty
  public double peakMb() {
    return samples.get(samples.size() - 1).holds().peakMb();
  }

  /** What the process held, early and late. */
  @JsonProperty
  public Map<String, Course> courses() {
    Map<String, Course> courses = new LinkedHashMap<>();
    courses.put("resident_mb", course(Holds::residentMb, RESIDENT_MARGIN_MB));
    courses.put("native_mb", course(Holds::nativeMb, RESIDENT_MARGIN_MB));
    courses.put("heap_mb", course(Holds::heapMb, HEAP_MARGIN_MB));
    courses.put("threads", course(Holds::threads, COUNT_MARGIN));
    courses.put("descriptors", course(Holds::descriptors, COUNT_MARGIN));
    return courses;
  }

  private Course course(ToDoubleFunction<Holds> figure, double margin) {
    int size = samples.size();
    return new Course(
        median(
            samples.subList(size / FIFTHS, Math.max(size / FIFTHS + 1, 2 * size / FIFTHS)), figure),
        median(samples.subList(Math.min(size - 1, size - size / FIFTHS), size), figure),
        margin);
  }

  private static double median(List<SoakSample> some, ToDoubleFunction<Holds> figure) {
    double[] sorted =
        some.stream()
            .mapToDouble(sample -> figure.applyAsDouble(sample.holds()))
            .sorted()
            .toArray();
    return sorted[sorted.length / 2];
  }

  /** What is not as it must be, of which the first is told; null if all is. */
  public @Nullable String objection() {
    List<String> objections = new ArrayList<>();
    if (wrong() > 0) {
      objections.add("%d things went wrong, the first: %s".formatted(wrong(), firstWrong()));
    }
    for (SoakSample sample : samples) {
      sample
          .latency()
          .forEach(
              (way, each) -> {
                if (!way.equals(Tally.Way.LOCAL.key()) && each.p99Ms() > deadlineMs) {
                  objections.add("p99 of %s was %.0f ms".formatted(way, each.p99Ms()));
                }
              });
    }
    Map<String, Latency> last = samples.get(samples.size() - 1).latency();
    calls().keySet().stream()
        .filter(way -> !last.containsKey(way))
        .forEach(way -> objections.add("no call of %s ended at last".formatted(way)));
    if (seconds() >= SECONDS_TO_JUDGE) {
      courses()
          .forEach(
              (figure, course) -> {
                if (!course.isFlat()) {
                  objections.add(
                      "%s grew from %.1f to %.1f".formatted(figure, course.second, course.last));
                }
              });
    }
    return objections.isEmpty() ? null : String.join("; ", objections);
  }

  private String firstWrong() {
    return samples.stream().flatMap(sample -> sample.wrong().stream()).findFirst().orElse("");
  }

  /** The result in words. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        "%s, %.0f seconds, %,d versions, %d wrong%n"
            .formatted(device, seconds(), versions(), wrong()));
    Map<String, Double> worst = worstP99Ms();
    calls()
        .forEach(
            (way, n) ->
                text.append(
                    "%-14s %,9d calls, worst p99 %.0f ms%n".formatted(way, n, worst.get(way))));
    courses()
        .forEach(
            (figure, course) ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "%-14s %.1f, then %.1f%n",
                        figure,
                        course.second,
                        course.last)));
    failures().forEach((kind, n) -> text.append("%s: %,d%n".formatted(kind, n)));
    return text.toString().strip();
  }
}
