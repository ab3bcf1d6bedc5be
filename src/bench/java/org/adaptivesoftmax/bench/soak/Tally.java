package org.adaptivesoftmax.bench.soak;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.adaptivesoftmax.bench.soak.SoakSample.Latency;

/** What came of calls since the last look. Threads share it. */
final class Tally {
  private static final int TOLD = 20;
  private static final double NANOS_PER_MS = 1e6;

  private final Map<Way, List<Long>> nanos = new EnumMap<>(Way.class);
  private final Map<String, Integer> failures = new TreeMap<>();
  private final List<String> wrong = new ArrayList<>();
  private int wrongCount;

  /** How a model is asked. */
  enum Way {
    /** In the process. */
    LOCAL,
    /** By a server that nothing stands before. */
    GRPC,
    REST,
    /** Through a proxy that delays, resets and floods. */
    TROUBLED_GRPC,
    TROUBLED_REST;

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  synchronized void ended(Way way, long took) {
    nanos.computeIfAbsent(way, key -> new ArrayList<>()).add(took);
  }

  /** A failure as it is documented. */
  synchronized void failed(String what) {
    failures.merge(what, 1, Integer::sum);
  }

  /** What must not be. */
  synchronized void wrong(String what) {
    wrongCount++;
    if (wrong.size() < TOLD) {
      wrong.add(what);
    }
  }

  /** All that was told, which begins anew. */
  synchronized SoakSample take(double seconds, SoakSample.Holds holds, int versions) {
    Map<String, Latency> latency = new TreeMap<>();
    nanos.forEach((way, all) -> latency.put(way.key(), latency(all)));
    SoakSample sample =
        new SoakSample(
            seconds,
            holds,
            versions,
            latency,
            new TreeMap<>(failures),
            List.copyOf(wrong),
            wrongCount);
    nanos.clear();
    failures.clear();
    wrong.clear();
    wrongCount = 0;
    return sample;
  }

  private static Latency latency(List<Long> all) {
    double[] ms = all.stream().mapToDouble(each -> each / NANOS_PER_MS).toArray();
    Arrays.sort(ms);
    return new Latency(ms.length, quantile(ms, 0.5), quantile(ms, 0.99), ms[ms.length - 1]);
  }

  private static double quantile(double[] sorted, double share) {
    return sorted[(int) Math.ceil(share * sorted.length) - 1];
  }
}
