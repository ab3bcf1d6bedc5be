package org.adaptivesoftmax.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.CommandResult;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.internal.io.Require;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code bench serve}. */
@Command(
    name = "serve",
    description = {
      "Ask a language model for ten words, and a layer of 267,735 classes for its best ten, through the server and in one"
          + " process, and through tensorflow_model_server where it is on the path; and one client beside slow ones.",
      "Servers and clients are processes of their own, in turn. The result is also written to target/bench/serve.json."
    })
final class ServeBenchCommand implements Callable<CommandResult> {
  private static final int FEATURES = 512;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      defaultValue = "savedmodels/wordnet-lm",
      description = "The language model. Default: ${DEFAULT-VALUE}.")
  private Path model = Path.of("savedmodels/wordnet-lm");

  @Option(
      names = "--connections",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,16,64",
      description = "Connections with one request on its way each. Default: ${DEFAULT-VALUE}.")
  private List<Integer> connections = List.of(1, 16, 64);

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "2000",
      description =
          "Requests of a measurement, a quarter of that with one connection. Default:"
              + " ${DEFAULT-VALUE}.")
  private int requests = 2000;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "20000",
      description =
          "Requests to each server and process before it is measured. Default: ${DEFAULT-VALUE}.")
  private int warmUp = 20_000;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Rounds of each measurement. Default: ${DEFAULT-VALUE}.")
  private int rounds = 5;

  @Option(
      names = "--classes",
      paramLabel = "N",
      defaultValue = "267735",
      description = "Classes of the layer. Default: ${DEFAULT-VALUE}.")
  private int classes = 267_735;

  @Option(
      names = "--slow-clients",
      paramLabel = "N",
      defaultValue = "64",
      description = "Clients that send a byte a second. Default: ${DEFAULT-VALUE}.")
  private int slowClients = 64;

  @Override
  public CommandResult call() throws Exception {
    Require.argument(classes >= 1000, "classes must be at least 1000: %s", classes);
    ClusterPlan plan =
        ClusterPlan.of(FEATURES, classes, classes * 3 / 40, classes * 3 / 20, classes * 3 / 4);
    List<ServeWorkload> workloads = new ArrayList<>();
    workloads.add(ServeWorkload.text(model));
    workloads.add(ServeWorkload.layer(plan));
    ServeReport report =
        new ServeBench(workloads, connections, requests, warmUp, rounds, slowClients).run();
    return BenchResult.of(report.text(), report);
  }
}
