package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

@Tag("slow")
class LongRunTest {
  @Test
  void trainingStepsLeaveNothingBehind() throws Exception {
    LongRunReport report = new LongRun(1500, 100).run();
    JsonNode written = Written.read("long-run.json");
    assertThat(written)
        .isEqualTo(WorkerReply.JSON.readTree(WorkerReply.JSON.writeValueAsBytes(report)));
    assertThat(report.grown()).isEmpty();
    assertThat(report.samples()).hasSize(15);
    for (LongRunSample sample : report.samples()) {
      assertThat(sample.counts())
          .as("after step %d", sample.step())
          .isEqualTo(report.samples().get(0).counts())
          .containsEntry("tensors", 0L)
          .containsEntry("sessions", 1L)
          .containsEntry("graphs", 1L)
          .containsEntry("functions", 0L);
    }
    assertThat(report.samples().get(0).count("graph_operations")).isGreaterThan(100);
    assertThat(report.text()).contains("1,500", "Constant after 800 steps: javacpp pointers");
  }

  @Test
  void whatGrowsIsNamed() {
    List<LongRunSample> samples = new ArrayList<>();
    for (int step = 500; step <= 4000; step += 500) {
      long inWarmUp = Math.min(step, 1000);
      samples.add(
          new LongRunSample(
              step,
              400 + step / 200.0,
              Map.of("tensors", 3L + step / 1000, "graphs", inWarmUp, "sessions", 2L)));
    }
    LongRunReport report = new LongRunReport("CPU", 4000, samples);
    assertThat(report.residentGrowthMb()).isEqualTo(15);
    assertThat(report.grown())
        .containsExactlyInAnyOrder("resident memory by 15.0 MB", "tensors from 4 to 7");
  }

  @Test
  @Timeout(120)
  void handlesThatNobodyClosedAreCounted() {
    Map<String, Long> before = reachable();
    List<AutoCloseable> open = new ArrayList<>();
    long pointers;
    do {
      // Again where what earlier tests left is freed meanwhile.
      pointers = Handles.count().get("javacpp_pointers");
      open.add(TFloat32.vectorOf(1, 2));
    } while (Handles.count().get("javacpp_pointers") != pointers + 1);
    int tensors = open.size();
    Graph graph = new Graph();
    open.add(graph);
    open.add(new Session(graph));
    open.add(ConcreteFunction.create(LongRunTest::identity));
    Map<String, Long> after = reachable();
    assertThat(after.get("tensors") - before.get("tensors")).isEqualTo(tensors);
    assertThat(after.get("graphs") - before.get("graphs")).isGreaterThanOrEqualTo(1);
    assertThat(after.get("sessions") - before.get("sessions")).isEqualTo(1);
    assertThat(after.get("functions") - before.get("functions")).isEqualTo(1);
    assertThat(open).hasSize(tensors + 3);
    Collections.reverse(open);
    open.forEach(LongRunTest::close);
    open.clear();
    assertThat(reachable()).isEqualTo(before);
  }

  private static Map<String, Long> reachable() {
    Map<String, Long> counts = Handles.count();
    counts.keySet().retainAll(Set.of("tensors", "graphs", "sessions", "functions"));
    return counts;
  }

  private static Signature identity(Ops tf) {
    var input = tf.placeholder(TFloat32.class);
    return Signature.builder().input("x", input).output("y", tf.identity(input)).build();
  }

  private static void close(AutoCloseable handle) {
    try {
      handle.close();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
