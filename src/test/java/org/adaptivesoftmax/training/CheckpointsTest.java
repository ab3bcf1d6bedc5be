package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

class CheckpointsTest {
  private final Path directory;

  CheckpointsTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static TrainingState state(int epochsDone) {
    return TrainingState.of(
        epochsDone, Map.of("seed", 3L, "model", Map.of("widths", List.of(4, 2))));
  }

  @Test
  void restoresTheLatestAndKeepsNoOther() throws IOException {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Variable<TFloat32> variable = tf.withName("v").variable(Shape.of(2), TFloat32.class);
      tf.withInitScope().assign(variable, tf.withInitScope().constant(new float[] {1, 2}));
      Op grow = tf.assignAdd(variable, tf.constant(new float[] {10, 10}));
      session.initialize();
      Checkpoints checkpoints = new Checkpoints(directory.resolve("new"));
      assertThat(checkpoints.latest()).isEmpty();
      checkpoints.save(session, 9, state(1));
      session.run(grow);
      checkpoints.save(session, 10, state(2));
      session.run(grow);

      Checkpoints.Checkpoint latest = checkpoints.latest().orElseThrow();
      latest.restore(session);
      assertThat(latest.step()).isEqualTo(10);
      assertThat(latest.state()).isEqualTo(state(2));
      assertThat(Tensors.fetch(session, variable)).containsExactly(11, 12);
      try (Stream<Path> entries = Files.list(checkpoints.directory())) {
        assertThat(entries).containsExactly(latest.directory());
      }
    }
  }

  @Test
  void takesNoPartialCheckpointForAWholeOne() throws IOException {
    Files.createDirectory(directory.resolve("partial-12"));
    Files.createFile(directory.resolve("partial-12").resolve("variables.index"));
    assertThat(new Checkpoints(directory).latest()).isEmpty();
  }

  @Test
  void aDifferenceIsNamedByItsPath() {
    TrainingState mine = state(1);
    assertThat(mine.difference(state(2))).isEmpty();
    TrainingState other =
        TrainingState.of(1, Map.of("seed", 3, "model", Map.of("widths", List.of(4, 3))));
    assertThat(mine.difference(other)).contains("model.widths: [4,3], not [4,2]");
    assertThat(mine.difference(TrainingState.of(1, Map.of("seed", 3))))
        .contains("model: , not {\"widths\":[4,2]}");
  }

  @Test
  void aDamagedStateIsNamed() throws IOException {
    for (String content :
        List.of("", "{", "[]", "{\"epochs_done\": 1}", "{\"epochs_done\": -3, \"identity\": {}}")) {
      Path file = Files.writeString(directory.resolve("state.json"), content);
      assertThatThrownBy(() -> TrainingState.read(file))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("no state of a training: " + file);
    }
  }

  /** As a process that is killed while it deletes. */
  @Test
  void whatIsHalfDeletedIsNoCheckpoint() throws IOException {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Variable<TFloat32> variable = tf.withName("v").variable(Shape.of(2), TFloat32.class);
      tf.withInitScope().assign(variable, tf.withInitScope().constant(new float[] {1, 2}));
      session.initialize();
      Checkpoints checkpoints = new Checkpoints(directory.resolve("kept"));
      checkpoints.save(session, 3, state(1));
      Path last = checkpoints.latest().orElseThrow().directory();
      Path whole = Files.move(last, last.resolveSibling("partial-3"));
      Files.delete(whole.resolve("state.json"));
      assertThat(checkpoints.latest()).isEmpty();
      checkpoints.save(session, 4, state(2));
      assertThat(whole).doesNotExist();
      checkpoints.delete();
      assertThat(checkpoints.directory()).doesNotExist();
      checkpoints.delete();
    }
  }
}
