package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
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

  private static Properties state(String value) {
    Properties state = new Properties();
    state.setProperty("seed", value);
    return state;
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
      checkpoints.save(session, 9, state("first"));
      session.run(grow);
      checkpoints.save(session, 10, state("second"));
      session.run(grow);

      Checkpoints.Checkpoint latest = checkpoints.latest().orElseThrow();
      latest.restore(session);
      assertThat(latest.step()).isEqualTo(10);
      assertThat(latest.state()).isEqualTo(state("second"));
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
}
