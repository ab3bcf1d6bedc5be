package org.adaptivesoftmax.remote;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.client.ModelVersion;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;

/** Describes a client of TensorFlow Serving. */
public final class RemoteModelBuilder {
  private static final Duration YEAR = Duration.ofDays(365);
  private static final String GRPC_CLIENT = "the gRPC client";

  private final String model;
  private OptionalLong version = OptionalLong.empty();
  private Optional<String> label = Optional.empty();
  private Duration deadline = Duration.ofSeconds(10);
  private int retries = 3;
  private Duration backoff = Duration.ofMillis(100);
  private int maxBatch = 1000;
  private int maxAnswerBytes = 1 << 28;
  private @Nullable Trust trust;

  RemoteModelBuilder(String model) {
    this.model = model;
  }

  /**
   * Asks for one version. Default: the one that the server takes for the latest.
   *
   * @param version its number
   * @return this builder
   */
  public RemoteModelBuilder version(long version) {
    this.version = OptionalLong.of(version);
    return this;
  }

  /**
   * Asks for the version with a label, as the server's configuration gives them. Default: no label.
   *
   * @param label such as {@code stable}
   * @return this builder
   */
  public RemoteModelBuilder versionLabel(String label) {
    this.label = Optional.of(label);
    return this;
  }

  /**
   * How long a request may take, its repetitions included. Default: 10 s.
   *
   * @param deadline above zero, at most a year
   * @return this builder
   * @throws IllegalArgumentException if it is not
   */
  public RemoteModelBuilder deadline(Duration deadline) {
    requireAboveZero("deadline", deadline);
    this.deadline = deadline;
    return this;
  }

  private static void requireAboveZero(String name, Duration duration) {
    Require.argument(
        duration.compareTo(Duration.ZERO) > 0, "%s must be above zero: %s", name, duration);
    Require.argument(
        duration.compareTo(YEAR) <= 0, "%s must be at most a year: %s", name, duration);
  }

  /**
   * How often a request is repeated at most while the server is unavailable: cannot be reached, or says so. One that a
   * server had no thread for ({@code RESOURCE_EXHAUSTED}: as many calls are in flight as it takes) is repeated until the
   * deadline, unless this is 0. No other failure is repeated. Default: 3.
   *
   * @param retries from 0
   * @return this builder
   * @throws IllegalArgumentException if it is negative
   */
  public RemoteModelBuilder retries(int retries) {
    Require.argument(retries >= 0, "retries must not be negative: %s", retries);
    this.retries = retries;
    return this;
  }

  /**
   * The pause before the first repetition; each further one is twice as long. Chance takes up to half of each. Default:
   * 100 ms.
   *
   * @param backoff above zero, at most a year
   * @return this builder
   * @throws IllegalArgumentException if it is not
   */
  public RemoteModelBuilder backoff(Duration backoff) {
    requireAboveZero("backoff", backoff);
    this.backoff = backoff;
    return this;
  }

  /**
   * Texts or rows in one request at most; the typed calls divide longer lists. A server with batching on refuses larger
   * ones than its {@code max_batch_size}. Default: 1,000, as the server's.
   *
   * @param maxBatch from 1
   * @return this builder
   * @throws IllegalArgumentException if it is less than 1
   */
  public RemoteModelBuilder maxBatch(int maxBatch) {
    Require.argument(maxBatch >= 1, "maxBatch must be at least 1: %s", maxBatch);
    this.maxBatch = maxBatch;
    return this;
  }

  /**
   * Bytes of one answer at most, as it is sent and as it is read into memory; a larger one fails with {@code
   * RESOURCE_EXHAUSTED}, before it takes all memory. A row of log-probabilities takes 4 bytes a class over gRPC, and 32 over
   * REST. Default: 256 MiB.
   *
   * @param bytes from 1
   * @return this builder
   * @throws IllegalArgumentException if it is less than 1
   */
  public RemoteModelBuilder maxAnswerBytes(int bytes) {
    Require.argument(bytes >= 1, "maxAnswerBytes must be at least 1: %s", bytes);
    this.maxAnswerBytes = bytes;
    return this;
  }

  /**
   * Encrypts, and trusts servers as this process does by default. Default: gRPC does not encrypt, REST does by {@code
   * https}.
   *
   * @return this builder
   */
  public RemoteModelBuilder tls() {
    trust = Trust.ofSystem();
    return this;
  }

  /**
   * Encrypts, and trusts servers whose certificates are signed by given ones.
   *
   * @param certificates a PEM file
   * @return this builder
   * @throws IllegalArgumentException if it holds no certificates
   * @throws IOException if it cannot be read
   */
  public RemoteModelBuilder tls(Path certificates) throws IOException {
    trust = Trust.of(certificates);
    return this;
  }

  /**
   * A client over gRPC, which is the faster. Needs {@code io.grpc:grpc-protobuf}, {@code grpc-stub} and a transport such
   * as {@code grpc-netty-shaded}. Connects at the first request.
   *
   * @param target host and port, such as {@code localhost:8500}, or another of gRPC's target names
   * @return the client, to be closed
   * @throws IllegalStateException if one of these is not on the class path
   */
  public ModelServerClient grpc(String target) {
    OptionalLibrary.GRPC_PROTOBUF.require(GRPC_CLIENT);
    OptionalLibrary.GRPC_STUB.require(GRPC_CLIENT);
    OptionalLibrary.GRPC_TRANSPORT.require(GRPC_CLIENT);
    return new GrpcClient(target, trust, modelVersion(), calls(), limits());
  }

  /**
   * A client over REST. Needs {@code com.fasterxml.jackson.core:jackson-databind}. Connects at the first request.
   *
   * @param server such as {@code http://localhost:8501}, with {@code https} for TLS; its path, if any, goes before those of
   *     TensorFlow Serving
   * @return the client, to be closed
   * @throws IllegalArgumentException if it is no such URI, or {@code http} where TLS is asked for
   * @throws IllegalStateException if Jackson is not on the class path
   */
  public ModelServerClient rest(URI server) {
    OptionalLibrary.JACKSON.require("the REST client");
    String scheme = String.valueOf(server.getScheme());
    Require.argument(
        (scheme.equals("http") || scheme.equals("https")) && server.getHost() != null,
        "server must be a URI such as http://localhost:8501: %s",
        server);
    Require.argument(trust == null || scheme.equals("https"), "TLS needs https: %s", server);
    return new RestClient(server, trust, modelVersion(), calls(), limits());
  }

  private ModelVersion modelVersion() {
    return new ModelVersion(model, version, label);
  }

  private Limits limits() {
    return new Limits(maxBatch, maxAnswerBytes);
  }

  private Calls calls() {
    return new Calls(deadline, retries, backoff);
  }
}
