package org.adaptivesoftmax.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.export.HeadFirstLayer;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.proto.GetModelStatusRequest;
import org.adaptivesoftmax.proto.ModelServiceGrpc;
import org.adaptivesoftmax.proto.ModelSpec;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.BooleanNdArray;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.LongNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;

/** A server under pressure: its threads are held, and its queue is full. */
@Timeout(120)
class WhenBusyTest {
  private static final int ROWS = 64;
  private static final int BUSY = 2;
  private static final FloatNdArray INPUTS = HeadFirstLayer.rows(ROWS);

  @TempDir static Path directory;
  private static HeadFirstLayer layer;

  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final CountDownLatch held = new CountDownLatch(1);
  private final RequestQueue queue = new RequestQueue(new RequestQueue.Limits(1, BUSY, BUSY));
  private ServedModels models;

  @BeforeAll
  static void publish() throws IOException {
    layer = HeadFirstLayer.publish(directory, HeadFirstLayer.K, TailWeights.FLOAT32);
  }

  @BeforeEach
  void load() throws IOException {
    models =
        ServedModels.load(
            List.of(ModelSource.latest("layer", layer.directory().base())),
            (source, version) ->
                LocalModel.builder(new ModelDirectory(source.base()))
                    .microBatching(64)
                    .metrics(registry)
                    .loadVersion(version),
            Duration.ofSeconds(1));
  }

  @AfterEach
  void close() {
    held.countDown();
    queue.close();
    models.close();
  }

  /** Holds the one thread, and fills the queue. */
  private List<CompletableFuture<String>> fill() throws InterruptedException {
    List<CompletableFuture<String>> waiting = new ArrayList<>();
    for (int i = 0; i <= BUSY; i++) {
      waiting.add(submit(queue, RequestQueue.Work.of(this::hold)));
      while (i == 0 && queue.running() == 0) {
        Thread.sleep(1);
      }
    }
    return waiting;
  }

