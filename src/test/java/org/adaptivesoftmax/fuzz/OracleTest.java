package org.adaptivesoftmax.fuzz;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Set;
import org.adaptivesoftmax.fuzz.FuzzTarget.Reader;
import org.junit.jupiter.api.Test;

/** An oracle that nothing could break would find nothing. */
class OracleTest {
  private static final byte[] INPUT = {1, 2};

  /** So that no compiler leaves the array out. */
  private static byte[] kept = {};

  private static void check(Reader reader) throws IOException {
    FuzzTarget target = FuzzTarget.of("some", Set.of(IllegalArgumentException.class), reader);
    try (Oracle oracle = new Oracle(target)) {
      oracle.check(INPUT);
    }
  }

  private static void assertBroken(String what, Reader reader) {
    assertThatThrownBy(() -> check(reader))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(what);
  }

  private static Reader failing(Exception failure) {
    return (input, directory) -> {
      throw failure;
    };
  }

  @Test
  void whatIsReadOrRefusedHolds() {
    assertThatCode(() -> check((input, directory) -> {})).doesNotThrowAnyException();
    assertThatCode(() -> check(failing(new IllegalArgumentException("no number: 7"))))
        .doesNotThrowAnyException();
  }

  @Test
  void anExceptionThatIsNotDocumentedBreaksIt() {
    assertBroken(
        "not documented: java.lang.IllegalStateException", failing(new IllegalStateException("x")));
    assertBroken(
        "not documented: java.lang.StackOverflowError",
        (input, directory) -> {
          throw new StackOverflowError();
        });
  }

  @Test
  void aMessageThatIsMissingOrLongOrSteersATerminalBreaksIt() {
    assertBroken("no message", failing(new IllegalArgumentException()));
    assertBroken("2001 characters", failing(new IllegalArgumentException("x".repeat(2001))));
    assertBroken("control characters", failing(new IllegalArgumentException("a\u001b[2Jb")));
  }

  @Test
  void memoryOutOfProportionBreaksIt() {
    assertBroken("bytes are allocated for 2", (input, directory) -> kept = new byte[5 << 20]);
    kept = new byte[0];
  }

  @Test
  void whatTakesLongBreaksIt() {
    assertBroken(
        "ms, more than 1000",
        (input, directory) -> {
          // Looking at the time allocates, so not too often.
          long end = threadNanos() + 1_100_000_000L;
          while (threadNanos() < end) {
            for (int i = 0; i < 100_000; i++) {
              Thread.onSpinWait();
            }
          }
        });
  }

  private static long threadNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
