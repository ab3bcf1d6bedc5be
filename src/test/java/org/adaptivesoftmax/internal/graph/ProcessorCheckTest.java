package org.adaptivesoftmax.internal.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.FullSoftmax;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.savedmodel.VersionBundle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

class ProcessorCheckTest {
  private static final String SLOW = "flags\t\t: fpu sse sse2 avx avx2 fma\n";
  private static final String FAST = "flags\t\t: fpu sse sse2 avx avx2 fma avx_vnni\n";

  /** The flags of some processors as Linux names them, shortened to the vector instructions. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Haswell      | fpu sse sse2 ssse3 fma sse4_1 sse4_2 avx f16c bmi1 avx2 bmi2 erms        | true
          Zen 3        | fpu sse sse2 ssse3 fma sse4_1 sse4_2 avx f16c avx2 sha_ni vaes vpclmulqdq | true
          Skylake-X    | fpu sse sse2 fma avx avx2 avx512f avx512dq avx512cd avx512bw avx512vl    | true
          Cascade Lake | fpu sse sse2 fma avx avx2 avx512f avx512dq avx512bw avx512vl avx512_vnni | false
          Zen 4        | fpu sse sse2 fma avx avx2 avx512f avx512_bf16 avx512_vnni avx512_vbmi2   | false
          Alder Lake   | fpu sse sse2 fma avx avx2 avx_vnni vaes gfni                             | false
          Sapphire     | fpu sse sse2 avx avx2 avx512f avx_vnni amx_bf16 amx_tile amx_int8        | false
          """)
  void knowsWhichProcessorsTensorFlowUsesOneDnnOn(String name, String flags, boolean lacks) {
    String text =
        """
        processor\t: 0
        vendor_id\t: SomeVendor
        model name\t: %s
        flags\t\t: %s
        bugs\t\t: spectre_v1
        """;
    assertThat(ProcessorCheck.lacksFeatures(text.formatted(name, flags))).isEqualTo(lacks);
  }

  @Test
  void anotherArchitectureOrNoTextIsNoReasonToWarn() {
    String arm =
        """
        processor\t: 0
        BogoMIPS\t: 50.00
        Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp
        CPU implementer\t: 0x41
        """;
    assertThat(ProcessorCheck.lacksFeatures(arm)).isFalse();
    assertThat(ProcessorCheck.lacksFeatures("flags\t\t: \n")).isFalse();
    assertThat(ProcessorCheck.lacksFeatures("")).isFalse();
  }

  @Test
  void warnsOnce() {
    AtomicBoolean done = new AtomicBoolean();
    List<LogRecord> warnings = warnings(done, Map.of("PATH", "/bin"), SLOW);
    assertThat(warnings).singleElement().extracting(LogRecord::getLevel).isEqualTo(Level.WARNING);
    LogRecord warning = warnings.get(0);
    assertThat(MessageFormat.format(warning.getMessage(), warning.getParameters()))
        .startsWith("TensorFlow leaves oneDNN off on this processor")
        .contains("TF_ENABLE_ONEDNN_OPTS=1");
    assertThat(warnings(done, Map.of(), SLOW)).isEmpty();
  }

  @Test
  void doesNotWarnWhereItIsOnOrChosen() {
    assertThat(warnings(new AtomicBoolean(), Map.of(), FAST)).isEmpty();
    assertThat(warnings(new AtomicBoolean(), Map.of("TF_ENABLE_ONEDNN_OPTS", "1"), SLOW)).isEmpty();
    assertThat(warnings(new AtomicBoolean(), Map.of("TF_ENABLE_ONEDNN_OPTS", "0"), SLOW)).isEmpty();
  }

  @Test
  void whoeverBuildsALayerOrLoadsAModelIsWarned() throws Exception {
    boolean warned = ProcessorCheck.DONE.get();
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      assertWarns(
          () -> AdaptiveSoftmax.builder(TFloat32.class).plan(ClusterPlan.of(8, 20, 5)).build(tf));
      assertWarns(() -> FullSoftmax.builder(TFloat32.class).inFeatures(8).nClasses(20).build(tf));
      Path version = Path.of("savedmodels", "samples", "language-model", "1");
      assertWarns(() -> VersionBundle.load(version).close());
    } finally {
      ProcessorCheck.DONE.set(warned);
    }
  }

  @FunctionalInterface
  private interface ThrowingRunnable {
    void run() throws Exception;
  }

  private static void assertWarns(ThrowingRunnable action) throws Exception {
    ProcessorCheck.DONE.set(false);
    action.run();
    assertThat(ProcessorCheck.DONE).isTrue();
  }

  private static List<LogRecord> warnings(
      AtomicBoolean done, Map<String, String> environment, String processors) {
    List<LogRecord> records = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            records.add(record);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(ProcessorCheck.LOGGER);
    logger.addHandler(handler);
    Level quiet = logger.getLevel();
    logger.setLevel(Level.WARNING);
    logger.setUseParentHandlers(false);
    try {
      ProcessorCheck.warnOnce(done, environment, () -> processors);
    } finally {
      logger.setUseParentHandlers(true);
      logger.setLevel(quiet);
      logger.removeHandler(handler);
    }
    return records;
  }
}
