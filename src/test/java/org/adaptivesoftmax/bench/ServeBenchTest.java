package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ServeBenchTest {
  private static final Path MODEL = Path.of("savedmodels/samples/language-model");

  private static ServeLoad load(double seconds, double p50) {
    return new ServeLoad(seconds, p50, 2 * p50, 0, null, 0.2);
  }

  @Test
  void quantilesAreOfAllRequests() {
    long[] nanos = LongStream.rangeClosed(1, 1000).map(i -> 1_000_000 * (1001 - i)).toArray();
    ServeLoad load = ServeLoad.of(nanos, 2_000_000_000, 3, "lost", 500_000_000);
    assertThat(load).isEqualTo(new ServeLoad(2, 500, 990, 3, "lost", 0.5));
  }

  @Test
  void aWayIsHeldAgainstTheSameRoundInOneProcess() {
    List<ServePoint.Round> inJvm = new ArrayList<>();
    List<ServePoint.Round> rest = new ArrayList<>();
    for (int slowness = 1; slowness <= 5; slowness++) { // A machine that gets slower.
      inJvm.add(new ServePoint.Round(load(slowness, slowness), 100, 0));
      rest.add(new ServePoint.Round(load(1.25 * slowness, slowness + 0.5), 100, 0.3));
    }
    ServePoint point = ServePoint.of("text", 16, ServeWay.REST, rest, inJvm);
    assertThat(point.toInJvm().addedP50Ms()).isCloseTo(0.5, within(1e-9));
    assertThat(point.toInJvm().throughput()).isCloseTo(0.8, within(1e-9));
    assertThat(point.toInJvm().serverCpuMs()).isCloseTo(3, within(1e-9));
    assertThat(point.toInJvm().clientCpuMs()).isCloseTo(2, within(1e-9));
    assertThat(point.p50Ms()).isEqualTo(3.5);
    assertThat(point.requestsPerSecond()).isCloseTo(100 / 3.75, within(1e-9));
  }

  @Test
  void memoryIsHeldAgainstTheSecondTenth() {
    List<ServeEnduranceReport.Slice> slices = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      double mb = i < 10 ? 300 + i : i == 15 ? 420 : i == 99 ? 427 : 400;
      slices.add(new ServeEnduranceReport.Slice("rest", load(1, 1), mb));
    }
    ServeEnduranceReport report = new ServeEnduranceReport("CPU", 1000, 4, 7, slices);
    assertThat(report.residentGrowthMb()).isEqualTo(7);
    assertThat(report.failures()).isZero();
    assertThat(report.requestsPerSecond()).isEqualTo(10);
  }

  @Test
  void wrongNumbersAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ServeBench(List.of(), List.of(1, 0), 100, 1, 1, 1))
        .withMessage("connections must be at least 1: 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ServeEndurance(MODEL, 150, 1, 1))
        .withMessage("requests must be a multiple of 100: 150");
  }

  @Test
  @Tag("slow")
  void asksServersAndTheModelItself() throws Exception {
    ServeReport report =
        new ServeBench(List.of(ServeWorkload.text(MODEL)), List.of(1, 4), 40, 40, 1, 4).run();
    JsonNode written = Written.read("serve.json");
    assertThat(written)
        .isEqualTo(WorkerReply.JSON.readTree(WorkerReply.JSON.writeValueAsBytes(report)));
    assertThat(report.results())
        .extracting(ServePoint::way)
        .containsSubsequence("in_jvm", "rest", "grpc", "in_jvm", "rest", "grpc");
    for (ServePoint point : report.results()) {
      assertThat(point.requestsPerSecond()).isPositive();
      assertThat(point.p99Ms()).isGreaterThanOrEqualTo(point.p50Ms());
    }
    // A way may take less than the clock of processor time tells apart.
    assertThat(report.results())
        .anyMatch(point -> point.toInJvm().clientCpuMs() > 0)
        .noneMatch(point -> point.toInJvm().clientCpuMs() < 0);
    assertThat(report.text()).contains("answers/s", "beside 4 slow ones");
  }

  @Test
  @Tag("slow")
  void noRequestFailsWhileVersionsTurn() throws Exception {
    ServeEnduranceReport report = new ServeEndurance(MODEL, 2000, 4, 1).run();
    assertThat(report.failures()).isZero();
    assertThat(report.versions()).isGreaterThan(1);
    assertThat(report.slices()).hasSize(100);
  }
}
