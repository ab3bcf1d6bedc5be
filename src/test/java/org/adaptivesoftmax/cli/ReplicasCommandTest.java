package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
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

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private final List<Process> launchers = new ArrayList<>();
  private final List<ProcessHandle> replicas = new ArrayList<>();

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
    replicas.forEach(ProcessHandle::destroyForcibly);
  }

  /** Also resumes on another number of replicas: what two began one goes on with. */
  @Test
  @Tag("slow")
  @Timeout(300)
  void aKilledAndAStoppedReplicaCostWorkAndNothingElse() throws Exception {
    Process launcher = launch("two", "2", "--batch", "4", "--timeout", "5");
    awaitCheckpoint(launcher, "two");
    kill(launcher, 1, "KILL");
    awaitErr("all are started anew from the last checkpoint", 1);
    awaitReplicas(launcher);
    Thread.sleep(new Random().nextInt(3_000));
    kill(launcher, 0, "STOP");
    assertThat(launcher.waitFor(200, TimeUnit.SECONDS)).as(err()).isTrue();
    assertThat(launcher.exitValue()).as(err()).isZero();
    assertThat(err())
        .contains("TensorFlow's server listens on all interfaces, unencrypted")
        .contains("resuming after epoch ");
    assertNothingIsLeft("two");
    assertThat(perplexity(Files.readString(directory.resolve("out"))))
        .isCloseTo(alone(), within(1e-3));
  }

  @Test
  @Tag("slow")
  @Timeout(120)
  void noReplicaOutlivesItsLauncher() throws Exception {
    Process launcher = launch("two", "2", "--batch", "4");
    awaitCheckpoint(launcher, "two");
    awaitReplicas(launcher);
    signal(launcher.toHandle(), "KILL");
    assertThat(launcher.waitFor()).isEqualTo(KILLED);
    for (ProcessHandle replica : replicas) {
      replica.onExit().get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  @Tag("slow")
  @Timeout(120)
  void aSignalEndsAllAndKeepsTheCheckpoint() throws Exception {
    Process launcher = launch("two", "2", "--batch", "4");
    awaitCheckpoint(launcher, "two");
    awaitReplicas(launcher);
    signal(launcher.toHandle(), "TERM");
    assertThat(launcher.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(replicas).noneMatch(ProcessHandle::isAlive);
    assertThat(names(directory.resolve("tmp"))).noneMatch(name -> name.contains("cluster"));
    CommandRun resumed =
        CommandRun.of(arguments("two", "--batch", "8", "--resume").toArray(String[]::new));
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(perplexity(resumed.out())).isCloseTo(alone(), within(1e-3));
  }

  /** What the quick test does once. */
  @Test
  @Tag("slow")
  @Timeout(1_800)
  void anyReplicaMayFailAtAnyMoment() throws Exception {
    double alone = alone();
    for (int round = 0; round < 10; round++) {
      Random random = new Random(round);
      String out = "round" + round;
      Process launcher = launch(out, "2", "--batch", "4", "--timeout", "5", "--restarts", "9");
      for (int disturbance = 0; disturbance < 3; disturbance++) {
        awaitReplicas(launcher);
        Thread.sleep(random.nextInt(8_000));
        kill(launcher, random.nextInt(2), random.nextBoolean() ? "KILL" : "STOP");
        Thread.sleep(7_000);
      }
      assertThat(launcher.waitFor(200, TimeUnit.SECONDS)).as(err()).isTrue();
      assertThat(launcher.exitValue()).as(err()).isZero();
      assertNothingIsLeft(out);
      assertThat(perplexity(Files.readString(directory.resolve("out"))))
          .isCloseTo(alone, within(1e-3));
    }
  }

  @Test
  void refusesWhatItCannotDo() throws Exception {
    refused("--replicas must be at least 1: 0", "--replicas", "0");
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

  private Process launch(String out, String replicas, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC"));
    command.add("-Djava.io.tmpdir=" + directory.resolve("tmp"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(arguments(out, options));
    command.addAll(List.of("--replicas", replicas, "--threads", "1"));
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

  private void awaitErr(String text, int times) throws Exception {
    while (err().split(text, -1).length - 1 < times) {
      Thread.sleep(20);
    }
  }

  private void awaitReplicas(Process launcher) throws InterruptedException {
    while (launcher.isAlive() && launcher.children().count() < 2) {
      Thread.sleep(20);
    }
    replicas.clear();
    launcher.children().forEach(replicas::add);
  }

  /** Sends a signal to a replica; to none, if all is done. */
  private void kill(Process launcher, int index, String name) throws Exception {
    awaitReplicas(launcher);
    if (index < replicas.size()) {
      signal(replicas.get(index), name);
    }
  }

  private static void signal(ProcessHandle process, String name) throws Exception {
    new ProcessBuilder("kill", "-s", name, Long.toString(process.pid())).start().waitFor();
  }

  private void assertNothingIsLeft(String out) throws IOException {
    assertThat(names(directory.resolve(out))).containsExactly("1");
    assertThat(names(directory.resolve("tmp"))).noneMatch(name -> name.contains("cluster"));
    assertThat(replicas).noneMatch(ProcessHandle::isAlive);
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
