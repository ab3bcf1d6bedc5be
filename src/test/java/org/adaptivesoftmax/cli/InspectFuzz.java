package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.adaptivesoftmax.fuzz.FuzzTarget;

/** The command {@code inspect}, whose own process loads what a model holds. */
public final class InspectFuzz {
  private static final Path SAMPLE = Path.of("savedmodels/samples/classifier/1");

  /** The {@code saved_model.pb} of a classifier. It may do anything to the process that loads it. */
  public static final FuzzTarget INSPECT =
      FuzzTarget.of("inspect", Set.of(IllegalArgumentException.class), InspectFuzz::inspect)
          .bytesPerByte(10_000);

  private InspectFuzz() {}

  /** One line and exit code 2 are what the command promises. */
  private static void inspect(byte[] input, Path directory) throws IOException {
    Path version = directory.resolve("1");
    if (!Files.exists(version)) {
      CopiedTree.of(SAMPLE, version);
      Files.deleteIfExists(version.resolve("assets.extra/files.sha256"));
    }
    Files.write(version.resolve("saved_model.pb"), input);
    CommandRun run =
        CommandRun.of("inspect", "--model", directory.toString(), "--timeout", "60", "--json");
    if (run.code() == FailureReport.BAD_INPUT) {
      assertThat(run.out()).isEmpty();
      throw new IllegalArgumentException(run.err().stripTrailing());
    }
    assertThat(run.code()).as(run.err()).isEqualTo(FailureReport.DONE);
  }
}
