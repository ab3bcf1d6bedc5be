package org.adaptivesoftmax.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.adaptivesoftmax.fuzz.FuzzTarget;

/** The reader of checkpoints. */
public final class TrainingFuzz {
  /** The state of a checkpoint. */
  public static final FuzzTarget CHECKPOINT =
      FuzzTarget.of("checkpoint", Set.of(IllegalArgumentException.class), TrainingFuzz::checkpoint);

  private TrainingFuzz() {}

  private static void checkpoint(byte[] input, Path directory) throws IOException {
    Path step = Files.createDirectories(directory.resolve("step-1"));
    Files.write(step.resolve("state.json"), input);
    TrainingState mine = TrainingState.of(1, Map.of("seed", 1, "text", Map.of("tokens", 9)));
    new Checkpoints(directory)
        .latestOf(mine)
        .ifPresent(checkpoint -> checkpoint.state().course(EncoderCourse.class));
  }
}
