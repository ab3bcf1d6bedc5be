package org.adaptivesoftmax.local;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.LongNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;

/**
 * Tries the interleavings of threads, one switch after another, in random scenarios of up to three threads: what each call
 * gives must be what some order of the calls, one at a time, gives too, and no thread may wait for ever. What is called is
 * the real code; where a model would run, a function of arrays in the heap does.
 */
@Tag("slow")
class InterleavingsTest {
  private static ModelCheckingOptions options(int scenarios, int interleavings) {
    return new ModelCheckingOptions()
        .threads(3)
        .actorsPerThread(2)
        .actorsBefore(0)
        .actorsAfter(0)
        .iterations(scenarios)
        .invocationsPerIteration(interleavings);
  }

  private static final List<String> OF_ONE_THREAD =
      List.of(
          "org.tensorflow.ndarray",
          "org.adaptivesoftmax.internal.tensors",
          "org.adaptivesoftmax.local.MicroBatches$Kind",
          "java.util.stream",
          "java.util.ArrayList",
          "java.util.ArrayDeque",
          "java.util.ImmutableCollections",
          "java.util.TreeMap");

  /** Nothing is switched within what only looks at or makes what no other thread knows. */
  private static ModelCheckingOptions optionsWithArrays(int scenarios, int interleavings) {
    return options(scenarios, interleavings)
        .addGuarantee(
            ManagedStrategyGuaranteeKt.forClasses(
                    name -> OF_ONE_THREAD.stream().anyMatch(name::startsWith))
                .allMethods()
                .ignore());
  }

  @Test
  void aVersionIsFreedOnceAndUsedByNobodyThen() {
    options(10, 500).check(Turning.class);
  }

  /** Requests, new versions and the end of a model. */
  public static final class Turning {
    private final List<Version> all = new CopyOnWriteArrayList<>();
    private final Latest<Version> latest = new Latest<>(version(0));

    private static final class Version implements Latest.Used {
      private final int number;
      private final AtomicInteger freed = new AtomicInteger();
      private final Uses uses = new Uses(freed::incrementAndGet);

      Version(int number) {
        this.number = number;
      }

      @Override
      public Uses uses() {
        return uses;
      }

      void requireAlive() {
        if (freed.get() > 0) {
          throw new IllegalStateException("used after it was freed: " + number);
        }
      }
    }

    private Version version(int number) {
      Version version = new Version(number);
      all.add(version);
      return version;
    }

    /** A request: the version that answers it, or −1 if the model is closed. */
    @Operation
    public int use() {
      Version some = latest.retained();
      if (some == null) {
        return -1;
      }
      some.requireAlive();
      int answer = some.number;
      some.requireAlive();
      some.uses().release();
      return answer;
    }

    @Operation
    public void turnTo(@Param(gen = IntGen.class, conf = "1:3") int number) {
      latest.turnTo(version(number));
    }

    @Operation
    public void close() {
      latest.close();
    }

    @Validate
    public void requireFreed() {
      for (Version version : all) {
        int times = version == latest.get() && !latest.isClosed() ? 0 : 1;
        if (version.freed.get() != times) {
          throw new IllegalStateException(
              "freed %s times: %s".formatted(version.freed, version.number));
        }
      }
    }
  }

  @Test
  void everyRequestOfABatchHasItsOwnAnswer() {
    optionsWithArrays(5, 300).check(Batches.class);
  }

  /** Requests that are joined, each of one number, which is doubled if it is not negative. */
  public static final class Batches {
    private final MicroBatches batches = new MicroBatches(Batches::twice, 2);

    static Map<String, NdArray<?>> twice(
        String signature, Map<String, ? extends NdArray<?>> inputs) {
      LongNdArray numbers = (LongNdArray) inputs.get("x");
      long[] twice = new long[(int) numbers.size()];
      for (int i = 0; i < twice.length; i++) {
        if (numbers.getLong(i) < 0) {
          throw new IllegalArgumentException("negative");
        }
        twice[i] = 2 * numbers.getLong(i);
      }
      return Map.of("y", NdArrays.vectorOf(twice));
    }

    @Operation
    public long run(@Param(gen = IntGen.class, conf = "-1:3") int number) {
      try {
        Map<String, NdArray<?>> answer =
            batches.run("twice", Map.of("x", NdArrays.vectorOf((long) number)));
        return ((LongNdArray) answer.get("y")).getLong(0);
      } catch (IllegalArgumentException e) {
        return -1;
      }
    }

    /** When nothing runs, nothing is left of what ran. */
    @Validate
    public void requireNoLines() {
      if (batches.kinds() > 0) {
        throw new IllegalStateException(batches.kinds() + " kinds are left");
      }
    }
  }

  @Test
  void aRememberedRowIsTheRowItself() {
    optionsWithArrays(3, 100)
        .addGuarantee(
            ManagedStrategyGuaranteeKt.forClasses(
                    name -> name.startsWith("com.github.benmanes.caffeine"))
                .allMethods()
                .ignore())
        .check(Remembering.class);
  }

  /** Requests of two texts, of which some are remembered. */
  public static final class Remembering {
    private final AtomicInteger looked = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private final CachedRows rows =
        new CachedRows(
            Remembering::lengths, 2, 1 << 20, (hits, misses) -> looked.addAndGet(hits + misses));

    static Map<String, NdArray<?>> lengths(
        String signature, Map<String, ? extends NdArray<?>> inputs) {
      NdArray<?> texts = inputs.get("text");
      long[] lengths = new long[(int) texts.size()];
      for (int i = 0; i < lengths.length; i++) {
        lengths[i] = ((String) texts.getObject(i)).length();
      }
      return Map.of("y", NdArrays.vectorOf(lengths));
    }

    @Operation
    public String run(
        @Param(gen = IntGen.class, conf = "1:3") int first,
        @Param(gen = IntGen.class, conf = "1:3") int second) {
      asked.addAndGet(2);
      NdArray<String> texts = NdArrays.vectorOfObjects("a".repeat(first), "b".repeat(second));
      LongNdArray answer = (LongNdArray) rows.run("lengths", Map.of("text", texts)).get("y");
      return answer.getLong(0) + " " + answer.getLong(1);
    }

    @Validate
    public void requireCounts() {
      if (looked.get() != asked.get()) {
        throw new IllegalStateException("%s texts were counted of %s".formatted(looked, asked));
      }
    }
  }
}
