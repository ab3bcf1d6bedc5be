package org.adaptivesoftmax.server;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.jspecify.annotations.Nullable;

/** Describes a model server in this process. */
public final class ModelServerBuilder {
  private static final int MAX_PORT = 65_535;
  private static final long MEBIBYTE = 1L << 20;
  private static final int TENTH = 10;

  final List<ModelSource> sources = new ArrayList<>();
  String host = "127.0.0.1";
  int restPort = 8501;
  int grpcPort = 8500;
  @Nullable Tls tls;
  BearerToken token = BearerToken.NONE;
  Batching batching = Batching.DEFAULT;
  long cache;
  int threads = 64;
  WhenBusy whenBusy = WhenBusy.EXACT;
  private int busy;
  Duration poll = Duration.ofSeconds(1);
  Duration deadline = Duration.ofSeconds(30);
  Duration drain = Duration.ofSeconds(10);
  HttpLimits limits =
      new HttpLimits(64 * MEBIBYTE, 16 << 10, 1000, Duration.ofSeconds(10), Duration.ofSeconds(60));
  boolean trusted;

  ModelServerBuilder() {}

  /**
   * Serves the highest version of a model.
   *
   * @param name as clients call it, without / and :
   * @param directory where the model is published
   * @return this builder
   * @throws IllegalArgumentException if the name is none
   */
  public ModelServerBuilder model(String name, ModelDirectory directory) {
    sources.add(ModelSource.latest(name, directory.base()));
    return this;
  }

  /**
   * Serves the models of a file as TensorFlow Serving's {@code --model_config_file}: a text message {@code
   * ModelServerConfig}, with names, base paths, version policies and labels.
   *
   * @param file its path
   * @return this builder
   * @throws IllegalArgumentException if it is no such file
   * @throws IOException if it cannot be read
   */
  public ModelServerBuilder models(Path file) throws IOException {
    sources.addAll(ModelSource.read(file));
    return this;
  }

  /**
   * The address to listen at. Default: 127.0.0.1, which other machines cannot reach.
   *
   * @param host such as 0.0.0.0 for all of this machine's addresses
   * @return this builder
   */
  public ModelServerBuilder host(String host) {
    this.host = host;
    return this;
  }

  /**
   * The ports. Default: 8501 and 8500, as TensorFlow Serving's.
   *
   * @param rest of REST, the metrics and the page; 0 for any that is free
   * @param grpc of gRPC; 0 for any that is free
   * @return this builder
   * @throws IllegalArgumentException if one is not in 0..65535
   */
  public ModelServerBuilder ports(int rest, int grpc) {
    Require.argument(rest >= 0 && rest <= MAX_PORT, "port must be in 0..65535: %s", rest);
    Require.argument(grpc >= 0 && grpc <= MAX_PORT, "grpc port must be in 0..65535: %s", grpc);
    this.restPort = rest;
    this.grpcPort = grpc;
    return this;
  }

  /**
   * Encrypts both ports. Default: neither.
   *
   * @param certificate PEM file of the server's certificate, and of those that signed it
   * @param key PEM file of its private key, PKCS #8 without a password
   * @return this builder
   */
  public ModelServerBuilder tls(Path certificate, Path key) {
    this.tls = new Tls(certificate, key);
    return this;
  }

  /**
   * Refuses requests without {@code Authorization: Bearer} and the token; the health checks and the page's own files, which
   * hold nothing of a model, need none. Default: every request is answered.
   *
   * @param file that holds the token, which white space around it does not belong to
   * @return this builder
   * @throws IllegalArgumentException if the file is empty
   * @throws IOException if it cannot be read
   */
  public ModelServerBuilder token(Path file) throws IOException {
    this.token = BearerToken.read(file);
    return this;
  }

  /**
   * How requests are joined, and how many may wait, from a file as TensorFlow Serving's {@code --batching_parameters_file}.
   * Default: batches of 64 rows, 1,000 waiting requests.
   *
   * @param file a text message {@code BatchingParameters}; {@code max_batch_size}, and {@code max_enqueued_batches} times
   *     that, are what counts
   * @return this builder
   * @throws IllegalArgumentException if it is no such file
   * @throws IOException if it cannot be read
   */
  public ModelServerBuilder batching(Path file) throws IOException {
    this.batching = Batching.read(file);
    return this;
  }

  /**
   * Requests that may wait for a thread; one more is refused at once. Default: 1,000.
   *
   * @param requests at least 1
   * @return this builder
   * @throws IllegalArgumentException if it is less
   */
  public ModelServerBuilder queue(int requests) {
    this.batching = new Batching(batching.maxRows(), requests);
    return this;
  }

  /**
   * What is done with requests while many others wait. Default: they wait too.
   *
   * @param whenBusy what is done
   * @return this builder
   */
  public ModelServerBuilder whenBusy(WhenBusy whenBusy) {
    this.whenBusy = whenBusy;
    return this;
  }

