package org.adaptivesoftmax.distributed;

import static org.adaptivesoftmax.distributed.TrainingProcesses.assertSameNumbers;
import static org.adaptivesoftmax.distributed.TrainingProcesses.assertSameWeights;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.adaptivesoftmax.distributed.TrainingProcesses.Run;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Replicas and tail tasks in processes of their own, against one process that learns what all of them do. */
@Tag("slow")
class ReplicasTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @ParameterizedTest
  @CsvSource({"2,0", "1,1", "1,2", "2,1", "3,2"})
  @Timeout(180)
  void learnWhatOneProcessDoes(int replicas, int tailTasks) throws Exception {
    TrainingProcesses processes = new TrainingProcesses(directory, replicas, tailTasks);
    Path alone = directory.resolve("alone");
    List<Double> expected = TinyTraining.DEFAULT.alone(Optional.empty(), 9, alone);
    assertThat(expected).hasSize(51);
    List<Run> runs = processes.run(Map.of());
    assertThat(runs).allSatisfy(run -> assertThat(run.code()).as("%s", run.lines()).isZero());
    for (Run replica : runs.subList(1, replicas)) {
      assertThat(replica.lines()).as("all see the same").isEqualTo(runs.get(0).lines());
    }
    assertSameNumbers(runs.get(0).numbers(), expected);
    assertSameWeights(processes.weights(0), alone, 1e-6f);
    for (int replica = 1; replica < replicas && tailTasks == 0; replica++) {
      assertSameWeights(processes.weights(0), processes.weights(replica), 0);
    }
  }

  @Test
  @Timeout(180)
  void dropoutDiffersByReplicaAndTheWeightsStayTheSame() throws Exception {
    TrainingProcesses processes = new TrainingProcesses(directory, 2, 0);
    List<Run> runs = processes.run(Map.of("dropout", "0.4"));
    assertThat(runs).allSatisfy(run -> assertThat(run.code()).as("%s", run.lines()).isZero());
    assertSameWeights(processes.weights(0), processes.weights(1), 0);
  }

  /** Two replicas and a tail task begin, one process goes on, and one replica with two tail tasks ends it. */
  @Test
  @Timeout(240)
  void checkpointsGoOnOnAnotherNumberOfTasks() throws Exception {
    TinyTraining tiny = TinyTraining.of(Map.of("epochs", "3"));
    Path alone = directory.resolve("alone");
    List<Double> expected = tiny.alone(Optional.empty(), 9, alone);
    Path checkpoints = directory.resolve("checkpoints");
    Map<String, String> first =
        Map.of("epochs", "3", "checkpoints", checkpoints.toString(), "last", "1");
    assertThat(new TrainingProcesses(directory, 2, 1).run(first).get(0).code()).isZero();
    assertThat(checkpoints.resolve("step-25/variables.data-00001-of-00002")).exists();
    tiny.alone(Optional.of(checkpoints), 2, directory.resolve("none"));
    assertThat(checkpoints.resolve("step-50/variables.data-00000-of-00001")).exists();
    TrainingProcesses last = new TrainingProcesses(directory, 1, 2);
    List<Run> runs = last.run(Map.of("epochs", "3", "checkpoints", checkpoints.toString()));
    assertThat(runs).allSatisfy(run -> assertThat(run.code()).as("%s", run.lines()).isZero());
    assertSameNumbers(runs.get(0).numbers(), expected.subList(50, 76));
    assertSameWeights(last.weights(0), alone, 1e-6f);
    try (var files = Files.list(checkpoints.resolve("step-75"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "state.json",
              "variables.index",
              "variables.data-00000-of-00003",
              "variables.data-00001-of-00003",
              "variables.data-00002-of-00003");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2,0,text,text=2",
    "2,0,model,classes=61",
    "2,0,library version,class-path",
    "1,1,text,text=2",
    "1,1,model,classes=61",
    "1,1,library version,class-path",
    "1,2,split of tails,'split=0,1'"
  })
  @Timeout(180)
  void whoHasSomethingElseIsRefusedByName(int replicas, int tailTasks, String thing, String option)
      throws Exception {
    Map<String, String> its =
        option.equals("class-path")
            ? Map.of(option, ofAnotherVersion().toString())
            : Map.of(option.split("=", 2)[0], option.split("=", 2)[1]);
    List<Run> runs = new TrainingProcesses(directory, replicas, tailTasks).run(Map.of(), 1, its);
    String other = tailTasks == 0 ? "replica 1" : "tail task 0";
    assertThat(runs.get(0))
        .isEqualTo(new Run(2, List.of(other + " has another " + thing + " than replica 0")));
    if (tailTasks == 0) {
      assertThat(runs.get(1))
          .isEqualTo(new Run(2, List.of("replica 0 has another " + thing + " than replica 1")));
    } else {
      assertThat(runs.get(1).code()).isEqualTo(1);
      assertThat(runs.get(1).lines())
          .singleElement()
          .asString()
          .startsWith("a task is unavailable: the first replica has ended: ");
    }
  }

  private Path ofAnotherVersion() throws Exception {
    Path classes = directory.resolve("classes");
    Path version = classes.resolve("org/adaptivesoftmax/internal/io/version.properties");
    Files.createDirectories(version.getParent());
    Files.writeString(version, "version=0.0.9\n");
    return classes;
  }
}
