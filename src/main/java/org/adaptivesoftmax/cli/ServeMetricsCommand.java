package org.adaptivesoftmax.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.client.ModelMetadata.SignatureMetadata;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** An example: completes texts in this process, and shows what its metrics tell by cluster. */
@Command(
    name = "serve-metrics",
    description =
        "Complete texts with a language model, and write its metrics by cluster as Prometheus"
            + " reads them.")
final class ServeMetricsCommand implements Callable<CommandResult> {
  private static final int POPULAR_TEXTS = 10_000;
  private static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Model directory; its highest version is used, and a new one while it runs.")
  private Path model;

  @Mixin private final TrustOption trust = new TrustOption();

  @Option(
      names = "--texts",
      paramLabel = "FILE",
      converter = InputFile.class,
      description = "One text a line (default: standard input, up to its end).")
  private @Nullable Path texts;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Serve the metrics at http://localhost:N/metrics meanwhile.")
  private @Nullable Integer port;

  /**
   * What the metrics tell in the end.
   *
   * @param texts how many were completed
   * @param metrics in Prometheus' text format
   */
  record Served(long texts, String metrics) implements CommandResult {
    @Override
    public String text() {
      return metrics.stripTrailing();
    }
  }

  @Override
  public CommandResult call() throws IOException {
    if (port != null && (port < 1 || port > 65535)) {
      throw new IllegalArgumentException("--port must be in 1..65535: " + port);
    }
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    try (LocalModel served =
        LocalModel.builder(new ModelDirectory(model))
            .trustModel(trust.trusted())
            .cache(POPULAR_TEXTS)
            .metrics(registry)
            .load()) {
      requireLanguageModel(served);
      HttpServer page = port == null ? null : page(port, registry);
      try {
        return new Served(complete(served), registry.scrape());
      } finally {
        if (page != null) {
          page.stop(0);
        }
      }
    } finally {
      registry.close();
    }
  }

  /** A model of another kind would fail at the first text, and as if the text were to blame. */
  private void requireLanguageModel(LocalModel served) {
    SignatureMetadata next = served.metadata().signatures().get(SignatureKeys.DEFAULT);
    if (next == null
        || !next.inputs().keySet().equals(Set.of(TensorNames.TEXT))
        || !next.outputs().containsKey(TensorNames.WORDS)) {
      throw new IllegalArgumentException(
          "not a language model, as it has no signature serving_default from text to words: "
              + model.resolve(Long.toString(served.version())));
    }
  }

  private long complete(LocalModel served) throws IOException {
    try (InputStream in = texts == null ? System.in : Files.newInputStream(texts);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      long count = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        served.languageModel().complete(List.of(line));
        count++;
      }
      return count;
    }
  }

  private static HttpServer page(int port, PrometheusMeterRegistry registry) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/metrics", exchange -> write(exchange, registry.scrape()));
    server.start();
    return server;
  }

  private static void write(HttpExchange exchange, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", CONTENT_TYPE);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
