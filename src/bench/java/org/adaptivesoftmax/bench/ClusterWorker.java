package org.adaptivesoftmax.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.adaptivesoftmax.distributed.ClusterDefinition;
import org.adaptivesoftmax.distributed.ClusterTask;
import org.adaptivesoftmax.training.ExchangedBytes;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.Replica;
import org.adaptivesoftmax.training.StepProfiler;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.ConfigProto;

/**
 * A process of {@code bench distributed}. It reads a {@link ClusterSpec} and answers {@code ready} once the weights are in
 * place. A replica then answers each line {@code step} with the mean milliseconds of the spec's number of training steps, and
 * {@code bytes} with the megabytes of a step by kind; a tail task only serves. It ends with its input.
 */
final class ClusterWorker {
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private ClusterWorker() {}

  /**
   * Serves standard input.
   *
   * @param args none
   * @throws IOException if a line is not what was agreed
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    ClusterSpec spec = WorkerReply.JSON.readValue(requests.readLine(), ClusterSpec.class);
    if (spec.jobs().isEmpty()) {
      try (LanguageModelTrainer trainer =
          trainer(spec, ClusterWorker::local, spec.place().threads())) {
        answer(trainer, spec, requests);
      }
    } else {
      ClusterTask task =
          ClusterTask.start(
              new ClusterDefinition(spec.jobs()),
              spec.place().job(),
              spec.place().task(),
              TIMEOUT,
              spec.place().threads());
      task.awaitOthers(TIMEOUT);
      if (spec.place().job().equals(ClusterDefinition.TAIL)) {
        say(WorkerReply.ready("TensorFlow " + TensorFlow.version()));
        requests.readLine();
      } else {
        answer(trainer(spec, (graph, none) -> task.replicaSession(graph), 0), spec, requests);
      }
    }
    Runtime.getRuntime().halt(0);
  }

  /** Opens a session with so many threads. */
  @FunctionalInterface
  private interface Sessions {
    Session open(Graph graph, int threads);
  }

  private static Session local(Graph graph, int threads) {
    return new Session(
        graph,
        ConfigProto.newBuilder()
            .setIntraOpParallelismThreads(threads)
            .setInterOpParallelismThreads(threads)
            .build());
  }

  private static Replica replica(ClusterSpec spec) {
    return new Replica(spec.place().task(), spec.place().replicas(), TIMEOUT, spec.tails());
  }

  private static LanguageModelTrainer trainer(ClusterSpec spec, Sessions sessions, int threads)
      throws IOException {
    return LanguageModelTrainer.replica(
        spec.model(),
        spec.training(),
        spec.text(),
        replica(spec),
        graph -> sessions.open(graph, threads));
  }

  private static void answer(
      LanguageModelTrainer trainer, ClusterSpec spec, BufferedReader requests) throws IOException {
    StepProfiler profiler = new StepProfiler(trainer);
    say(WorkerReply.ready("TensorFlow " + TensorFlow.version()));
    for (String request = requests.readLine(); request != null; request = requests.readLine()) {
      switch (request) {
        case "step" -> say(WorkerReply.ms(profiler.milliseconds(spec.course().windows())));
        case "bytes" -> say(ExchangedBytes.of(trainer, replica(spec)).megabytes());
        default -> throw new IOException("no such request: " + request);
      }
    }
  }

  private static void say(Object reply) throws IOException {
    System.out.println(WorkerReply.JSON.writeValueAsString(reply));
    System.out.flush();
  }
}
