package org.adaptivesoftmax.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tensorflow.ndarray.LongNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;

/**
 * Stops a joint batch while its outputs are divided, and wakes who waits for them: nobody may take rows that were divided
 * already, since the rest turns out to be missing and each request is run again alone.
 */
class MicroBatchesPublicationTest {
  private static final int JOINED = 3;

  /** Of a joint batch, so that nobody should get it. */
  private static final long WRONG = -1;

  private final CountDownLatch firstRuns = new CountDownLatch(1);
  private final CountDownLatch othersWait = new CountDownLatch(1);
  private final CountDownLatch lastIsMissing = new CountDownLatch(1);
  private final CountDownLatch othersLooked = new CountDownLatch(1);
  private final MicroBatches batches = new MicroBatches(this::twice, JOINED);
  private volatile Thread dividing = Thread.currentThread();

  private Map<String, NdArray<?>> twice(
      String signature, Map<String, ? extends NdArray<?>> inputs) {
    firstRuns.countDown();
    await(othersWait);
    LongNdArray x = (LongNdArray) inputs.get("x");
    return x.size() == 1 ? y(2 * x.getLong(0)) : new Outputs();
  }

  /** Is read once for its size and once for each request of a joint batch; the last finds that its rows are gone. */
  private final class Outputs extends AbstractMap<String, NdArray<?>> {
    private int reads;

    @Override
    public Set<Map.Entry<String, NdArray<?>>> entrySet() {
      if (++reads == 1 + JOINED) {
        dividing = Thread.currentThread();
        lastIsMissing.countDown();
        await(othersLooked);
        throw new IllegalStateException("no rows are left");
      }
      return y(WRONG, WRONG, WRONG).entrySet();
    }
  }

  private static Map<String, NdArray<?>> y(long... values) {
    return Map.of("y", NdArrays.vectorOf(values));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A request in a thread of its own. */
  private final class Asking {
    private final FutureTask<Map<String, NdArray<?>>> answer;
    private final Thread thread;

    Asking(long value) {
      answer = new FutureTask<>(() -> batches.run("double", Map.of("x", NdArrays.vectorOf(value))));
      thread = new Thread(answer);
      thread.setDaemon(true);
      thread.start();
    }

    List<Long> answer() throws Exception {
      return ((LongNdArray) answer.get().get("y")).streamOfObjects().toList();
    }

    /** Until it waits, or has its answer. */
    void awaitRest() throws InterruptedException {
      while (!answer.isDone()
          && (thread.isInterrupted() || thread.getState() != Thread.State.WAITING)) {
        Thread.sleep(1);
      }
    }

    /** Makes it look at its request. */
    void wake() throws InterruptedException {
      thread.interrupt();
      awaitRest();
    }
  }

  @Test
  @Timeout(120)
  void noAnswerIsSeenBeforeAllAre() throws Exception {
    Asking first = new Asking(10);
    firstRuns.await();
    List<Asking> others = new ArrayList<>();
    for (int i = 0; i < JOINED; i++) {
      others.add(new Asking(i));
      others.get(i).awaitRest();
    }
    othersWait.countDown();
    lastIsMissing.await();
    for (Asking other : others) {
      // Several times, since a thread still counts as waiting just after it has been woken.
      for (int i = 0; i < 5 && other.thread != dividing; i++) {
        other.wake();
      }
    }
    othersLooked.countDown();
    assertThat(first.answer()).containsExactly(20L);
    for (int i = 0; i < JOINED; i++) {
      assertThat(others.get(i).answer()).containsExactly(2L * i);
    }
    assertThat(batches.kinds()).isZero();
  }
}
