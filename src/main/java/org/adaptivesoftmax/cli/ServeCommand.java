package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.server.ModelServer;
import org.adaptivesoftmax.server.ModelServerBuilder;
import org.adaptivesoftmax.server.WhenBusy;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Serves models until a signal ends it. */
@Command(
    name = "serve",
    description =
        "Serve models over TensorFlow Serving's REST and gRPC APIs, from this process, with a page"
            + " at /.")
final class ServeCommand implements Callable<CommandResult> {
  /** Kept, as loggers that nobody holds forget their level: these tell their versions. */
  private static final List<Logger> CHATTY =
      List.of(
          Logger.getLogger("io.undertow"),
          Logger.getLogger("org.xnio"),
          Logger.getLogger("org.jboss.threads"));

  @Option(
      names = "--model",
      paramLabel = "[NAME=]DIR",
      description =
          "Model directory, and the name that clients call it by (default: the directory's); its"
              + " highest version is served, and a new one as soon as it is there. May be repeated.")
  private List<String> models = List.of();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      converter = InputFile.class,
      description = "Models, their versions and labels, as TensorFlow Serving's models.config.")
  private @Nullable Path config;

  @Option(
      names = "--batching",
      paramLabel = "FILE",
      converter = InputFile.class,
      description = "How requests are joined, as TensorFlow Serving's batching.config.")
  private @Nullable Path batching;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8501",
      description =
          "Port of REST, metrics and page; 0 for any that is free (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--grpc-port",
      paramLabel = "N",
      defaultValue = "8500",
      description = "Port of gRPC; 0 for any that is free (default: ${DEFAULT-VALUE}).")
  private int grpcPort;

  @Option(
      names = "--host",
      paramLabel = "H",
      defaultValue = "127.0.0.1",
      description =
          "Address to listen at; 0.0.0.0 lets other machines in (default: ${DEFAULT-VALUE}).")
  private String host;

  @Option(
      names = "--cache",
      paramLabel = "N",
      defaultValue = "0",
      description = "Popular texts whose answers are remembered (default: ${DEFAULT-VALUE}).")
  private long cache;

  @Option(
      names = "--queue",
      paramLabel = "N",
      description =
          "Requests that may wait; one more is refused at once (default: 1000, or what --batching"
              + " says).")
  private @Nullable Integer queue;

  @Option(
      names = "--when-busy",
      paramLabel = "WAY",
      defaultValue = "exact",
      converter = Choice.OfWhenBusy.class,
      completionCandidates = Choice.OfWhenBusy.class,
      description =
          "What is done with requests while many wait: ${COMPLETION-CANDIDATES}. head-first answers at once"
              + " what the head alone proves; head-only answers all by the head, and says of each row whether it"
              + " is exact (default: ${DEFAULT-VALUE}).")
  private WhenBusy whenBusy = WhenBusy.EXACT;

  @Option(
      names = "--busy",
      paramLabel = "N",
      description = "Requests that wait when --when-busy begins (default: a tenth of --queue).")
  private @Nullable Integer busy;

  @Option(
      names = "--deadline",
      paramLabel = "S",
      defaultValue = "30",
      description =
          "Seconds that a request may take whose client does not say (default: ${DEFAULT-VALUE}).")
  private int deadline;

  @Option(
      names = "--drain",
      paramLabel = "S",
      defaultValue = "10",
      description =
          "Seconds for the requests that are on their way when a signal comes (default:"
              + " ${DEFAULT-VALUE}).")
  private int drain;

  @Mixin private final TrustOption trust = new TrustOption();

  @Mixin private final ServerSecurityOptions security = new ServerSecurityOptions();

  @Spec private CommandSpec spec;

  @ParentCommand
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private MainCommand main;

  /**
   * What the one line says.
   *
   * @param byHead models that are answered by their heads when the server is busy
   */
  private record Ready(
      String rest,
      String grpc,
      Map<String, Set<Long>> versions,
      String whenBusy,
      Set<String> byHead)
      implements CommandResult {
    @Override
    public String text() {
      return "Serving %s. REST and page: %s, gRPC: %s%s"
          .formatted(
              versions.entrySet().stream()
                  .map(
                      model ->
                          model.getKey()
                              + " (version "
                              + model.getValue().stream()
                                  .map(String::valueOf)
                                  .collect(Collectors.joining(", "))
                              + ")")
                  .collect(Collectors.joining(", ")),
              rest,
              grpc,
              byHead.isEmpty()
                  ? ""
                  : ". When busy, %s: %s".formatted(whenBusy, String.join(", ", byHead)));
    }
  }

  @Override
  public CommandResult call() throws IOException {
    CHATTY.forEach(logger -> logger.setLevel(Level.WARNING));
    ModelServer server = builder().start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
    print(ready(server));
    while (true) {
      try {
        Thread.sleep(Long.MAX_VALUE);
      } catch (InterruptedException e) {
        // A signal has come, and the server is stopping: that ends the process.
      }
    }
  }

  /** A server is meant to be ended by a signal: that is no failure. */
  private static void stop(ModelServer server) {
    server.close();
    System.out.flush();
    Runtime.getRuntime().halt(FailureReport.DONE);
  }

  private ModelServerBuilder builder() throws IOException {
    ModelServerBuilder builder = ModelServer.builder().host(host).ports(port, grpcPort);
    Require.argument(!models.isEmpty() || config != null, "--model or --config is needed");
    named(models).forEach((name, base) -> builder.model(name, new ModelDirectory(base)));
    if (config != null) {
      builder.models(config);
    }
    if (batching != null) {
      builder.batching(batching);
    }
    if (queue != null) {
      builder.queue(queue);
    }
    if (busy != null) {
      builder.busy(busy);
    }
    if (cache != 0) {
      builder.cache(cache);
    }
    if (trust.trusted()) {
      builder.trustModels();
    }
    security.apply(builder);
    return builder
        .whenBusy(whenBusy)
        .deadline(Duration.ofSeconds(deadline))
        .drain(Duration.ofSeconds(drain));
  }

  private static Map<String, Path> named(List<String> models) {
    Map<String, Path> named = new LinkedHashMap<>();
    for (String model : models) {
      int equals = model.indexOf('=');
      Path base = Path.of(model.substring(equals + 1));
      String name =
          equals < 0
              ? String.valueOf(base.toAbsolutePath().normalize().getFileName())
              : model.substring(0, equals);
      Require.argument(named.put(name, base) == null, "two models have the name %s", name);
    }
    return named;
  }

  private Ready ready(ModelServer server) {
    String scheme = security.encrypts() ? "https" : "http";
    String address = host.contains(":") ? "[" + host + "]" : host;
    return new Ready(
        "%s://%s:%s".formatted(scheme, address, server.restPort()),
        "%s:%s".formatted(address, server.grpcPort()),
        server.versions(),
        Choice.name(whenBusy),
        whenBusy == WhenBusy.EXACT ? Set.of() : server.answeredByHead());
  }

  private void print(Ready ready) throws IOException {
    spec.commandLine().getOut().println(main.json() ? MainCommand.json(ready) : ready.text());
    spec.commandLine().getOut().flush();
  }
}
