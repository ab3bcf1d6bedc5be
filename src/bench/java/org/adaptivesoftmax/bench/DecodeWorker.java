package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.adaptivesoftmax.cli.OrderlyEnd;
import org.tensorflow.TensorFlow;

/**
 * A process that decodes one contender's batch when it is asked to. It reads a {@link DecodeSpec} and answers {@code ready}
 * once the weights are in place; then it answers each line {@code step} with the milliseconds of one top k among calls one
 * after the other, as of a server under load, and {@code skipped} with the share of the tail clusters' products that it does without. It ends with its input. {@code
 * tools/bench/decode_pytorch.py} speaks the same, without {@code skipped}.
 */
final class DecodeWorker {
  /** Calls are timed together until they took so long: one alone is hardly longer than what wakes sleeping threads. */
  private static final long BLOCK_NANOS = 100_000_000;

  private DecodeWorker() {}

  /**
   * Serves standard input.
   *
   * @param args none
   * @throws IOException if a line is not what was agreed
   */
  public static void main(String[] args) throws IOException {
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    DecodeSpec spec = WorkerReply.JSON.readValue(requests.readLine(), DecodeSpec.class);
    try (DecodeGraph decode = OrderlyEnd.of(() -> DecodeGraph.initialized(spec))) {
      answer(WorkerReply.ready("TensorFlow " + TensorFlow.version()));
      for (String request = requests.readLine(); request != null; request = requests.readLine()) {
        switch (request) {
          case "step" -> answer(WorkerReply.ms(OrderlyEnd.of(() -> milliseconds(decode))));
          case "skipped" -> answer(WorkerReply.skipped(OrderlyEnd.of(decode::tailWorkSkipped)));
          default -> throw new IOException("no such request: " + request);
        }
      }
    }
  }

  private static double milliseconds(DecodeGraph decode) {
    decode.run();
    long start = System.nanoTime();
    long elapsed;
    int calls = 0;
    do {
      decode.run();
      calls++;
      elapsed = System.nanoTime() - start;
    } while (elapsed < BLOCK_NANOS);
    return elapsed / 1e6 / calls;
  }

  private static void answer(WorkerReply reply) throws JsonProcessingException {
    System.out.println(WorkerReply.JSON.writeValueAsString(reply));
    System.out.flush();
  }
}
