package org.adaptivesoftmax.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.adaptivesoftmax.bench.soak.SoakSample.Holds;
import org.adaptivesoftmax.bench.soak.SoakSample.Latency;
import org.junit.jupiter.api.Test;

class SoakReportTest {
  private static final int SAMPLES = 50;

  private static Holds holds(double residentMb, int threads) {
    return new Holds(residentMb, residentMb + 50, 300, 40, threads, 200);
  }

  private static SoakSample sample(double seconds, Holds holds, double p99Ms, String... wrong) {
    return new SoakSample(
        seconds,
        holds,
        3,
        Map.of("rest", new Latency(10, 2, p99Ms, p99Ms + 1)),
        Map.of("null text", 2),
        List.of(wrong),
        wrong.length);
  }

  private static SoakReport report(double secondsPerSample, IntFunction<Holds> holds) {
    List<SoakSample> samples = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      samples.add(sample((i + 1) * secondsPerSample, holds.apply(i), 40));
    }
    return new SoakReport("CPU", 5000, 2000, samples);
  }

  @Test
  void aLongDayOnWhichNothingGrowsIsFlat() {
    SoakReport report = report(60, i -> holds(i < 5 ? 800 : 1000 + i % 3, 100 + i % 4));
    assertThat(report.objection()).isNull();
    assertThat(report.calls()).containsExactly(Map.entry("rest", 500));
    assertThat(report.failures()).containsExactly(Map.entry("null text", 100));
    assertThat(report.courses().get("resident_mb").second()).isEqualTo(1001);
  }

  @Test
  void whatGrowsIsNamed() {
    assertThat(report(60, i -> holds(1000 + i, 100)).objection())
        .isEqualTo("resident_mb grew from 1015.0 to 1045.0");
    assertThat(report(60, i -> holds(1000, 100 + i)).objection())
        .isEqualTo("threads grew from 115.0 to 145.0");
  }

  @Test
  void aShortDayDoesNotTellWhatGrows() {
    assertThat(report(2, i -> holds(1000 + 2 * i, 100)).objection()).isNull();
  }

  @Test
  void wrongAnswersAndLateOnesAreToldAtOnce() {
    List<SoakSample> samples =
        List.of(
            sample(2, holds(1000, 100), 30, "a wrong word", "another"),
            sample(4, holds(1000, 100), 5200));
    assertThat(new SoakReport("CPU", 5000, 2000, samples).objection())
        .isEqualTo("2 things went wrong, the first: a wrong word; p99 of rest was 5200 ms");
  }

  @Test
  void callersThatStandStillAreTold() {
    SoakSample nobody = new SoakSample(4, holds(1000, 100), 3, Map.of(), Map.of(), List.of(), 0);
    assertThat(
            new SoakReport("CPU", 5000, 2000, List.of(sample(2, holds(1000, 100), 30), nobody))
                .objection())
        .isEqualTo("no call of rest ended at last");
  }
}
