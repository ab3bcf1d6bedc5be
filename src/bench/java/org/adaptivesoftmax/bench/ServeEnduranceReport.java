package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a server held and answered through many requests and versions.
 *
 * @param device that computed
 * @param requests in all
 * @param connections with one request on its way each
 * @param versions that were published, with the first
 * @param slices equal parts of the requests, in order
 */
public record ServeEnduranceReport(
    String device, int requests, int connections, int versions, List<Slice> slices) {
  private static final int TENTHS = 10;

  /** A server has compiled its code and filled its allocators' arenas after about half of so many requests. */
  private static final int WARM_UP_REQUESTS = 100_000;

  /** What the server may grow by after these. */
  private static final double RESIDENT_MARGIN_MB = 10;

  /**
   * A part of the requests.
   *
   * @param way key of how they were asked
   * @param load what came of them
   * @param peakMb the most that the server held meanwhile, in MB
   */
  public record Slice(String way, ServeLoad load, double peakMb) {}

  /** Requests that were not answered. */
  @JsonProperty
  public int failures() {
    return slices.stream().mapToInt(slice -> slice.load.failures()).sum();
  }

  /** Why the first of these was not. */
  @JsonProperty
  public @Nullable String firstFailure() {
    return slices.stream()
        .map(slice -> slice.load.firstFailure())
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** Requests a second. */
  @JsonProperty
  public double requestsPerSecond() {
    return requests / slices.stream().mapToDouble(slice -> slice.load.seconds()).sum();
  }

  /** The most that the server held in each tenth of the requests, in MB: while a version comes there are two. */
  @JsonProperty
  public List<Double> peakMbByTenth() {
    int size = slices.size() / TENTHS;
    return java.util.stream.IntStream.range(0, TENTHS)
        .mapToObj(
            tenth ->
                slices.subList(tenth * size, (tenth + 1) * size).stream()
                    .mapToDouble(Slice::peakMb)
                    .max()
                    .orElse(0))
        .toList();
  }

  /** By how much the peak of the last tenth is above that of the second, in MB. */
  @JsonProperty
  public double residentGrowthMb() {
    List<Double> peaks = peakMbByTenth();
    return peaks.get(TENTHS - 1) - peaks.get(1);
  }

  /** Whether it grew by more than it may, if the first tenth was long enough to tell. */
  @JsonProperty
  public boolean hasGrown() {
    return requests >= TENTHS * WARM_UP_REQUESTS && residentGrowthMb() > RESIDENT_MARGIN_MB;
  }

  /** The result in words. */
  public String text() {
    return "%s, %,d requests over %d connections, %d versions: %d failed, %.0f answers/s; resident MB by tenth: %s, grown by %.1f after the first"
        .formatted(
            device,
            requests,
            connections,
            versions,
            failures(),
            requestsPerSecond(),
            peakMbByTenth().stream().map("%.0f"::formatted).toList(),
            residentGrowthMb());
  }
}
