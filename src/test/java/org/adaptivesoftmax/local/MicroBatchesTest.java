package org.adaptivesoftmax.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tensorflow.ndarray.LongNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;

/** Joins requests to a function that doubles numbers, cannot double a negative one, and tells when to go on. */
class MicroBatchesTest {
  private final ExecutorService pool = Executors.newCachedThreadPool();
  private final List<List<Long>> runs = new CopyOnWriteArrayList<>();
  private final CountDownLatch firstBegan = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void stop() {
    pool.shutdownNow();
  }

  private Map<String, NdArray<?>> twice(
      String signature, Map<String, ? extends NdArray<?>> inputs) {
    LongNdArray numbers = (LongNdArray) inputs.get("x");
    List<Long> values = numbers.streamOfObjects().toList();
    runs.add(values);
    firstBegan.countDown();
    try {
      goOn.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (values.stream().anyMatch(value -> value < 0)) {
      throw new IllegalArgumentException("negative: " + values);
    }
    return Map.of("y", NdArrays.vectorOf(values.stream().mapToLong(value -> 2 * value).toArray()));
  }

  private static Map<String, NdArray<?>> x(long... values) {
    return Map.of("x", NdArrays.vectorOf(values));
  }

  /** One request that runs, and others that wait meanwhile, in this order. */
  private List<Future<Map<String, NdArray<?>>>> ask(MicroBatches batches, long[]... requests)
      throws InterruptedException {
    List<Future<Map<String, NdArray<?>>>> answers = new ArrayList<>();
    for (long[] request : requests) {
      CountDownLatch began = new CountDownLatch(1);
      Thread[] thread = new Thread[1];
      answers.add(
          pool.submit(
              () -> {
                thread[0] = Thread.currentThread();
                began.countDown();
                return batches.run("double", x(request));
              }));
      began.await();
      while (answers.size() > 1 && thread[0].getState() != Thread.State.WAITING) {
        Thread.sleep(1);
      }
      firstBegan.await();
    }
    goOn.countDown();
    return answers;
  }

  @Test
  void kindsThatNobodyAsksForAreForgotten() {
    goOn.countDown();
    MicroBatches batches = new MicroBatches((signature, inputs) -> Map.of(), 8);
    for (int width = 1; width <= 1000; width++) {
      batches.run("double", Map.of("x", NdArrays.ofLongs(Shape.of(1, width))));
    }
    assertThat(batches.kinds()).isZero();
  }

  @Test
  void joinsWhatWaits() throws Exception {
    var answers =
        ask(
            new MicroBatches(this::twice, 4),
            new long[] {1},
            new long[] {2, 3},
            new long[] {4},
            new long[] {5, 6});
    assertThat(answers.get(0).get()).isEqualTo(Map.of("y", NdArrays.vectorOf(2L)));
    assertThat(answers.get(1).get()).isEqualTo(Map.of("y", NdArrays.vectorOf(4L, 6)));
    assertThat(answers.get(2).get()).isEqualTo(Map.of("y", NdArrays.vectorOf(8L)));
    assertThat(answers.get(3).get()).isEqualTo(Map.of("y", NdArrays.vectorOf(10L, 12)));
    assertThat(runs).containsExactly(List.of(1L), List.of(2L, 3L, 4L), List.of(5L, 6L));
  }

  @Test
  void runsALargeRequestAlone() throws Exception {
    var answers =
        ask(new MicroBatches(this::twice, 2), new long[] {1}, new long[] {2, 3, 4}, new long[] {5});
    assertThat(answers.get(1).get()).isEqualTo(Map.of("y", NdArrays.vectorOf(4L, 6, 8)));
    assertThat(answers.get(2).get()).isEqualTo(Map.of("y", NdArrays.vectorOf(10L)));
    assertThat(runs).hasSize(3);
  }

  @Test
  void oneRequestsFaultIsNotTheOthers() throws Exception {
    var answers =
        ask(new MicroBatches(this::twice, 8), new long[] {1}, new long[] {2}, new long[] {-3});
    assertThat(answers.get(1).get()).isEqualTo(Map.of("y", NdArrays.vectorOf(4L)));
    assertThatThrownBy(() -> answers.get(2).get())
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("negative: [-3]");
  }

  @Test
  void runsARequestAtOnceIfThereIsNoOther() {
    goOn.countDown();
    assertThat(new MicroBatches(this::twice, 8).run("double", x(7)))
        .isEqualTo(Map.of("y", NdArrays.vectorOf(14L)));
    assertThat(runs).containsExactly(List.of(7L));
  }

  @Test
  @Timeout(60)
  void textsOfUnlikeLengthAreNotJoined() throws Exception {
    List<Integer> rows = new CopyOnWriteArrayList<>();
    MicroBatches batches =
        new MicroBatches(
            (signature, inputs) -> {
              rows.add((int) inputs.get("text").size());
              firstBegan.countDown();
              try {
                goOn.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return Map.of("y", NdArrays.ofLongs(inputs.get("text").shape()));
            },
            100);
    List<Future<Map<String, NdArray<?>>>> answers = new ArrayList<>();
    for (String text : List.of("a", "b", "c c", "a ".repeat(5000))) {
      answers.add(
          pool.submit(() -> batches.run("s", Map.of("text", NdArrays.vectorOfObjects(text)))));
      firstBegan.await();
    }
    // The long text runs beside the first, and waits for none of the short ones.
    while (rows.size() < 2 || batches.kinds() < 2) {
      Thread.onSpinWait();
    }
    assertThat(rows).containsExactly(1, 1);
    goOn.countDown();
    for (Future<Map<String, NdArray<?>>> answer : answers) {
      answer.get();
    }
    assertThat(rows.stream().mapToInt(Integer::intValue).sum()).isEqualTo(4);
  }
}
