package org.adaptivesoftmax.bench.soak;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.client.Prediction;
import org.tensorflow.proto.error.Code;

/** Closes clients while threads ask them: each call ends with an answer, or with the error of a client that was closed. */
final class ClosingRaces implements Activity, AutoCloseable {
  private static final int CALLERS = 3;
  private static final int SECONDS = 30;

  private final List<Opening> openings;
  private final Asking.Common common;
  private final ExecutorService threads = Executors.newFixedThreadPool(CALLERS);

  /** Opens a client. */
  @FunctionalInterface
  interface Opening {
    ModelServerClient open() throws IOException;
  }

  ClosingRaces(List<Opening> openings, Asking.Common common) {
    this.openings = openings;
    this.common = common;
  }

  @Override
  public void once(Random random) throws Exception {
    ModelServerClient client = openings.get(random.nextInt(openings.size())).open();
    List<Future<?>> calls = new ArrayList<>();
    try (client) {
      for (int i = 0; i < CALLERS; i++) {
        long seed = random.nextLong();
        calls.add(threads.submit(() -> ask(client, new Random(seed))));
      }
      Thread.sleep(random.nextInt(30));
    }
    for (Future<?> call : calls) {
      try {
        call.get(SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        common.tally().wrong("a call that raced with close(): " + e.getCause());
      }
    }
    Thread.sleep(100);
  }

  private void ask(ModelServerClient client, Random random) {
    while (true) {
      List<String> texts = List.of(common.texts().text(random, 1 + random.nextInt(5)));
      Prediction prediction;
      try {
        prediction = Asking.ask(client, texts);
      } catch (IllegalStateException e) {
        common.tally().failed("closed before the call");
        return;
      } catch (ModelServerException e) {
        if (e.code() != Code.CANCELLED) {
          throw e;
        }
        common.tally().failed("closed during the call");
        return;
      }
      String wrong = common.rows().check(texts, prediction);
      if (!wrong.isEmpty()) {
        common.tally().wrong("closing: " + wrong);
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