  private String hold() {
    try {
      held.await();
      return "held";
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static <T> CompletableFuture<T> submit(RequestQueue to, RequestQueue.Work<T> work) {
    CompletableFuture<T> reply = new CompletableFuture<>();
    to.submit(
        Duration.ofSeconds(60),
        work,
        new RequestQueue.Reply<>() {
          @Override
          public void answer(T answer) {
            reply.complete(answer);
          }

          @Override
          public void fail(RequestFailure failure) {
            reply.completeExceptionally(failure);
          }
        });
    return reply;
  }

  private CompletableFuture<Map<String, NdArray<?>>> ask(
      WhenBusy whenBusy, NdArray<?> inputs, String... filter) {
    return submit(queue, work(whenBusy, inputs, filter));
  }

  private PredictWork<Map<String, NdArray<?>>> work(
      WhenBusy whenBusy, NdArray<?> inputs, String... filter) {
    ModelSpec spec = ModelSpec.newBuilder().setName("layer").build();
    return new PredictWork<>(
        new ServingCalls(models, whenBusy),
        () ->
            new PredictWork.Asked(
                spec, new TreeMap<>(Map.of(TensorNames.INPUTS, inputs)), List.of(filter), false),
        (asked, answered) -> answered.result());
  }

  private static FloatNdArray row(int row) {
    return INPUTS
        .slice(Indices.sliceFrom(row), Indices.all())
        .slice(Indices.sliceTo(1), Indices.all());
  }

  private Map<String, NdArray<?>> run(String signature) {
    return models.use(
        ModelSpec.newBuilder().setName("layer").build(),
        version -> version.run(signature, Map.of(TensorNames.INPUTS, INPUTS)));
  }

  private List<Boolean> proven() {
    BooleanNdArray exact = (BooleanNdArray) run(SignatureKeys.HEAD_ONLY).get(TensorNames.EXACT);
    return IntStream.range(0, ROWS).mapToObj(row -> exact.getBoolean(row)).toList();
  }

  private static void assertExact(Map<String, NdArray<?>> answer, int at, int row) {
    LongNdArray classes = (LongNdArray) answer.get(TensorNames.CLASSES);
    FloatNdArray logProbs = (FloatNdArray) answer.get(TensorNames.LOG_PROBS);
    double[] naive = layer.logProb(INPUTS.get(row));
    List<Long> best = layer.best(INPUTS.get(row));
    for (int k = 0; k < HeadFirstLayer.K; k++) {
      assertThat(classes.getLong(at, k)).as("row %s", row).isEqualTo(best.get(k));
      assertThat((double) logProbs.getFloat(at, k))
          .isCloseTo(naive[best.get(k).intValue()], within(1e-3));
    }
  }

  private double busyRows(String answer) {
    Counter counter = registry.find("adaptive.softmax.busy.rows").tag("answer", answer).counter();
    return counter == null ? 0 : counter.count();
  }

  @Test
  void whatTheHeadProvesIsAnsweredPastAFullQueue() throws Exception {
    List<Boolean> proven = proven();
    List<CompletableFuture<String>> waiting = fill();
    int refused = 0;
    for (int row = 0; row < ROWS; row++) {
      CompletableFuture<Map<String, NdArray<?>>> reply = ask(WhenBusy.HEAD_FIRST, row(row));
      if (proven.get(row)) {
        Map<String, NdArray<?>> answer = reply.get(30, TimeUnit.SECONDS);
        assertThat(answer.keySet()).containsExactly(TensorNames.CLASSES, TensorNames.LOG_PROBS);
        assertExact(answer, 0, row);
      } else {
        assertThat(reply)
            .failsWithin(Duration.ofSeconds(30))
            .withThrowableOfType(ExecutionException.class)
            .withMessageContaining("The server is busy: 2 requests wait already");
        refused++;
      }
    }
    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    assertThat(refused).isBetween(1, ROWS - 1);
    assertThat(busyRows("proven")).isEqualTo(ROWS - refused);
    held.countDown();
  }

  @Test
  void rowsThatAreNotProvenWaitForTheExactAnswer() throws Exception {
    assertThat(proven()).contains(true, false);
    PredictWork<Map<String, NdArray<?>>> work = work(WhenBusy.HEAD_FIRST, INPUTS);
    assertThat(work.early()).isEmpty();
    Map<String, NdArray<?>> answer = work.inTurn();
    for (int row = 0; row < ROWS; row++) {
      assertExact(answer, row, row);
    }
    long unproven = proven().stream().filter(row -> !row).count();
    assertThat(busyRows("waited")).isEqualTo((double) unproven);
    assertThat(busyRows("proven")).isEqualTo((double) (ROWS - unproven));
  }

  @Test
  void headOnlyMarksWhatMayBeInexact() throws Exception {
    List<Boolean> proven = proven();
    fill();
    Map<String, NdArray<?>> answer =
        ask(WhenBusy.HEAD_ONLY, INPUTS, TensorNames.CLASSES).get(30, TimeUnit.SECONDS);
    assertThat(answer.keySet()).containsExactly(TensorNames.CLASSES, TensorNames.EXACT);
    LongNdArray classes = (LongNdArray) answer.get(TensorNames.CLASSES);
    int wrong = 0;
    for (int row = 0; row < ROWS; row++) {
      boolean marked = (Boolean) answer.get(TensorNames.EXACT).getObject(row);
      assertThat(marked).isEqualTo(proven.get(row));
      List<Long> found = new ArrayList<>();
      classes.get(row).scalars().forEach(label -> found.add(label.getLong()));
      boolean best = found.equals(layer.best(INPUTS.get(row)));
      assertThat(best || !marked).as("row %s", row).isTrue();
      wrong += best ? 0 : 1;
    }
    assertThat(wrong).isPositive();
    assertThat(busyRows("inexact")).isEqualTo((double) proven.stream().filter(row -> !row).count());
  }

  @Test
  void headOnlyMarksAnswersOfAQuietServerAsExact() throws Exception {
    Map<String, NdArray<?>> answer = ask(WhenBusy.HEAD_ONLY, INPUTS).get(30, TimeUnit.SECONDS);
    for (int row = 0; row < ROWS; row++) {
      assertExact(answer, row, row);
      assertThat(answer.get(TensorNames.EXACT).getObject(row)).isEqualTo(true);
    }
  }

  @Test
  void otherRequestsWait() throws Exception {
    fill();
    assertThat(ask(WhenBusy.EXACT, row(ROWS - 1)))
        .failsWithin(Duration.ofSeconds(30))
        .withThrowableOfType(ExecutionException.class)
        .withMessageContaining("The server is busy");
    NdArray<?> empty = NdArrays.ofFloats(Shape.of(0, HeadFirstLayer.WIDTH));
    assertThat(ask(WhenBusy.HEAD_ONLY, empty))
        .failsWithin(Duration.ofSeconds(30))
        .withThrowableOfType(ExecutionException.class)
        .withMessageContaining("The server is busy");
  }

  /** Many threads against a server that is busy all the time: every answer is exact. */
  @Test
  void headFirstIsExactForManyThreads() throws Exception {
    try (RequestQueue small = new RequestQueue(new RequestQueue.Limits(2, 1000, 1))) {
      List<CompletableFuture<Map<String, NdArray<?>>>> replies = new ArrayList<>();
      for (int i = 0; i < 8 * ROWS; i++) {
        replies.add(submit(small, work(WhenBusy.HEAD_FIRST, row(i % ROWS))));
      }
      for (int i = 0; i < replies.size(); i++) {
        assertExact(replies.get(i).get(60, TimeUnit.SECONDS), 0, i % ROWS);
      }
      assertThat(busyRows("proven")).isPositive();
      assertThat(busyRows("waited")).isPositive();
    }
  }

  @Test
  void aServerWhoseModelsHaveNoSuchSignatureSaysSo() {
    ModelDirectory classifier = new ModelDirectory(Path.of("savedmodels/samples/classifier"));
    ModelServerBuilder builder =
        ModelServer.builder().model("c", classifier).ports(0, 0).whenBusy(WhenBusy.HEAD_FIRST);
    assertThatIllegalArgumentException()
        .isThrownBy(builder::start)
        .withMessageContaining(
            "no model can be answered HEAD_FIRST when the server is busy: none has the signature head_only");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.queue(10).busy(11).start())
        .withMessage("busy must be at most the 10 requests that may wait: 11");
  }

  /** Whoever sets no deadline is told in time too, not when the turn has come. */
  @Test
  void aCallWithoutADeadlineHasTheServers() throws Exception {
    RequestQueue roomy = new RequestQueue(new RequestQueue.Limits(1, 10, Integer.MAX_VALUE));
    CompletableFuture<String> before = submit(roomy, RequestQueue.Work.of(this::hold));
    ServerMetrics metrics = new ServerMetrics(registry, models, roomy);
    ServingCalls calls = new ServingCalls(models, WhenBusy.EXACT);
    try (GrpcService service =
        new GrpcService(models, calls, roomy, metrics, Duration.ofMillis(200))) {
      Server server = NettyServerBuilder.forPort(0).addService(service.modelService()).build();
      ManagedChannel channel = null;
      try {
        server.start();
        channel =
            NettyChannelBuilder.forAddress("localhost", server.getPort()).usePlaintext().build();
        ModelServiceGrpc.ModelServiceBlockingStub stub = ModelServiceGrpc.newBlockingStub(channel);
        GetModelStatusRequest request =
            GetModelStatusRequest.newBuilder()
                .setModelSpec(ModelSpec.newBuilder().setName("layer"))
                .build();
        assertThatThrownBy(() -> stub.getModelStatus(request))
            .isInstanceOf(StatusRuntimeException.class)
            .hasMessage("DEADLINE_EXCEEDED: Deadline exceeded");
        assertThat(before).isNotDone();
        held.countDown();
        // A client's own deadline holds in its place.
        assertThat(
                stub.withDeadlineAfter(60, TimeUnit.SECONDS)
                    .getModelStatus(request)
                    .getModelVersionStatusCount())
            .isEqualTo(1);
      } finally {
        if (channel != null) {
          channel.shutdownNow();
        }
        server.shutdownNow();
        roomy.close();
      }
    }
  }

  @Test
  void tellsWhichModelsAreAnsweredByHead() throws IOException {
    try (ModelServer server =
        ModelServer.builder()
            .model("layer", layer.directory())
            .model("c", new ModelDirectory(Path.of("savedmodels/samples/classifier")))
            .ports(0, 0)
            .whenBusy(WhenBusy.HEAD_FIRST)
            .start()) {
      assertThat(server.answeredByHead()).containsExactly("layer");
    }
  }
}
