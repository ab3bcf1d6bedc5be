package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code train --replicas}, undisturbed and disturbed, against the same training in one process. */
@DisabledOnOs(OS.WINDOWS)
class ReplicasCommandTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int KILLED = 128 + 9;
  private static final int ROUNDS = 30;

  /** So that there are trainings with tail tasks and without. */
  private static final int OF_A_TRAINING = 5;

  private static final int TIMEOUT_SECONDS = Integer.getInteger("tests.timeout", 8);

  /** The timeout, and what a busy machine adds to end all processes. */
  private static final Duration NOTICED = Duration.ofSeconds(TIMEOUT_SECONDS + 30);

  private static final String[] DISTURBED = {
    "--batch", "4", "--timeout", Integer.toString(TIMEOUT_SECONDS), "--restarts", "1000"
  };

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private final List<Process> launchers = new ArrayList<>();
  private final List<ProcessHandle> processes = new ArrayList<>();
  private final Set<String> addresses = new TreeSet<>();

  @BeforeEach
  void writeCorpus() throws IOException {
    Files.writeString(directory.resolve("corpus.txt"), TrainCommandTest.text(3_000));
    Files.createDirectory(directory.resolve("tmp"));
  }

  @AfterEach
  void endAll() throws InterruptedException {
    for (Process launcher : launchers) {
      launcher.destroyForcibly().waitFor();
    }
    processes.forEach(ProcessHandle::destroyForcibly);
  }

  @Test
  @Tag("slow")
  @Timeout(120)
  void noReplicaOutlivesItsLauncher() throws Exception {
    Process launcher = launch("two", 2, 1, "--batch", "4");
    awaitCheckpoint(launcher, "two");
    awaitProcesses(launcher, 3);
    signal(launcher.toHandle(), "KILL");
    assertThat(launcher.waitFor()).isEqualTo(KILLED);
    for (ProcessHandle process : processes) {
      process.onExit().get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  @Tag("slow")
  @Timeout(120)
  void aSignalEndsAllAndKeepsTheCheckpoint() throws Exception {
    Process launcher = launch("two", 2, 1, "--batch", "4");
    awaitCheckpoint(launcher, "two");
    awaitProcesses(launcher, 3);
    signal(launcher.toHandle(), "TERM");
    assertThat(launcher.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(processes).noneMatch(ProcessHandle::isAlive);
    assertThat(names(directory.resolve("tmp"))).noneMatch(ReplicasCommandTest::isTemporary);
    CommandRun resumed =
        CommandRun.of(arguments("two", "--batch", "8", "--resume").toArray(String[]::new));
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(perplexity(resumed.out())).isCloseTo(alone(), within(1e-3));
  }

  /**
   * Kills and stops processes, and takes the disk from them, at random moments, {@value #ROUNDS} times (the system property
   * {@code tests.disturbances}; on a busy machine {@code tests.timeout} seconds may have to be more) in as many trainings as
   * that takes, with tail tasks and without. Every training ends with the weights of one that nobody disturbs, to the last
   * bit.
   */
  @Test
  @Tag("slow")
  @Timeout(1_800)
  void anyProcessMayFailAtAnyMoment() throws Exception {
    int rounds = Integer.getInteger("tests.disturbances", ROUNDS);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<Integer, byte[]> undisturbed = new TreeMap<>();
    int done = 0;
    for (int training = 0; done < rounds; training++) {
      int tailTasks = 1 - training % 2;
      if (!undisturbed.containsKey(tailTasks)) {
        undisturbed.put(tailTasks, weights(undisturbed("undisturbed" + tailTasks, tailTasks), "1"));
      }
      String out = "out" + training;
      Process launcher = launch(out, 2, tailTasks, DISTURBED);
      done += disturb(launcher, random, 2, tailTasks, Math.min(rounds - done, OF_A_TRAINING));
      assertThat(launcher.waitFor(300, TimeUnit.SECONDS)).as(err()).isTrue();
      assertThat(launcher.exitValue()).as("seed %d: %s", seed, err()).isZero();
      assertNothingIsLeft();
      // A replica that is killed when it has published, before it has said so, publishes once more.
      for (String version : names(directory.resolve(out))) {
        assertThat(weights(out, version)).as("seed %d", seed).isEqualTo(undisturbed.get(tailTasks));
      }
    }
  }

  private String undisturbed(String out, int tailTasks) throws Exception {
    Process launcher = launch(out, 2, tailTasks, DISTURBED);
    assertThat(launcher.waitFor(300, TimeUnit.SECONDS)).as(err()).isTrue();
    assertThat(launcher.exitValue()).as(err()).isZero();
    return out;
  }

  /** Disturbs a training until it has ended: how often. */
  private int disturb(Process launcher, Random random, int replicas, int tailTasks, int most)
      throws Exception {
    int done = 0;
    while (done < most && awaitProcesses(launcher, replicas + tailTasks)) {
      Thread.sleep(random.nextInt(4_000));
      int restarts = restarts();
      Disturbance kind = Disturbance.values()[random.nextInt(3)];
      // Of the replicas only the first writes.
      int victims = kind == Disturbance.FULL_DISK ? 1 : replicas;
      int victim = random.nextInt(victims + tailTasks);
      victim = victim < victims ? victim : replicas + victim - victims;
      long start = System.nanoTime();
      if (!launcher.isAlive() || !kind.strike(processes.get(victim))) {
        continue;
      }
      done++;
      while (launcher.isAlive() && restarts() == restarts) {
        Thread.sleep(20);
      }
      if (launcher.isAlive() && kind != Disturbance.FULL_DISK) {
        assertThat(Duration.ofNanos(System.nanoTime() - start))
            .as("%s of process %d: %s", kind, victim, err())
            .isLessThan(NOTICED);
      }
    }
    return done;
  }

  /** What may happen to a process. */
  private enum Disturbance {
    KILL,
    STOP,
    /** A limit of the size of files stands for it: writing fails in the middle of a file. */
    FULL_DISK;

    /** Whether the process was there. */
    boolean strike(ProcessHandle process) throws Exception {
      String pid = Long.toString(process.pid());
      List<String> command =
          this == FULL_DISK
              ? List.of("prlimit", "--pid", pid, "--fsize=2048")
              : List.of("kill", "-s", name(), pid);
      Process strike =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return strike.waitFor() == 0;
    }
  }

  private byte[] weights(String out, String version) throws IOException {
    return Files.readAllBytes(
        directory.resolve(out).resolve(version).resolve("variables/variables.data-00000-of-00001"));
  }

  private int restarts() throws IOException {
    return err().split("all are started anew from the last checkpoint", -1).length - 1;
  }

  @Test
  void refusesWhatItCannotDo() throws Exception {
    refused("--replicas must be at least 1: 0", "--replicas", "0");
    refused("--tail-tasks must not be negative: -1", "--tail-tasks", "-1");
    refused("--tail-split needs --tail-tasks: [0, 1]", "--tail-split", "0,1");
    refused(
        "--softmax must be adaptive with tail tasks: full",
        "--tail-tasks",
        "1",
        "--softmax",
        "full");
    refused("--timeout must be at least 1: 0", "--timeout", "0");
    refused("--cluster and --task belong together: null", "--task", "1");
    Path cluster = directory.resolve("cluster.json");
    Files.writeString(cluster, "{\"compute\": [\"8.8.8.8:2222\"]}");
    refused(
        "8.8.8.8:2222 is neither a loopback nor a private address, and whoever reaches it runs code"
            + " here: give --i-trust-this-network if nobody else can",
        "--cluster",
        cluster.toString(),
        "--task",
        "0");
    Files.writeString(cluster, "{\"compute\": [\"localhost\"]}");
    refused(
        "the address of a task must be host:port: localhost",
        "--cluster",
        cluster.toString(),
        "--task",
        "0");
    assertThat(directory.resolve("out")).doesNotExist();
  }

  private void refused(String message, String... options) {
    CommandRun run = CommandRun.of(arguments("out", options).toArray(String[]::new));
    assertThat(run.err()).isEqualTo("adaptive-softmax: " + message + System.lineSeparator());
    assertThat(run.code()).isEqualTo(2);
  }

  private double alone() throws IOException {
    CommandRun run = CommandRun.of(arguments("alone", "--batch", "8").toArray(String[]::new));
    assertThat(run.code()).as(run.err()).isZero();
    return perplexity(run.out());
  }

  private static double perplexity(String out) throws IOException {
    JsonNode result = JSON.readTree(out);
    return result.get("perplexity").doubleValue();
  }

  private List<String> arguments(String out, String... options) {
    List<String> arguments =
        new ArrayList<>(List.of("train", "--json", "--cutoffs", "10,30", "--epochs", "4"));
    arguments.addAll(List.of("--hidden", "32", "--embedding", "16"));
    arguments.addAll(List.of("--corpus", directory.resolve("corpus.txt").toString()));
    arguments.addAll(List.of("--out", directory.resolve(out).toString()));
    arguments.addAll(Arrays.asList(options));
    return arguments;
  }

  private Process launch(String out, int replicas, int tailTasks, String... options)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC"));
    command.add("-Djava.io.tmpdir=" + directory.resolve("tmp"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(arguments(out, options));
    command.addAll(List.of("--replicas", Integer.toString(replicas), "--threads", "1"));
    command.addAll(List.of("--tail-tasks", Integer.toString(tailTasks)));
    Process launcher =
        new ProcessBuilder(command)
            .redirectOutput(directory.resolve("out").toFile())
            .redirectError(directory.resolve("err").toFile())
            .start();
    launchers.add(launcher);
    return launcher;
  }

  private void awaitCheckpoint(Process launcher, String out) throws Exception {
    Path checkpoints = directory.resolve(out).resolve("checkpoints");
    while (!Files.exists(checkpoints)
        || names(checkpoints).stream().noneMatch(name -> name.startsWith("step-"))) {
      assertThat(launcher.isAlive()).as(err()).isTrue();
      Thread.sleep(20);
    }
  }

  /** Whether all are there and have given a sign of life: not, if all is done. */
  private boolean awaitProcesses(Process launcher, int count) throws Exception {
    while (launcher.isAlive() && (launcher.children().count() < count || signs() < count)) {
      Thread.sleep(20);
    }
    processes.clear();
    launcher
        .children()
        .sorted(Comparator.comparingLong(ProcessHandle::pid))
        .forEach(processes::add);
    noteAddresses();
    return processes.size() == count;
  }

  private long signs() throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("tmp"))) {
      return files.filter(file -> file.getFileName().toString().startsWith("alive-")).count();
    } catch (UncheckedIOException deletedMeanwhile) {
      return 0;
    }
  }

  /** Whether a directory is one that a command of ours makes for a time. */
  private static boolean isTemporary(String name) {
    return name.startsWith("adaptive-softmax-");
  }

  private void noteAddresses() throws IOException {
    for (String name : names(directory.resolve("tmp"))) {
      Path cluster = directory.resolve("tmp").resolve(name).resolve("content/cluster.json");
      if (isTemporary(name) && Files.exists(cluster)) {
        JSON.readTree(Files.readString(cluster))
            .forEach(job -> job.forEach(address -> addresses.add(address.asText())));
      }
    }
  }

  private static void signal(ProcessHandle process, String name) throws Exception {
    new ProcessBuilder("kill", "-s", name, Long.toString(process.pid())).start().waitFor();
  }

  private void assertNothingIsLeft() throws IOException {
    assertThat(names(directory.resolve("tmp"))).noneMatch(ReplicasCommandTest::isTemporary);
    assertThat(processes).noneMatch(ProcessHandle::isAlive);
    assertThat(addresses).isNotEmpty().noneMatch(ReplicasCommandTest::isListenedOn);
    addresses.clear();
  }

  private static boolean isListenedOn(String address) {
    int colon = address.lastIndexOf(':');
    try (Socket socket =
        new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private String err() throws IOException {
    return Files.readString(directory.resolve("err"));
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
