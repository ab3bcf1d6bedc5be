package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.adaptivesoftmax.distributed.ClusterDefinition;
import org.adaptivesoftmax.distributed.LoopbackAddresses;
import org.adaptivesoftmax.distributed.NetworkTrust;
import org.adaptivesoftmax.distributed.ProcessGroup;
import org.adaptivesoftmax.distributed.ProcessGroup.Failure;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.internal.io.TemporaryDirectory;

/**
 * Trains in several processes on this machine, each the same command as one task of a cluster. When one fails, all are ended
 * and started anew from the last checkpoint: what is left of a cluster that lost a task is of no use.
 *
 * @param arguments of the command, without those that are the launcher's
 * @param options how many, and how patient
 */
record ClusterLauncher(List<String> arguments, ClusterOptions options) {
  /** What the first process wrote to standard output. */
  record Result(@JsonValue @JsonRawValue String text) implements CommandResult {}

  private static final List<String> WITH_VALUE =
      List.of("--replicas", "--tail-tasks", "--restarts");

  /** Removes what the launcher alone understands, with its values. */
  static List<String> ofTask(List<String> all) {
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      String argument = all.get(i);
      if (WITH_VALUE.contains(argument)) {
        i++;
      } else if (!argument.equals("--resume")
          && !argument.equals("--restart")
          && WITH_VALUE.stream().noneMatch(option -> argument.startsWith(option + "="))) {
        kept.add(argument);
      }
    }
    return kept;
  }

  Result call() throws IOException, InterruptedException {
    System.err.println(NetworkTrust.WARNING);
    try (TemporaryDirectory temporary = TemporaryDirectory.create()) {
      Path directory = temporary.path();
      for (int attempt = 0; ; attempt++) {
        Optional<Failure> failure = attempt(directory);
        if (failure.isEmpty()) {
          return new Result(Files.readString(directory.resolve("out-0")).stripTrailing());
        }
        int index = failure.get().index();
        String message = failure.get().message();
        if (failure.get().exitCode() == FailureReport.BAD_INPUT) {
          throw new IllegalArgumentException(message);
        }
        String said = "%s failed: %s".formatted(name(index), message);
        if (attempt == options.restarts()) {
          throw new IOException(said);
        }
        System.err.println(said + "; all are started anew from the last checkpoint");
      }
    }
  }

  private Optional<Failure> attempt(Path directory) throws IOException, InterruptedException {
    FileTree.delete(directory);
    Files.createDirectory(directory);
    int tasks = options.replicas() + options.tailTasks();
    ClusterDefinition cluster =
        ClusterDefinition.of(LoopbackAddresses.free(tasks), options.replicas());
    Path definition = directory.resolve("cluster.json");
    cluster.write(definition);
    List<ProcessBuilder> builders = new ArrayList<>();
    for (int index = 0; index < tasks; index++) {
      builders.add(
          new ProcessBuilder(command(definition, index, directory))
              .redirectOutput(directory.resolve("out-" + index).toFile()));
    }
    Consumer<String> progress = System.err::println;
    try (ProcessGroup group =
        ProcessGroup.start(builders, directory, options.timeout(), progress)) {
      return group.await();
    }
  }

  private boolean isTail(int index) {
    return index >= options.replicas();
  }

  private String name(int index) {
    return isTail(index) ? "tail task " + (index - options.replicas()) : "replica " + index;
  }

  private List<String> command(Path definition, int index, Path directory) {
    List<String> command = ChildJava.command(Main.class);
    command.addAll(arguments);
    command.addAll(List.of("--resume", "--cluster", definition.toString()));
    String job = isTail(index) ? ClusterDefinition.TAIL : ClusterDefinition.COMPUTE;
    int task = isTail(index) ? index - options.replicas() : index;
    command.addAll(List.of("--job", job, "--task", Integer.toString(task)));
    command.addAll(List.of("--launched", directory.toString()));
    return command;
  }
}
