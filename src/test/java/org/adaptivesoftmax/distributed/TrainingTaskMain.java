package org.adaptivesoftmax.distributed;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.adaptivesoftmax.cluster.TailSplit;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.Replica;
import org.adaptivesoftmax.training.TailTask;
import org.adaptivesoftmax.training.TrainingListener;
import org.tensorflow.exceptions.TensorFlowException;

/**
 * A task of a {@link TinyTraining}. Standard output of a replica has its losses, and last its validation perplexity; of one
 * that fails, why.
 */
final class TrainingTaskMain {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final ClusterDefinition cluster;
  private final String job;
  private final int index;
  private final Map<String, String> options;
  private final TinyTraining tiny;

  private TrainingTaskMain(String[] args) throws Exception {
    cluster = ClusterDefinition.read(Path.of(args[0]));
    job = args[1];
    index = Integer.parseInt(args[2]);
    options =
        Arrays.stream(args)
            .skip(3)
            .map(option -> option.split("=", 2))
            .collect(Collectors.toMap(option -> option[0], option -> option[1]));
    tiny = TinyTraining.of(options);
  }

  /**
   * @param args the cluster's file, the job, the task's number; then as NAME=VALUE what {@link TinyTraining#of} reads, and
   *     {@code weights}, where they are saved, {@code checkpoints}, where they are kept and resumed from, {@code last}, the
   *     epoch after which the process ends as if it were killed, and {@code split}
   */
  public static void main(String[] args) throws Exception {
    TrainingTaskMain main = new TrainingTaskMain(args);
    int code = 0;
    try {
      main.run();
    } catch (TensorFlowException e) {
      System.out.println(ClusterException.of(e).getMessage());
      code = 1;
    } catch (ClusterException e) {
      System.out.println(e.getMessage());
      code = 1;
    } catch (IllegalArgumentException e) {
      System.out.println(e.getMessage());
      code = 2;
    }
    System.out.flush();
    Runtime.getRuntime().halt(code);
  }

  private void run() throws Exception {
    int replicas = cluster.replicas().size();
    ClusterTask task = ClusterTask.start(cluster, job, index, TIMEOUT, 1);
    task.awaitOthers(Duration.ofSeconds(60));
    if (job.equals(ClusterDefinition.TAIL)) {
      Replica of = new Replica(0, replicas, TIMEOUT, split());
      try (TailTask tail =
          new TailTask(
              tiny.model(), tiny.training(replicas), tiny.text(), of, index, task::localSession)) {
        task.awaitDone(tail::isDone);
      }
      return;
    }
    Replica replica = new Replica(index, replicas, TIMEOUT, split());
    try (LanguageModelTrainer trainer =
        LanguageModelTrainer.replica(
            tiny.model(), tiny.training(replicas), tiny.text(), replica, task::replicaSession)) {
      train(trainer);
    }
  }

  private TailSplit split() {
    int tasks = cluster.tailTasks().size();
    return tasks == 0
        ? TailSplit.NONE
        : new TailSplit(
            tasks,
            Arrays.stream(options.getOrDefault("split", tasks == 1 ? "0,0" : "1,0").split(",", -1))
                .map(Integer::valueOf)
                .toList());
  }

  private void train(LanguageModelTrainer trainer) throws Exception {
    Optional<Path> checkpoints = Optional.ofNullable(options.get("checkpoints")).map(Path::of);
    if (checkpoints.isPresent()) {
      trainer.resume(checkpoints.get());
    }
    int last = Integer.parseInt(options.getOrDefault("last", "9"));
    TinyTraining.Seen seen = new TinyTraining.Seen();
    trainer.train(checkpoints, TrainingListener.all(List.of(seen, new Ending(last))));
    if (index == 0 || cluster.tailTasks().isEmpty()) {
      trainer.save(Path.of(options.get("weights")));
    }
    new ArrayList<>(seen.numbers()).forEach(System.out::println);
    if (index == 0) {
      trainer.releaseTailTasks();
    }
  }

  /** Ends the process in the first step after an epoch. */
  private record Ending(int last) implements TrainingListener {
    @Override
    public void stepDone(Step step) {
      if (step.epoch() > last) {
        Runtime.getRuntime().halt(0);
      }
    }

    @Override
    public void epochDone(Epoch epoch) {
      // Its checkpoint is still to be written.
    }
  }
}