  /**
   * Requests that wait when the server counts as busy. Default: a tenth of those that may wait, and at least 1.
   *
   * @param waiting at least 1
   * @return this builder
   * @throws IllegalArgumentException if it is less
   */
  public ModelServerBuilder busy(int waiting) {
    Require.argument(waiting >= 1, "busy must be at least 1 waiting request: %s", waiting);
    this.busy = waiting;
    return this;
  }

  RequestQueue.Limits limits() {
    int waiting = batching.maxWaiting();
    Require.argument(
        busy <= waiting, "busy must be at most the %s requests that may wait: %s", waiting, busy);
    int most = busy > 0 ? busy : Math.max(1, waiting / TENTH);
    return new RequestQueue.Limits(
        threads, waiting, whenBusy == WhenBusy.EXACT ? Integer.MAX_VALUE : most);
  }

  /**
   * Requests that are run at once, which is also how many can be joined. Default: 64.
   *
   * @param requests at least 1
   * @return this builder
   * @throws IllegalArgumentException if it is less
   */
  public ModelServerBuilder concurrency(int requests) {
    Require.argument(requests >= 1, "concurrency must be at least 1: %s", requests);
    this.threads = requests;
    return this;
  }

  /**
   * Remembers the answers of popular texts. Needs Caffeine. Default: none are remembered.
   *
   * @param texts for each version at most, at least 1
   * @return this builder
   * @throws IllegalArgumentException if it is less
   */
  public ModelServerBuilder cache(long texts) {
    Require.argument(texts >= 1, "cache must be at least 1 text: %s", texts);
    this.cache = texts;
    return this;
  }

  /**
   * How long a request may take whose client does not say. Default: 30 seconds.
   *
   * @param deadline above 0
   * @return this builder
   * @throws IllegalArgumentException if it is not
   */
  public ModelServerBuilder deadline(Duration deadline) {
    this.deadline = positive("deadline", deadline);
    return this;
  }

  /**
   * How long a server that closes waits for the requests that it has. Default: 10 seconds.
   *
   * @param time above 0
   * @return this builder
   * @throws IllegalArgumentException if it is not
   */
  public ModelServerBuilder drain(Duration time) {
    this.drain = positive("drain", time);
    return this;
  }

  /**
   * How often to look for new versions. Default: every second.
   *
   * @param interval above 0
   * @return this builder
   * @throws IllegalArgumentException if it is not
   */
  public ModelServerBuilder poll(Duration interval) {
    this.poll = positive("poll", interval);
    return this;
  }

  /**
   * The largest request, over REST and gRPC. Default: 64 MiB.
   *
   * @param bytes at least 1
   * @return this builder
   * @throws IllegalArgumentException if it is less
   */
  public ModelServerBuilder maxBody(int bytes) {
    Require.argument(bytes >= 1, "maxBody must be at least 1 byte: %s", bytes);
    this.limits =
        new HttpLimits(
            bytes, limits.headerBytes(), limits.connections(), limits.receive(), limits.idle());
    return this;
  }

  /**
   * How long the headers and the body of an HTTP request may take to arrive, each. Default: 10 seconds.
   *
   * @param time above 0
   * @return this builder
   * @throws IllegalArgumentException if it is not
   */
  public ModelServerBuilder receive(Duration time) {
    this.limits =
        new HttpLimits(
            limits.bodyBytes(),
            limits.headerBytes(),
            limits.connections(),
            positive("receive", time),
            limits.idle());
    return this;
  }

  /**
   * Loads models whatever operations they have. Default: one with an operation that reads or writes files or runs code is
   * refused.
   *
   * @return this builder
   */
  public ModelServerBuilder trustModels() {
    this.trusted = true;
    return this;
  }

  private static Duration positive(String name, Duration time) {
    Require.argument(!time.isNegative() && !time.isZero(), "%s must be above 0: %s", name, time);
    return time;
  }

  /**
   * Loads the models and listens.
   *
   * @return the server, to be closed
   * @throws IllegalArgumentException if a model cannot be served, none has what {@link #whenBusy} needs, or a file of the configuration is not what it should be
   * @throws IllegalStateException if an optional library is missing
   * @throws IOException if a port cannot be had, or a file cannot be read
   */
  public ModelServer start() throws IOException {
    Require.argument(!sources.isEmpty(), "a server needs at least one model");
    for (OptionalLibrary library :
        List.of(
            OptionalLibrary.UNDERTOW,
            OptionalLibrary.JACKSON,
            OptionalLibrary.GRPC_PROTOBUF,
            OptionalLibrary.GRPC_STUB,
            OptionalLibrary.GRPC_NETTY,
            OptionalLibrary.GRPC_SERVICES,
            OptionalLibrary.PROMETHEUS)) {
      library.require("ModelServer");
    }
    return ModelServer.start(this);
  }
}
